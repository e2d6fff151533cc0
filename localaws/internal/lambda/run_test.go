package lambda

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

func TestHandlersOfEachKind(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	tests := map[string]struct {
		runtime types.Runtime
		handler string
		files   files
	}{
		"node-commonjs":  {types.RuntimeNodejs22x, "index.handler", files{"index.js": "exports.handler = async (e) => ({got: e.n})"}},
		"node-module":    {types.RuntimeNodejs22x, "index.handler", files{"index.mjs": "export const handler = async (e, c) => ({got: e.n + c.functionName.length * 0})"}},
		"node-type":      {types.RuntimeNodejs20x, "src/app.run", files{"package.json": `{"type":"module"}`, "src/app.js": "export const run = (e) => ({got: e.n})"}},
		"node-callback":  {types.RuntimeNodejs20x, "index.handler", files{"index.js": "exports.handler = (e, c, done) => setTimeout(() => done(null, {got: e.n}), 1)"}},
		"node-nested":    {types.RuntimeNodejs22x, "index.a.b", files{"index.cjs": "module.exports = {a: {b: async (e) => ({got: e.n})}}"}},
		"python":         {types.RuntimePython312, "app.handler", files{"app.py": "def handler(e, c):\n    return {'got': e['n']}\n"}},
		"python-package": {types.RuntimePython313, "pkg/app.handler", files{"pkg/__init__.py": "", "pkg/app.py": "def handler(e, c):\n    assert c.get_remaining_time_in_millis() > 0\n    return {'got': e['n']}\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.create(t, name, test.runtime, test.files, func(i *sdk.CreateFunctionInput) { i.Handler = &test.handler })
			assert.JSONEq(t, `{"got":7}`, b.call(t, name, `{"n":7}`))
			assert.JSONEq(t, `{"got":8}`, b.call(t, name, `{"n":8}`), "warm")
		})
	}
}

