package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/proxy/proxytest"
)

// envMain makes the test binary be the engine's binary.
const envMain = "REVENTLESS_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(envMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is the engine's binary, running.
type process struct {
	*exec.Cmd
	api    *proxytest.API
	output *bytes.Buffer // complete after wait
	ended  chan struct{}
}

// launch starts the binary on a Runtime API of its own.
func launch(t *testing.T, arguments []string, env ...string) *process {
	t.Helper()
	api, err := proxytest.Start()
	require.NoError(t, err)
	p := &process{api: api, output: &bytes.Buffer{}, ended: make(chan struct{}), Cmd: exec.Command(os.Args[0], arguments...)}
	p.Env = append(os.Environ(), envMain+"=1", "AWS_LAMBDA_RUNTIME_API="+api.Address(),
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	p.Env = append(p.Env, env...)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	p.Stdout, p.Stderr = write, write
	require.NoError(t, p.Start())
	require.NoError(t, write.Close())
	go func() {
		defer close(p.ended)
		_, _ = io.Copy(p.output, read)
		_ = p.Cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
		api.Close()
		if t.Failed() {
			t.Log(p.output)
		}
	})
	return p
}

// status waits for the process's end.
func (p *process) status(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		require.Fail(t, "the process did not end")
	}
	return p.ProcessState.ExitCode()
}

// wrapper starts the binary as the exec wrapper of the Node.js runtime in testdata,
// as a commands function whose event log takes everything.
func wrapper(t *testing.T, env ...string) (*process, *tables) {
	t.Helper()
	node, err := exec.LookPath("node")
	require.NoError(t, err, "these tests need Node.js on the PATH")
	dynamo := &tables{}
	server := httptest.NewServer(dynamo)
	t.Cleanup(server.Close)
	path, err := filepath.Abs("testdata/plugin.json")
	require.NoError(t, err)
	return launch(t, []string{node, "testdata/runtime.mjs"}, append(env,
		definition.EnvFunction+"="+definition.FunctionCommands, definition.EnvDefinition+"="+path,
		"AWS_ENDPOINT_URL="+server.URL)...), dynamo
}

// tables is a DynamoDB with empty tables that keeps the requests.
type tables struct {
	mu       sync.Mutex
	requests []string
	items    []string
}

func (d *tables) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	d.mu.Lock()
	d.requests = append(d.requests, operation)
	if operation == "PutItem" {
		d.items = append(d.items, string(body))
	}
	d.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = io.WriteString(w, `{"Items":[],"Count":0,"ScannedCount":0}`)
}

// mutate runs one mutation. The name decides what the handler does.
func (p *process) mutate(t *testing.T, name string, limit time.Duration) (failed bool, answer map[string]any) {
	t.Helper()
	payload, _ := json.Marshal(map[string]any{"field": "Catalog_createProduct", "arguments": map[string]string{"id": "p-1", "name": name}})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	posted, err := p.api.Invoke(ctx, proxytest.Invocation{Payload: payload, Timeout: limit})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(posted.Body, &answer), "%s", posted.Body)
	return posted.Failed, answer
}

func TestWrapperServesMutations(t *testing.T) {
	t.Parallel()
	p, dynamo := wrapper(t)
	failed, answer := p.mutate(t, "„Fahrrad“ 🚲", 10*time.Second)
	assert.False(t, failed)
	assert.Equal(t, "ACCEPTED", answer["status"], answer)
	assert.Equal(t, "p-1", answer["id"])
	assert.Equal(t, []string{"Query", "PutItem"}, dynamo.requests)
	require.Len(t, dynamo.items, 1)
	assert.Contains(t, dynamo.items[0], "ProductCreated")

	_, answer = p.mutate(t, "refuse", 10*time.Second)
	assert.Equal(t, "REJECTED", answer["status"])
	assert.Equal(t, "NameTaken", answer["code"])
}

