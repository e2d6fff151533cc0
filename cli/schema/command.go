package schema

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
)

// CodeFound is the code that "check" exits with when it found a problem, and "diff
// --fail-on-breaking" when it found a breaking change.
const CodeFound = 2

// environment is what the commands work with.
type environment struct {
	plan func(ctx context.Context, manifest string) (*project.Plan, error)
	find func() (Pulumi, error)
	api  API

	manifest string
	json     bool
}

// New makes the command. selected has what the flags of the folder and the stack say.
func New(selected *stack.Selection) *cobra.Command {
	return (&environment{
		plan: func(ctx context.Context, manifest string) (*project.Plan, error) {
			return project.Open(ctx, project.Selection{Folder: selected.Folder, Manifest: manifest, Environment: selected.Stack}, os.LookupEnv)
		},
		find: func() (Pulumi, error) { return pulumi.Find() },
		api:  account{},
	}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "schema",
		Short: "Print, check and compare the GraphQL schema of the manifest's plugins",
		Args:  cobra.NoArgs,
		RunE:  func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(e.print(), e.check(), e.diff())
	for _, sub := range command.Commands() {
		sub.Flags().StringVar(&e.manifest, "manifest", "", "another manifest than the deploy-manifest.yaml of the folder or the nearest one above")
	}
	return command
}

// open reads the manifest and finds the platform, nil when none is deployed.
func (e *environment) open(ctx context.Context) (*project.Plan, *live, error) {
	plan, err := e.plan(ctx, e.manifest)
	if err != nil {
		return nil, nil, err
	}
	platform, err := e.platform(ctx, plan)
	return plan, platform, err
}

// platform finds the platform, nil when none is deployed.
func (e *environment) platform(ctx context.Context, plan *project.Plan) (*live, error) {
	command, err := e.find()
	if err != nil {
		return nil, err
	}
	found, err := findPlatform(ctx, command, plan)
	if errors.Is(err, errNoPlatform) {
		return nil, nil
	}
	return found, err
}

// others are the plugins that are connected.
func (e *environment) others(ctx context.Context, platform *live) ([]Connected, error) {
	if platform == nil {
		return nil, nil
	}
	return e.api.Connected(ctx, platform.Platform)
}

// modesOf are the API's authentication modes: those that it has, else those of the program, else
// the default.
func modesOf(l local, platform *live) []string {
	if platform != nil && len(platform.Modes) > 0 {
		return platform.Modes
	}
	if l.modes != nil {
		return l.modes
	}
	return resource{}.modes()
}

// composed is the schema that the files make, with what is deployed of other repositories.
func (e *environment) composed(ctx context.Context, plan *project.Plan, platform *live) (*sdl.Composition, error) {
	read, err := readLocal(plan)
	if err != nil {
		return nil, err
	}
	others, err := e.others(ctx, platform)
	if err != nil {
		return nil, err
	}
	composition, _, problems := read.compose(modesOf(read, platform), others)
	if len(problems) > 0 {
		return nil, fmt.Errorf("the files make no schema, there are %d problems: run `reventless schema check`", len(problems))
	}
	return composition, nil
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
