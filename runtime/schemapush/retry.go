package schemapush

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bounds of the wait between two attempts of a request that AppSync refused for now.
const (
	retryBase = 250 * time.Millisecond
	retryCap  = 8 * time.Second
)

// SystemClock is the real [Clock].
type SystemClock struct{}

// Now is the present time.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits. It returns an error at once when the deadline would pass meanwhile.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// retry repeats a request while AppSync refuses it for now.
func (a *API) retry(ctx context.Context, what string, request func() error) error {
	for attempt := 0; ; attempt++ {
		err := request()
		if err == nil {
			return nil
		}
		if !transient(err) {
			return fmt.Errorf("%s (API %s): %w", what, a.id, err)
		}
		if a.clock.Sleep(ctx, jitter(attempt, retryBase, retryCap)) != nil {
			return fmt.Errorf("%s (API %s): AppSync still refused it when the function's time was over, after %d attempts: %w", what, a.id, attempt+1, err)
		}
	}
}

// jitter draws a wait between zero and a bound that doubles up to limit.
func jitter(attempt int, base, limit time.Duration) time.Duration {
	bound := limit
	if attempt < 20 && base<<attempt < limit {
		bound = base << attempt
	}
	return rand.N(bound)
}

// transient recognises refusals that pass: another change is under way, too many
// requests, a fault of the service.
func transient(err error) bool {
	var busy *types.ConcurrentModificationException
	if errors.As(err, &busy) {
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ConcurrentModificationException", "TooManyRequestsException", "ThrottlingException", "Throttling",
			"RequestLimitExceeded", "InternalFailureException", "ServiceUnavailableException":
			return true
		case "LimitExceededException":
			return strings.Contains(api.ErrorMessage(), "Too Many Requests")
		}
	}
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) &&
		(response.HTTPStatusCode() == http.StatusTooManyRequests || response.HTTPStatusCode() >= http.StatusInternalServerError)
}

// isNotFound recognises every kind of absence.
func isNotFound(err error) bool {
	var missing *types.NotFoundException
	return errors.As(err, &missing)
}

// isMissing recognises the absence of what a text names.
func isMissing(err error, texts ...string) bool {
	return isNotFound(err) && containsAny(err.Error(), texts...)
}

// isBadRequest recognises a request that AppSync refuses for the reason given.
func isBadRequest(err error, texts ...string) bool {
	var bad *types.BadRequestException
	return errors.As(err, &bad) && containsAny(err.Error(), texts...)
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
