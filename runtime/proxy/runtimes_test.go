package proxy_test

import (
	"context"
	"encoding/json"
	"io"
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

	"github.com/reventless/pulumi-reventless/runtime/proxy"
	"github.com/reventless/pulumi-reventless/runtime/proxy/proxytest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// runtimes are the commands of the minimal language runtimes in testdata.
func runtimes(t *testing.T) map[string][]string {
	t.Helper()
	node, err := exec.LookPath("node")
	require.NoError(t, err, "these tests need Node.js on the PATH")
	return map[string][]string{
		"node":   {node, "testdata/bootstrap.mjs"},
		"python": {venvPython(t), "testdata/bootstrap.py"},
	}
}

// venvPython is the Python of the repository's virtual environment.
func venvPython(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../.venv/bin/python")
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "the repository's Python environment is missing; run: make tools")
	return path
}

// child is a started proxy with what its runtime has written.
type child struct {
	*proxy.Proxy
	real   *proxytest.API
	stdout *output
	stderr *output
}

// output collects what a process writes to a pipe.
type output struct {
	write *os.File
	done  chan struct{}
	mu    sync.Mutex
	text  strings.Builder
}

func newOutput(t *testing.T) *output {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	o := &output{write: write, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		buffer := make([]byte, 4096)
		for {
			n, err := read.Read(buffer)
			o.mu.Lock()
			o.text.Write(buffer[:n])
			o.mu.Unlock()
			if err != nil {
				_ = read.Close()
				return
			}
		}
	}()
	return o
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts a runtime behind a proxy; it ends with the test.
func start(t *testing.T, command []string, env ...string) *child {
	t.Helper()
	real, err := proxytest.Start()
	require.NoError(t, err)
	c := &child{real: real, stdout: newOutput(t), stderr: newOutput(t)}
	c.Proxy, err = proxy.Start(t.Context(), proxy.Options{
		Command: command, Env: append(os.Environ(), env...), RuntimeAPI: real.Address(),
		Stdout: c.stdout.write, Stderr: c.stderr.write, Margin: 50 * time.Millisecond,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Shutdown(expired(), syscall.SIGKILL)
		_ = c.stdout.write.Close()
		_ = c.stderr.write.Close()
		<-c.stdout.done
		<-c.stderr.done
		real.Close()
		if t.Failed() {
			t.Logf("stdout: %s\nstderr: %s", c.stdout, c.stderr)
		}
	})
	return c
}

// expired is a context that has ended.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// within is a context for one turn.
func within(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// echo runs one ordinary turn and gives the process's id.
func (c *child) echo(t *testing.T, value string) int {
	t.Helper()
	event, _ := json.Marshal(map[string]string{"do": "echo", "value": value})
	answer, err := c.Invoke(within(t, 30*time.Second), event)
	require.NoError(t, err)
	var parsed struct {
		Echo string
		PID  int
	}
	require.NoError(t, json.Unmarshal(answer, &parsed))
	require.Equal(t, value, parsed.Echo)
	return parsed.PID
}

// failure runs a turn that fails in the handler.
func (c *child) failure(t *testing.T, limit time.Duration, event string) *turn.HandlerError {
	t.Helper()
	_, err := c.Invoke(within(t, limit), []byte(event))
	var failure *turn.HandlerError
	require.ErrorAs(t, err, &failure)
	return failure
}

// TestRuntimes runs every case with every runtime.
func TestRuntimes(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*testing.T, *child){
		"turns": func(t *testing.T, c *child) {
			first := c.echo(t, "a")
			for _, value := range []string{"", "„Grüße“ 你好 🚲 \u0000", strings.Repeat("long ", 100_000)} {
				assert.Equal(t, first, c.echo(t, value), "one process serves all turns")
			}
		},
		"handler throws":            throws,
		"exit in the middle":        exits,
		"killed in the middle":      killed,
		"answer just before exit":   answersThenExits,
		"largest answer":            largest,
		"time-out of a busy loop":   timesOut,
		"late answer":               late,
		"output is passed through":  prints,
		"SIGTERM":                   terminates,
		"shutdown during a turn":    shutsDown,
		"caller gives up":           cancels,
		"time is up before it came": expires,
	}
	for language, command := range runtimes(t) {
		for name, test := range cases {
			t.Run(language+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := start(t, command)
				require.NoError(t, c.Ready(within(t, 30*time.Second)))
				test(t, c)
			})
		}
	}
}

func throws(t *testing.T, c *child) {
	f := c.failure(t, 30*time.Second, `{"do":"throw"}`)
	assert.Equal(t, turn.Threw, f.Kind)
	assert.Contains(t, []string{"TypeError", "KeyError"}, f.Type)
	assert.Contains(t, f.Message, "no such product: „Müller“")
	assert.NotEmpty(t, f.Stack)
	c.echo(t, "after")
}

func exits(t *testing.T, c *child) {
	before := c.echo(t, "before")
	f := c.failure(t, 30*time.Second, `{"do":"exit","code":5}`)
	assert.Equal(t, turn.Exited, f.Kind)
	assert.Contains(t, f.Message, "exit status 5")
	assert.NotEqual(t, before, c.echo(t, "after"), "a new process serves the next turn")
}

