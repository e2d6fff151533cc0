package runtime

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// envBootstrap makes the test binary be a plugin's bootstrap.
const envBootstrap = "TEST_BOOTSTRAP"

func TestMain(m *testing.M) {
	if os.Getenv(envBootstrap) != "" {
		Start(bootstrapHandler)
	}
	os.Exit(m.Run())
}

// bootstrapHandler does what the id says.
func bootstrapHandler(_ context.Context, t turn.Turn) (turn.Answer, error) {
	switch t.ID {
	case "panics":
		panic("oops")
	case "hangs":
		select {}
	}
	return turn.Answer{Events: []turn.Event{{Type: "Added", Data: t.Command.Data}}}, nil
}

// cloud is a Lambda Runtime API and a DynamoDB that knows nothing and takes everything.
type cloud struct {
	*httptest.Server
	mu        sync.Mutex
	payloads  []string
	answers   []string
	finished  chan struct{}
	timeLimit time.Duration
}

// newCloud serves the payloads as invocations, one after the other.
func newCloud(t *testing.T, payloads ...string) *cloud {
	c := &cloud{payloads: payloads, finished: make(chan struct{}), timeLimit: 10 * time.Second}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/invocation/next") && len(c.payloads) == 0:
		close(c.finished)
		w.WriteHeader(http.StatusGone)
	case strings.HasSuffix(r.URL.Path, "/invocation/next"):
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(c.timeLimit).UnixMilli(), 10))
		_, _ = io.WriteString(w, c.payloads[0])
		c.payloads = c.payloads[1:]
	case strings.Contains(r.URL.Path, "/runtime/invocation/"):
		c.answers = append(c.answers, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]+" "+string(body))
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	}
}

// run runs the bootstrap until it ends and returns its log.
func (c *cloud) run(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plugin.json")
	encoded, err := json.Marshal(definition.Definition{
		FormatVersion: definition.FormatVersion, Plugin: "catalog",
		Aggregates: map[string]definition.Aggregate{"Product": {Table: "log", IDArgument: "id", Commands: map[string]string{"addProduct": "AddProduct"}}},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	bootstrap := exec.CommandContext(ctx, os.Args[0])
	bootstrap.Env = []string{
		envBootstrap + "=1", definition.EnvFunction + "=" + definition.FunctionCommands, definition.EnvDefinition + "=" + path,
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(c.URL, "http://"), "AWS_ENDPOINT_URL=" + c.URL, "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "HOME=" + t.TempDir(),
	}
	log, err := bootstrap.CombinedOutput()
	require.Error(t, err, "the bootstrap ends when there are no more invocations")
	require.NoError(t, ctx.Err(), string(log))
	return string(log)
}

func TestStartServesInvocations(t *testing.T) {
	t.Parallel()
	c := newCloud(t,
		`{"field":"addProduct","arguments":{"id":"panics"},"identity":null}`,
		`{"field":"addProduct","arguments":{"id":"p1","commandId":"c1"},"identity":null}`)
	log := c.run(t)
	require.Len(t, c.answers, 2, log)
	assert.Contains(t, c.answers[0], `response {"__error":{"type":"HandlerError","message":"panic: oops"`)
	assert.JSONEq(t, `{"status":"ACCEPTED","id":"p1","version":1,"commandId":"c1","correlationId":"c1"}`, strings.TrimPrefix(c.answers[1], "response "))
	assert.Contains(t, log, `"requestId":"request-1"`)
}

func TestAHangingHandlerIsAnsweredAndCostsItsTurnOnly(t *testing.T) {
	t.Parallel()
	queued := func(id string) string {
		body := `{\"component\":\"Product\",\"id\":\"` + id + `\",\"type\":\"AddProduct\",\"data\":{},\"commandId\":\"` + id + `\"}`
		return `{"messageId":"` + id + `","eventSource":"aws:sqs","attributes":{"MessageGroupId":"` + id + `"},"body":"` + body + `"}`
	}
	next := `{"field":"addProduct","arguments":{"id":"p1"},"identity":null}`
	batch := newCloud(t, `{"Records":[`+queued("p1")+`,`+queued("hangs")+`,`+queued("p2")+`]}`, next)
	batch.timeLimit = 2 * time.Second
	log := batch.run(t)
	require.Len(t, batch.answers, 2, log)
	assert.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"hangs"}]}`, strings.TrimPrefix(batch.answers[0], "response "))
	assert.Contains(t, log, "starts anew", "what hangs is gone, and Lambda sees no process end")
	assert.Contains(t, batch.answers[1], "ACCEPTED")

	field := newCloud(t, `{"field":"addProduct","arguments":{"id":"hangs"},"identity":null}`, next)
	field.timeLimit = time.Second
	log = field.run(t)
	require.Len(t, field.answers, 2, log)
	assert.Contains(t, field.answers[0], `"type":"HandlerTimeout"`)
	assert.Contains(t, field.answers[1], "ACCEPTED")
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	bootstrap := exec.CommandContext(t.Context(), os.Args[0])
	bootstrap.Env = []string{envBootstrap + "=1", definition.EnvDefinition + "=/nowhere/plugin.json"}
	log, err := bootstrap.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(log), "/nowhere/plugin.json")
}
