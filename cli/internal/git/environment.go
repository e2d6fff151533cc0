package git

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Environment is the name of the stacks that are meant: the one that was asked for; else the
// branch that a pull request goes into, by GITHUB_BASE_REF; else the branch of a GitHub run;
// else the branch that is checked out in a folder. lookup is [os.LookupEnv].
//
// A branch may be called as no stack can be, like feature/x. That is an environment that no
// project has a file for, and not an error: pushing such a branch deploys nothing. Nor is
// it made to a name that would do, since two branches could then mean one stack. A name that
// was asked for has to be right.
func Environment(ctx context.Context, folder, asked string, lookup func(string) (string, bool)) (string, error) {
	if asked != "" {
		return asked, checkAsked(asked)
	}
	value := func(name string) string { set, _ := lookup(name); return set }
	if base := value("GITHUB_BASE_REF"); base != "" {
		return base, nil
	}
	if name := value("GITHUB_REF_NAME"); name != "" && value("GITHUB_REF_TYPE") == "branch" {
		return name, nil
	}
	repository, err := Open(ctx, folder)
	if err != nil {
		return "", fmt.Errorf("the environment is the git branch unless --stack names it, but %w", err)
	}
	branch, err := repository.Branch(ctx)
	if err == nil && branch == "" {
		err = fmt.Errorf("no branch is checked out in %s, so there is no environment: name it with --stack, as in `--stack alpha`", repository.Root)
	}
	return branch, err
}

func checkAsked(name string) error {
	err := CheckStackName(name)
	if err != nil && strings.Contains(name, "/") {
		return fmt.Errorf("the environment %q is no name of a stack: give the last part alone, as in `--stack %s`; the organization and the projects are those of the stacks", name, name[strings.LastIndex(name, "/")+1:])
	}
	if err != nil {
		return fmt.Errorf("the environment %q of --stack is no name of a stack: %w", name, err)
	}
	return nil
}

// CheckStackName says what keeps a name from being that of a Pulumi stack.
func CheckStackName(name string) error {
	_, err := tokens.ParseStackName(name)
	return err
}
