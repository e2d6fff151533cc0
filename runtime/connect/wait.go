package connect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

const (
	// margin is the time before the function's deadline at which waiting ends, so that
	// the error can say what to look at.
	margin = 3 * time.Second
	// pollBase and pollCap bound the wait between two looks at a row. The wait doubles
	// and is drawn at random from its upper half.
	pollBase = 200 * time.Millisecond
	pollCap  = 2 * time.Second
)

// ask sends a request to the registry and waits for its outcome.
func (c *Connect) ask(ctx context.Context, r registry.Request) (registry.Outcome, error) {
	begin := c.Clock.Now()
	outcome, err := c.askWithin(ctx, r, 0)
	if err != nil || outcome != nil {
		return valueOf(outcome), err
	}
	return registry.Outcome{}, fmt.Errorf("the platform did not answer the request to %s plugin %q within %s (request %s): "+
		"look at the log group of the platform's admin function, and for the message in the queue %s and its dead-letter queue, then run the deployment again",
		r.Type, r.Plugin(), c.Clock.Now().Sub(begin).Round(time.Second), r.ID, c.RegistryQueueURL)
}

func valueOf(outcome *registry.Outcome) registry.Outcome {
	if outcome == nil {
		return registry.Outcome{}
	}
	return *outcome
}

// askWithin sends a request to the registry and waits for its outcome: for as long as is
// said, where 0 means as long as the function has. No outcome within that time is nil.
func (c *Connect) askWithin(ctx context.Context, r registry.Request, limit time.Duration) (*registry.Outcome, error) {
	if err := registry.Send(ctx, c.Queue, c.RegistryQueueURL, r); err != nil {
		return nil, err
	}
	begin := c.Clock.Now()
	for attempt := 0; ; attempt++ {
		row, err := c.Store.Row(ctx, r.Plugin())
		if err != nil {
			return nil, err
		}
		if outcome, ok := row.Outcome(r.ID); ok {
			return &outcome, nil
		}
		if limit > 0 && c.Clock.Now().Sub(begin)+pollCap > limit {
			return nil, nil
		}
		if c.pause(ctx, attempt) != nil {
			return nil, nil
		}
	}
}

// pause waits between two looks. It is an error when the function's time is over.
func (c *Connect) pause(ctx context.Context, attempt int) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	bound := pollCap
	if attempt < 10 && pollBase<<attempt < pollCap {
		bound = pollBase << attempt
	}
	return c.Clock.Sleep(ctx, bound/2+rand.N(bound/2))
}

func (c *Connect) now() string { return eventlog.FormatTime(c.Clock.Now()) }
