package schema

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
)

func (e *environment) print() *cobra.Command {
	composed, fromAPI, owners := false, false, false
	command := &cobra.Command{
		Use:   "print",
		Short: "Print the schema of the platform's API, or the one that the files make",
		Long: `Print the schema of the platform's API as SDL. With --composed the one that the schema files
of the manifest's plugins make, with the fragments of connected plugins of other repositories. With
--owners a comment says before it whose each root field is.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			plan, platform, err := e.open(command.Context())
			if err != nil {
				return err
			}
			text, owned, err := e.text(command.Context(), plan, platform, composed)
			if err != nil {
				return err
			}
			if owners {
				printOwners(command.OutOrStdout(), owned)
			}
			_, err = io.WriteString(command.OutOrStdout(), text)
			return err
		},
	}
	command.Flags().BoolVar(&composed, "composed", false, "print what the files make")
	command.Flags().BoolVar(&fromAPI, "live", false, "print what the API has (the default)")
	command.Flags().BoolVar(&owners, "owners", false, "say whose each root field is")
	command.MarkFlagsMutuallyExclusive("composed", "live")
	return command
}

// text is a schema and the owners of its root fields.
func (e *environment) text(ctx context.Context, plan *project.Plan, platform *live, composed bool) (string, map[string]string, error) {
	if composed {
		composition, err := e.composed(ctx, plan, platform)
		if err != nil {
			return "", nil, err
		}
		return composition.SDL, composition.Fields, nil
	}
	if platform == nil {
		return "", nil, notDeployed(plan)
	}
	text, err := e.api.Schema(ctx, platform.Platform)
	if err != nil {
		return "", nil, err
	}
	read, err := sdl.ParseLive(text)
	if err != nil {
		return "", nil, err
	}
	plugins, err := e.api.Connected(ctx, platform.Platform)
	return text, ownersOf(read, plugins), err
}

func notDeployed(plan *project.Plan) error {
	return fmt.Errorf("%w, %s: deploy it with `reventless up --stack %[2]s`, or name another with --stack; `reventless schema print --composed` needs none", errNoPlatform, plan.Environment)
}

// ownersOf says whose the root fields of an API are, "" of those that nobody has any more.
func ownersOf(read *sdl.Live, plugins []Connected) map[string]string {
	platform, _ := sdl.ParseLive(sdl.PlatformSDL)
	owners := map[string]string{}
	for field := range read.RootFields() {
		owners[field] = ""
		if platform.RootFields()[field] {
			owners[field] = protocol.PlatformPlugin
		}
	}
	for _, plugin := range plugins {
		for _, field := range plugin.Fields {
			owners[field] = plugin.Plugin
		}
	}
	return owners
}

func printOwners(out io.Writer, owners map[string]string) {
	for _, field := range slices.Sorted(maps.Keys(owners)) {
		fmt.Fprintf(out, "# %s: %s\n", field, cmp.Or(owners[field], "(nobody's, kept for its resolver)"))
	}
	fmt.Fprintln(out)
}
