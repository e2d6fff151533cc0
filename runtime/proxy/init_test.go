package proxy_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/proxy"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestInitErrorIsForwardedAsItIs(t *testing.T) {
	t.Parallel()
	for language, command := range runtimes(t) {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			c := start(t, command, "TEST_INIT=error")
			var failed *proxy.InitError
			require.ErrorAs(t, c.Ready(within(t, 30*time.Second)), &failed)
			assert.True(t, failed.Reported)
			assert.Equal(t, "Runtime.ImportModuleError", failed.Type)
			assert.Equal(t, map[string]int{"node": 129, "python": 1}[language], failed.ExitCode())
			requests := c.real.Requests()
			require.Len(t, requests, 1)
			assert.Equal(t, "/2018-06-01/runtime/init/error", requests[0].Path)
			assert.Equal(t, `{"errorType":"Runtime.ImportModuleError", "errorMessage":"Cannot find module", "stackTrace":["a","b"]}`,
				string(requests[0].Body))
			assert.Equal(t, "Runtime.ImportModuleError", requests[0].Header.Get("Lambda-Runtime-Function-Error-Type"))
			assert.Equal(t, "application/vnd.aws.lambda.error+json", requests[0].Header.Get("Content-Type"))
			assert.Eventually(t, func() bool { return strings.Contains(c.stdout.String(), "202") },
				5*time.Second, 10*time.Millisecond, "the runtime sees the real API's answer")
		})
	}
}

func TestExitDuringInit(t *testing.T) {
	t.Parallel()
	for language, command := range runtimes(t) {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			c := start(t, command, "TEST_INIT=exit")
			var failed *proxy.InitError
			require.ErrorAs(t, c.Ready(within(t, 30*time.Second)), &failed)
			assert.False(t, failed.Reported)
			assert.Equal(t, 3, failed.ExitCode())
			assert.Contains(t, failed.Message, "exit status 3")
			assert.Empty(t, c.real.Requests())
		})
	}
}

func TestReplacementThatCannotInitialise(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "started")
	c := start(t, runtimes(t)["node"], "TEST_INIT=once", "TEST_MARK="+mark)
	require.NoError(t, c.Ready(within(t, 30*time.Second)))
	assert.Equal(t, turn.Exited, c.failure(t, 30*time.Second, `{"do":"exit","code":0}`).Kind)
	f := c.failure(t, 30*time.Second, `{"do":"echo","value":""}`)
	assert.Equal(t, turn.Exited, f.Kind)
	assert.Equal(t, "Runtime.Broken", f.Type)
	assert.Contains(t, f.Message, "could not initialise again after it had ended: second start")
	assert.Empty(t, c.real.Requests(), "Lambda is past this function's initialisation and must not hear of it")
	require.NoError(t, os.Remove(mark))
	c.echo(t, "third start")
}

func TestReplacementMayInitialiseLongerThanOneTurn(t *testing.T) {
	t.Parallel()
	c := start(t, runtimes(t)["node"], "TEST_INIT=slow", "TEST_SLOW=1500")
	require.NoError(t, c.Ready(within(t, 30*time.Second)))
	c.failure(t, 30*time.Second, `{"do":"exit","code":0}`)
	f := c.failure(t, 300*time.Millisecond, `{"do":"echo","value":"1"}`)
	assert.Equal(t, turn.TimedOut, f.Kind)
	assert.Contains(t, f.Message, "still initialising")
	c.echo(t, "2")
	starts := func() int { return strings.Count(c.stdout.String(), "initialising") }
	require.Eventually(t, func() bool { return starts() >= 2 }, 5*time.Second, 10*time.Millisecond)
	assert.Equal(t, 2, starts(), "the replacement went on initialising in between, no other was started")
}

func TestReadyWaitsForTheFirstRequest(t *testing.T) {
	t.Parallel()
	c := start(t, []string{"sleep", "60"})
	err := c.Ready(within(t, 50*time.Millisecond))
	require.ErrorContains(t, err, "waiting for the language runtime's first request")
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		options proxy.Options
		want    string
	}{
		"no command":      {proxy.Options{RuntimeAPI: "127.0.0.1:1"}, "no command"},
		"no real API":     {proxy.Options{Command: []string{"sleep", "60"}}, "AWS_LAMBDA_RUNTIME_API"},
		"no such program": {proxy.Options{RuntimeAPI: "127.0.0.1:1", Command: []string{"/no/such/program"}}, `"/no/such/program"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := proxy.Start(t.Context(), tc.options)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// address waits until a runtime that is only a shell has written down where its
// private Runtime API is, so that a test can play the runtime itself.
func address(t *testing.T, c *child) string {
	t.Helper()
	require.Eventually(t, func() bool { return strings.HasSuffix(c.stdout.String(), "\n") }, 10*time.Second, time.Millisecond)
	return "http://" + strings.TrimSpace(c.stdout.String())
}

// shell is a runtime that does nothing but say where its private Runtime API is.
var shell = []string{"sh", "-c", `echo "$AWS_LAMBDA_RUNTIME_API"; exec sleep 60`}

// do sends one request and gives status, header and body.
func do(t *testing.T, method, url, body string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(text)
}