func TestWrapperAnswersWhateverTheHandlerDoes(t *testing.T) {
	t.Parallel()
	p, _ := wrapper(t)
	cases := []struct {
		name, wantType, wantMessage string
		limit                       time.Duration
	}{
		{"throw", "HandlerError", "no price", 10 * time.Second},
		{"exit", "HandlerExited", "exit status 9", 10 * time.Second},
		{"spin", "HandlerTimeout", "did not answer within", time.Second},
	}
	for _, tc := range cases {
		failed, answer := p.mutate(t, tc.name, tc.limit)
		assert.False(t, failed, tc.name)
		failure, _ := answer["__error"].(map[string]any)
		assert.Equal(t, tc.wantType, failure["type"], tc.name)
		assert.Contains(t, failure["message"], tc.wantMessage, tc.name)
		failed, answer = p.mutate(t, "after "+tc.name, 10*time.Second)
		assert.False(t, failed, tc.name)
		assert.Equal(t, "ACCEPTED", answer["status"], tc.name)
	}
	assert.Empty(t, p.api.Requests(), "Lambda hears of no init error")
}

func TestWrapperAsksForWorkOnlyWhenTheRuntimeIsReady(t *testing.T) {
	t.Parallel()
	p, _ := wrapper(t, "TEST_INIT=slow")
	time.Sleep(300 * time.Millisecond)
	assert.Zero(t, p.api.Asked())
	_, answer := p.mutate(t, "x", 10*time.Second)
	assert.Equal(t, "ACCEPTED", answer["status"])
}

func TestWrapperEndsAsItsRuntimeDoes(t *testing.T) {
	t.Parallel()
	p, _ := wrapper(t, "TEST_INIT=exit")
	assert.Equal(t, 42, p.status(t))
	assert.Zero(t, p.api.Asked())

	p, _ = wrapper(t)
	require.NoError(t, p.api.WaitFirst(t.Context()))
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 7, p.status(t))
}

func TestFunctionsThatCannotStart(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		function, env string
		arguments     []string
		want          string
	}{
		"unknown":               {"tea", "", nil, `REVENTLESS_FUNCTION is "tea", not one of the functions without a handler: admin, connect, feeds, relay`},
		"not set":               {"", "", nil, `REVENTLESS_FUNCTION is ""`},
		"handler missing":       {"commands", "", nil, "AWS_LAMBDA_EXEC_WRAPPER=/opt/reventless/engine"},
		"handler too much":      {"admin", "", []string{"sleep", "60"}, `REVENTLESS_FUNCTION is "admin", but a function that runs a handler is one of: commands`},
		"no definition":         {"commands", "REVENTLESS_DEFINITION=/no/plugin.json", []string{"sleep", "60"}, "/no/plugin.json"},
		"no such program":       {"commands", "", []string{"/no/such/program"}, "/no/such/program"},
		"relay, no definition":  {"relay", "REVENTLESS_DEFINITION=/no/plugin.json", nil, "/no/plugin.json"},
		"feeds, no definition":  {"feeds", "REVENTLESS_DEFINITION=/no/plugin.json", nil, "/no/plugin.json"},
		"query handler missing": {"queries", "", nil, "AWS_LAMBDA_EXEC_WRAPPER=/opt/reventless/engine"},
		"admin, no settings":    {"admin", "", nil, "REVENTLESS_"},
		"connect, no settings":  {"connect", "", nil, "REVENTLESS_"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launch(t, tc.arguments, definition.EnvFunction+"="+tc.function, tc.env)
			assert.Equal(t, 1, p.status(t))
			assert.Contains(t, p.output.String(), tc.want)
			requests := p.api.Requests()
			require.Len(t, requests, 1)
			assert.Equal(t, "/2018-06-01/runtime/init/error", requests[0].Path)
			assert.Equal(t, "Reventless.InitError", requests[0].Header.Get("Lambda-Runtime-Function-Error-Type"))
			var body struct{ ErrorType, ErrorMessage string }
			require.NoError(t, json.Unmarshal(requests[0].Body, &body))
			assert.Contains(t, body.ErrorMessage, tc.want)
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, definition.EnvFunction+"=version")
	assert.Equal(t, 0, p.status(t))
	assert.Equal(t, "development\n", p.output.String())
}

func TestOutsideLambda(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, definition.EnvFunction+"=", "AWS_LAMBDA_RUNTIME_API=")
	assert.Equal(t, 1, p.status(t))
	assert.Contains(t, p.output.String(), "AWS_LAMBDA_RUNTIME_API is not set")
}
