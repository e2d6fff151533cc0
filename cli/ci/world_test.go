package ci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/ci/githubtest"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
)

// world is a repository of the shop on the branch alpha, what GitHub knows of it, and a
// backend in memory.
type world struct {
	t      *testing.T
	github *githubtest.Server
	*gittest.Repository
	// values are the environment of a step.
	values map[string]string
	// fails has the failures of stacks, steps what their operations say.
	fails map[string]error
	steps []pulumi.Step

	mutex sync.Mutex
	calls []string
	// interrupted ends the command while an operation runs, by interrupt.
	interrupted bool
	interrupt   func()

	stdout, stderr bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, github: githubtest.New(t), Repository: gittest.New(t), fails: map[string]error{},
		steps: []pulumi.Step{{Operation: "create", Type: "aws:dynamodb/table:Table", Name: "events"}}}
	files := map[string]string{".gitignore": ".reventless/\n", "deploy-manifest.yaml": `platform: {path: platform-aws, name: shop-platform}
plugins:
  - {name: catalog, path: catalog-aws}
  - {name: ordering, path: ordering-aws, depends-on: [catalog]}
  - {name: search, path: search-aws}
  - {name: shipping, path: shipping-aws, depends-on: [ordering]}
`}
	for _, name := range []string{"platform", "catalog", "ordering", "search", "shipping"} {
		files[name+"-aws/Pulumi.yaml"] = "name: shop-" + name
		files[name+"-aws/Pulumi.alpha.yaml"] = "config: {}"
	}
	w.Write(files)
	w.Git("checkout", "--quiet", "-b", "alpha")
	w.values = map[string]string{"GITHUB_API_URL": w.github.URL, "GITHUB_TOKEN": githubtest.Token, "GITHUB_REPOSITORY": githubtest.Repository, "GITHUB_RUN_ID": "7",
		"GITHUB_REF_NAME": "alpha", "GITHUB_REF_TYPE": "branch", "GITHUB_WORKFLOW_REF": "org/shop/.github/workflows/deploy-aws.yml@refs/heads/alpha",
		"GITHUB_OUTPUT": w.file("output"), "GITHUB_STEP_SUMMARY": w.file("summary"), "PULUMI_ACCESS_TOKEN": "pul-0123456789"}
	w.Commit("first")
	return w
}

func (w *world) file(name string) string { return filepath.Join(w.t.TempDir(), name) }

// push commits, and notes that a run for that was successful.
func (w *world) deployed(message string) string {
	commit := w.Commit(message)
	w.github.Ran(githubtest.Run{Commit: commit, Branch: "alpha", Event: "push", Message: message, Success: true})
	return commit
}

// pullRequest makes the head a pull request into alpha.
func (w *world) pullRequest(head string) {
	w.t.Helper()
	repository := func(name string) map[string]any {
		return map[string]any{"repo": map[string]string{"full_name": name}}
	}
	event, err := json.Marshal(map[string]any{"pull_request": map[string]any{"number": 5, "head": repository(head), "base": repository(githubtest.Repository)}})
	require.NoError(w.t, err)
	path := w.file("event.json")
	require.NoError(w.t, os.WriteFile(path, event, 0o600))
	maps.Copy(w.values, map[string]string{"GITHUB_EVENT_PATH": path, "GITHUB_BASE_REF": "alpha", "GITHUB_REF_NAME": "5/merge", "GITHUB_EVENT_NAME": "pull_request"})
	w.Git("checkout", "--quiet", "-b", "feature")
}

func (w *world) Stacks(context.Context, string) ([]pulumi.Info, error) { return nil, nil }

func (w *world) Create(context.Context, string, string) error { return nil }

func (w *world) Install(context.Context, string, io.Writer) error { return nil }

func (w *world) Outputs(context.Context, string, string, bool) (map[string]any, error) {
	return nil, errors.New("nobody asks for outputs")
}

func (w *world) Run(ctx context.Context, request pulumi.Request) (pulumi.Outcome, error) {
	name := strings.TrimSuffix(filepath.Base(request.Folder), "-aws")
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.calls = append(w.calls, fmt.Sprintf("%s %s %s", request.Operation, name, request.Stack))
	for _, step := range w.steps {
		request.Step(step)
	}
	if w.interrupt != nil {
		w.interrupt()
		<-ctx.Done()
		return pulumi.Outcome{}, &pulumi.Failure{Kind: pulumi.Interrupted, Errors: []string{"interrupted"}}
	}
	if err := w.fails[name]; err != nil {
		return pulumi.Outcome{}, err
	}
	return pulumi.Outcome{Changes: map[string]int{"create": len(w.steps)}, OutputsChanged: true, Outputs: map[string]any{"of": name}}, nil
}

// run runs a step of the workflow, and gives what it says to it.
func (w *world) run(arguments ...string) (outputs map[string]string, summary string, err error) {
	w.t.Helper()
	w.stdout.Reset()
	w.stderr.Reset()
	w.calls = nil
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		_ = os.Remove(w.values[name])
	}
	command := (&environment{selected: &stack.Selection{Folder: w.Folder}, http: http.DefaultClient,
		lookup: func(name string) (string, bool) { value, set := w.values[name]; return value, set },
		find:   func() (orchestrate.Pulumi, error) { return w, nil }}).command()
	command.SetArgs(arguments)
	command.SetOut(&w.stdout)
	command.SetErr(&w.stderr)
	command.SilenceErrors, command.SilenceUsage = true, true
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	if w.interrupted {
		w.interrupt = stop
	}
	err = command.ExecuteContext(ctx)
	text, _ := os.ReadFile(w.values["GITHUB_OUTPUT"])
	outputs = map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		outputs[name] = value
	}
	text, _ = os.ReadFile(w.values["GITHUB_STEP_SUMMARY"])
	return outputs, string(text), err
}

// sorted are the calls of pulumi in the order of their texts.
func (w *world) sorted() []string { return slices.Sorted(slices.Values(w.calls)) }
