package ci

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/ci/githubtest"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
)

// changedPullRequest is a world with a pull request that changes catalog.
func changedPullRequest(t *testing.T, head string) *world {
	t.Helper()
	w := newWorld(t)
	w.pullRequest(head)
	w.Write(map[string]string{"catalog/a.js": "1"})
	w.Commit("change [skip deploy]")
	return w
}

// TestPreview keeps one comment, whatever else is said in the pull request.
func TestPreview(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	w.github.PerPage(1)
	w.github.Comment("please look")
	_, summary, err := w.run("preview")
	require.NoError(t, err)
	assert.Equal(t, []string{"preview catalog alpha", "preview ordering alpha", "preview shipping alpha"}, w.sorted())
	comments := w.github.Comments()
	require.Len(t, comments, 2)
	assert.True(t, strings.HasPrefix(comments[1].Body, "<!-- reventless-preview:"))
	assert.Contains(t, comments[1].Body, "| catalog | succeeded | 0 s | 1 create |\n")
	assert.Contains(t, comments[1].Body, "<summary>catalog: 1 create</summary>\n\n<pre>create   aws:dynamodb/table:Table events</pre>")
	assert.Contains(t, comments[1].Body, summary[:len(summary)-1])
	assert.Contains(t, w.stdout.String(), "::notice title=The preview::"+comments[1].URL)

	w.github.Comment("still looking")
	w.steps = append(w.steps, pulumi.Step{Operation: "delete", Type: "aws:sqs/queue:Queue", Name: "q"}, pulumi.Step{Operation: "same", Type: "x", Name: "same"})
	_, _, err = w.run("preview")
	require.NoError(t, err)
	comments = w.github.Comments()
	require.Len(t, comments, 3)
	assert.Contains(t, comments[1].Body, "delete   aws:sqs/queue:Queue q")
	assert.NotContains(t, comments[1].Body, "x same")

	w.Git("reset", "--quiet", "--hard", "alpha")
	_, _, err = w.run("preview")
	require.NoError(t, err)
	assert.Empty(t, w.calls)
	assert.Contains(t, w.github.Comments()[1].Body, "Nothing is to be deployed.")
}

func TestPreviewOfNothingMakesNoComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pullRequest(githubtest.Repository)
	w.Write(map[string]string{"README.md": "x"})
	w.Commit("x")
	_, summary, err := w.run("preview")
	require.NoError(t, err)
	assert.Contains(t, summary, "Nothing is to be deployed.")
	assert.Empty(t, w.github.Comments())
}

func TestFailedPreview(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	w.fails["catalog"] = &pulumi.Failure{Kind: pulumi.Other, Errors: []string{"no @team with pul-0123456789"}}
	_, _, err := w.run("preview")
	assert.Equal(t, 2, code(err))
	body := w.github.Comments()[0].Body
	assert.Contains(t, body, "<pre>no @team with ***</pre>")
	assert.Contains(t, body, "| ordering | blocked | 0 s | catalog failed |")
	assert.Contains(t, w.stdout.String(), "::error title=preview of catalog failed::no @team with ***\n")
}

// TestEscapedSecret hides a secret in whatever way Markdown has it written.
func TestEscapedSecret(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	w.values["PULUMI_CONFIG_PASSPHRASE"] = "a&b<c_d*e"
	w.fails["catalog"] = &pulumi.Failure{Kind: pulumi.Other, Errors: []string{"wrong: a&b<c_d*e"}}
	_, summary, err := w.run("preview")
	assert.Equal(t, 2, code(err))
	for _, text := range []string{summary, w.github.Comments()[0].Body} {
		assert.Contains(t, text, "| catalog | failed | 0 s | wrong: *** |")
		assert.Contains(t, text, "<pre>wrong: ***</pre>")
	}
}

func TestLongPreview(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	for i := range 5000 {
		w.steps = append(w.steps, pulumi.Step{Operation: "create", Type: "aws:dynamodb/table:Table", Name: fmt.Sprint("täble", i)})
	}
	_, summary, err := w.run("preview")
	require.NoError(t, err)
	comments := w.github.Comments()
	require.Len(t, comments, 1)
	assert.LessOrEqual(t, len(comments[0].Body), 65_000)
	assert.True(t, strings.HasSuffix(comments[0].Body, "</pre>\n</details>\n\n_This was shortened: the summary of the run has all._\n"))
	assert.Contains(t, summary, "täble4999")
}

func TestPreviewWithoutPermission(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	w.github.ReadOnly()
	_, summary, err := w.run("preview")
	require.NoError(t, err)
	assert.Contains(t, summary, "| catalog | succeeded")
	assert.Contains(t, w.stdout.String(), "::warning title=The preview is in the run's summary only::GitHub answered POST /repos/org/shop/issues/5/comments with 403: Resource not accessible by integration; give the job")
}

func TestPreviewOfFork(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, "somebody/shop")
	w.github.ReadOnly()
	_, _, err := w.run("preview")
	require.NoError(t, err)
	assert.Contains(t, w.stdout.String(), "::notice title=The preview is in the run's summary only::the pull request comes from a fork")

	w.values["PULUMI_ACCESS_TOKEN"], w.values["PULUMI_BACKEND_URL"] = "", "s3://state"
	_, summary, err := w.run("preview")
	require.NoError(t, err)
	assert.Empty(t, w.calls)
	assert.Contains(t, summary, "- catalog: beside: catalog/a.js")
	assert.Contains(t, w.stdout.String(), "::notice title=There is no preview")
}

// TestRetryForgets keeps only the steps of the last try.
func TestRetryForgets(t *testing.T) {
	t.Parallel()
	shown := record(io.Discard, pulumi.Preview)
	for _, name := range []string{"first", "second"} {
		shown.Retry("catalog", "busy", time.Second)
		shown.Step("catalog", pulumi.Step{Operation: "create", Name: name})
	}
	assert.Equal(t, map[string][]pulumi.Step{"catalog": {{Operation: "create", Name: "second"}}}, shown.steps)
}

// TestDetectForPullRequest has no regard for [skip deploy], and asks for no run.
func TestDetectForPullRequest(t *testing.T) {
	t.Parallel()
	w := changedPullRequest(t, githubtest.Repository)
	w.values["GITHUB_TOKEN"] = "wrong-token"
	got, summary, err := w.run("detect", "--waves", "3")
	require.NoError(t, err)
	assert.Equal(t, outputs("false", `["catalog"]`, `["ordering"]`, `["shipping"]`), got)
	assert.Contains(t, summary, "(the pull request's base alpha)")
}
