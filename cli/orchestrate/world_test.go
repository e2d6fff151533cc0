package orchestrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// world is a repository of the shop and a backend in memory.
type world struct {
	t      *testing.T
	folder string
	// resources are those of the stacks that are there, by project.
	resources map[string]int
	// fails has the failures of a project, one for each call; outputs its outputs.
	fails   map[string][]error
	outputs map[string]map[string]any
	// during is called while a project's operation runs.
	during map[string]func()

	mutex     sync.Mutex
	calls     []string
	requests  []pulumi.Request
	installed []string
	waited    []time.Duration
	signals   chan os.Signal
	// interrupted ends the program's context, as the first interrupt does.
	interrupted context.Context
	// aborted is the last request's.
	aborted context.Context
	stdin   io.Reader

	stdout, stderr bytes.Buffer
}

var projects = []string{"platform", "catalog", "ordering", "shipping"}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir())
}

func newWorldIn(t *testing.T, folder string) *world {
	t.Helper()
	w := &world{t: t, folder: folder, resources: map[string]int{}, fails: map[string][]error{}, outputs: map[string]map[string]any{},
		during: map[string]func(){}, signals: make(chan os.Signal), interrupted: t.Context(), stdin: strings.NewReader("")}
	w.write("deploy-manifest.yaml", `platform: {path: platform-aws, name: platform}
plugins:
  - {name: catalog, path: catalog-aws}
  - {name: ordering, path: ordering-aws}
  - {name: shipping, path: shipping-aws, depends-on: [ordering]}
`)
	for _, name := range projects {
		w.write(name+"-aws/Pulumi.yaml", "name: "+name)
		w.write(name+"-aws/Pulumi.alpha.yaml", "config: {platform:stack: organization/platform/alpha}")
		w.outputs[name] = map[string]any{"of": name}
	}
	w.write("platform-aws/Pulumi.alpha.yaml", "config: {}")
	w.write("ordering-aws/Pulumi.alpha.yaml", "config: {platform:stack: organization/platform/alpha, interstack: {dependencies: [organization/catalog/alpha]}}")
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.folder, filepath.FromSlash(name))
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o644))
}

// deployed makes the stacks of all projects.
func (w *world) deployed() *world {
	for _, name := range projects {
		w.resources[name] = 10
	}
	return w
}

func (w *world) Stacks(context.Context, string) ([]pulumi.Info, error) {
	var infos []pulumi.Info
	for _, name := range projects {
		if count, exists := w.resources[name]; exists {
			infos = append(infos, pulumi.Info{Name: "organization/" + name + "/alpha", Resources: count})
		}
	}
	return infos, nil
}

func (w *world) Create(_ context.Context, folder, stack string) error {
	w.call("create %s %s", w.project(folder), stack)
	return nil
}

func (w *world) Install(_ context.Context, folder string, _ io.Writer) error {
	w.installed = append(w.installed, w.project(folder))
	return nil
}

func (w *world) Outputs(_ context.Context, folder, _ string, showSecrets bool) (map[string]any, error) {
	return map[string]any{"of": w.project(folder), "secrets": showSecrets}, nil
}

func (w *world) Run(ctx context.Context, request pulumi.Request) (pulumi.Outcome, error) {
	name := w.project(request.Folder)
	w.call("%s %s %s", request.Operation, name, request.Stack)
	fmt.Fprintln(request.Output, "printed by", name)
	request.Step(pulumi.Step{Operation: "create", Type: "aws:dynamodb/table:Table", Name: name})
	if during := w.during[name]; during != nil {
		w.aborted = request.Abort
		during()
	}
	if ctx.Err() != nil {
		return pulumi.Outcome{}, &pulumi.Failure{Kind: pulumi.Interrupted, Errors: []string{"interrupted"}}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.requests = append(w.requests, request)
	if fails := w.fails[name]; len(fails) > 0 {
		w.fails[name] = fails[1:]
		if fails[0] != nil {
			return pulumi.Outcome{}, fails[0]
		}
	}
	outcome := pulumi.Outcome{Changes: map[string]int{"create": 1}, Resources: 11, Outputs: w.outputs[name], OutputsChanged: w.outputs[name] != nil}
	return outcome, nil
}

func (w *world) call(format string, arguments ...any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(format, arguments...))
}

func (w *world) project(folder string) string {
	return filepath.Base(folder)[:len(filepath.Base(folder))-len("-aws")]
}

// sorted are the calls in the order of their texts.
func (w *world) sorted() []string { return slices.Sorted(slices.Values(w.calls)) }

// command runs a command line, in the environment alpha.
func (w *world) command(arguments ...string) error {
	e := &environment{
		selected: &stack.Selection{Folder: w.folder, Stack: "alpha"},
		find:     func() (Pulumi, error) { return w, nil },
		lookup:   func(string) (string, bool) { return "", false },
		signals:  func() (<-chan os.Signal, func()) { return w.signals, func() {} },
		clock: clock{now: time.Now, sleep: func(_ context.Context, wait time.Duration) error {
			w.waited = append(w.waited, wait)
			return nil
		}},
	}
	for _, command := range e.commands() {
		if command.Name() == arguments[0] {
			w.stdout.Reset()
			w.stderr.Reset()
			w.calls = nil
			command.SetArgs(arguments[1:])
			command.SetOut(&w.stdout)
			command.SetErr(&w.stderr)
			command.SetIn(w.stdin)
			command.SilenceErrors, command.SilenceUsage = true, true
			return command.ExecuteContext(w.interrupted)
		}
	}
	return errors.New("no such command")
}

// last is the report of the last run of an operation.
func (w *world) last(operation string) map[string]report.Stack {
	w.t.Helper()
	loaded, err := report.Load(w.folder, operation, "alpha")
	require.NoError(w.t, err)
	require.NotNil(w.t, loaded)
	stacks := map[string]report.Stack{}
	for _, stack := range loaded.Stacks {
		stacks[stack.Name] = stack
	}
	return stacks
}
