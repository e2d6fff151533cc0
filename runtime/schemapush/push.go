package schemapush

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

const (
	// pollBase and pollCap bound the wait between two looks at a schema creation.
	pollBase = 200 * time.Millisecond
	pollCap  = 2 * time.Second
	// confirmations is how many looks in a row must say that the creation has ended,
	// unless it was seen under way: a single one may be about the creation before.
	confirmations = 2
	// awaitLimit bounds how long [API.Await] waits. The introspection schema comes
	// from a store with a lag of its own, so it must not decide alone.
	awaitLimit = 20 * time.Second
)

// ErrUnfinished says that a schema creation was under way when the function's time was over.
var ErrUnfinished = errors.New("the schema creation is not finished")

// Refusal is AppSync's refusal of a schema.
type Refusal struct {
	// Text is what AppSync says about it.
	Text string
}

// Settle waits while a schema creation is under way, whoever began it.
func (a *API) Settle(ctx context.Context) error {
	_, err := a.poll(ctx, 1)
	if isNotFound(err) {
		return nil
	}
	return err
}

// Outcome waits while a schema creation is under way and tells how the latest one ended.
func (a *API) Outcome(ctx context.Context) (*Refusal, error) { return a.poll(ctx, confirmations) }

// Push makes sdl the API's schema. A refusal leaves the API's schema as it was. The error is
// [ErrUnfinished] when AppSync has begun but the function's time is over.
func (a *API) Push(ctx context.Context, sdl string) (*Refusal, error) {
	err := a.retry(ctx, "start the schema creation", func() error {
		_, err := a.client.StartSchemaCreation(ctx, &appsync.StartSchemaCreationInput{ApiId: &a.id, Definition: []byte(sdl)})
		return err
	})
	var bad *types.BadRequestException
	if errors.As(err, &bad) {
		return &Refusal{Text: bad.ErrorMessage()}, nil
	}
	if err != nil {
		return nil, err
	}
	return a.Outcome(ctx)
}

// poll looks at the schema creation until it has ended; as many looks in a row as
// confirmations says must see that. Having seen it under way, one that succeeded is
// enough; a failure is always looked at again.
func (a *API) poll(ctx context.Context, confirmations int) (*Refusal, error) {
	failures, successes := 0, 0
	for attempt := 0; ; attempt++ {
		status, details, err := a.status(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case status == types.SchemaStatusFailed && !beingProcessed(details):
			successes = 0
			if failures++; failures >= confirmations {
				return &Refusal{Text: details}, nil
			}
		case status == types.SchemaStatusSuccess, status == types.SchemaStatusActive, status == types.SchemaStatusNotApplicable:
			failures = 0
			if successes++; successes >= confirmations {
				return nil, nil
			}
		default:
			failures, successes = 0, confirmations-1 // what is seen next is about this one
		}
		if a.clock.Sleep(ctx, pollBase+jitter(attempt, pollBase, pollCap)) != nil {
			return nil, fmt.Errorf("%w: that of API %s was still %s when the function's time was over", ErrUnfinished, a.id, status)
		}
	}
}

// status looks at the schema creation once.
func (a *API) status(ctx context.Context) (types.SchemaStatus, string, error) {
	var out *appsync.GetSchemaCreationStatusOutput
	err := a.retry(ctx, "read the state of the schema creation", func() (err error) {
		out, err = a.client.GetSchemaCreationStatus(ctx, &appsync.GetSchemaCreationStatusInput{ApiId: &a.id})
		return err
	})
	if err != nil {
		return "", "", err
	}
	return out.Status, aws.ToString(out.Details), nil
}

// beingProcessed recognises a FAILED that is none: AppSync has been seen to answer it
// with this text while the work went on.
func beingProcessed(details string) bool {
	return strings.Contains(strings.ToLower(details), "being processed")
}

// Await waits until the live schema is what was pushed and returns it. When it still
// is not after some time, shown only says whether it has the root fields that were
// pushed ("Query.product"); AppSync has reported success then, so that is no error. old is the
// digest of the text before a push that changed directives only, empty for any other push:
// AppSync may write directives in a way of its own, so only another text shows the change.
func (a *API) Await(ctx context.Context, c *schema.Composition, fields map[string]bool, old string) (live *Live, shown bool, err error) {
	end := a.clock.Now().Add(awaitLimit)
	for attempt := 0; ; attempt++ {
		if live, err = a.Live(ctx); err != nil {
			return nil, false, err
		}
		if live.Matches(c) && (live.Digest != old || live.Equals(c)) {
			return live, true, nil
		}
		if a.clock.Now().After(end) || a.clock.Sleep(ctx, pollBase+jitter(attempt, pollBase, pollCap)) != nil {
			a.logger.Warn("the live schema differs from the one that AppSync reported as applied",
				"api", a.id, "liveFields", len(live.RootFields()), "pushedFields", len(fields))
			return live, maps.Equal(live.RootFields(), fields), nil
		}
	}
}
