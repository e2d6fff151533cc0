package ci

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
)

func code(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 1
}

func TestDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.github.Job("deploy / detect", "success")
	w.github.Job("deploy / platform", "skipped")
	w.github.Job("deploy / catalog", "success")
	w.github.Job("deploy / search", "failure")
	w.github.Job("ordering", "failure")
	w.github.Job("deploy / ordering", "")
	_, summary, err := w.run("deploy", "--only", "ordering")
	require.NoError(t, err)
	assert.Equal(t, []string{"up ordering alpha"}, w.calls)
	assert.Contains(t, w.stderr.String(), "ordering | create aws:dynamodb/table:Table events")
	assert.Contains(t, summary, "| ordering | succeeded | 0 s | 1 create |")
}

// TestDeployAfterFailure leaves a stack alone when one that it comes after, directly or not,
// was not deployed.
func TestDeployAfterFailure(t *testing.T) {
	t.Parallel()
	for name, conclusion := range map[string]string{"failed": "failure", "cancelled": "cancelled", "still runs": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.github.PerPage(1)
			w.github.Job("deploy / catalog", conclusion)
			w.github.Job("deploy / ordering", "success")
			_, summary, err := w.run("deploy", "--only", "shipping")
			assert.Equal(t, 2, code(err))
			assert.Empty(t, w.calls)
			assert.Contains(t, w.stdout.String(), "::error title=shipping is blocked::shipping was not deployed, because it comes after catalog (the job \"deploy / catalog\": ")
			assert.Contains(t, summary, "### shipping is blocked")
			_, _, err = w.run("deploy", "--only", "search")
			require.NoError(t, err)
		})
	}
}

func TestFailedDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fails["catalog"] = &pulumi.Failure{Kind: pulumi.Other, Errors: []string{"table <x>: no\nwith pul-0123456789", "100%"}}
	_, summary, err := w.run("deploy", "--only", "catalog")
	assert.Equal(t, 2, code(err))
	require.ErrorContains(t, err, "up of catalog failed; mend what is said above")
	assert.Contains(t, w.stdout.String(), "::error title=up of catalog failed::table <x>: no%0Awith ***%0A100%25\n")
	assert.Contains(t, summary, "<pre>table &lt;x&gt;: no\nwith ***\n100%</pre>")
	assert.NotContains(t, summary, "pul-0123456789")

	w.fails["catalog"] = &pulumi.Failure{Kind: pulumi.Locked, Errors: []string{"locked"}}
	_, summary, err = w.run("deploy", "--only", "catalog")
	assert.Equal(t, 2, code(err))
	assert.Contains(t, summary, "pulumi cancel --stack alpha")
}

func TestDeployOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, err := w.run("deploy", "--only", "*")
	require.ErrorContains(t, err, `no stack is called "*"; there are platform, catalog, ordering, search, shipping`)
	assert.Equal(t, 1, code(err))
	_, _, err = w.run("deploy")
	require.ErrorContains(t, err, `"only" not set`)
	w.values["GITHUB_TOKEN"] = "wrong-token"
	_, _, err = w.run("deploy", "--only", "catalog")
	require.ErrorContains(t, err, "it is not known whether what catalog comes after was deployed")
	assert.Empty(t, w.calls)
}

// TestInterruptedDeploy passes the first interrupt on: a runner kills soon after it.
func TestInterruptedDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.interrupted = true
	_, summary, err := w.run("deploy", "--only", "platform")
	assert.Equal(t, 130, code(err))
	assert.Contains(t, w.stdout.String(), "::error title=up was interrupted::run the job again")
	assert.Contains(t, summary, "**platform failed**")
}
