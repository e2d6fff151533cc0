// Package git asks git about the repository that a manifest is in.
//
//  1. [Open] finds the repository of a folder. Everything is asked of the git command, which
//     therefore has to be on the machine; nothing is changed, not even the index.
//  2. [Repository.Commit] finds a commit; what it answers when there is none says why:
//     the name is unknown, or the clone is shallow and lacks it.
//  3. [Repository.Listing] is what the working tree has, tracked and new; [Repository.Compare]
//     says in which files it differs from a commit, and what these were.
//  4. [Environment] is the name of the stacks that a branch is deployed to.
//
// Paths are relative to the repository's root, with slashes.
package git

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Repository is a working tree of a git repository.
type Repository struct {
	// Root is the absolute folder of the working tree, without symbolic links.
	Root string
}

// Commit is a commit.
type Commit struct {
	Hash, Message string
}

// Open finds the repository that a folder is in.
func Open(ctx context.Context, folder string) (*Repository, error) {
	out, err := run(ctx, folder, nil, "rev-parse", "--show-toplevel")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no git command on the PATH, which knows what changed: install git")
	case err != nil && strings.Contains(err.Error(), "not a git repository"):
		return nil, fmt.Errorf("%s is in no git repository: name a folder of one with --cwd, or make one with 'git init'", folder)
	case err != nil && strings.Contains(err.Error(), "must be run in a work tree"):
		return nil, fmt.Errorf("the git repository of %s is bare: name a folder of a checkout with --cwd", folder)
	case err != nil:
		return nil, fmt.Errorf("look for the git repository of %s: %w", folder, err)
	}
	root, err := filepath.EvalSymlinks(filepath.FromSlash(strings.TrimSuffix(string(out), "\n")))
	if err != nil {
		return nil, fmt.Errorf("look for the git repository of %s: %w", folder, err)
	}
	return &Repository{Root: root}, nil
}

// Path is where a file or folder, which need not exist, is in the repository; false when it
// is outside.
func (r *Repository) Path(path string) (string, bool) {
	relative, err := filepath.Rel(r.Root, resolve(path))
	if err != nil || !filepath.IsLocal(relative) {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// Paths are where a path that is relative to a folder leads in the repository: as it is
// written, and by the symbolic links in it if that is elsewhere. What is outside is left out.
func (r *Repository) Paths(folder, written string) (paths []string) {
	absolute := filepath.FromSlash(written)
	if !filepath.IsAbs(absolute) {
		absolute = filepath.Join(resolve(folder), absolute)
	}
	if relative, err := filepath.Rel(r.Root, absolute); err == nil && filepath.IsLocal(relative) {
		paths = append(paths, filepath.ToSlash(relative))
	}
	if led, inside := r.Path(absolute); inside && !slices.Contains(paths, led) {
		paths = append(paths, led)
	}
	return paths
}

// resolve follows the symbolic links of the part of a path that exists.
func resolve(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(resolve(parent), filepath.Base(path))
	}
	return path
}

// Branch is the checked out branch, also before its first commit; "" when the head is
// detached, as it is in most checkouts of continuous integration.
func (r *Repository) Branch(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() == 1 {
		return "", nil
	}
	return strings.TrimSpace(out), err
}

// Head is the commit that is checked out; false before the first commit.
func (r *Repository) Head(ctx context.Context) (Commit, bool, error) {
	out, err := r.git(ctx, "log", "-1", "--no-show-signature", "--format=%H%n%B", "HEAD")
	if err != nil {
		_, missing := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
		if failed := (*exec.ExitError)(nil); errors.As(missing, &failed) {
			return Commit{}, false, nil
		}
		return Commit{}, false, err
	}
	hash, message, _ := strings.Cut(out, "\n")
	return Commit{Hash: hash, Message: strings.TrimSpace(message)}, true, nil
}

// Shallow says whether the clone lacks the older history.
func (r *Repository) Shallow(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(out) == "true", err
}

// MissingError is why a commit cannot be had.
type MissingError struct {
	// Name is what was asked for.
	Name string
	// Shallow says that the clone lacks older commits, so that it may well exist elsewhere.
	Shallow bool
}

func (e *MissingError) Error() string {
	if e.Shallow {
		return fmt.Sprintf("the commit %q is not in this clone, which is shallow: fetch the whole history, with `fetch-depth: 0` of actions/checkout or 'git fetch --unshallow'", e.Name)
	}
	return fmt.Sprintf("the repository has no commit %q: see 'git branch --all' and 'git log' for those that it has, or fetch it with 'git fetch'", e.Name)
}

// Commit is the full hash of a commit that is named by a hash, branch or tag. It is a
// [*MissingError] when the clone does not have it.
func (r *Repository) Commit(ctx context.Context, name string) (string, error) {
	if name != "" && !strings.HasPrefix(name, "-") {
		out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}")
		if err == nil {
			return strings.TrimSpace(out), nil
		}
		if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) {
			return "", err
		}
	}
	return "", r.missing(ctx, name)
}

