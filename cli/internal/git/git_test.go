package git_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
)

func open(t *testing.T, folder string) *git.Repository {
	t.Helper()
	repository, err := git.Open(t.Context(), folder)
	require.NoError(t, err)
	return repository
}

func TestOpen(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{"a/b/c": ""})
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(made.Folder, link))
	repository := open(t, filepath.Join(link, "a"))
	assert.Equal(t, made.Folder, repository.Root)

	path, inside := repository.Path(filepath.Join(link, "a", "gone", "too"))
	assert.True(t, inside)
	assert.Equal(t, "a/gone/too", path)
	_, inside = repository.Path(filepath.Dir(made.Folder))
	assert.False(t, inside)

	assert.Equal(t, []string{"x/y", "a/y"}, linked(t, made, repository).Paths(filepath.Join(link, "a"), "../x/y"))
	assert.Empty(t, repository.Paths(made.Folder, "../x"))

	_, err := git.Open(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "is in no git repository: name a folder of one with --cwd")
	bare := made.Clone("--bare")
	_, err = git.Open(t.Context(), bare.Folder)
	assert.ErrorContains(t, err, "is bare")
}

// linked makes x a link to a.
func linked(t *testing.T, made *gittest.Repository, repository *git.Repository) *git.Repository {
	t.Helper()
	require.NoError(t, os.Symlink("a", filepath.Join(made.Folder, "x")))
	return repository
}

func TestWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := git.Open(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "there is no git command on the PATH, which knows what changed: install git")
}

// TestInHook runs as git runs hooks, with the hook's repository in the environment.
func TestInHook(t *testing.T) {
	made := gittest.New(t)
	made.Write(map[string]string{"a/b": ""})
	t.Setenv("GIT_DIR", ".git")
	repository, err := git.Open(t.Context(), filepath.Join(made.Folder, "a"))
	require.NoError(t, err)
	assert.Equal(t, made.Folder, repository.Root)
}

func TestHeadAndBranch(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	repository := open(t, made.Folder)
	_, exists, err := repository.Head(t.Context())
	require.NoError(t, err)
	assert.False(t, exists)
	branch, err := repository.Branch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "main", branch)

	hash := made.Commit("First\n\nwith a body [skip deploy]")
	head, exists, err := repository.Head(t.Context())
	require.NoError(t, err)
	assert.True(t, exists)
	assert.Equal(t, git.Commit{Hash: hash, Message: "First\n\nwith a body [skip deploy]"}, head)
	made.Git("checkout", "--quiet", "--detach")
	branch, err = repository.Branch(t.Context())
	require.NoError(t, err)
	assert.Empty(t, branch)
}

func TestCommit(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	first := made.Commit("first")
	made.Git("tag", "v1")
	lost := made.Commit("lost")
	made.Git("reset", "--quiet", "--hard", "HEAD^")
	second := made.Commit("second")
	repository := open(t, made.Folder)

	for name, want := range map[string]string{"v1": first, "main": second, first[:10]: first, lost: lost} {
		got, err := repository.Commit(t.Context(), name)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, name := range []string{"mian", "", "--all", "v1:x", "1234567890123456789012345678901234567890"} {
		_, err := repository.Commit(t.Context(), name)
		var missing *git.MissingError
		require.ErrorAs(t, err, &missing, name)
		assert.False(t, missing.Shallow)
		assert.ErrorContains(t, err, "git branch --all")
	}
	ancestor, err := repository.Ancestor(t.Context(), first)
	require.NoError(t, err)
	assert.True(t, ancestor)
	ancestor, err = repository.Ancestor(t.Context(), lost)
	require.NoError(t, err)
	assert.False(t, ancestor, "it was taken out with force")
	base, err := repository.MergeBase(t.Context(), lost)
	require.NoError(t, err)
	assert.Equal(t, first, base)
	made.Git("checkout", "--quiet", "--orphan", "other")
	made.Commit("unrelated")
	_, err = repository.MergeBase(t.Context(), "main")
	require.ErrorContains(t, err, "have no commit in common")
}

func TestShallow(t *testing.T) {
	t.Parallel()
	origin := gittest.New(t)
	first := origin.Commit("first")
	origin.Commit("second")
	repository := open(t, origin.Clone("--depth=1").Folder)
	shallow, err := repository.Shallow(t.Context())
	require.NoError(t, err)
	assert.True(t, shallow)
	_, err = repository.Commit(t.Context(), first)
	assert.ErrorContains(t, err, "fetch-depth: 0")

	origin.Git("checkout", "--quiet", "-b", "feature", first)
	origin.Commit("third")
	clone := origin.Clone("--depth=1", "--no-single-branch", "--branch=feature")
	_, err = open(t, clone.Folder).MergeBase(t.Context(), "origin/main")
	assert.ErrorContains(t, err, "fetch-depth: 0")
}

func TestChanged(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{
		".gitignore": "ignored\n", "same": "", "committed": "1", "staged": "1", "unstaged": "1", "deleted": "1", "moved": "a long enough text", "back": "1", "touched": "1",
	})
	base := made.Commit("base")
	made.Git("config", "diff.renames", "copies")
	made.Write(map[string]string{"committed": "2", "back": "2", "new/committed": ""})
	made.Commit("second")
	made.Write(map[string]string{"back": "1", "staged": "2", "touched": "1"})
	made.Git("mv", "moved", "elsewhere")
	made.Git("add", "staged")
	made.Write(map[string]string{"unstaged": "2", "new/ä file\n": "", "ignored": "", "sub/ignored": ""})
	made.Remove("deleted")
	repository := open(t, filepath.Join(made.Folder, "new"))
	difference, err := repository.Compare(t.Context(), base)
	require.NoError(t, err)
	assert.Equal(t, []string{"committed", "deleted", "elsewhere", "moved", "new/committed", "staged", "unstaged"}, difference.Tracked)
	listing, err := repository.Listing(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"new/ä file\n"}, listing.New)
	assert.Equal(t, []string{".gitignore", "back", "committed", "deleted", "elsewhere", "new/committed", "new/ä file\n", "same", "staged", "touched", "unstaged"}, listing.Files)

	_, err = repository.Compare(t.Context(), "1234567890123456789012345678901234567890")
	assert.Error(t, err)
}

