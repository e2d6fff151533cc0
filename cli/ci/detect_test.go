package ci

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/ci/githubtest"
)

// outputs are those of a detection with three waves.
func outputs(platform string, waves ...string) map[string]string {
	all := map[string]string{"environment": "alpha", "platform": platform, "wave-1": "[]", "wave-2": "[]", "wave-3": "[]"}
	for i, wave := range waves {
		all["wave-"+string(rune('1'+i))] = wave
	}
	return all
}

var everything = outputs("true", `["catalog","search"]`, `["ordering"]`, `["shipping"]`)

func TestDetect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do      func(w *world)
		want    map[string]string
		summary string
	}{
		"no run yet": {func(*world) {}, everything, "Everything is changed: no run of deploy-aws.yml on the branch alpha has deployed yet."},
		"no run on this branch yet": {func(w *world) {
			w.github.Ran(githubtest.Run{Commit: w.Commit("x"), Branch: "main", Event: "push", Success: true})
		}, everything, "| catalog | wave 1 | everything is changed |"},
		"a plugin and those after it": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"ordering/a.js": "1"})
			w.Commit("y")
		}, outputs("false", `["ordering"]`, `["shipping"]`), "| shipping | wave 2 | comes after ordering |"},
		"the platform": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"platform-aws/a.js": "1"})
			w.Commit("y")
		}, everything, "| platform | first | folder: platform-aws/a.js"},
		"the framework": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"package.json": "{}"})
			w.Commit("y")
		}, everything, "| search | wave 1 | framework: package.json"},
		"what a failed run left": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"search/a.js": "1"})
			w.github.Ran(githubtest.Run{Commit: w.Commit("y"), Branch: "alpha", Event: "push"})
			w.Write(map[string]string{"shipping/a.js": "1"})
			w.Commit("z")
		}, outputs("false", `["search","shipping"]`), "the last run that deployed"},
		"what a skipped run left, and a pull request's run": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"search/a.js": "1"})
			w.deployed("y [Skip Deploy]")
			w.Write(map[string]string{"shipping/a.js": "1"})
			w.github.Ran(githubtest.Run{Commit: w.Commit("z"), Branch: "alpha", Event: "pull_request", Success: true})
		}, outputs("false", `["search","shipping"]`), ""},
		"what a failed run deployed, and was taken back": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"search/a.js": "1"})
			w.github.Ran(githubtest.Run{Commit: w.Commit("y"), Branch: "alpha", Event: "push"})
			w.Remove("search/a.js")
			w.Write(map[string]string{"shipping/a.js": "1"})
			w.Commit("z")
		}, outputs("false", `["search","shipping"]`), ", and 1 later that did not go well)"},
		"an old run that was started again": {func(w *world) {
			first := w.deployed("x")
			w.Write(map[string]string{"search/a.js": "1"})
			w.deployed("y")
			w.github.Again(first, true)
			w.Write(map[string]string{"shipping/a.js": "1"})
			w.Commit("z")
		}, outputs("false", `["search","shipping"]`), ""},
		"a failed run whose commit is gone": {func(w *world) {
			w.deployed("x")
			w.github.Ran(githubtest.Run{Commit: strings.Repeat("ab", 20), Branch: "alpha", Event: "push"})
		}, everything, "as after a push with force"},
		"nothing": {func(w *world) { w.deployed("x") }, outputs("false"), "| catalog | not | nothing that it is made of changed |"},
		"skip": {func(w *world) {
			w.deployed("x")
			w.Write(map[string]string{"search/a.js": "1"})
			w.Commit("y\n\n[skip deploy]")
		}, outputs("false"), "**Nothing is deployed**, because the message of the head commit says"},
		"pushed with force": {func(w *world) {
			w.deployed("x")
			w.Git("reset", "--quiet", "--hard", "HEAD~1")
			w.Write(map[string]string{"search/a.js": "1"})
			w.Commit("y")
			w.Git("reflog", "expire", "--expire=now", "--all")
			w.Git("gc", "--quiet", "--prune=now")
		}, everything, "as after a push with force"},
		"a branch without stacks": {func(w *world) { w.values["GITHUB_REF_NAME"] = "feature/x" },
			map[string]string{"environment": "feature/x", "platform": "false", "wave-1": "[]", "wave-2": "[]", "wave-3": "[]"}, "| catalog | not | skipped: no stack can be called feature/x"},
		"a disabled plugin": {func(w *world) {
			w.Git("mv", "ordering-aws/Pulumi.alpha.yaml", "ordering-aws/Pulumi.alpha.yaml.disabled")
			w.Commit("x")
		}, outputs("true", `["catalog","search"]`, `["shipping"]`), "ordering-aws/Pulumi.alpha.yaml is disabled"},
		"another repository's workflow": {func(w *world) {
			w.values["GITHUB_WORKFLOW_REF"] = "org/rules/.github/workflows/deploy.yml@refs/heads/main"
		}, everything, "the workflow is one of another repository"},
		"runs that are not known": {func(w *world) {
			w.values["GITHUB_WORKFLOW_REF"] = "org/shop/.github/workflows/other.yml@refs/heads/main"
		}, everything, "the runs of other.yml are not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.github.PerPage(1)
			test.do(w)
			got, summary, err := w.run("detect", "--waves", "3")
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			assert.Contains(t, summary, test.summary)
			assert.Contains(t, summary, "```mermaid\nflowchart TD\n")
		})
	}
}

func TestRemovedStackIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	commit := w.deployed("x")
	w.Write(map[string]string{"deploy-manifest.yaml": "platform: {path: platform-aws, name: shop-platform}\nplugins:\n  - {name: catalog, path: catalog-aws}\n"})
	w.Remove("ordering-aws")
	w.Commit("y")
	got, summary, err := w.run("detect", "--waves", "3")
	require.NoError(t, err)
	assert.Equal(t, outputs("false"), got)
	command := "git worktree add ../removed-" + commit[:12]
	assert.Contains(t, w.stdout.String(), "::warning title=The stack of shop-ordering is left behind::ordering is not in the manifest any more")
	assert.Contains(t, w.stdout.String(), "%0A"+command)
	assert.Contains(t, summary, "<pre>"+command)
	assert.Equal(t, 3, strings.Count(w.stdout.String(), "::warning"), "ordering, search and shipping")
}

func TestTooFewWaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deployed("x")
	_, _, err := w.run("detect", "--waves", "2")
	require.ErrorContains(t, err, "shipping needs 3 waves of plugins, and the workflow has 2: catalog → ordering → shipping. Take out a depends-on")
	assert.Contains(t, w.stdout.String(), "::error title=reventless ci detect::shipping needs 3 waves")
}

func TestRunsThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.values["GITHUB_TOKEN"] = "wrong-token"
	_, _, err := w.run("detect")
	require.ErrorContains(t, err, "401: Bad credentials")
	assert.NotContains(t, w.stdout.String(), "wrong-token")
}

// TestDetectGivesFilesNoCommands writes no line that a file of the repository has made.
func TestDetectGivesFilesNoCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deployed("x")
	w.Write(map[string]string{"search/\n::set-output name=wave-1::[\"catalog\"]\r\n::stop-commands::x": "1"})
	w.Commit("y")
	got, summary, err := w.run("detect", "--waves", "3")
	require.NoError(t, err)
	assert.Equal(t, outputs("false", `["search"]`), got)
	for _, text := range []string{w.stdout.String(), w.stderr.String(), summary} {
		assert.NotContains(t, text, "\n::set-output")
		assert.NotContains(t, text, "\n::stop")
	}
	assert.Contains(t, w.stderr.String(), `search/\n::set-output`)
}

// TestDetectOnADesk asks nothing of GitHub.
func TestDetectOnADesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.values = map[string]string{}
	_, _, err := w.run("detect")
	require.NoError(t, err)
	assert.Contains(t, w.stdout.String(), "environment=alpha\nplatform=true\nwave-1=[\"catalog\",\"search\"]\n")
}
