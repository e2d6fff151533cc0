package connect_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/admin"
	"github.com/reventless/pulumi-reventless/runtime/connect"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

const platformStack = "o/platform/alpha"

// platform is a connect function with an admin function behind its queue.
type platform struct {
	t       *testing.T
	clock   *schemapushtest.Clock
	db      *eventlogtest.DynamoDB
	api     *schemapushtest.AppSync
	admin   *admin.Admin
	connect *connect.Connect

	mu sync.Mutex
	// down makes messages wait in the queue.
	down    bool
	sendErr error
	waiting []events.SQSMessage
	dedup   []string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{t: t, clock: schemapushtest.NewClock()}
	p.db = eventlogtest.New(eventlogtest.Table{Name: "log", Log: true}, eventlogtest.Table{Name: "plugins"}, eventlogtest.Table{Name: "liveness"})
	p.api = schemapushtest.New(p.clock)
	logger := slog.New(slog.DiscardHandler)
	store, rules, modes := registry.NewStore(p.db, "log", "plugins", "liveness"), registry.Rules{PlatformStack: platformStack}, []string{"API_KEY"}
	p.admin = admin.New(admin.Config{
		Store: store, API: schemapush.New(p.api, "api", p.clock, logger), Queue: p, Rules: rules, Modes: modes,
		RegistryQueueURL: "https://sqs/registry.fifo", SweepQueueURL: "sweep", Clock: p.clock, Logger: logger,
	})
	p.connect = connect.New(connect.Config{
		Store: store, Queue: p, Rules: rules, Modes: modes, RegistryQueueURL: "https://sqs/registry.fifo", Clock: p.clock, Logger: logger,
	})
	return p
}

// SendMessage hands the message to the admin function at once.
func (p *platform) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sendErr != nil {
		return nil, p.sendErr
	}
	p.dedup = append(p.dedup, *in.MessageDeduplicationId)
	p.waiting = append(p.waiting, events.SQSMessage{MessageId: *in.MessageDeduplicationId, Body: *in.MessageBody, EventSourceARN: "arn:aws:sqs:r:1:registry.fifo"})
	if !p.down {
		p.work()
	}
	return &sqs.SendMessageOutput{}, nil
}

// ChangeMessageVisibilityBatch is never needed here.
func (p *platform) ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return nil, errors.New("a message was handed back")
}

// work lets the admin function handle what waits.
func (p *platform) work() {
	payload, err := json.Marshal(events.SQSEvent{Records: p.waiting})
	require.NoError(p.t, err)
	answer, err := p.admin.Handle(context.Background(), payload)
	require.NoError(p.t, err)
	require.JSONEq(p.t, `{"batchItemFailures":[]}`, string(answer))
	p.waiting = nil
}

// invoke calls the connect function as Lambda does.
func (p *platform) invoke(r protocol.ConnectRequest) (protocol.ConnectResult, error) {
	p.t.Helper()
	payload, err := json.Marshal(r)
	require.NoError(p.t, err)
	answer, err := p.connect.Handle(context.Background(), payload)
	if err != nil {
		return protocol.ConnectResult{}, err
	}
	var result protocol.ConnectResult
	require.NoError(p.t, json.Unmarshal(answer, &result))
	return result, nil
}

func (p *platform) must(r protocol.ConnectRequest) protocol.ConnectResult {
	p.t.Helper()
	result, err := p.invoke(r)
	require.NoError(p.t, err)
	return result
}

// revision is a request about a revision of a plugin.
func revision(plugin, hash, sdl string) protocol.ConnectRequest {
	return protocol.ConnectRequest{Plugin: plugin, Version: "1.0.0", Stack: "o/" + plugin + "/alpha", Hash: hash, Fragment: sdl}
}

func checking(r protocol.ConnectRequest, applying bool) protocol.ConnectRequest {
	r.Action, r.Applying = protocol.ActionCheck, applying
	return r
}

func lifecycle(r protocol.ConnectRequest, action string) protocol.ConnectRequest {
	r.Lifecycle = &protocol.Lifecycle{Action: action}
	return r
}

// deploy does what a preview and an update of a plugin's stack do. It returns the
// nonce and what the connect function answered to the Invocation resource, nil if the
// resource's input was the same as in its state.
func (p *platform) deploy(r protocol.ConnectRequest, state string) (string, *protocol.ConnectResult) {
	p.t.Helper()
	preview := p.must(checking(r, false))
	update := p.must(checking(r, true))
	assert.Equal(p.t, preview, update, "a preview and the update after it agree")
	r.Nonce = update.Nonce
	if r.Hash+r.Nonce == state {
		return state, nil
	}
	result := p.must(lifecycle(r, protocol.ActionUpdate))
	return r.Hash + r.Nonce, &result
}

