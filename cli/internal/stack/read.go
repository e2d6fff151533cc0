package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Reader reads a stack; [Read] is the one, commands take it as an argument for their tests.
type Reader func(context.Context, Selection) (*Stack, error)

// Read reads what a stack has deployed. An error says what is missing: the project, the
// pulumi command, the stack, a deployment.
func Read(ctx context.Context, selected Selection) (*Stack, error) {
	opened, folder, name, err := open(ctx, selected)
	if err != nil {
		return nil, err
	}
	deployment, err := export(ctx, opened, name)
	if err != nil {
		return nil, err
	}
	found, err := Parse(name, deployment)
	if err != nil {
		return nil, fmt.Errorf("read the state of the stack %q in %s: %w", name, folder, err)
	}
	if len(found.Plugins)+len(found.Platforms) == 0 {
		return nil, fmt.Errorf("the stack %q in %s has neither a plugin nor a platform deployed: run 'pulumi up' there, or name another stack with --stack or another folder with --cwd", name, folder)
	}
	return found, nil
}

// open finds the project's folder and the stack's name.
func open(ctx context.Context, selected Selection) (opened auto.Workspace, folder, name string, err error) {
	if folder, err = project(selected.Folder); err != nil {
		return nil, "", "", err
	}
	if opened, err = auto.NewLocalWorkspace(ctx, auto.WorkDir(folder)); err != nil {
		return nil, "", "", fmt.Errorf("run the pulumi command, which knows the stacks: %w; install it from https://www.pulumi.com/docs/install and put it on the PATH", err)
	}
	name, err = choose(ctx, opened, folder, selected.Stack)
	return opened, folder, name, err
}

// project is the folder of the Pulumi project that a folder is in.
func project(folder string) (string, error) {
	if folder == "" {
		folder = "."
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(absolute); err != nil || !info.IsDir() {
		return "", fmt.Errorf("there is no folder %s: name the Pulumi project's folder with --cwd", absolute)
	}
	path, err := workspace.DetectProjectPathFrom(absolute)
	if errors.Is(err, workspace.ErrProjectNotFound) {
		return "", fmt.Errorf("there is no Pulumi.yaml in %s nor above it: name the Pulumi project's folder with --cwd", absolute)
	}
	if err != nil {
		return "", fmt.Errorf("look for the Pulumi project of %s: %w", absolute, err)
	}
	return filepath.Dir(path), nil
}

// choose gives the stack's name: the one that was asked for if it is there, else the
// selected one.
func choose(ctx context.Context, opened auto.Workspace, folder, wanted string) (string, error) {
	stacks, err := opened.ListStacks(ctx)
	if err != nil {
		return "", fmt.Errorf("list the stacks of the project in %s: %w", folder, err)
	}
	var names []string
	for _, stack := range stacks {
		if wanted == "" && stack.Current {
			return stack.Name, nil
		}
		names = append(names, stack.Name)
	}
	return pick(names, wanted, folder)
}

// pick looks for the stack that was asked for. Names may be qualified, as in
// organization/project/stack, on either side.
func pick(names []string, wanted, folder string) (string, error) {
	for _, name := range names {
		if wanted != "" && (name == wanted || strings.HasSuffix(name, "/"+wanted) || strings.HasSuffix(wanted, "/"+name)) {
			return name, nil
		}
	}
	there := "it has none: run 'pulumi up' there first"
	if len(names) > 0 {
		there = "it has " + strings.Join(names, ", ")
	}
	if wanted == "" {
		return "", fmt.Errorf("no stack of the project in %s is selected, name one with --stack; %s", folder, there)
	}
	return "", fmt.Errorf("the project in %s has no stack %q; %s.%s", folder, wanted, there, schema.Suggest(wanted, names))
}

// export reads a stack's state. The Automation API's own method decrypts the secrets,
// which needs their key and is for nothing here.
func export(ctx context.Context, opened auto.Workspace, name string) (json.RawMessage, error) {
	var state apitype.UntypedDeployment
	if err := ask(ctx, opened, &state, "stack", "export", "--stack", name); err != nil {
		return nil, fmt.Errorf("read the state of the stack %q: %w", name, err)
	}
	return state.Deployment, nil
}

// ask runs the pulumi command and decodes what it prints.
func ask(ctx context.Context, opened auto.Workspace, answer any, arguments ...string) error {
	var environment []string
	if home := opened.PulumiHome(); home != "" {
		environment = append(environment, "PULUMI_HOME="+home)
	}
	out, printed, _, err := opened.PulumiCommand().Run(ctx, opened.WorkDir(), nil, nil, nil, environment, arguments...)
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(printed))
	}
	return json.Unmarshal([]byte(out), answer)
}
