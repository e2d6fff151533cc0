// Package connect is the platform's connect function: the door through which stacks
// talk to the plugin registry.
//
// A plugin's stack calls it through a Lambda Invocation resource, on create, update
// and delete, and once at each run to check. The input is a protocol.ConnectRequest,
// the answer a protocol.ConnectResult.
//
//  1. The input is validated, all problems at once, and the fragment is parsed, so
//     that most mistakes are answered without touching the registry.
//  2. A check answers from the registry, with consistent reads: whether exactly this
//     revision is connected, with which nonce to connect it, and whether the fragment
//     goes together with those of all connected plugins.
//  3. Create and update send a connect request to the registry queue and wait for the
//     outcome that the admin function writes into the plugin's row. Delete does so
//     with a disconnect request.
//  4. The platform's guard waits, on delete, until no plugin is connected any more.
//  5. A heartbeat, which a function of the plugin's stack sends, becomes one write into
//     the liveness table, with the numbers of dead letters that it tells.
//  6. A stack that finds the resolver of one of its fields made already asks the platform
//     to give it up, if it is one that the platform attached.
//
// It also answers fields of the platform's own schema for which AppSync invokes it with a
// protocol.FieldInvocation: operators' mutations go to the same queue, queries read the
// registry, and count the platform's own dead letters.
//
// A refusal of a create or an update is a result: the Invocation resource stores a
// failed update as applied, and the next run would not try again. A refusal of a
// delete is a function error, since only an error stops a destroy. What can be
// repaired by repeating, such as an outcome that does not come, is a function error.
//
// Lambda may run one invocation twice. Both runs send a request with the invocation's
// id, and the registry gives both the one outcome.
package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// Config is what a [Connect] works with. All members without a default are required.
type Config struct {
	Store *registry.Store
	Queue registry.Sender
	// DeadLetterQueues are the URLs of the platform's own dead-letter queues by part, none
	// for not to tell of them; DeadLetters counts the messages in them.
	DeadLetterQueues map[string]string
	DeadLetters      deadletters.SQS
	Rules            registry.Rules
	// Modes are the API's authentication modes, the primary one first.
	Modes []string
	// RegistryQueueURL is the queue of requests.
	RegistryQueueURL string
	// Clock is the system's by default, Logger the default one.
	Clock  schemapush.Clock
	Logger *slog.Logger
}

// Connect is the function. It is safe for concurrent use.
type Connect struct {
	Config
	mu        sync.Mutex
	workspace *registry.Workspace
	// warned are the reasons for which heartbeats are ignored, each said once.
	warned sync.Map
}

// New returns the function.
func New(config Config) *Connect {
	if config.Clock == nil {
		config.Clock = schemapush.SystemClock{}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return &Connect{Config: config, workspace: registry.NewWorkspace(config.Store, config.Modes)}
}

// Handle answers one protocol.ConnectRequest with a protocol.ConnectResult, or one
// protocol.FieldInvocation with the field's value.
func (c *Connect) Handle(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	var field protocol.FieldInvocation
	if err := json.Unmarshal(payload, &field); err == nil && field.Field != "" {
		return json.Marshal(c.answer(ctx, field))
	}
	var request protocol.ConnectRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, fmt.Errorf("the connect function's input is not a connect request: %w", err)
	}
	result, err := c.handle(ctx, request)
	if err != nil {
		c.Logger.Error("connect request failed", "plugin", request.Plugin, "stack", request.Stack, "error", err)
		return nil, err
	}
	return json.Marshal(result)
}