func TestDeployments(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	catalog := revision("catalog", "h1", "type Query { a: Int }")
	state, result := p.deploy(catalog, "")
	require.NotNil(t, result)
	assert.True(t, result.OK)
	assert.True(t, result.Connected)
	assert.Equal(t, "h1", result.Hash)
	same, result := p.deploy(catalog, state)
	assert.Nil(t, result, "an unchanged deployment changes nothing")
	assert.Equal(t, state, same)

	catalog2 := revision("catalog", "h2", "type Query { a: Int b: Int }")
	state, result = p.deploy(catalog2, state)
	require.NotNil(t, result)
	assert.True(t, result.OK)

	// Somebody takes the plugin away behind the stack's back.
	p.must(lifecycle(catalog2, protocol.ActionDelete))
	again, result := p.deploy(catalog2, state)
	require.NotNil(t, result, "the next deployment connects again")
	assert.True(t, result.OK)
	assert.NotEqual(t, state, again)
}

func TestRefusedDeploymentIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	catalog, _ := p.deploy(revision("catalog", "h1", "type Query { a: Int }"), "")
	require.NotEmpty(t, catalog)
	rival := revision("rival", "r1", "type Query { a: Int }")
	checked := p.must(checking(rival, false))
	assert.False(t, checked.OK, "a conflict shows in the preview")
	assert.Equal(t, protocol.CodeFieldConflict, checked.Problems[0].Code)
	assert.Contains(t, checked.Problems[0].Message, "catalog")
	assert.Equal(t, []string{"catalog"}, checked.Plugins)

	state, result := p.deploy(rival, "")
	require.NotNil(t, result)
	assert.False(t, result.OK)
	assert.False(t, result.Connected)
	assert.Equal(t, protocol.CodeFieldConflict, result.Problems[0].Code)
	p.must(lifecycle(revision("catalog", "h1", ""), protocol.ActionDelete))
	_, result = p.deploy(rival, state)
	require.NotNil(t, result, "the stored refusal does not stick")
	assert.True(t, result.OK)
}

func TestFailedUpdateIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	catalog := revision("catalog", "h1", "type Query { a: Int }")
	catalog.Nonce = p.must(checking(catalog, true)).Nonce
	p.sendErr = errors.New("SQS is away")
	_, err := p.invoke(lifecycle(catalog, protocol.ActionUpdate))
	require.ErrorContains(t, err, "SQS is away")
	p.sendErr = nil
	_, result := p.deploy(catalog, catalog.Hash+catalog.Nonce)
	require.NotNil(t, result, "Pulumi stored the failed update as applied, but the nonce is another one now")
	assert.True(t, result.OK)

	// The function may not even have been called.
	ordering := revision("ordering", "o1", "type Query { b: Int }")
	ordering.Nonce = p.must(checking(ordering, true)).Nonce
	_, result = p.deploy(ordering, ordering.Hash+ordering.Nonce)
	require.NotNil(t, result)
}

func TestNoOutcome(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.down = true
	p.clock.End = p.clock.Now().Add(time.Minute)
	_, err := p.invoke(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
	for _, want := range []string{"catalog", "admin function", "dead-letter queue", "https://sqs/registry.fifo", "run the deployment again"} {
		require.ErrorContains(t, err, want)
	}
	p.clock.End = time.Time{}
	p.work()
	assert.True(t, p.must(checking(revision("catalog", "h1", "type Query { a: Int }"), false)).Connected, "the request was not lost")
}

func TestRepeatedInvocations(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	catalog := lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate)
	catalog.Nonce = "1"
	p.must(catalog)
	assert.True(t, p.must(catalog).OK)
	assert.Len(t, p.db.Items("log"), 1)
	assert.NotEqual(t, p.dedup[0], p.dedup[1], "a resumed deployment is not swallowed by deduplication")

	payload, err := json.Marshal(catalog)
	require.NoError(t, err)
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	_, err = p.connect.Handle(ctx, payload)
	require.NoError(t, err)
	assert.Equal(t, "invocation-1", p.dedup[2])
}

func TestDelete(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first, second := revision("catalog", "h1", "type Query { a: Int }"), revision("catalog", "h2", "type Query { b: Int }")
	p.must(lifecycle(first, protocol.ActionCreate))
	p.must(lifecycle(second, protocol.ActionUpdate))
	p.api.Attach("Query.b")
	assert.True(t, p.must(lifecycle(first, protocol.ActionDelete)).OK, "stale")
	assert.True(t, p.must(checking(second, false)).Connected)
	other := second
	other.Stack = "o/other/alpha"
	assert.True(t, p.must(lifecycle(other, protocol.ActionDelete)).OK, "refused stack")
	assert.True(t, p.must(checking(second, false)).Connected)
	assert.True(t, p.must(lifecycle(second, protocol.ActionDelete)).OK)
	assert.False(t, p.must(checking(second, false)).Connected)
	p.api.Detach("Query.b")
	p.must(lifecycle(second, protocol.ActionCreate))
	assert.True(t, p.must(lifecycle(first, protocol.ActionDelete)).OK, "the stack is gone, although its state has another revision")
	assert.False(t, p.must(checking(second, false)).Connected)
	assert.True(t, p.must(lifecycle(protocol.ConnectRequest{}, protocol.ActionDelete)).OK, "what was never valid can always be destroyed")
}