func TestConflict(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{"a": "1"})
	base := made.Commit("base")
	made.Git("checkout", "--quiet", "-b", "other")
	made.Write(map[string]string{"a": "2"})
	made.Commit("other")
	made.Git("checkout", "--quiet", "main")
	made.Write(map[string]string{"a": "3"})
	made.Commit("main")
	require.Error(t, exec.CommandContext(t.Context(), "git", "-C", made.Folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "merge", "other").Run(), "it conflicts")
	repository := open(t, made.Folder)
	listing, err := repository.Listing(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &git.Listing{Files: []string{"a"}}, listing)
	difference, err := repository.Compare(t.Context(), base)
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, difference.Tracked)
	before, err := difference.Before(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"a": []byte("1")}, before)
}

func TestBefore(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{"a": "first\nlines\n", "folder/b c": "", "d": "no end", "gone": "was", "kind": "file"})
	base := made.Commit("base")
	made.Write(map[string]string{"a": "second", "new": ""})
	made.Remove("gone")
	made.Remove("kind")
	require.NoError(t, os.Symlink("a", filepath.Join(made.Folder, "kind")))
	made.Commit("second")
	difference, err := open(t, made.Folder).Compare(t.Context(), base)
	require.NoError(t, err)
	before, err := difference.Before(t.Context(), "a", "gone", "never", "new", "kind", "folder", "a b 3", "folder/b c", "x\ny", "../a", "d")
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"a": []byte("first\nlines\n"), "folder/b c": {}, "d": []byte("no end"), "gone": []byte("was"), "kind": []byte("file")}, before)
	before, err = difference.Before(t.Context())
	require.NoError(t, err)
	assert.Empty(t, before)
}

func TestList(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{".gitignore": "node_modules\n", "p/a/package.json": "", "p/a/b/package.json": "", "p/node_modules/c/package.json": "", "q/package.json": ""})
	repository := open(t, made.Folder)
	files, err := repository.List(t.Context(), "p/*/package.json")
	require.NoError(t, err)
	assert.Equal(t, []string{"p/a/package.json"}, files)
	files, err = repository.List(t.Context(), "p/**/package.json")
	require.NoError(t, err)
	assert.Equal(t, []string{"p/a/b/package.json", "p/a/package.json"}, files)
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Git("checkout", "--quiet", "-b", "feature/x")
	detached := gittest.New(t)
	detached.Commit("first")
	detached.Git("checkout", "--quiet", "--detach")
	pull := map[string]string{"GITHUB_BASE_REF": "main", "GITHUB_REF_NAME": "7/merge", "GITHUB_REF_TYPE": "branch"}
	tests := map[string]struct {
		folder, asked string
		variables     map[string]string
		want, problem string
	}{
		"the flag":               {detached.Folder, "alpha", pull, "alpha", ""},
		"a pull request's base":  {detached.Folder, "", pull, "main", ""},
		"a branch of a run":      {detached.Folder, "", map[string]string{"GITHUB_BASE_REF": "", "GITHUB_REF_NAME": "beta", "GITHUB_REF_TYPE": "branch"}, "beta", ""},
		"a tag's run":            {made.Folder, "", map[string]string{"GITHUB_REF_NAME": "v1", "GITHUB_REF_TYPE": "tag"}, "feature/x", ""},
		"the branch":             {made.Folder, "", nil, "feature/x", ""},
		"detached":               {detached.Folder, "", nil, "", "name it with --stack, as in `--stack alpha`"},
		"no repository":          {t.TempDir(), "", nil, "", "the environment is the git branch unless --stack names it, but"},
		"qualified flag":         {made.Folder, "org/shop/alpha", nil, "", "as in `--stack alpha`"},
		"a flag that cannot be":  {made.Folder, "a b", nil, "", "is no name of a stack"},
		"no repository is asked": {"/nowhere", "alpha", nil, "alpha", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := git.Environment(t.Context(), test.folder, test.asked, func(name string) (string, bool) {
				value, set := test.variables[name]
				return value, set
			})
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{".gitignore": "**/Pulumi.local.yaml\n", "a/Pulumi.local.yaml": "", "a/Pulumi.yaml": "", "b/Pulumi.local.yaml": ""})
	made.Git("add", "--force", "b/Pulumi.local.yaml")
	repository := open(t, made.Folder)
	for path, want := range map[string]bool{"a/Pulumi.local.yaml": true, "a/Pulumi.yaml": false, "b/Pulumi.local.yaml": false} {
		ignored, err := repository.Ignored(t.Context(), filepath.Join(made.Folder, filepath.FromSlash(path)))
		require.NoError(t, err)
		assert.Equal(t, want, ignored, path)
	}
	_, err := repository.Ignored(t.Context(), filepath.Join(t.TempDir(), "x"))
	assert.ErrorContains(t, err, "outside of the git repository")
}
