package lambda

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Limits and defaults of asynchronous invocations.
const (
	maxAsyncRetries = 2
	minAsyncAge     = 60
	maxAsyncAge     = 21600
)

// eventInvokeConfig is the API's FunctionEventInvokeConfig.
type eventInvokeConfig struct {
	DestinationConfig        *destinationConfig `json:"DestinationConfig,omitempty"`
	MaximumEventAgeInSeconds *int               `json:"MaximumEventAgeInSeconds,omitempty"`
	MaximumRetryAttempts     *int               `json:"MaximumRetryAttempts,omitempty"`
	FunctionArn              string             `json:"FunctionArn"`
	LastModified             float64            `json:"LastModified"`
}

type destinationConfig struct {
	OnFailure *asyncDestination `json:"OnFailure,omitempty"`
	OnSuccess *asyncDestination `json:"OnSuccess,omitempty"`
}

type asyncDestination struct {
	Destination string `json:"Destination,omitempty"`
}

var destinationPattern = regexp.MustCompile(`^arn:aws[a-z-]*:(sqs|sns|lambda):[a-z0-9-]+:\d{12}:.+$`)

// asyncLimits says how long an asynchronous invocation is tried.
type asyncLimits struct {
	retries int
	age     time.Duration
	// reservedZero says that the function never runs.
	reservedZero bool
}

func (f *function) eventInvokeLimits() asyncLimits {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	limits := asyncLimits{retries: maxAsyncRetries, age: maxAsyncAge * time.Second, reservedZero: f.reserved != nil && *f.reserved == 0}
	if f.eventInvoke == nil {
		return limits
	}
	set(&limits.retries, f.eventInvoke.MaximumRetryAttempts)
	if age := f.eventInvoke.MaximumEventAgeInSeconds; age != nil {
		limits.age = time.Duration(*age) * time.Second
	}
	return limits
}

// eventInvokeDestination is the ARN that is sent a success or a failure, or "".
func (f *function) eventInvokeDestination(success bool) string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.eventInvoke == nil || f.eventInvoke.DestinationConfig == nil {
		return ""
	}
	to := f.eventInvoke.DestinationConfig.OnFailure
	if success {
		to = f.eventInvoke.DestinationConfig.OnSuccess
	}
	if to == nil {
		return ""
	}
	return to.Destination
}

// deadLetterTarget is the ARN of the function's dead-letter queue or topic, or "".
func (c *Configuration) deadLetterTarget() string {
	var config struct{ TargetArn string }
	_ = json.Unmarshal(c.DeadLetterConfig, &config) // absent: none
	return config.TargetArn
}

func (c eventInvokeConfig) check() error {
	if n := c.MaximumRetryAttempts; n != nil && (*n < 0 || *n > maxAsyncRetries) {
		return constraint(itoa(*n), "maximumRetryAttempts", "Member must have value between 0 and 2")
	}
	if n := c.MaximumEventAgeInSeconds; n != nil && (*n < minAsyncAge || *n > maxAsyncAge) {
		return constraint(itoa(*n), "maximumEventAgeInSeconds", "Member must have value between 60 and 21600")
	}
	if c.DestinationConfig == nil {
		return nil
	}
	for _, to := range []*asyncDestination{c.DestinationConfig.OnFailure, c.DestinationConfig.OnSuccess} {
		switch {
		case to == nil || to.Destination == "":
		case !destinationPattern.MatchString(to.Destination):
			return restjson.Invalid("The provided destination config DestinationConfig is invalid: %s is not the ARN of a queue, topic or function, which the local AWS can send to", to.Destination)
		case strings.HasSuffix(to.Destination, ".fifo"):
			return restjson.Invalid("The provided destination config DestinationConfig is invalid: %s: FIFO queues and topics are not supported", to.Destination)
		}
	}
	return nil
}

func (s *Service) putEventInvokeConfig(r *http.Request) (restjson.Answer, error) {
	return s.changeEventInvokeConfig(r, func(_ *eventInvokeConfig, given eventInvokeConfig) (eventInvokeConfig, error) { return given, nil })
}

func (s *Service) updateEventInvokeConfig(r *http.Request) (restjson.Answer, error) {
	return s.changeEventInvokeConfig(r, func(present *eventInvokeConfig, given eventInvokeConfig) (eventInvokeConfig, error) {
		if present == nil {
			return given, noEventInvokeConfig(given.FunctionArn)
		}
		updated := *present
		keepGiven(&updated.DestinationConfig, given.DestinationConfig)
		keepGiven(&updated.MaximumEventAgeInSeconds, given.MaximumEventAgeInSeconds)
		keepGiven(&updated.MaximumRetryAttempts, given.MaximumRetryAttempts)
		return updated, nil
	})
}

func keepGiven[T any](target **T, given *T) {
	if given != nil {
		*target = given
	}
}

func (s *Service) changeEventInvokeConfig(r *http.Request, change func(*eventInvokeConfig, eventInvokeConfig) (eventInvokeConfig, error)) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	var given eventInvokeConfig
	if err := restjson.Decode(r, &given); err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	given.FunctionArn = f.config.FunctionArn + ":$LATEST"
	changed, err := change(f.eventInvoke, given)
	if err == nil {
		err = changed.check()
	}
	if err != nil {
		return restjson.Answer{}, err
	}
	changed.LastModified = float64(time.Now().UnixMilli()) / 1000
	f.eventInvoke = &changed
	return restjson.Answer{Body: changed}, nil
}

func noEventInvokeConfig(arn string) error {
	return restjson.NotFound("The function %s doesn't have an EventInvokeConfig", arn)
}

func (s *Service) getEventInvokeConfig(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.eventInvoke == nil {
		return restjson.Answer{}, noEventInvokeConfig(f.config.FunctionArn + ":$LATEST")
	}
	return restjson.Answer{Body: *f.eventInvoke}, nil
}

func (s *Service) listEventInvokeConfigs(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	configs := []eventInvokeConfig{}
	if f.eventInvoke != nil {
		configs = append(configs, *f.eventInvoke)
	}
	return restjson.Answer{Body: map[string]any{"FunctionEventInvokeConfigs": configs}}, nil
}

func (s *Service) deleteEventInvokeConfig(r *http.Request) (restjson.Answer, error) {
	f, err := s.find(qualified(r))
	if err != nil {
		return restjson.Answer{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.eventInvoke == nil {
		return restjson.Answer{}, noEventInvokeConfig(f.config.FunctionArn + ":$LATEST")
	}
	f.eventInvoke = nil
	return restjson.Answer{Status: http.StatusNoContent}, nil
}
