package orchestrate

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

var errBroken = &pulumi.Failure{Kind: pulumi.Other, Errors: []string{"aws:dynamodb/table:Table x: AccessDenied", "another"}}

var errBusy = &pulumi.Failure{Kind: pulumi.Transient, Errors: []string{"ThrottlingException\nmore"}}

func code(err error) int {
	var failed *exit.Error
	if errors.As(err, &failed) {
		return failed.Code
	}
	return -1
}

func TestUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.command("up", "--parallel", "1", "--", "--refresh"))
	assert.Equal(t, []string{
		"create platform alpha", "up platform alpha", "create catalog alpha", "up catalog alpha",
		"create ordering alpha", "up ordering alpha", "create shipping alpha", "up shipping alpha",
	}, w.calls)
	assert.Equal(t, projects, w.installed)
	assert.Equal(t, []string{"--refresh"}, w.requests[0].Arguments)
	assert.Regexp(t, `(?m)^ordering +succeeded `, w.stdout.String())
	assert.Contains(t, w.stderr.String(), "catalog  | create aws:dynamodb/table:Table catalog\n")
	assert.NotContains(t, w.stderr.String(), "printed by")
	log, err := os.ReadFile(filepath.Join(w.folder, w.last("up")["catalog"].Log))
	require.NoError(t, err)
	assert.Equal(t, "printed by catalog\n", string(log))

	require.NoError(t, w.command("up"))
	assert.Equal(t, projects, w.installed, "nothing that names plugins changed")
	w.write("catalog-aws/Pulumi.yaml", "name: catalog\nruntime: yaml")
	require.NoError(t, w.command("up", "--only", "catalog", "--verbose"))
	assert.Equal(t, append(projects, "catalog"), w.installed)
	assert.Contains(t, w.stderr.String(), "catalog | printed by catalog\n")
}

func TestStacksThatTakeNoPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	require.NoError(t, os.Remove(filepath.Join(w.folder, "ordering-aws", "Pulumi.alpha.yaml")))
	require.NoError(t, w.command("up"))
	assert.Equal(t, []string{"up catalog alpha", "up platform alpha", "up shipping alpha"}, w.sorted())
	assert.Regexp(t, `(?m)^ordering +skipped +- +there is no ordering-aws/Pulumi\.alpha\.yaml$`, w.stdout.String())
}

func TestFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	w.fails["ordering"] = []error{errBroken}
	err := w.command("up", "--json", "--junit", filepath.Join(w.folder, "junit.xml"))
	assert.Equal(t, CodeFailed, code(err))
	assert.ErrorContains(t, err, "ordering failed; mend what is said above and run `reventless up --resume`")
	assert.Contains(t, w.stderr.String(), "ordering | failed: aws:dynamodb/table:Table x: AccessDenied\nordering | another\n")
	var printed report.Report
	require.NoError(t, json.Unmarshal(w.stdout.Bytes(), &printed))
	assert.Equal(t, report.ResultFailed, printed.Result)
	assert.FileExists(t, filepath.Join(w.folder, "junit.xml"))
	last := w.last("up")
	assert.Equal(t, report.Succeeded, last["catalog"].Status)
	assert.Equal(t, []string{"aws:dynamodb/table:Table x: AccessDenied", "another"}, last["ordering"].Errors)
	assert.Equal(t, report.Blocked, last["shipping"].Status)
	assert.Equal(t, "ordering failed", last["shipping"].Reason)

	require.NoError(t, w.command("up", "--resume"))
	assert.Equal(t, []string{"up ordering alpha", "up shipping alpha"}, w.calls)
	assert.ErrorContains(t, w.command("up", "--resume"), "the last run of up alpha did everything")
	assert.ErrorContains(t, w.command("refresh", "--resume"), "there is no run of refresh alpha to resume")
}

func TestRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	w.fails["catalog"] = []error{errBusy, errBusy}
	require.NoError(t, w.command("up"))
	assert.Len(t, w.waited, 2)
	assert.Less(t, w.waited[0], firstRetry)
	assert.Less(t, w.waited[1], 2*firstRetry)
	assert.Equal(t, 3, w.last("up")["catalog"].Attempts)
	assert.Contains(t, w.stdout.String(), "(3 attempts)")

	w.fails["catalog"] = []error{errBusy, errBusy}
	assert.Equal(t, CodeFailed, code(w.command("up", "--retries", "1")))
	w.fails["catalog"] = []error{&pulumi.Failure{Kind: pulumi.Locked, Errors: []string{"locked by somebody"}}}
	assert.Equal(t, CodeFailed, code(w.command("up")))
	assert.Contains(t, w.stderr.String(), "If it is gone, run `pulumi cancel --stack alpha` in catalog-aws")
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	w.fails["catalog"] = []error{errBroken}
	w.write("deploy-manifest.yaml", "plugins: [{name: catalog, path: catalog-aws}, {name: shipping, path: shipping-aws}]")
	assert.Equal(t, CodeFailed, code(w.command("up", "--parallel", "1", "--fail-fast")))
	assert.Equal(t, report.Cancelled, w.last("up")["shipping"].Status)
}

func TestPreviewOfAFirstDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.command("preview", "--parallel", "1"))
	expected := map[string]string{}
	for _, request := range w.requests {
		expected[w.project(request.Folder)] = request.Environment[0]
	}
	assert.Equal(t, "REVENTLESS_EXPECTED_STACKS=", expected["platform"])
	assert.Equal(t, "REVENTLESS_EXPECTED_STACKS=organization/platform/alpha,organization/catalog/alpha", expected["ordering"])

	w.requests = nil
	require.NoError(t, w.command("preview", "--only", "ordering"))
	assert.Equal(t, "REVENTLESS_EXPECTED_STACKS=", w.requests[0].Environment[0], "what is not previewed will not be there")
}

func TestDestroy(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	err := w.command("destroy", "--yes", "--only", "catalog")
	assert.EqualError(t, err, "catalog cannot be destroyed: ordering, shipping depend on it and would stay; destroy with --only 'catalog...', which takes them too")
	assert.Empty(t, w.calls)
	assert.ErrorContains(t, w.command("destroy"), "nothing was destroyed")

	require.NoError(t, w.command("destroy", "--yes", "--only", "catalog..."))
	assert.Equal(t, []string{"destroy shipping alpha", "destroy ordering alpha", "destroy catalog alpha"}, w.calls)
	delete(w.resources, "shipping")
	w.resources["ordering"] = 0
	require.NoError(t, w.command("destroy", "--yes", "--parallel", "1"))
	assert.Equal(t, []string{"destroy catalog alpha", "destroy platform alpha"}, w.calls)
	assert.Contains(t, w.stdout.String(), "it is not deployed")
}

// TestDestroyLeavesNothingWithoutItsUpstream refuses to destroy what is needed by a deployed
// stack that takes no part, and destroys what was deployed again.
func TestDestroyLeavesNothingWithoutItsUpstream(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	const disabled = "ordering-aws/Pulumi.alpha.yaml"
	require.NoError(t, os.Rename(filepath.Join(w.folder, disabled), filepath.Join(w.folder, disabled+".disabled")))
	err := w.command("destroy", "--yes")
	require.ErrorContains(t, err, "platform cannot be destroyed: ordering depends on it, is deployed and would stay, since it does not take part (")
	require.ErrorContains(t, err, "or destroy it by 'pulumi destroy --stack alpha' in ordering-aws")
	assert.Empty(t, w.calls)

	require.NoError(t, os.Rename(filepath.Join(w.folder, disabled+".disabled"), filepath.Join(w.folder, disabled)))
	w.fails["platform"] = []error{errBroken}
	assert.Equal(t, CodeFailed, code(w.command("destroy", "--yes")))
	require.NoError(t, w.command("destroy", "--yes", "--resume"))
	assert.Len(t, w.calls, 4, "all are deployed, as after an up")
}

// TestInterruptOfAQuestion ends it, though nobody answers.
func TestInterruptOfAQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	unanswered, end := io.Pipe()
	t.Cleanup(func() { _ = end.Close() })
	w.stdin = unanswered
	var interrupt context.CancelFunc
	w.interrupted, interrupt = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, interrupt)
	require.ErrorContains(t, w.command("destroy"), "nothing was destroyed")

	w.interrupted, w.stdin = t.Context(), strings.NewReader("alpha\n")
	require.NoError(t, w.command("destroy"))
	assert.Len(t, w.calls, 4)
}

// TestResumeAfterACrash goes on from what the run did that was killed, and not from an earlier one.
func TestResumeAfterACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	w.fails["ordering"] = []error{errBroken}
	assert.Equal(t, CodeFailed, code(w.command("up")))

	const runs = ".reventless/runs/up-alpha.json"
	var killed []byte
	for name, want := range map[string][]string{
		"platform": {"up catalog alpha", "up ordering alpha", "up platform alpha", "up shipping alpha"},
		"ordering": {"up ordering alpha", "up shipping alpha"},
	} {
		w.during = map[string]func(){name: func() {
			var err error
			killed, err = os.ReadFile(filepath.Join(w.folder, runs))
			require.NoError(t, err)
		}}
		require.NoError(t, w.command("up"))
		w.write(runs, string(killed)) // as it was when the run was killed
		w.during = nil
		require.NoError(t, w.command("up", "--resume"))
		assert.Equal(t, want, w.sorted(), "killed in %s", name)
	}
}

func TestReportIsPrintedWhereJUnitCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	assert.ErrorContains(t, w.command("up", "--junit", filepath.Join(w.folder, "none", "junit.xml")), "there is no folder")
	assert.Empty(t, w.calls, "before anything is deployed")

	require.NoError(t, os.Mkdir(filepath.Join(w.folder, "junit.xml"), 0o755))
	assert.ErrorContains(t, w.command("up", "--junit", filepath.Join(w.folder, "junit.xml")), "write the JUnit report")
	assert.Contains(t, w.stdout.String(), "shipping")
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	w.during["platform"] = func() {
		w.signals <- os.Interrupt
		time.Sleep(50 * time.Millisecond)
	}
	err := w.command("up")
	assert.Equal(t, CodeInterrupted, code(err))
	last := w.last("up")
	assert.Equal(t, report.Succeeded, last["platform"].Status, "what ran went on to its end")
	assert.Equal(t, report.Cancelled, last["catalog"].Status)
	assert.Contains(t, w.stderr.String(), "interrupted: nothing more is started")

	w.during["platform"] = func() {
		w.signals <- os.Interrupt
		w.signals <- os.Interrupt
		time.Sleep(50 * time.Millisecond)
	}
	assert.Equal(t, CodeFailed, code(w.command("up")))
	assert.Contains(t, w.last("up")["platform"].Reason, "run the same again")

	w.during["platform"] = func() { // it hangs
		for range 3 {
			w.signals <- os.Interrupt
		}
		<-w.aborted.Done()
	}
	assert.Equal(t, CodeFailed, code(w.command("up")))
	assert.Contains(t, w.stderr.String(), "interrupted a third time: pulumi ends at once")

	w.during = nil
	require.NoError(t, w.command("up", "--resume"))
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.ErrorContains(t, w.command("up", "catalog"), "name stacks with --only")
	assert.ErrorContains(t, w.command("up", "--only", "catalgo"), `Did you mean "catalog"?`)
	assert.ErrorContains(t, w.command("up", "--manifest", "other.yaml"), "there is no manifest")
}

func TestStatusAndOutputs(t *testing.T) {
	t.Parallel()
	w := newWorld(t).deployed()
	delete(w.resources, "shipping")
	w.resources["ordering"] = 0
	w.write("catalog-aws/Pulumi.alpha.yaml", "config: {platform:stack: elsewhere/shop/alpha}")
	require.NoError(t, w.command("status", "--json"))
	var statuses []stackStatus
	require.NoError(t, json.Unmarshal(w.stdout.Bytes(), &statuses))
	states := map[string]string{}
	for _, status := range statuses {
		states[status.Name] = status.State
	}
	assert.Equal(t, map[string]string{"platform": "deployed", "catalog": "deployed", "ordering": "empty", "shipping": "missing"}, states)
	assert.Equal(t, []string{"elsewhere/shop/alpha"}, statuses[1].External)
	require.NoError(t, w.command("status"))
	assert.Regexp(t, `(?m)^catalog +deployed +10 `, w.stdout.String())

	require.NoError(t, w.command("outputs", "--only", "c*", "--show-secrets"))
	assert.JSONEq(t, `{"catalog": {"of": "catalog", "secrets": true}}`, w.stdout.String())
}

// TestChanged stops the cascade where outputs stay the same.
func TestChanged(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	w := newWorldIn(t, made.Folder).deployed()
	w.write("catalog/handler.js", "one")
	made.Commit("all")
	w.write("catalog/handler.js", "another")
	require.NoError(t, w.command("up", "--changed=HEAD"))
	assert.Equal(t, []string{"up catalog alpha", "up ordering alpha", "up shipping alpha"}, w.calls, "all outputs change")

	w.outputs["catalog"] = nil
	require.NoError(t, w.command("up", "--changed=HEAD"))
	assert.Equal(t, []string{"up catalog alpha"}, w.calls)
	last := w.last("up")
	assert.Equal(t, report.Unchanged, last["platform"].Status)
	assert.Equal(t, "nothing that it is made of changed, and no outputs that it reads", last["ordering"].Reason)
	assert.Equal(t, report.Unchanged, last["shipping"].Status)

	require.NoError(t, w.command("up", "--changed"))
	assert.Len(t, w.calls, 4, "without a commit to compare with everything changed")
	assert.ErrorContains(t, w.command("up", "--changed=nowhere"), "nowhere")
}

// TestChangedAfterAFailure deploys what reads changed outputs although a later run finds
// them the same: the run that changed them ended before.
func TestChangedAfterAFailure(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	w := newWorldIn(t, made.Folder).deployed()
	w.write("catalog/handler.js", "one")
	made.Commit("all")
	w.write("catalog/handler.js", "another")
	w.fails["ordering"] = []error{errBroken}
	assert.Equal(t, CodeFailed, code(w.command("up", "--changed=HEAD")))
	for _, name := range projects {
		w.outputs[name] = nil // as they are from now on
	}
	require.NoError(t, w.command("up", "--only", "catalog"))
	require.NoError(t, w.command("up", "--changed=HEAD"))
	assert.Contains(t, w.calls, "up ordering alpha", "it is owed still")
	assert.Contains(t, w.stderr.String(), "an earlier run did not deploy all that it should have")
	require.NoError(t, w.command("up", "--changed=HEAD"))
	assert.Equal(t, []string{"up catalog alpha"}, w.calls, "nothing is owed any more")

	w.outputs["catalog"] = map[string]any{"other": 1}
	require.NoError(t, w.command("up", "--only", "catalog"))
	require.NoError(t, w.command("up", "--changed=HEAD"))
	assert.Contains(t, w.calls, "up ordering alpha", "it was left out when its upstream's outputs changed")
}
