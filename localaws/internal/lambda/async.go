package lambda

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Conditions under which an asynchronous invocation ends.
const (
	conditionSuccess   = "Success"
	conditionExhausted = "RetriesExhausted"
	conditionAge       = "EventAgeExceeded"
	conditionZero      = "ZeroReservedConcurrency"
)

// throttlePause is the pause after an asynchronous invocation was throttled.
const throttlePause = time.Second

// asyncInvocation is one event on its way through its retries.
type asyncInvocation struct {
	service   *Service
	reference string
	id        string
	payload   []byte
	accepted  time.Time
	attempts  atomic.Int64
	// last is the last attempt's result, if the function ran.
	last *Result
}

// InvokeLater accepts an asynchronous invocation of a function that is named by name or
// ARN. An error says that the function does not exist, as a [restjson.Error].
func (s *Service) InvokeLater(reference string, payload []byte) error {
	if _, err := s.find(reference); err != nil {
		return err
	}
	a := &asyncInvocation{service: s, reference: reference, id: uuid.NewString(), payload: payload, accepted: time.Now()}
	s.begin(a)
	return nil
}

// begin runs an asynchronous invocation, and remembers it until it has ended.
func (s *Service) begin(a *asyncInvocation) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.waiting[a] = true
	s.work.Go(func() {
		a.run()
		s.mutex.Lock()
		defer s.mutex.Unlock()
		delete(s.waiting, a)
	})
}

// run invokes the function until it succeeds, or is given up: after a function error
// when the retries are used up, after throttling when the event is too old.
func (a *asyncInvocation) run() {
	for {
		f, err := a.service.find(a.reference)
		if err != nil {
			a.drop(err)
			return
		}
		limits := f.eventInvokeLimits()
		pause, goOn := a.attempt(f, limits)
		if !goOn || !a.sleep(pause) {
			return
		}
		if time.Since(a.accepted) > limits.age {
			a.end(f, conditionAge)
			return
		}
	}
}

// attempt invokes the function once. It returns the pause before the next attempt, if
// there is to be one.
func (a *asyncInvocation) attempt(f *function, limits asyncLimits) (pause time.Duration, goOn bool) {
	result, err := a.service.invoke(a.service.ctx, a.reference, a.id, a.payload)
	switch {
	case err == nil:
		a.last = &result
		a.attempts.Add(1)
	case limits.reservedZero:
		a.end(f, conditionZero)
		return 0, false
	case !isTemporary(err):
		a.drop(err)
		return 0, false
	default:
		return throttlePause, true
	}
	switch {
	case result.FunctionError == "":
		a.end(f, conditionSuccess)
	case int(a.attempts.Load()) > limits.retries:
		a.end(f, conditionExhausted)
	default:
		return a.service.retryDelay(int(a.attempts.Load()) - 1), true
	}
	return 0, false
}

// drop says that the invocation ends without anybody being told: the function is gone,
// or the local AWS is being stopped.
func (a *asyncInvocation) drop(err error) {
	a.service.options.Logger.Warn("an asynchronous invocation is dropped", "function", a.reference, "request", a.id, "error", err)
}

func (a *asyncInvocation) sleep(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-a.service.ctx.Done():
		return false
	}
}

// retryDelay is the pause before a retry, the last one for all further.
func (s *Service) retryDelay(retry int) time.Duration {
	delays := s.options.AsyncRetryDelays
	if len(delays) == 0 {
		return 0
	}
	return delays[min(retry, len(delays)-1)]
}

// isTemporary says that an invocation may be accepted later: it was throttled, or the
// function is being created.
func isTemporary(err error) bool {
	var e *restjson.Error
	return errors.As(err, &e) && (e.Status == http.StatusTooManyRequests || e.Status == http.StatusConflict)
}

// end tells the destination and the dead-letter queue how the invocation ended.
func (a *asyncInvocation) end(f *function, condition string) {
	config := f.configuration()
	if condition != conditionSuccess {
		a.service.options.Logger.Warn("asynchronous invocation given up", "function", a.reference, "request", a.id, "condition", condition, "attempts", a.attempts.Load())
		if queue := config.deadLetterTarget(); queue != "" {
			a.send(queue, destination.Message{Body: string(a.payload), Attributes: a.deadLetterAttributes(condition)})
		}
	}
	to := f.eventInvokeDestination(condition == conditionSuccess)
	if to == "" {
		return
	}
	record := a.record(config.FunctionArn+":$LATEST", condition)
	if strings.Contains(to, ":lambda:") {
		if err := a.service.InvokeLater(to, record); err != nil {
			a.service.options.Logger.Error("a destination was not reached", "function", a.reference, "destination", to, "error", err)
		}
		return
	}
	a.send(to, destination.Message{Body: string(record)})
}

// send insists on sending, since nothing else keeps the event.
func (a *asyncInvocation) send(arn string, m destination.Message) {
	if err := a.service.options.Destinations.Insist(a.service.ctx, arn, m); err != nil {
		a.service.options.Logger.Error("the outcome of an asynchronous invocation is lost", "function", a.reference, "request", a.id, "destination", arn, "error", err)
	}
}

func (a *asyncInvocation) deadLetterAttributes(condition string) map[string]string {
	attributes := map[string]string{"RequestID": a.id, "ErrorCode": "429", "ErrorMessage": condition}
	if a.last != nil {
		attributes["ErrorCode"] = "200"
		var thrown struct {
			ErrorMessage string `json:"errorMessage"`
		}
		if json.Unmarshal(a.last.Payload, &thrown) == nil && thrown.ErrorMessage != "" {
			attributes["ErrorMessage"] = thrown.ErrorMessage
		}
	}
	return attributes
}

// record is what a destination is sent.
func (a *asyncInvocation) record(functionARN, condition string) []byte {
	record := map[string]any{
		"version": "1.0", "timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "requestPayload": json.RawMessage(a.payload),
		"requestContext": map[string]any{"requestId": a.id, "functionArn": functionARN, "condition": condition, "approximateInvokeCount": a.attempts.Load()},
	}
	if a.last != nil {
		response := map[string]any{"statusCode": 200, "executedVersion": "$LATEST"}
		if a.last.FunctionError != "" {
			response["functionError"] = a.last.FunctionError
		}
		record["responseContext"] = response
		record["responsePayload"] = json.RawMessage(a.last.Payload)
		if !json.Valid(a.last.Payload) {
			record["responsePayload"] = string(a.last.Payload)
		}
	}
	text, _ := json.Marshal(record) // made of JSON
	return text
}
