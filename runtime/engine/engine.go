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
//     [eventlog.Log.Execute] for aggregates and [dcb.Log.Execute] for slices. The mutation
//     of an asynchronous component puts its command on the command queue; the outcome is
//     published before the queue's message is acknowledged.
//  4. A stream batch for projections: for each id and read model load the row, ask for
//     project answers, write the row together with the number of the last event, on
//     condition that the row is as it was loaded. A repeated event is skipped by its
//     number; when one is missing, the events are read from the event log. So a row is
//     right whatever was delivered twice, in another order or not at all. The streams of
//     the DCB log are followed in the same way, each as the log of one id.
//  5. A stream batch for the relay: publish each selected event, or what the handler
//     makes of it, to the extension point's topic under an id that is always the same.
//     Events of the DCB log are taken from their home streams, where each is once.
//  6. A batch for reactions: ask for a react answer and send its commands to the
//     command queue under ids that are always the same.
//  7. A new to-do row: send a reminder that arrives after a pause, ask for a react or a
//     call answer, send its commands under ids that are always the same. The reminder of
//     a row that is still to do leads to the next attempt, until there are no more.
//  8. Input for an inbound translation: record it, ask for a translate answer, decide or
//     queue the commands, record the outcome, which is also the answer to a repetition.
//  9. A message of the task queue: for a new version of an object ask for task answers,
//     about all of it or about some lines after the others, write their objects and send
//     their commands under ids that are always the same. What does not fit into the
//     invocation is left to a further message. For a schedule that fired ask for a task
//     answer, or send the command that a turn scheduled.
//  10. A step of the rebuild of a read model: fold complete histories into a fresh table,
//     then write rows that differ over the live ones, on condition that nobody wrote
//     meanwhile.
//  11. What fails in a batch is reported to Lambda item by item, together with what must
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
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// DefaultMargin is the default of [Config].Margin.
const DefaultMargin = 2 * time.Second

// DynamoDB is the part of the DynamoDB client that an engine needs.
type DynamoDB interface {
	eventlog.Client
	dcb.Client
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
}

// SNS is the part of the SNS client that the relay needs.
type SNS interface {
	Publish(ctx context.Context, in *sns.PublishInput, opts ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// SQS is the part of the SQS client that functions need which send commands.
type SQS interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// S3 is the part of the S3 client that tasks need.
type S3 interface {
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(ctx context.Context, in *s3.HeadObjectInput, opts ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Scheduler is the part of the EventBridge Scheduler client that functions need whose
// turns make schedules.
type Scheduler interface {
	GetSchedule(ctx context.Context, in *scheduler.GetScheduleInput, opts ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error)
	CreateSchedule(ctx context.Context, in *scheduler.CreateScheduleInput, opts ...func(*scheduler.Options)) (*scheduler.CreateScheduleOutput, error)
	UpdateSchedule(ctx context.Context, in *scheduler.UpdateScheduleInput, opts ...func(*scheduler.Options)) (*scheduler.UpdateScheduleOutput, error)
	DeleteSchedule(ctx context.Context, in *scheduler.DeleteScheduleInput, opts ...func(*scheduler.Options)) (*scheduler.DeleteScheduleOutput, error)
}

// Lambda is the part of the Lambda client that heartbeats need.
type Lambda interface {
	Invoke(ctx context.Context, in *lambda.InvokeInput, opts ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// GraphQL runs mutations on the platform's API, as an IAM caller.
type GraphQL interface {
	// Mutate runs one mutation and returns its errors as one error.
	Mutate(ctx context.Context, mutation string, variables map[string]any) error
}

// Config is what an engine is made of. Fields without a default that the function
// needs are required; [New] names all that are missing.
type Config struct {
	// Function is one of the Function… constants of package definition that a plugin has.
	Function string
	// Component is the component whose own function this is; empty in a function that the
	// components of its kind share.
	Component string
	// Definition describes the plugin.
	Definition definition.Definition
	// Invoker leads to the handler. A relay needs it only when an extension point
	// has publish turns.
	Invoker turn.Invoker
	// DynamoDB is needed by commands and projections, SNS by the relay, SQS by every
	// function that sends commands.
	DynamoDB DynamoDB
	SNS      SNS
	SQS      SQS
	// DeadLetters counts the messages in the plugin's dead-letter queues for heartbeats;
	// without it they say nothing of them.
	DeadLetters deadletters.SQS
	// S3 is needed by tasks, Scheduler by functions that may answer with schedules, Lambda
	// by the one that sends heartbeats, GraphQL by feeds and for asynchronous commands.
	S3        S3
	Scheduler Scheduler
	Lambda    Lambda
	GraphQL   GraphQL
	// CommandQueueURL is needed by every function that sends commands. The queues of
	// components with a function of their own are beside it.
	CommandQueueURL string
	// ToDoQueueURL is needed by automations.
	ToDoQueueURL string
	// ExtensionQueues are the command queues of the plugins that own the extension
	// points, by extension.
	ExtensionQueues map[string]string
	// Schedules is where schedules go that turns make.
	Schedules ScheduleTarget
	// ConnectFunction is the name of the platform's connect function.
	ConnectFunction string
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

// ScheduleTarget is where schedules go that turns make.
type ScheduleTarget struct {
	// Group is the name of the schedule group.
	Group string
	// TaskQueueARN is the queue that they send to, RoleARN the role with which they do,
	// FailuresARN the queue for what could not be sent.
	TaskQueueARN, RoleARN, FailuresARN string
}

// Engine serves the invocations of one function. Handle may be called concurrently;
// the handler is asked for one turn at a time.
type Engine struct {
	Config
	logs       map[string]*eventlog.Log
	aggregates map[string]string // by physical table name
	// decisions is the DCB log, nil without one; families are its streams, to be read one
	// by one, by the name of their family.
	decisions  *dcb.Log
	families   map[string]*eventlog.Log
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
		e.logs[name] = eventlog.New(e.DynamoDB, aggregate.Table, name, eventlog.WithRetry(e.Retry), eventlog.WithClock(e.Now),
			eventlog.WithSnapshots(aggregate.SnapshotEvery, e.Logger))
	}
	e.connectDCB()
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
	if !slices.Contains(everyFunction, e.Function) {
		problems = append(problems, fmt.Errorf("%s is %q, but must be one of %q", definition.EnvFunction, e.Function, everyFunction))
	}
	problems = append(problems, checkFormat(e.Definition.FormatVersion))
	problems = append(problems, e.ambiguousNames()...)
	problems = append(problems, e.checkComponent())
	return append(problems, e.missing()...)
}

// checkComponent says why the function cannot be the component's own, nil if it can.
func (e *Engine) checkComponent() error {
	known := true
	switch {
	case e.Component == "":
	case e.Function == definition.FunctionProjections:
		known = e.Definition.ReadModels[e.Component].Own
	case e.Function == definition.FunctionCommands:
		known = e.ownQueue(e.Component) != ""
	}
	if !known {
		return fmt.Errorf("%s is %q, but the plugin declares no %s function of its own for a component of this name", definition.EnvComponent, e.Component, e.Function)
	}
	return nil
}

// schedulers are the functions whose turns may make schedules.
var schedulers = []string{definition.FunctionReactions, definition.FunctionAutomations, definition.FunctionTasks}

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
