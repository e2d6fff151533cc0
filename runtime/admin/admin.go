// Package admin is the platform's admin function: the only writer of the plugin
// registry and of the API's schema.
//
// Its input is a batch of the registry queue, an SQS FIFO queue with one message
// group. All waiting requests of a batch become at most one push:
//
//  1. Load the registry and the journal; delete what an interrupted trial of a
//     resolver left behind (package registry, package schemapush).
//  2. Take the requests that go together: those whose push was begun before newcomers,
//     and an operator's request alone.
//  3. Decide on the requests in order, each against the composition that the ones
//     before it led to. A refused request leaves the others as they are. A request
//     whose outcome or event is stored already is not decided again; one that nobody
//     waits for any more is refused.
//  4. Read the live schema. Root fields that are live and that nobody owns any more
//     stay, marked as deprecated, while a resolver is attached to them. The resolvers of
//     a plugin that an operator deactivated were recorded, and are deleted.
//  5. Compose, and refuse what would let a field of a connected plugin be missing.
//  6. If the composition is the one pushed last and the live schema still shows it,
//     push nothing. Else write into the journal what is about to be pushed, push, and
//     wait until AppSync has finished and a resolver can be created on a new field.
//  7. If AppSync refuses the schema, push the requests one by one to find out whose
//     fragment it was. That request is refused with AppSync's text; what was good
//     before stays or is pushed again. Each verdict is stored at once.
//  8. Attach the recorded resolvers of a plugin that comes back; one that its stack wants
//     to make itself is given up before everything else.
//  9. Note in the journal how the requests without event are answered, and append the
//     events of the others to the log.
//  10. Make the group of the API's own log when the platform itself is connected, delete
//     it when it is disconnected (package apilog).
//  11. Write the rows of the plugins table, and with them the outcomes that the connect
//     functions wait for.
//  12. If fields were kept, send a delayed message to the sweep queue; the same
//     function turns it into a request to look again.
//  13. Make the subscriptions between plugins what the registry says they should be.
//
// A schedule invokes the function each minute to watch (protocol.TriggerWatch): it
// compares heartbeats, subscriptions and the API's schema with the registry and sends
// requests for what has changed. It writes nothing itself but the retention of the API's
// log group, which it makes if it is not there.
//
// # After a crash
//
// SQS delivers the batch again, and every step finds out what is done already. The
// push comes before the append, so the log never holds a revision that AppSync may
// refuse: nothing has to be taken back. A deactivation is the other way round, since its
// event holds the resolvers that the push would leave without a field.
//
//   - Before the push: nothing has happened, the same decisions are taken again.
//   - During or after the push: the journal names the composition, and the live schema
//     shows whether it arrived. If it did, it is not pushed again; the trial of the
//     resolver is repeated.
//   - Between the append and the rows: the journal names the plugins whose log may be
//     ahead of their row. Their events are read, and the requests that led to them are
//     answered from there; those that led to none are answered from the journal.
//   - After the rows: the outcomes are found, and nothing is left to do but the
//     subscriptions, of which the rows tell which are there.
//
// Should the batch never succeed and end in the dead-letter queue, then the next
// request finds a live schema that differs from the composition of what the log says,
// and pushes that.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/apilog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// margin is the time before the function's deadline at which work is given up, so
// that the messages can be handed back.
const margin = 10 * time.Second

// Queue is the part of the SQS client that the function needs.
type Queue interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Config is what an [Admin] works with. All members without a default are required.
type Config struct {
	Store *registry.Store
	API   *schemapush.API
	Queue Queue
	// Topics are the SNS topics of plugins.
	Topics Topics
	// Log is the API's own log, nil if nobody looks after it.
	Log   *apilog.Log
	Rules registry.Rules
	// Modes are the API's authentication modes, the primary one first.
	Modes []string
	// RegistryQueueURL and SweepQueueURL are the two queues.
	RegistryQueueURL, SweepQueueURL string
	// Clock is the system's by default, Logger the default one.
	Clock  schemapush.Clock
	Logger *slog.Logger
}

// Admin is the function. It handles one batch at a time.
type Admin struct {
	Config
	workspace *registry.Workspace
}

// New returns the function.
func New(config Config) *Admin {
	if config.Clock == nil {
		config.Clock = schemapush.SystemClock{}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return &Admin{Config: config, workspace: registry.NewWorkspace(config.Store, config.Modes)}
}

// Handle handles a batch of the registry queue or of the sweep queue, or the trigger of
// the watch. The answer to a batch is the list of messages that failed; the rest of it
// is done.
func (a *Admin) Handle(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	var input struct {
		protocol.Trigger
		events.SQSEvent
	}
	err := json.Unmarshal(payload, &input)
	if err == nil && input.Reventless != protocol.TriggerWatch && len(input.Records) == 0 {
		err = errors.New("it has no records")
	}
	if err != nil {
		return nil, fmt.Errorf("the admin function handles batches of its two SQS queues and the trigger %q only, this is none: %w", protocol.TriggerWatch, err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	switch {
	case input.Reventless == protocol.TriggerWatch:
		return json.RawMessage("{}"), a.watch(ctx)
	case strings.HasSuffix(input.Records[0].EventSourceARN, ".fifo"):
		return json.Marshal(a.handleRequests(ctx, input.Records))
	}
	return json.Marshal(a.handleSweeps(ctx, input.Records))
}

// handleRequests handles messages of the registry queue. A fault fails the requests that
// are not answered yet, since their order counts. A message that cannot be read fails
// alone: it asks for nothing that others could depend on, and would otherwise take those
// behind it along into the dead-letter queue.
func (a *Admin) handleRequests(ctx context.Context, records []events.SQSMessage) events.SQSEventResponse {
	var requests []registry.Request
	var readable, failed []events.SQSMessage
	for _, r := range records {
		request, err := registry.DecodeRequest(r.Body)
		if err != nil {
			a.Logger.Error("a registry message cannot be read and will end in the dead-letter queue", "messageId", r.MessageId, "error", err)
			failed = append(failed, r)
			continue
		}
		requests, readable = append(requests, request), append(readable, r)
	}
	done, err := a.process(ctx, requests)
	if err != nil {
		a.Logger.Error("a batch of registry requests failed and will be delivered again", "requests", len(requests)-done, "error", err)
		failed = append(failed, readable[done:]...)
	}
	a.retrySoon(failed)
	return failures(failed)
}

// failures names the messages that failed.
func failures(records []events.SQSMessage) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, r := range records {
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
	}
	return response
}
