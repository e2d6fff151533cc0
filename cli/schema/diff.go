package schema

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/schemadiff"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
)

func (e *environment) diff() *cobra.Command {
	fail := false
	command := &cobra.Command{
		Use:   "diff",
		Short: "Compare the schema that the files make with that of the platform's API",
		Long: `Compare the schema that the schema files of the manifest's plugins make with that of the
platform's API: what would be added, removed and changed, and which of it breaks clients. Of directives
those are compared that say who may use a field, and @deprecated.

Exit codes: 0 it was compared, 2 there are breaking changes and --fail-on-breaking was given, 1 the
command itself failed.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			changes, err := e.changes(command.Context())
			if err != nil {
				return err
			}
			if err := e.printChanges(command.OutOrStdout(), changes); err != nil {
				return err
			}
			if n := len(schemadiff.Breaking(changes)); fail && n > 0 {
				return &exit.Error{Code: CodeFound, Text: fmt.Sprintf("%d changes break clients", n)}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&fail, "fail-on-breaking", false, "end with exit code 2 when clients would break")
	command.Flags().BoolVar(&e.json, "json", false, "print as JSON")
	return command
}

func (e *environment) changes(ctx context.Context) ([]schemadiff.Change, error) {
	plan, platform, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	if platform == nil {
		return nil, notDeployed(plan)
	}
	composition, err := e.composed(ctx, plan, platform)
	if err != nil {
		return nil, err
	}
	text, err := e.api.Schema(ctx, platform.Platform)
	if err != nil {
		return nil, err
	}
	before, err := sdl.ParseLive(text)
	if err != nil {
		return nil, err
	}
	after, err := sdl.ParseLive(composition.SDL)
	if err != nil {
		return nil, err
	}
	return schemadiff.Compare(before.Types(), after.Types()), nil
}

func (e *environment) printChanges(out io.Writer, changes []schemadiff.Change) error {
	if e.json {
		return writeJSON(out, struct {
			Breaking int                 `json:"breaking"`
			Changes  []schemadiff.Change `json:"changes"`
		}{len(schemadiff.Breaking(changes)), append([]schemadiff.Change{}, changes...)})
	}
	for _, change := range changes {
		mark := "safe"
		if change.Breaking {
			mark = "breaking"
		}
		fmt.Fprintf(out, "%-8s  %-7s  %s: %s\n", mark, change.Kind, change.Path, change.Text)
	}
	_, err := fmt.Fprintf(out, "%d changes, %d of them breaking\n", len(changes), len(schemadiff.Breaking(changes)))
	return err
}