func TestLayersEnvironmentAndWrapper(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	first := b.layer(t, "first", files{"wrap/run": "#!/bin/sh\necho first\nexit 1\n", "one.txt": "one"})
	second := b.layer(t, "second", files{"wrap/run": "#!/bin/sh\nexport WRAPPED=\"$(basename \"$1\")\"\nexec \"$@\"\n", "two.txt": "two"})
	b.create(t, "wrapped", types.RuntimeNodejs22x, files{"index.js": `
		const fs = require('fs');
		exports.handler = async () => ({wrapped: process.env.WRAPPED, one: fs.readFileSync(process.env.ONE, 'utf8'), plain: process.env.PLAIN,
			cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT, region: process.env.AWS_REGION, name: process.env.AWS_LAMBDA_FUNCTION_NAME,
			memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, group: process.env.AWS_LAMBDA_LOG_GROUP_NAME, endpoint: process.env.AWS_ENDPOINT_URL, secret: process.env.LAMBDA_TEST_SECRET})`},
		func(i *sdk.CreateFunctionInput) {
			i.Layers = []string{first, second}
			i.LoggingConfig = &types.LoggingConfig{LogGroup: aws.String("/mine")}
			i.Environment = &types.Environment{Variables: map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap/run", "ONE": "/opt/one.txt", "PLAIN": "x/opt/y"}}
		})
	require.NoError(t, os.Setenv("LAMBDA_TEST_SECRET", "of this process"))
	assert.JSONEq(t, `{"wrapped":"node","one":"one","plain":"x/opt/y","cwd":true,"region":"eu-central-1","name":"wrapped","memory":"128","group":"/mine","endpoint":"http://127.0.0.1:1"}`, b.call(t, "wrapped", `{}`))
}

// bootstrap is a runtime in shell: it answers with its process id.
const bootstrap = `#!/bin/sh
while :; do
  headers=$(mktemp)
  curl -sS -D "$headers" -o /dev/null "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next" || exit 1
  id=$(grep -i request-id "$headers" | tr -d '\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d "$$" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response"
done
`

func TestProvidedRuntimeFromCodeAndLayer(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "code", types.RuntimeProvidedal2023, files{"bootstrap": bootstrap}, nil)
	first := b.call(t, "code", "{}")
	assert.Equal(t, first, b.call(t, "code", "{}"), "the environment is reused")
	arn := b.layer(t, "boot", files{"bootstrap": bootstrap})
	b.create(t, "layered", types.RuntimeProvidedal2023, files{"empty.txt": ""}, func(i *sdk.CreateFunctionInput) { i.Layers = []string{arn} })
	assert.NotEmpty(t, b.call(t, "layered", "{}"))
	b.create(t, "none", types.RuntimeProvidedal2023, files{"empty.txt": ""}, nil)
	assert.Contains(t, b.fail(t, "none", "{}").ErrorMessage, "Couldn't find valid bootstrap(s)")
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	tests := map[string]struct {
		runtime types.Runtime
		files   files
		kind    string
		message string
	}{
		"node-thrown":    {types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => { throw new TypeError('bad') }"}, "TypeError", "bad"},
		"node-callback":  {types.RuntimeNodejs22x, files{"index.js": "exports.handler = (e, c, done) => done(new Error('called'))"}, "Error", "called"},
		"node-exit":      {types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => process.exit(3)"}, "Runtime.ExitError", "Runtime exited with error: exit status 3"},
		"node-exit-zero": {types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => process.exit(0)"}, "Runtime.ExitError", "Runtime exited without providing a reason"},
		"node-killed":    {types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => process.kill(process.pid, 'SIGKILL')"}, "Runtime.ExitError", "signal: killed"},
		"node-load":      {types.RuntimeNodejs22x, files{"index.js": "throw new RangeError('at start')"}, "RangeError", "at start"},
		"node-missing":   {types.RuntimeNodejs22x, files{"other.js": ""}, "Runtime.ImportModuleError", "Cannot find module 'index'"},
		"node-require":   {types.RuntimeNodejs22x, files{"index.js": "require('nope')"}, "Runtime.ImportModuleError", "nope"},
		"node-no-export": {types.RuntimeNodejs22x, files{"index.js": "exports.other = 1"}, "Runtime.HandlerNotFound", "index.handler"},
		"node-syntax":    {types.RuntimeNodejs22x, files{"index.js": "exports.handler = ("}, "Runtime.UserCodeSyntaxError", "SyntaxError"},
		"node-unhandled": {types.RuntimeNodejs22x, files{"index.js": "exports.handler = () => new Promise(() => { Promise.reject(new Error('loose')) })"}, "Runtime.UnhandledPromiseRejection", "loose"},
		"node-24":        {types.RuntimeNodejs24x, files{"index.js": "exports.handler = (e, c, done) => done()"}, "Runtime.CallbackHandlerDeprecated", "Node.js 24"},
		"python-raised":  {types.RuntimePython311, files{"index.py": "def handler(e, c):\n    raise KeyError('k')\n"}, "KeyError", "k"},
		"python-import":  {types.RuntimePython311, files{"index.py": "import nope\n"}, "Runtime.ImportModuleError", "Unable to import module 'index'"},
		"python-missing": {types.RuntimePython311, files{"index.py": "x = 1\n"}, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"},
		"python-syntax":  {types.RuntimePython311, files{"index.py": "def"}, "Runtime.UserCodeSyntaxError", "Syntax error in module 'index'"},
		"python-exit":    {types.RuntimePython311, files{"index.py": "import os\ndef handler(e, c):\n    os._exit(9)\n"}, "Runtime.ExitError", "exit status 9"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.create(t, name, test.runtime, test.files, nil)
			for range 2 { // a failed environment is replaced
				e := b.fail(t, name, "{}")
				assert.Equal(t, test.kind, e.ErrorType)
				assert.Contains(t, e.ErrorMessage, test.message)
			}
		})
	}
}

func TestTimeoutKillsEverythingAndTheNextInvocationRuns(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	file := filepath.Join(t.TempDir(), "pid")
	b.create(t, "slow", types.RuntimeNodejs22x, files{"index.js": `
		const { spawn } = require('child_process');
		exports.handler = async (e) => {
			if (!e.slow) return 'quick';
			require('fs').writeFileSync(e.slow, String(spawn('sleep', ['60']).pid));
			await new Promise((done) => setTimeout(done, 60000));
		}`}, func(i *sdk.CreateFunctionInput) { i.Timeout = aws.Int32(1) })
	payload, err := json.Marshal(map[string]string{"slow": file})
	require.NoError(t, err)
	assert.Contains(t, b.fail(t, "slow", string(payload)).ErrorMessage, "Task timed out after 1.00 seconds")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pid, err := strconv.Atoi(string(text))
	require.NoError(t, err)
	eventually(t, "the function's child is gone", func() bool { return syscall.Kill(pid, 0) != nil })
	assert.Equal(t, `"quick"`, b.call(t, "slow", `{}`))
}

func TestSlowInitIsRepeatedWithinTheTimeout(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(o *Options) { o.InitTimeout = 300 * time.Millisecond })
	b.create(t, "slow", types.RuntimePython312, files{"index.py": "import time\ntime.sleep(1)\ndef handler(e, c):\n    return 1\n"}, nil)
	assert.Equal(t, "1", b.call(t, "slow", "{}"))
	b.create(t, "never", types.RuntimePython312, files{"index.py": "import time\ntime.sleep(60)\n"}, func(i *sdk.CreateFunctionInput) { i.Timeout = aws.Int32(1) })
	assert.Contains(t, b.fail(t, "never", "{}").ErrorMessage, "Task timed out after 1.00 seconds")
}

const countingHandler = `
const id = Math.random();
exports.handler = async (e) => { await new Promise((done) => setTimeout(done, e.wait ?? 0)); return id; }`

func TestManyConcurrentInvocationsShareEnvironments(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(o *Options) { o.MaxEnvironments = 3 })
	b.create(t, "busy", types.RuntimeNodejs22x, files{"index.js": countingHandler}, nil)
	var group sync.WaitGroup
	var mutex sync.Mutex
	seen := map[string]int{}
	for range 60 {
		group.Go(func() {
			result, functionError, err := b.service.Invoke(t.Context(), "busy", []byte(`{"wait":5}`))
			mutex.Lock()
			defer mutex.Unlock()
			assert.NoError(t, err)
			assert.Empty(t, functionError)
			seen[string(result)]++
		})
	}
	group.Wait()
	assert.LessOrEqual(t, len(seen), 3)
	total := 0
	for _, count := range seen {
		total += count
	}
	assert.Equal(t, 60, total)
}

func TestReservedConcurrencyThrottlesAtOnce(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "one", types.RuntimeNodejs22x, files{"index.js": countingHandler}, nil)
	_, err := b.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{FunctionName: aws.String("one"), ReservedConcurrentExecutions: aws.Int32(1)})
	require.NoError(t, err)
	first := make(chan error, 1)
	go func() {
		_, _, err := b.service.Invoke(context.Background(), "one", []byte(`{"wait":1500}`))
		first <- err
	}()
	var throttled *types.TooManyRequestsException
	eventually(t, "the second is throttled", func() bool {
		_, err := b.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("one")})
		return assert.ObjectsAreEqual(true, asError(err, &throttled))
	})
	assert.Equal(t, types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded, throttled.Reason)
	require.NoError(t, <-first)
	_, err = b.DeleteFunctionConcurrency(t.Context(), &sdk.DeleteFunctionConcurrencyInput{FunctionName: aws.String("one")})
	require.NoError(t, err)
	b.call(t, "one", "{}")
}

