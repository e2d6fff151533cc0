package docs

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// exchange is a turn and the answer to it.
type exchange struct {
	Turn   json.RawMessage
	Answer json.RawMessage
}

// exchanges are those of files of testdata/handlers, with commas between their names.
func exchanges(names string) (all []exchange, err error) {
	for name := range strings.SplitSeq(names, ",") {
		one, err := exchangesOf(name)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	return all, nil
}

// exchangesOf are those of one file; turns and answers match their schemas.
func exchangesOf(name string) ([]exchange, error) {
	text, err := os.ReadFile(filepath.Join(snippet.Root(), "tests", "docs", "testdata", "handlers", name+".json"))
	if err != nil {
		return nil, err
	}
	var all []exchange
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	for _, one := range all {
		var asked turn.Turn
		if err := json.Unmarshal(one.Turn, &asked); err != nil {
			return nil, err
		}
		if err := errors.Join(conforms(turn.TurnSchema(asked.Kind), one.Turn), conforms(turn.AnswerSchema(asked.Kind), one.Answer)); err != nil {
			return nil, fmt.Errorf("%s.json: %w", name, err)
		}
	}
	return all, nil
}

const runNodeJS = `
const { handler } = await import(process.argv[2]);
let input = '';
for await (const part of process.stdin) input += part;
const answers = [];
for (const turn of JSON.parse(input)) answers.push(await handler(turn));
console.log(JSON.stringify(answers));
`

const runPython = `
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("handler", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps([module.handler(turn, None) for turn in json.load(sys.stdin)]))
`

// javascript is a handler, which runs, or a test with the kit, which passes.
func (r *run) javascript() error {
	if _, is := r.Check["test"]; is {
		return r.testNodeJS()
	}
	name := "index.mjs"
	if strings.Contains(r.Text, "exports.") {
		name = "index.cjs"
	}
	return r.answersNodeJS(name, r.Text)
}

// typescript is a handler, which runs without its types; tests/sdk checks them.
func (r *run) typescript() error {
	if r.Check["handler"] == "" {
		return r.compiled()
	}
	return r.answersNodeJS("index.mjs", stripped(r.Text))
}

func stripped(text string) string {
	return string(api.Transform(text, api.TransformOptions{Loader: api.LoaderTS, Format: api.FormatESModule}).Code)
}

func (r *run) answersNodeJS(name, text string) error {
	if err := errors.Join(r.write(name, text), r.write("run.mjs", runNodeJS)); err != nil {
		return err
	}
	return r.answers("node", "run.mjs", "./"+name)
}

// answers runs a handler with the turns and compares the answers.
func (r *run) answers(program string, arguments ...string) error {
	if r.Check["handler"] == "" {
		return errors.New("say with which turns it runs: <!-- check: handler=hello --> and a file of testdata/handlers")
	}
	expected, err := exchanges(r.Check["handler"])
	if err != nil {
		return err
	}
	turns := make([]json.RawMessage, len(expected))
	for i, one := range expected {
		turns[i] = one.Turn
	}
	input, err := json.Marshal(turns)
	if err != nil {
		return err
	}
	command := r.command(program, arguments...)
	command.Stdin = strings.NewReader(string(input))
	out, err := command.Output()
	if err != nil {
		return failure(err, out)
	}
	var got []json.RawMessage
	if err := json.Unmarshal(out, &got); err != nil {
		return fmt.Errorf("the answers are no JSON: %s", out)
	}
	for i, one := range expected {
		if !same(one.Answer, got[i]) {
			return fmt.Errorf("to %s it answers %s instead of %s", one.Turn, got[i], one.Answer)
		}
	}
	return nil
}

func same(a, b json.RawMessage) bool {
	var first, second any
	return json.Unmarshal(a, &first) == nil && json.Unmarshal(b, &second) == nil && reflect.DeepEqual(first, second)
}

// command is a program in the run's folder.
func (r *run) command(program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(r, program, arguments...)
	command.Dir = r.folder
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+filepath.Join(snippet.Root(), "kits", "python", "src"))
	return command
}

func failure(err error, out []byte) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		out = append(out, exit.Stderr...)
	}
	return fmt.Errorf("%w: %s", err, out)
}

// testNodeJS runs a test, beside the file of the same document that it imports.
func (r *run) testNodeJS() error {
	for path, text := range r.files {
		if strings.HasSuffix(path, ".js") {
			if err := r.write(path, stripped(text)); err != nil {
				return err
			}
		}
	}
	kit := filepath.Join(r.folder, "node_modules", "@reventless")
	if err := os.MkdirAll(kit, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(filepath.Join(snippet.Root(), "kits", "nodejs"), filepath.Join(kit, "handler")); err != nil {
		return err
	}
	if err := errors.Join(r.write("package.json", `{"type": "module"}`), r.write("test/handler.test.js", r.Text)); err != nil {
		return err
	}
	out, err := r.command("node", "--preserve-symlinks", "test/handler.test.js").CombinedOutput()
	if err != nil {
		return failure(err, out)
	}
	return nil
}

// python is a handler, which runs, a test with the kit, which passes, or a program, which
// tests/sdk checks.
func (r *run) python() error {
	python := filepath.Join(snippet.Root(), ".venv", "bin", "python")
	if _, is := r.Check["test"]; is {
		out, err := r.command(python, "-c", r.Text).CombinedOutput()
		if err != nil {
			return failure(err, out)
		}
		return nil
	}
	if r.Check["handler"] == "" {
		return r.compiled()
	}
	if err := errors.Join(r.write("handler.py", r.Text), r.write("run.py", runPython)); err != nil {
		return err
	}
	return r.answers(python, "run.py", "handler.py")
}

// golang is a handler, which runs with Go's own test kit, or a program, which tests/sdk checks.
func (r *run) golang() error {
	if r.Check["handler"] == "" {
		return r.compiled()
	}
	expected, err := exchanges(r.Check["handler"])
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(expected)
	if err != nil {
		return err
	}
	if err := errors.Join(r.write("go/main.go", r.Text), r.write("go/main_test.go", fmt.Sprintf(runGo, string(encoded)))); err != nil {
		return err
	}
	command := r.command("go", "test", "-count=1", filepath.Join(r.folder, "go", "main.go"), filepath.Join(r.folder, "go", "main_test.go"))
	command.Dir = snippet.Root()
	if out, err := command.CombinedOutput(); err != nil {
		return failure(err, out)
	}
	return nil
}

const runGo = `package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/runtime/turntest"
)

func TestHandler(t *testing.T) {
	var all []struct {
		Turn   turn.Turn
		Answer json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(%q), &all))
	for _, one := range all {
		got, err := json.Marshal(turntest.Plugin{Handler: handler}.Ask(t, one.Turn))
		require.NoError(t, err)
		assert.JSONEq(t, string(one.Answer), string(got))
	}
}
`

// compiled is a program that tests/sdk compiles: all of those that [snippet.Programs] gives.
func (r *run) compiled() error {
	all, err := snippet.Programs(r.Language)
	for _, program := range all {
		if program.Document == r.Document && program.Line == r.Line {
			return nil
		}
	}
	if err == nil {
		err = errors.New("it is none of the programs that tests/sdk compiles")
	}
	return err
}
