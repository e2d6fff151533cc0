package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
)

// Base is the commit that is compared with.
type Base struct {
	// Commit is its full hash; "" when there is none, and Missing says why.
	Commit  string `json:"commit"`
	Missing string `json:"missing,omitempty"`
	// From is what named it, for people.
	From string `json:"from,omitempty"`
}

// fullHash is a commit that nobody has typed.
var fullHash = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// FindBase is the commit to compare with: the one that was asked for; else, for a pull
// request, what it has in common with GITHUB_BASE_REF; else the commit before the push, by
// the event in GITHUB_EVENT_PATH; else none.
//
// asked is nil when none was asked for. It may be "", which says that there is none, as
// before the first successful run: then everything is changed. So it is when a full hash
// that was asked for, or the commit before the push, was taken out of the repository by a
// push with force. A name that is unknown is an error, and so is a shallow clone that lacks
// the base, since both are mistakes that a line puts right. lookup is [os.LookupEnv].
func FindBase(ctx context.Context, repository *git.Repository, asked *string, lookup func(string) (string, bool)) (Base, error) {
	if _, exists, err := repository.Head(ctx); err != nil || !exists {
		return Base{Missing: "the repository has no commit yet"}, err
	}
	if asked != nil {
		return askedBase(ctx, repository, *asked)
	}
	if target, _ := lookup("GITHUB_BASE_REF"); target != "" {
		return pullRequestBase(ctx, repository, target)
	}
	if event, _ := lookup("GITHUB_EVENT_PATH"); event != "" {
		return pushBase(ctx, repository, event)
	}
	return Base{Missing: "nothing says what to compare with: name a commit with --base, as in `--base origin/main`"}, nil
}

func askedBase(ctx context.Context, repository *git.Repository, name string) (Base, error) {
	if none(name) {
		return Base{Missing: "--base is empty, so there is no earlier state to compare with"}, nil
	}
	commit, err := repository.Commit(ctx, name)
	var missing *git.MissingError
	switch {
	case errors.As(err, &missing) && !missing.Shallow && fullHash.MatchString(name):
		return Base{Missing: fmt.Sprintf("the base %s is not in the repository, as after a push with force", name)}, nil
	case err != nil:
		return Base{}, fmt.Errorf("--base: %w", err)
	}
	return Base{Commit: commit, From: "--base"}, nil
}

// pullRequestBase is what a pull request and its target have in common.
func pullRequestBase(ctx context.Context, repository *git.Repository, target string) (Base, error) {
	commit, err := repository.Commit(ctx, "refs/remotes/origin/"+target)
	if err != nil {
		if here, local := repository.Commit(ctx, "refs/heads/"+target); local == nil {
			commit, err = here, nil
		}
	}
	if err == nil {
		commit, err = repository.MergeBase(ctx, commit)
	}
	if err != nil {
		return Base{}, fmt.Errorf("find the base of the pull request into %s: %w", target, err)
	}
	return Base{Commit: commit, From: "the pull request's base " + target}, nil
}

// pushBase is the commit before the push of a GitHub event. Nobody asked for it, so that
// what keeps it away is no error.
func pushBase(ctx context.Context, repository *git.Repository, path string) (Base, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Base{}, fmt.Errorf("read the event of GITHUB_EVENT_PATH: %w", err)
	}
	var event struct {
		Before string `json:"before"`
	}
	if err := json.Unmarshal(text, &event); err != nil {
		return Base{}, fmt.Errorf("the event of GITHUB_EVENT_PATH, %s, is no JSON: %w", path, err)
	}
	switch {
	case event.Before == "":
		return Base{Missing: "the event is no push, so it does not say what to compare with: name a commit with --base"}, nil
	case none(event.Before):
		return Base{Missing: "the branch is new with this push"}, nil
	}
	commit, err := repository.Commit(ctx, event.Before)
	if missing := (*git.MissingError)(nil); errors.As(err, &missing) {
		if missing.Shallow {
			return Base{Missing: "of the commit before the push: " + missing.Error()}, nil
		}
		return Base{Missing: forced(event.Before)}, nil
	}
	if err != nil {
		return Base{}, err
	}
	if part, err := repository.Ancestor(ctx, commit); err != nil || !part {
		return Base{Missing: forced(commit)}, err
	}
	return Base{Commit: commit, From: "the commit before the push"}, nil
}

func forced(commit string) string {
	return fmt.Sprintf("the commit before the push, %s, is not in the branch's history any more: it was pushed with force", commit)
}

// none says that a name is that of no commit; GitHub writes zeros for it.
func none(name string) bool { return strings.Trim(name, "0 ") == "" }