func TestIdleEnvironmentsAreReaped(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(o *Options) { o.IdleTimeout = 50 * time.Millisecond })
	b.create(t, "idle", types.RuntimeProvidedal2023, files{"bootstrap": bootstrap}, nil)
	pid, err := strconv.Atoi(b.call(t, "idle", "{}"))
	require.NoError(t, err)
	eventually(t, "the process is gone", func() bool { return syscall.Kill(pid, 0) != nil })
	assert.NotEmpty(t, b.call(t, "idle", "{}"))
}

func TestAsynchronousInvocationIsRetriedTwice(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(o *Options) { o.AsyncRetryDelays = []time.Duration{time.Millisecond, time.Millisecond} })
	file := filepath.Join(t.TempDir(), "calls")
	b.create(t, "async", types.RuntimeNodejs22x, files{"index.js": "exports.handler = async (e) => { require('fs').appendFileSync(e.file, 'x'); throw new Error('no') }"}, nil)
	payload, err := json.Marshal(map[string]string{"file": file})
	require.NoError(t, err)
	output, err := b.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("async"), InvocationType: types.InvocationTypeEvent, Payload: payload})
	require.NoError(t, err)
	assert.Equal(t, int32(202), output.StatusCode)
	eventually(t, "three calls", func() bool { text, _ := os.ReadFile(file); return len(text) == 3 })
	time.Sleep(100 * time.Millisecond)
	text, _ := os.ReadFile(file)
	assert.Len(t, text, 3)
}

