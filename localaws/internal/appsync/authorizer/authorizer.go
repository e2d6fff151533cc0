// Package authorizer asks Lambda authorizers whom to let in.
//
//  1. The token must match the expression that the API names, if it names one.
//  2. An answer to the same token that is not too old is used again, whatever the request is.
//  3. The function's resource policy must let AppSync in for the API. Then the function gets
//     [Event], and has [Timeout] to answer (answer.go).
//  4. The answer is kept as long as it says itself, else as long as the API says.
//
// What AppSync answers when it cannot ask, or gets no answer, is a BadRequestException without
// a message; the reason is in the log here.
//
// https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// Timeout is how long an authorizer may take.
const Timeout = 10 * time.Second

const (
	// maxToken is how many characters a token may have.
	maxToken = 2048
	// matchTimeout is how long a regular expression may take.
	matchTimeout = time.Second
	// principal is who invokes the function.
	principal = "appsync.amazonaws.com"
)

var (
	// ErrRefused is a token that the expression or the function does not let in.
	ErrRefused = errors.New("the token is not let in")
	// ErrFailed is a function that cannot be asked, or whose answer is none.
	ErrFailed = errors.New("the Lambda authorizer cannot decide")
)

// Functions invokes functions, and knows who may.
type Functions interface {
	// Invoke invokes a function and waits for its answer, as in package datasource.
	Invoke(ctx context.Context, functionARN string, payload []byte) (result []byte, functionError string, err error)
	// Allows says whether a function's policy lets a service in on behalf of a resource.
	Allows(functionARN, service, sourceARN string) bool
}

// Settings are what an API says of its authorizer.
type Settings struct {
	// API is the API's ARN.
	API         string
	FunctionARN string
	// TTL is how long an answer is kept that does not say it itself; 0 is not at all.
	TTL time.Duration
	// Expression is what a token must match; empty takes all.
	Expression string
}

// Event is what the function gets.
type Event struct {
	Token   string            `json:"authorizationToken"`
	Request Request           `json:"requestContext"`
	Headers map[string]string `json:"requestHeaders"`
}

// Request is the request that is made with the token.
type Request struct {
	APIID         string         `json:"apiId"`
	AccountID     string         `json:"accountId"`
	RequestID     string         `json:"requestId"`
	Query         string         `json:"queryString"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// Authorizers asks functions and keeps their answers. It is safe for use by many goroutines.
type Authorizers struct {
	functions Functions
	now       func() time.Time

	mutex sync.Mutex
	kept  map[key]kept
}

// key is what an answer is kept for.
type key struct{ api, function, token string }

type kept struct {
	decision Decision
	until    time.Time
}

// New makes authorizers.
func New(functions Functions, now func() time.Time) *Authorizers {
	return &Authorizers{functions: functions, now: now, kept: map[key]kept{}}
}

// Decide gives the decision on a token. The error wraps [ErrRefused] or [ErrFailed].
func (a *Authorizers) Decide(ctx context.Context, settings Settings, event Event) (Decision, error) {
	if !settings.takes(event.Token) {
		return Decision{}, fmt.Errorf("%w: it does not match the identityValidationExpression", ErrRefused)
	}
	place := key{settings.API, settings.FunctionARN, event.Token}
	decision, ok := a.find(place)
	if !ok {
		answer, err := a.ask(ctx, settings, event)
		if err != nil {
			return Decision{}, fmt.Errorf("%w: %w", ErrFailed, err)
		}
		decision = answer.decision()
		a.keep(place, decision, answer.ttl(settings.TTL))
	}
	if !decision.allowed {
		return Decision{}, ErrRefused
	}
	return decision, nil
}

// takes says whether the function is asked about a token.
func (s Settings) takes(token string) bool {
	if len(token) > maxToken {
		return false
	}
	if s.Expression == "" {
		return true
	}
	pattern, err := regexp2.Compile(s.Expression, regexp2.None)
	if err != nil {
		return false
	}
	pattern.MatchTimeout = matchTimeout
	matches, err := pattern.MatchString(token)
	return err == nil && matches
}

func (a *Authorizers) find(place key) (Decision, bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	found, ok := a.kept[place]
	return found.decision, ok && a.now().Before(found.until)
}

// keep keeps a decision, and forgets those that are too old.
func (a *Authorizers) keep(place key, decision Decision, ttl time.Duration) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	maps.DeleteFunc(a.kept, func(_ key, k kept) bool { return !a.now().Before(k.until) })
	if ttl > 0 {
		a.kept[place] = kept{decision, a.now().Add(ttl)}
	}
}

func (a *Authorizers) ask(ctx context.Context, settings Settings, event Event) (answer, error) {
	if a.functions == nil {
		return answer{}, errors.New("this AppSync was started without Lambda")
	}
	if !a.functions.Allows(settings.FunctionARN, principal, settings.API) {
		return answer{}, fmt.Errorf("the policy of %s does not let %s invoke it for %s, or there is no such function", settings.FunctionARN, principal, settings.API)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	type outcome struct {
		result        []byte
		functionError string
		err           error
	}
	done := make(chan outcome, 1)
	go func() { // an invocation that has begun runs to its end
		result, functionError, err := a.functions.Invoke(ctx, settings.FunctionARN, payload)
		done <- outcome{result, functionError, err}
	}()
	select {
	case <-ctx.Done():
		return answer{}, fmt.Errorf("%s did not answer within %s", settings.FunctionARN, Timeout)
	case got := <-done:
		switch {
		case got.err != nil:
			return answer{}, got.err
		case got.functionError != "":
			return answer{}, fmt.Errorf("%s failed: %s", settings.FunctionARN, got.result)
		}
		return parse(got.result)
	}
}
