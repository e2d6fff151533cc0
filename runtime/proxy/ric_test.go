package proxy_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/proxy"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// startRIC starts AWS's own Python client with a handler of testdata/ric.
func startRIC(t *testing.T, handler string, env ...string) *child {
	t.Helper()
	python := venvPython(t)
	out, err := exec.Command(python, "-c", "import awslambdaric").CombinedOutput()
	require.NoError(t, err, "AWS's Python runtime interface client is missing in .venv; run: make tools\n%s", out)
	folder, err := filepath.Abs("testdata/ric")
	require.NoError(t, err)
	env = append(env, "PYTHONPATH="+folder, "PYTHONDONTWRITEBYTECODE=1")
	return start(t, []string{python, "-m", "awslambdaric", handler}, env...)
}

// invocation is the context that aws-lambda-go makes for an invocation.
func invocation(t *testing.T, limit time.Duration) context.Context {
	//lint:ignore SA1029 aws-lambda-go uses a plain string as the key
	ctx := context.WithValue(within(t, limit), "x-amzn-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1")
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
		InvokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:orders",
		Identity:           lambdacontext.CognitoIdentity{CognitoIdentityID: "id-1", CognitoIdentityPoolID: "pool-1"},
		ClientContext:      lambdacontext.ClientContext{Custom: map[string]string{"tenant": "blau"}},
	})
}

func TestPythonRuntimeInterfaceClient(t *testing.T) {
	t.Parallel()
	c := startRIC(t, "app.handler")
	require.NoError(t, c.Ready(within(t, 30*time.Second)))

	first := inspect(t, c, "„ü“ 🚲")
	assert.Equal(t, "„ü“ 🚲", first["value"])
	assert.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:function:orders", first["arn"])
	assert.Equal(t, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1", first["trace"])
	assert.Equal(t, map[string]any{"tenant": "blau"}, first["custom"])
	assert.Equal(t, "id-1", first["identity"])
	assert.InDelta(t, 20_000, first["remaining"], 5_000)
	second := inspect(t, c, "again")
	assert.NotEqual(t, first["requestId"], second["requestId"], "every turn has an id of its own")
	assert.Contains(t, second["requestId"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd")

	f := c.failure(t, 30*time.Second, `{"do":"raise"}`)
	assert.Equal(t, turn.Threw, f.Kind)
	assert.Equal(t, "ValueError", f.Type)
	assert.Equal(t, "unknown product „x“", f.Message)
	require.NotEmpty(t, f.Stack)
	assert.Contains(t, f.Stack[0], "app.py")

	assert.Equal(t, turn.Exited, c.failure(t, 30*time.Second, `{"do":"exit"}`).Kind)
	assert.Equal(t, turn.InvalidAnswer, c.failure(t, 30*time.Second, `{"do":"big","bytes":6300000}`).Kind)
	inspect(t, c, "restarted")
	assert.Equal(t, turn.TimedOut, c.failure(t, 500*time.Millisecond, `{"do":"sleep","seconds":20}`).Kind)
	inspect(t, c, "restarted again")
}

func inspect(t *testing.T, c *child, value string) map[string]any {
	t.Helper()
	event, _ := json.Marshal(map[string]string{"do": "inspect", "value": value})
	answer, err := c.Invoke(invocation(t, 20*time.Second), event)
	require.NoError(t, err)
	var seen map[string]any
	require.NoError(t, json.Unmarshal(answer, &seen))
	require.Equal(t, value, seen["value"])
	return seen
}

func TestSnapStart(t *testing.T) {
	t.Parallel()
	c := startRIC(t, "app.handler", "AWS_LAMBDA_INITIALIZATION_TYPE=snap-start")
	require.NoError(t, c.Ready(within(t, 30*time.Second)))
	inspect(t, c, "restored")
	assert.Equal(t, turn.Exited, c.failure(t, 30*time.Second, `{"do":"exit"}`).Kind)
	inspect(t, c, "replaced")
	requests := c.real.Requests()
	require.Len(t, requests, 1, "only the first runtime belongs to the snapshot")
	assert.Equal(t, "/2018-06-01/runtime/restore/next", requests[0].Path)
}

func TestPythonRuntimeInterfaceClientInitError(t *testing.T) {
	t.Parallel()
	c := startRIC(t, "broken.handler")
	err := c.Ready(within(t, 30*time.Second))
	var failed *proxy.InitError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Reported)
	assert.Equal(t, "Runtime.ImportModuleError", failed.Type)
	assert.Contains(t, failed.Message, "no_such_module")
	assert.Equal(t, 1, failed.ExitCode())
	requests := c.real.Requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "/2018-06-01/runtime/init/error", requests[0].Path)
	assert.Equal(t, "Runtime.ImportModuleError", requests[0].Header.Get("Lambda-Runtime-Function-Error-Type"))
	assert.Zero(t, c.real.Asked(), "no invocation is asked for")
}
