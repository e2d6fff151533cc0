package soak

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/engine"
	"github.com/reventless/pulumi-reventless/tests/soak/cloud"
	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// toDoQueue is the queue of to-do rows of sales to look at again.
const toDoQueue = "sales-todo"

// world is the account with both plugins, and what clients know.
type world struct {
	options Options
	cloud   *cloud.Cloud
	began   time.Time
	// commands is the function that sales' mutations invoke.
	commands *cloud.Function

	// next is the number of the newest command, recorded counts the events of accepted
	// ones; again and lost count repetitions by clients and invocations without answer.
	next, recorded, again, lost atomic.Int64
	// busy says that clients must wait for the rest of the cloud.
	busy atomic.Bool

	mu       sync.Mutex
	outcomes []outcome
}

// newWorld wires both plugins.
func newWorld(o Options) *world {
	w := &world{options: o, cloud: cloud.New(o.Seed, o.Faults), began: time.Now()}
	if o.Sabotage != nil {
		o.Sabotage(w.cloud)
	}
	w.cloud.AddTopic("sales-money.fifo", w.cloud.AddQueue("shipping-money.fifo", true))
	w.cloud.AddTopic("sales-goods.fifo", w.cloud.AddQueue("shipping-goods.fifo", true))
	w.commands = w.addPlugin(shop.Sales)
	w.addPlugin(shop.Shipping)
	return w
}

// addPlugin makes the tables, queues and functions of a plugin and returns its function
// for commands.
func (w *world) addPlugin(d definition.Definition) *cloud.Function {
	commands, projections := w.addFunction(d, definition.FunctionCommands), w.addFunction(d, definition.FunctionProjections)
	readers := []*cloud.Function{projections}
	if len(d.ExtensionPoints) > 0 {
		readers = append(readers, w.addFunction(d, definition.FunctionRelay))
	}
	logs := []string{d.DCB.Table}
	for _, aggregate := range d.Aggregates {
		logs = append(logs, aggregate.Table)
	}
	for _, log := range logs {
		w.cloud.AddLog(log)
		for _, reader := range readers {
			w.cloud.MapStream(log, reader)
		}
	}
	for _, model := range d.ReadModels {
		w.cloud.AddRows(model.Table, false)
	}
	for _, toDo := range d.ToDos {
		automations := w.addFunction(d, definition.FunctionAutomations)
		w.cloud.AddRows(toDo.Table, true)
		w.cloud.MapStream(toDo.Table, automations)
		w.cloud.MapQueue(w.cloud.AddQueue(toDoQueue, false), automations)
	}
	for _, extension := range d.Extensions {
		w.cloud.MapQueue(w.cloud.Queue(extension.Queue), w.addFunction(d, definition.FunctionReactions))
	}
	w.cloud.MapQueue(w.cloud.AddQueue(d.CommandQueue, true), commands)
	return commands
}

// addFunction makes one function of a plugin.
func (w *world) addFunction(d definition.Definition, function string) *cloud.Function {
	return w.cloud.AddFunction(d.Plugin+"-"+function, func(env *cloud.Environment) (*engine.Engine, error) {
		return engine.New(engine.Config{
			Function: function, Definition: d, Invoker: env.Counted(w.options.Handler),
			DynamoDB: env, SNS: env, SQS: env, GraphQL: graphQL{w, env},
			CommandQueueURL: cloud.QueueURL(d.CommandQueue), ToDoQueueURL: cloud.QueueURL(toDoQueue),
			Logger: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1})),
		})
	})
}

// graphQL is the platform's API, to which the outcomes of asynchronous commands go.
type graphQL struct {
	world *world
	env   *cloud.Environment
}

// Mutate implements [engine.GraphQL].
func (g graphQL) Mutate(ctx context.Context, _ string, variables map[string]any) error {
	return g.env.Call(ctx, func() { g.world.completed(variables["result"].(string)) })
}