func killed(t *testing.T, c *child) {
	f := c.failure(t, 30*time.Second, `{"do":"kill"}`)
	assert.Equal(t, turn.Exited, f.Kind)
	assert.Contains(t, f.Message, "signal: killed")
	c.echo(t, "after")
}

func answersThenExits(t *testing.T, c *child) {
	_, err := c.Invoke(within(t, 30*time.Second), []byte(`{"do":"echo","value":"last","then":"exit"}`))
	require.NoError(t, err, "an answer counts although the process ended right behind it")
	c.echo(t, "after")
}

func largest(t *testing.T, c *child) {
	for name, bytes := range map[string]int{"within": 6 << 20, "beyond": 6<<20 + 200} {
		event, _ := json.Marshal(map[string]any{"do": "big", "bytes": bytes, "padding": strings.Repeat("p", 6<<20)})
		answer, err := c.Invoke(within(t, 30*time.Second), event)
		if name == "within" {
			require.NoError(t, err)
			assert.Len(t, answer, bytes+2)
			continue
		}
		var f *turn.HandlerError
		require.ErrorAs(t, err, &f)
		assert.Equal(t, turn.InvalidAnswer, f.Kind)
		assert.Contains(t, f.Message, "larger than Lambda allows (6291556 bytes)")
	}
	c.echo(t, "after")
}

func timesOut(t *testing.T, c *child) {
	before := c.echo(t, "before")
	began := time.Now()
	f := c.failure(t, 500*time.Millisecond, `{"do":"spin"}`)
	assert.Equal(t, turn.TimedOut, f.Kind)
	assert.Contains(t, f.Message, "450ms")
	assert.Less(t, time.Since(began), 2*time.Second)
	assert.NotEqual(t, before, c.echo(t, "after"))
}

func late(t *testing.T, c *child) {
	f := c.failure(t, 250*time.Millisecond, `{"do":"sleep","ms":300}`)
	assert.Equal(t, turn.TimedOut, f.Kind)
	answer, err := c.Invoke(within(t, 30*time.Second), []byte(`{"do":"sleep","ms":400}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"slept":400}`, string(answer), "never the answer of the turn before")
}

func prints(t *testing.T, c *child) {
	_, err := c.Invoke(within(t, 30*time.Second), []byte(`{"do":"print","out":"out ü\n","err":"err\n"}`))
	require.NoError(t, err)
	assert.Eventually(t, func() bool { return c.stdout.String() == "out ü\n" && c.stderr.String() == "err\n" },
		5*time.Second, 10*time.Millisecond)
}

func terminates(t *testing.T, c *child) {
	c.echo(t, "before")
	exit := c.Shutdown(within(t, 10*time.Second), syscall.SIGTERM)
	assert.Equal(t, proxy.Exit{Code: 7}, exit)
	_, err := c.Invoke(t.Context(), []byte(`{}`))
	require.ErrorIs(t, err, proxy.ErrClosed)
	assert.Eventually(t, func() bool { return c.stdout.String() == "terminating\n" }, 5*time.Second, 10*time.Millisecond)
}

func shutsDown(t *testing.T, c *child) {
	failed := make(chan error)
	go func() {
		_, err := c.Invoke(context.Background(), []byte(`{"do":"spin"}`))
		failed <- err
	}()
	time.Sleep(100 * time.Millisecond)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			assert.Equal(t, syscall.SIGKILL, c.Shutdown(expired(), syscall.SIGWINCH).Signal)
		})
	}
	require.Error(t, <-failed)
	all.Wait()
}

func cancels(t *testing.T, c *child) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err := c.Invoke(ctx, []byte(`{"do":"spin"}`))
	require.ErrorIs(t, err, context.Canceled)
	c.echo(t, "after")
}

func expires(t *testing.T, c *child) {
	before := c.echo(t, "before")
	f := c.failure(t, 10*time.Millisecond, `{"do":"spin"}`)
	assert.Equal(t, turn.TimedOut, f.Kind)
	assert.Equal(t, before, c.echo(t, "after"), "the handler never saw that turn")
}

// TestInheritedDescriptor pins that a descriptor which Lambda hands to the language
// runtime for its log frames (_LAMBDA_TELEMETRY_LOG_FD) reaches it through us.
func TestInheritedDescriptor(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	real, err := proxytest.Start()
	require.NoError(t, err)
	defer real.Close()
	command := exec.Command(os.Args[0], runtimes(t)["node"]...)
	command.Env = append(os.Environ(), envRole+"=wrapper", proxy.EnvRuntimeAPI+"="+real.Address())
	command.ExtraFiles = []*os.File{write}
	require.NoError(t, command.Start())
	defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
	require.NoError(t, write.Close())
	_, err = real.Invoke(within(t, 30*time.Second), proxytest.Invocation{Payload: []byte(`{"do":"descriptor","text":"frame"}`)})
	require.NoError(t, err)
	frame := make([]byte, 5)
	_, err = io.ReadFull(read, frame)
	require.NoError(t, err)
	assert.Equal(t, "frame", string(frame))
}
