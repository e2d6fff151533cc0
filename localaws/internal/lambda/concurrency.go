package lambda

import (
	"net/http"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Limits of an AWS account: its concurrency, and what of it must stay unreserved.
const (
	accountConcurrency    = 1000
	unreservedConcurrency = 100
)

func (s *Service) putConcurrency(r *http.Request) (restjson.Answer, error) {
	var request concurrency
	if err := restjson.Decode(r, &request); err != nil {
		return restjson.Answer{}, err
	}
	if request.ReservedConcurrentExecutions == nil || *request.ReservedConcurrentExecutions < 0 {
		return restjson.Answer{}, restjson.Invalid("ReservedConcurrentExecutions must be 0 or more")
	}
	if err := s.checkUnreserved(r.PathValue("Name"), *request.ReservedConcurrentExecutions); err != nil {
		return restjson.Answer{}, err
	}
	if err := s.reserve(r, request.ReservedConcurrentExecutions); err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: request}, nil
}

func (s *Service) deleteConcurrency(r *http.Request) (restjson.Answer, error) {
	return restjson.Answer{Status: http.StatusNoContent}, s.reserve(r, nil)
}

func (s *Service) reserve(r *http.Request, reserved *int) error {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.reserved = reserved
	f.current.limit(s.environmentLimit(reserved))
	return nil
}

func (s *Service) getConcurrency(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return restjson.Answer{Body: concurrency{f.reserved}}, nil
}

// checkUnreserved refuses a reservation that would leave the other functions too little.
func (s *Service) checkUnreserved(name string, count int) error {
	name, _ = functionName(name)
	for _, f := range s.all() {
		f.mutex.Lock()
		if f.reserved != nil && f.config.FunctionName != name {
			count += *f.reserved
		}
		f.mutex.Unlock()
	}
	if accountConcurrency-count < unreservedConcurrency {
		return restjson.Invalid("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", unreservedConcurrency)
	}
	return nil
}