// handle does what the action says.
func (c *Connect) handle(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	action := actionOf(r)
	switch {
	case action == protocol.ActionCheck:
		return c.check(ctx, r)
	case action == protocol.ActionHeartbeat:
		return c.heartbeat(ctx, r)
	case action == protocol.ActionRelease:
		return c.release(ctx, r)
	case r.Guard && action == protocol.ActionDelete:
		return c.guard(ctx, r)
	case r.Guard && (action == protocol.ActionCreate || action == protocol.ActionUpdate):
		return &protocol.ConnectResult{OK: true}, nil
	case action == protocol.ActionCreate, action == protocol.ActionUpdate:
		return c.connect(ctx, r)
	case action == protocol.ActionDelete:
		return c.disconnect(ctx, r)
	}
	return nil, fmt.Errorf("the connect function does not know the action %q; it is %s, %s or %s, or the Invocation resource's %s, %s or %s in tf.action",
		action, protocol.ActionCheck, protocol.ActionHeartbeat, protocol.ActionRelease, protocol.ActionCreate, protocol.ActionUpdate, protocol.ActionDelete)
}

// actionOf is the action of a request.
func actionOf(r protocol.ConnectRequest) string {
	if r.Action == "" && r.Lifecycle != nil {
		return r.Lifecycle.Action
	}
	return r.Action
}

// connect connects a revision.
func (c *Connect) connect(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	if problems := validate(r, true); len(problems) > 0 {
		return &protocol.ConnectResult{Problems: problems}, c.countAttempt(ctx, r.Plugin)
	}
	packed, err := registry.Pack(r.Fragment)
	if err != nil {
		problem := registry.Problem(protocol.CodeInvalidSchema, "%v", err)
		return &protocol.ConnectResult{Problems: []protocol.Problem{problem}}, c.countAttempt(ctx, r.Plugin)
	}
	if err := c.countAttempt(ctx, r.Plugin); err != nil {
		return nil, err
	}
	request := c.request(ctx, registry.TypeConnect)
	request.Connect = &registry.Connect{
		Plugin: r.Plugin, Version: r.Version, Stack: r.Stack, Hash: r.Hash, Nonce: r.Nonce,
		Fragment: packed, ExtensionPoints: r.ExtensionPoints,
		HeartbeatMinutes: r.HeartbeatMinutes, Topics: r.Topics, Subscriptions: r.Subscriptions, UIBundleURL: r.UIBundleURL,
	}
	outcome, err := c.ask(ctx, request)
	if err != nil {
		return nil, err
	}
	result := &protocol.ConnectResult{OK: outcome.OK, Problems: outcome.Problems, Connected: outcome.OK, Nonce: r.Nonce, Notices: outcome.Notices}
	if !outcome.OK {
		return result, nil
	}
	row, err := c.Store.Row(ctx, r.Plugin)
	result.Hash, result.Status = r.Hash, row.Shown().Status
	return result, err
}

// countAttempt makes the next nonce differ from this request's, whatever becomes of it.
func (c *Connect) countAttempt(ctx context.Context, plugin string) error {
	if !validName(plugin) {
		return nil
	}
	return c.Store.CountAttempt(ctx, plugin)
}

// disconnect takes a revision away. A stale one is fine and changes nothing.
func (c *Connect) disconnect(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	if !validName(r.Plugin) || r.Hash == "" {
		// Such a request can never have connected anything.
		return &protocol.ConnectResult{OK: true}, nil
	}
	request := c.request(ctx, registry.TypeDisconnect)
	request.Disconnect = &registry.Disconnect{Plugin: r.Plugin, Stack: r.Stack, Hash: r.Hash}
	outcome, err := c.ask(ctx, request)
	if err != nil {
		return nil, err
	}
	if !outcome.OK {
		return nil, fmt.Errorf("plugin %q cannot be disconnected: %w", r.Plugin, errors.New(registry.Texts(outcome.Problems)))
	}
	return &protocol.ConnectResult{OK: true}, nil
}

// request begins a request to the registry.
func (c *Connect) request(ctx context.Context, kind string) registry.Request {
	id := uuid.NewString()
	if lambda, ok := lambdacontext.FromContext(ctx); ok && lambda.AwsRequestID != "" {
		// An invocation that Lambda runs twice has one id, and so one outcome.
		id = lambda.AwsRequestID
	}
	return registry.Request{ID: id, Type: kind, Time: c.now()}
}