func (r *Repository) missing(ctx context.Context, name string) error {
	shallow, err := r.Shallow(ctx)
	if err != nil {
		return err
	}
	return &MissingError{Name: name, Shallow: shallow}
}

// Ancestor says whether a commit is part of the history of the head. A base that is not any
// more was taken out of it by a push with force.
func (r *Repository) Ancestor(ctx context.Context, commit string) (bool, error) {
	_, err := r.git(ctx, "merge-base", "--is-ancestor", commit, "HEAD")
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}

// MergeBase is the last commit that the head and another commit have in common. The error
// is a [*MissingError] when the clone is shallow and does not have it.
func (r *Repository) MergeBase(ctx context.Context, commit string) (string, error) {
	out, err := r.git(ctx, "merge-base", commit, "HEAD")
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() == 1 {
		if shallow, err := r.Shallow(ctx); shallow || err != nil {
			return "", cmp.Or[error](err, &MissingError{Name: "merge base of the head and " + commit, Shallow: true})
		}
		return "", fmt.Errorf("the head and %s have no commit in common: rebase the branch, or name the base with --base", commit)
	}
	return strings.TrimSpace(out), err
}

// List are the files of the working tree, tracked or new and not ignored, that match one of
// the patterns, in which ** stands for any number of folders.
func (r *Repository) List(ctx context.Context, patterns ...string) ([]string, error) {
	arguments := []string{"ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z", "--"}
	for _, pattern := range patterns {
		arguments = append(arguments, ":(top,glob)"+pattern)
	}
	out, err := r.git(ctx, arguments...)
	return split(out), err
}

// Ignored says whether git ignores a file. One that it tracks is not ignored, whatever
// .gitignore says.
func (r *Repository) Ignored(ctx context.Context, path string) (bool, error) {
	relative, inside := r.Path(path)
	if !inside {
		return false, fmt.Errorf("%s is outside of the git repository %s", path, r.Root)
	}
	_, err := r.git(ctx, "check-ignore", "--quiet", "--", relative)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}

func split(out string) []string {
	if out == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
}

func (r *Repository) git(ctx context.Context, arguments ...string) (string, error) {
	out, err := run(ctx, r.Root, nil, arguments...)
	return string(out), err
}

// run runs git in a folder. The folder alone decides which repository it is: in a hook, git
// names the hook's own in the environment.
func run(ctx context.Context, folder string, input []byte, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "git", arguments...)
	command.Dir = folder
	command.Stdin = bytes.NewReader(input)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_LITERAL_PATHSPECS"}, name)
	}), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0")
	var out, problem bytes.Buffer
	command.Stdout, command.Stderr = &out, &problem
	if err := command.Run(); err != nil {
		if said := strings.TrimSpace(problem.String()); said != "" {
			return nil, fmt.Errorf("git %s: %w: %s", arguments[0], err, said)
		}
		return nil, fmt.Errorf("git %s: %w", arguments[0], err)
	}
	return out.Bytes(), nil
}
