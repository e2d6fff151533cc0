// Package gittest makes git repositories for tests.
package gittest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Repository is a repository in a folder that goes with the test.
type Repository struct {
	t      testing.TB
	Folder string
}

// New makes a repository without commits whose branch is main.
func New(t testing.TB) *Repository {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	r := &Repository{t: t, Folder: folder}
	r.Git("init", "--quiet", "--initial-branch=main")
	return r
}

// Write writes files, by their paths.
func (r *Repository) Write(files map[string]string) {
	r.t.Helper()
	for name, text := range files {
		path := filepath.Join(r.Folder, filepath.FromSlash(name))
		require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(r.t, os.WriteFile(path, []byte(text), 0o644))
	}
}

// Remove removes a file or folder.
func (r *Repository) Remove(name string) {
	r.t.Helper()
	require.NoError(r.t, os.RemoveAll(filepath.Join(r.Folder, filepath.FromSlash(name))))
}

// Commit commits everything and returns the commit's hash.
func (r *Repository) Commit(message string) string {
	r.t.Helper()
	r.Git("add", "--all")
	r.Git("commit", "--quiet", "--allow-empty", "--message", message)
	return r.Git("rev-parse", "HEAD")
}

// Git runs git in the repository and returns what it prints. The user's own configuration has
// no say, nor has the repository of a hook that the tests run in.
func (r *Repository) Git(arguments ...string) string {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always", "-c", "gc.auto=0"}, arguments...)...)
	command.Dir = r.Folder
	command.Env = append(slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "GIT_") }), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := command.CombinedOutput()
	require.NoError(r.t, err, "git %v: %s", arguments, out)
	return strings.TrimSpace(string(out))
}

// Clone clones the repository with the options.
func (r *Repository) Clone(options ...string) *Repository {
	r.t.Helper()
	folder, err := filepath.EvalSymlinks(r.t.TempDir())
	require.NoError(r.t, err)
	r.Git(append(append([]string{"clone", "--quiet"}, options...), "file://"+r.Folder, folder)...)
	return &Repository{t: r.t, Folder: folder}
}