func TestCrashFaultHitsEveryNthInvocation(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "crashing", types.RuntimeNodejs22x, files{"index.js": countingHandler}, nil)
	require.NoError(t, b.faults.Set(faults.Settings{Lambda: faults.LambdaSettings{CrashEvery: 2}}))
	for range 3 {
		b.call(t, "crashing", "{}")
		assert.Equal(t, "Runtime.ExitError", b.fail(t, "crashing", "{}").ErrorType)
	}
}

func TestCrashFaultOfOneFunction(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "crashing", types.RuntimeNodejs22x, files{"index.js": "exports.handler = () => new Promise((done) => setTimeout(done, 30_000));"}, nil)
	b.create(t, "quick", types.RuntimeNodejs22x, files{"index.js": countingHandler}, nil)
	require.NoError(t, b.faults.Set(faults.Settings{Lambda: faults.LambdaSettings{CrashEvery: 1, CrashFunction: "crashing", CrashMillis: 1000}}))
	for i := range crashDelays {
		began := time.Now()
		assert.Equal(t, "Runtime.ExitError", b.fail(t, "crashing", "{}").ErrorType)
		want := crashDelays[(i+1)%len(crashDelays)] * 20
		assert.GreaterOrEqual(t, time.Since(began), want, "the moments are stretched")
	}
	b.call(t, "quick", "{}")
}

func TestCloseKillsRunningFunctions(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "running", types.RuntimeProvidedal2023, files{"bootstrap": bootstrap}, nil)
	pid, err := strconv.Atoi(b.call(t, "running", "{}"))
	require.NoError(t, err)
	b.service.Close()
	eventually(t, "the process is gone", func() bool { return syscall.Kill(pid, 0) != nil })
}

func TestLogs(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "logging", types.RuntimePython312, files{"index.py": "import sys\ndef handler(e, c):\n    print('out', e['n'])\n    print('err', file=sys.stderr)\n"}, nil)
	b.call(t, "logging", `{"n":5}`)
	eventually(t, "all lines", func() bool {
		text, err := b.service.Logs("logging", 1<<20)
		require.NoError(t, err)
		return assert.ObjectsAreEqual(true, containsAll(text, "START RequestId: ", "out 5\n", "err\n", "END RequestId: ", "REPORT RequestId: ", "Init Duration: "))
	})
	empty, err := b.service.Logs("../nothing", 10)
	require.NoError(t, err)
	assert.Empty(t, empty)
}
