// Package engine does for a plugin's functions everything that is not the domain's:
// it reads the history, asks the handler, records events, keeps read models, publishes
// and reacts.
//
//  1. [FromEnvironment] reads which function this is and what the plugin declared;
//     [New] builds the engine around a [turn.Invoker], the way to the handler.
//  2. [Engine.Handle] takes one invocation of Lambda. Function and payload decide what
//     is done: a mutation's command or a batch of the command queue (commands), a
//     batch of an event log's stream (projections, relay), a batch of an extension's
//     queue (reactions).
//  3. A command: read the event log, ask for a decide answer, append; see
//     [eventlog.Log.Execute].
//  4. A stream batch for projections: for each id and read model load the row, ask for
//     project answers, write the row together with the number of the last event, on
//     condition that the row is as it was loaded. A repeated event is skipped by its
//     number; when one is missing, the events are read from the event log. So a row is
//     right whatever was delivered twice, in another order or not at all.
//  5. A stream batch for the relay: publish each selected event, or what the handler
//     makes of it, to the extension point's topic under an id that is always the same.
//  6. A batch for reactions: ask for a react answer and send its commands to the
//     command queue under ids that are always the same.
//  7. What fails in a batch is reported to Lambda item by item, together with what must
//     not overtake it; the rest counts as done.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// DefaultMargin is the default of [Config].Margin.
const DefaultMargin = 2 * time.Second

// DynamoDB is the part of the DynamoDB client that an engine needs.
type DynamoDB interface {
	eventlog.Client
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// SNS is the part of the SNS client that the relay needs.
type SNS interface {
	Publish(ctx context.Context, in *sns.PublishInput, opts ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// SQS is the part of the SQS client that reactions need.
type SQS interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Config is what an engine is made of. Fields without a default that the function
// needs are required; [New] names all that are missing.
type Config struct {
	// Function is one of definition.FunctionCommands, …Projections, …Relay, …Reactions.
	Function string
	// Definition describes the plugin.
	Definition definition.Definition
	// Invoker leads to the handler. A relay needs it only when an extension point
	// has publish turns.
	Invoker turn.Invoker
	// DynamoDB is needed by commands and projections, SNS by the relay, SQS by
	// reactions.
	DynamoDB DynamoDB
	SNS      SNS
	SQS      SQS
	// CommandQueueURL is needed by reactions.
	CommandQueueURL string
	// Margin is how long before the invocation's deadline no new work of a batch is
	// begun; at most a quarter of the time that the invocation has. Default
	// [DefaultMargin].
	Margin time.Duration
	// Retry is for conflicts on event logs and rows. Default [eventlog.DefaultRetry].
	Retry eventlog.Retry
	// Now is the clock. Default [time.Now].
	Now func() time.Time
	// NewID makes ids for commands that come without one. Default: random UUIDs.
	NewID func() string
	// Logger gets one line per failure. Default [slog.Default].
	Logger *slog.Logger
}

// Engine serves the invocations of one function. Handle may be called concurrently;
// the handler is asked for one turn at a time.
type Engine struct {
	Config
	logs       map[string]*eventlog.Log
	aggregates map[string]string // by physical table name
	extensions map[string]string // by physical queue name
	// handler lets one turn at a time be with the handler.
	handler sync.Mutex
	// handlerLost says that the handler's process ended or hangs; see [Engine.Lambda].
	handlerLost atomic.Bool
}

// New builds an engine, or says everything that is missing or wrong.
func New(config Config) (*Engine, error) {
	e := &Engine{Config: config}
	e.setDefaults()
	if err := errors.Join(e.problems()...); err != nil {
		return nil, fmt.Errorf("the engine cannot start: %w", err)
	}
	e.logs, e.aggregates, e.extensions = map[string]*eventlog.Log{}, map[string]string{}, map[string]string{}
	for name, aggregate := range e.Definition.Aggregates {
		e.aggregates[aggregate.Table] = name
		e.logs[name] = eventlog.New(e.DynamoDB, aggregate.Table, name, eventlog.WithRetry(e.Retry), eventlog.WithClock(e.Now))
	}
	for name, extension := range e.Definition.Extensions {
		e.extensions[extension.Queue] = name
	}
	return e, nil
}

// setDefaults fills what has a default.
func (e *Engine) setDefaults() {
	if e.Margin == 0 {
		e.Margin = DefaultMargin
	}
	if e.Retry.Attempts == 0 {
		e.Retry = eventlog.DefaultRetry
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.NewID == nil {
		e.NewID = uuid.NewString
	}
	if e.Logger == nil {
		e.Logger = slog.Default()
	}
	e.Logger = e.Logger.With("function", e.Function, "plugin", e.Definition.Plugin)
}

// problems says why the engine cannot work.
func (e *Engine) problems() []error {
	var problems []error
	need := func(missing bool, what string, functions ...string) {
		if missing && slices.Contains(functions, e.Function) {
			problems = append(problems, fmt.Errorf("the function %q needs %s", e.Function, what))
		}
	}
	known := []string{definition.FunctionCommands, definition.FunctionProjections, definition.FunctionRelay, definition.FunctionReactions}
	if !slices.Contains(known, e.Function) {
		problems = append(problems, fmt.Errorf("%s is %q, but must be one of %q", definition.EnvFunction, e.Function, known))
	}
	problems = append(problems, checkFormat(e.Definition.FormatVersion))
	need(e.Invoker == nil, "a handler", definition.FunctionCommands, definition.FunctionProjections, definition.FunctionReactions)
	need(e.Invoker == nil && e.hasPublishTurns(), "a handler, because an extension point has publish turns", definition.FunctionRelay)
	need(e.DynamoDB == nil, "a DynamoDB client", definition.FunctionCommands, definition.FunctionProjections)
	need(e.SNS == nil, "an SNS client", definition.FunctionRelay)
	need(e.SQS == nil, "an SQS client", definition.FunctionReactions)
	need(e.CommandQueueURL == "", "the environment variable "+definition.EnvCommandQueueURL, definition.FunctionReactions)
	return problems
}

// checkFormat says why a definition's format cannot be read, nil if it can.
func checkFormat(version int) error {
	if version == definition.FormatVersion {
		return nil
	}
	return fmt.Errorf("the definition has format version %d, this engine reads %d; "+
		"deploy the plugin with the provider's version that the platform has", version, definition.FormatVersion)
}

// hasPublishTurns says whether an extension point asks the handler for messages.
func (e *Engine) hasPublishTurns() bool {
	for _, point := range e.Definition.ExtensionPoints {
		if point.Publish {
			return true
		}
	}
	return false
}
