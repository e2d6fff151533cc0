package change_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
)

const zeros = "0000000000000000000000000000000000000000"

// history has main, and from its first commit on the branch feature, which is checked out;
// lost is a commit that is in neither.
func history(t *testing.T) (made *gittest.Repository, commits map[string]string) {
	t.Helper()
	made = gittest.New(t)
	commits = map[string]string{"first": made.Commit("first"), "second": made.Commit("second")}
	made.Git("checkout", "--quiet", "-b", "feature", "HEAD^")
	commits["lost"] = made.Commit("lost")
	made.Git("reset", "--quiet", "--hard", "HEAD^")
	commits["third"] = made.Commit("third")
	commits["fourth"] = made.Commit("fourth")
	return made, commits
}

func event(t *testing.T, before string) map[string]string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"before": before})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return map[string]string{"GITHUB_EVENT_PATH": path}
}

func TestFindBase(t *testing.T) {
	t.Parallel()
	unknown := "1234567890123456789012345678901234567890"
	broken := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o600))
	made, commits := history(t)
	shallow := made.Clone("--depth=1", "--branch=feature")
	clone := made.Clone("--branch=feature")
	pull := map[string]string{"GITHUB_BASE_REF": "main", "GITHUB_EVENT_PATH": broken}
	asked := func(name string) *string { return &name }
	tests := map[string]struct {
		in                     *gittest.Repository
		asked                  *string
		variables              map[string]string
		want, missing, problem string
	}{
		"asked for":                     {in: made, asked: asked("main"), variables: pull, want: "second"},
		"asked for and gone":            {in: made, asked: asked(unknown), missing: "as after a push with force"},
		"asked for, as before any run":  {in: made, asked: asked(""), variables: pull, missing: "--base is empty"},
		"zeros":                         {in: made, asked: asked(zeros), missing: "--base is empty"},
		"misspelled":                    {in: made, asked: asked("mian"), problem: `--base: the repository has no commit "mian": see 'git branch --all'`},
		"shallow":                       {in: shallow, asked: asked(commits["first"]), problem: "fetch-depth: 0"},
		"a pull request":                {in: clone, variables: pull, want: "first"},
		"a pull request, locally":       {in: made, variables: pull, want: "first"},
		"a pull request, shallow":       {in: shallow, variables: pull, problem: "find the base of the pull request into main: the commit \"refs/remotes/origin/main\" is not in this clone, which is shallow"},
		"a pull request into nothing":   {in: made, variables: map[string]string{"GITHUB_BASE_REF": "mian"}, problem: "or fetch it with 'git fetch'"},
		"a push":                        {in: made, variables: event(t, commits["third"]), want: "third"},
		"a push of a new branch":        {in: made, variables: event(t, zeros), missing: "the branch is new with this push"},
		"a push with force":             {in: made, variables: event(t, commits["lost"]), missing: "it was pushed with force"},
		"a push with force, in a clone": {in: clone, variables: event(t, commits["lost"]), missing: "it was pushed with force"},
		"a push, shallow":               {in: shallow, variables: event(t, commits["third"]), missing: "fetch-depth: 0"},
		"another event":                 {in: made, variables: event(t, ""), missing: "the event is no push"},
		"a broken event":                {in: made, variables: map[string]string{"GITHUB_EVENT_PATH": broken}, problem: "is no JSON"},
		"no event":                      {in: made, variables: map[string]string{"GITHUB_EVENT_PATH": broken + "x"}, problem: "read the event of GITHUB_EVENT_PATH"},
		"nothing says":                  {in: made, missing: "name a commit with --base"},
		"a repository without a commit": {in: gittest.New(t), asked: asked("main"), missing: "the repository has no commit yet"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repository, err := git.Open(t.Context(), test.in.Folder)
			require.NoError(t, err)
			base, err := change.FindBase(t.Context(), repository, test.asked, func(name string) (string, bool) {
				value, set := test.variables[name]
				return value, set
			})
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, commits[test.want], base.Commit)
			assert.Equal(t, test.want != "", base.From != "")
			if test.missing == "" {
				assert.Empty(t, base.Missing)
			}
			assert.Contains(t, base.Missing, test.missing)
		})
	}
}

func TestWithoutCommit(t *testing.T) {
	t.Parallel()
	made, _ := shop(t)
	made.Remove(".git")
	made.Git("init", "--quiet")
	for stack, found := range reasons(detect(t, made, "", "alpha")) {
		assert.Equal(t, []string{"the repository has no commit yet: no-base"}, found, stack)
	}
}