func TestNameTaken(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.must(lifecycle(revision("catalog", "h1", "type Query { a: Int }"), protocol.ActionCreate))
	rival := revision("catalog", "h1", "type Query { a: Int }")
	rival.Stack = "o/rival/alpha"
	checked := p.must(checking(rival, false))
	assert.False(t, checked.OK)
	assert.False(t, checked.Connected)
	assert.Equal(t, protocol.CodeNameTaken, checked.Problems[0].Code)
	result := p.must(lifecycle(rival, protocol.ActionCreate))
	assert.Contains(t, result.Problems[0].Message, "o/catalog/alpha")
	impostor := revision("Platform", "x", "type Query { x: Int }")
	assert.Equal(t, protocol.CodeNameTaken, p.must(lifecycle(impostor, protocol.ActionCreate)).Problems[0].Code)
}

func TestValidation(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	bad := protocol.ConnectRequest{Plugin: "_x", Fragment: "type Query { a: Nope b: Nada }"}
	for name, request := range map[string]protocol.ConnectRequest{
		"check": checking(bad, true), "create": lifecycle(bad, protocol.ActionCreate),
	} {
		result := p.must(request)
		assert.False(t, result.OK, name)
		texts := registry.Texts(result.Problems)
		for _, want := range []string{`plugin is "_x"`, "stack is empty", "version is empty", "Nope", "Nada"} {
			assert.Contains(t, texts, want, name)
		}
	}
	assert.Empty(t, p.dedup, "nothing was sent")
	assert.Empty(t, p.db.Items("plugins"))

	_, err := p.invoke(protocol.ConnectRequest{Action: "praise"})
	require.ErrorContains(t, err, `"praise"`)
	_, err = p.connect.Handle(context.Background(), json.RawMessage(`[]`))
	require.ErrorContains(t, err, "not a connect request")
}

func TestGuard(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	guard := protocol.ConnectRequest{Guard: true, Stack: platformStack}
	own := revision("monolith", "m1", "type Query { m: Int }")
	own.Stack = platformStack
	foreign := revision("catalog", "h1", "type Query { a: Int }")
	admin := revision("Platform", "p1", "type Query { platform: Int }")
	admin.Stack = platformStack
	for _, r := range []protocol.ConnectRequest{own, foreign, admin} {
		require.True(t, p.must(lifecycle(r, protocol.ActionCreate)).OK)
	}
	for _, action := range []string{protocol.ActionCreate, protocol.ActionUpdate} {
		assert.True(t, p.must(lifecycle(guard, action)).OK)
	}
	assert.Equal(t, []string{"catalog", "monolith"}, p.must(checking(guard, false)).Plugins)

	before := p.clock.Now()
	_, err := p.invoke(lifecycle(guard, protocol.ActionDelete))
	require.ErrorContains(t, err, protocol.CodeStillConnected)
	require.ErrorContains(t, err, "catalog (stack o/catalog/alpha)")
	assert.Equal(t, before, p.clock.Now(), "refused at once")
	p.must(lifecycle(foreign, protocol.ActionDelete))

	p.clock.End = p.clock.Now().Add(30 * time.Second)
	_, err = p.invoke(lifecycle(guard, protocol.ActionDelete))
	require.ErrorContains(t, err, "monolith")
	assert.Greater(t, p.clock.Now().Sub(before), 20*time.Second, "it waits for plugins of its own stack")
	p.clock.End = time.Time{}
	done := make(chan error, 1)
	go func() {
		_, err := p.invoke(lifecycle(guard, protocol.ActionDelete))
		done <- err
	}()
	p.must(lifecycle(own, protocol.ActionDelete))
	require.NoError(t, <-done)
}

func TestParallelConnects(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	var group sync.WaitGroup
	for _, name := range strings.Fields("a b c d e f g h") {
		group.Go(func() {
			r := revision(name, "h", "type Query { "+name+": Int }")
			r.Nonce = p.must(checking(r, true)).Nonce
			assert.True(t, p.must(lifecycle(r, protocol.ActionCreate)).OK)
		})
	}
	group.Wait()
	assert.Len(t, p.must(checking(protocol.ConnectRequest{Guard: true}, false)).Plugins, 8)
}

func TestEnvironment(t *testing.T) {
	_, err := connect.FromEnvironment(context.Background())
	for _, name := range []string{registry.EnvPluginLogTable, registry.EnvPluginsTable, registry.EnvRegistryQueueURL, registry.EnvAuthenticationModes} {
		require.ErrorContains(t, err, name)
		t.Setenv(name, "x")
	}
	_, err = admin.FromEnvironment(context.Background())
	for _, name := range []string{registry.EnvSweepQueueURL, registry.EnvAPIID} {
		require.ErrorContains(t, err, name)
		t.Setenv(name, "x")
	}
	t.Setenv("AWS_REGION", "eu-central-1")
	_, err = connect.FromEnvironment(context.Background())
	require.NoError(t, err)
	_, err = admin.FromEnvironment(context.Background())
	require.NoError(t, err)
}
