// Package retry repeats AWS calls that the real provider repeats itself:
// while a condition on the error holds, or until a state is reached.
//
//  1. The first pause is 50 ms, each next one doubles, at most 2 s (the real
//     provider goes up to 10 s; against a local endpoint that only costs time).
//  2. Every loop ends with the context or at its own limit, and then returns
//     the last error, so that the caller sees AWS's words.
package retry

import (
	"context"
	"fmt"
	"time"
)

const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
)

// While calls f until it succeeds, its error no longer matches, or the limit
// has passed.
func While(ctx context.Context, limit time.Duration, matches func(error) bool, f func() error) error {
	deadline := time.Now().Add(limit)
	for pause := firstPause; ; pause = next(pause) {
		err := f()
		if err == nil || !matches(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		if sleep(ctx, pause) != nil {
			return err
		}
	}
}

// Until calls f until it reports done or an error. what names the state that
// is waited for; state (from f) is shown when the limit has passed.
func Until(ctx context.Context, limit time.Duration, what string, f func() (done bool, state string, err error)) error {
	deadline := time.Now().Add(limit)
	for pause := firstPause; ; pause = next(pause) {
		done, state, err := f()
		if done || err != nil {
			return err
		}
		if time.Now().Add(pause).After(deadline) {
			return fmt.Errorf("waiting for %s: still %q after %s", what, state, limit)
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("waiting for %s: %w (last state %q)", what, err, state)
		}
	}
}

func next(pause time.Duration) time.Duration { return min(2*pause, maxPause) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
