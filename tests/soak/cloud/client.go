package cloud

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// The settings of the engine's clients (runtime/engine/environment.go), and the longest
// pause of the SDK's standard retryer.
const (
	requestAttempts = 8
	requestTime     = 5 * time.Second
	longestPause    = 20 * time.Second
)

// burst is how long at most a burst of throttling lasts.
const burst = 8 * time.Second

// errConnection is the error of a request whose answer never came.
var errConnection = errors.New("read tcp: connection reset by peer")

// request carries out one request of the environment, and again as the AWS SDK does after
// throttling and broken connections. refuse makes the error of throttling.
func (e *Environment) request(ctx context.Context, refuse func() error, effect func() error) error {
	for attempt := 1; ; attempt++ {
		err := e.attempt(ctx, refuse, effect)
		if err == nil || attempt == requestAttempts || !repeatable(err) {
			return err
		}
		pause := time.Duration(e.dice.fraction() * min(math.Exp2(float64(attempt-1))*float64(time.Second), float64(longestPause)))
		if err := e.wait(ctx, pause); err != nil {
			return err
		}
		e.cloud.Figures.Retries.Add(1)
	}
}

// Call carries out a request to a service that is not part of the cloud.
func (e *Environment) Call(ctx context.Context, effect func()) error {
	refuse := func() error { return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"} }
	return e.request(ctx, refuse, func() error { effect(); return nil })
}

// repeatable says whether the SDK repeats a request after an error.
func repeatable(err error) bool {
	if errors.Is(err, errConnection) {
		return true
	}
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestThrottled", "Throttled", "TransactionInProgressException":
		return true
	}
	return false
}

// attempt carries out a request once, with whatever happens to it.
func (e *Environment) attempt(ctx context.Context, refuse, effect func() error) error {
	if err := e.wait(ctx, e.dice.latency()); err != nil {
		return err
	}
	figures := &e.cloud.Figures
	figures.Requests.Add(1)
	happens := e.cloud.Faults.draw(e.dice)
	switch {
	case happens == crashBefore:
		e.die()
	case happens == throttled || e.inBurst():
		figures.Throttled.Add(1)
		return refuse()
	case happens == hangBefore:
		return e.hang(ctx)
	}
	err := effect()
	switch happens {
	case crashAfter:
		e.die()
	case hangAfter:
		return e.hang(ctx)
	case lostAnswer:
		figures.LostAnswers.Add(1)
		return errConnection
	}
	return err
}

// inBurst says whether all requests are throttled for a while, and begins such whiles.
func (e *Environment) inBurst() bool {
	now := time.Now()
	if e.dice.chance(e.cloud.Faults.Bursts) {
		e.calm.Store(now.Add(e.dice.upTo(burst)).UnixNano())
	}
	return now.UnixNano() < e.calm.Load()
}

// hang waits until the client gives an attempt up.
func (e *Environment) hang(ctx context.Context) error {
	e.cloud.Figures.Hangs.Add(1)
	if err := e.wait(ctx, requestTime); err != nil {
		return err
	}
	return fmt.Errorf("%w: i/o timeout", errConnection)
}

// wait sleeps, unless the context or the environment ends.
func (e *Environment) wait(ctx context.Context, d time.Duration) error {
	e.alive()
	defer e.alive()
	if d <= latencies*latency { // a timer with a channel costs more than it is worth
		time.Sleep(d)
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// noCapacity is one of the errors with which DynamoDB throttles.
func (e *Environment) noCapacity() error {
	if e.dice.chance(0.5) {
		return &types.ProvisionedThroughputExceededException{}
	}
	return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
}
