// Package changed is the command "changed", which says which stacks of a manifest changed
// since a commit, and why.
//
//  1. It opens the manifest in an environment (package project), and at the same time finds
//     the base and what changed since (package change).
//  2. It prints that for people, or as JSON for continuous integration; [change.Schema]
//     describes it.
//
// It changes nothing and asks neither Pulumi nor AWS. That nothing changed is no error.
package changed

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// environment is what the command works with.
type environment struct {
	selected *stack.Selection
	lookup   func(string) (string, bool)
	manifest string
	base     string
	output   string
}

// New makes the command. selected has what the flags of the folder and the stack say.
func New(selected *stack.Selection) *cobra.Command {
	return (&environment{selected: selected, lookup: os.LookupEnv}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "changed",
		Short: "Say which stacks of a manifest changed since a commit, and why",
		Long: `Say which stacks of deploy-manifest.yaml changed since a commit, and why. The manifest is
looked for in the working directory, or that of --cwd, and above. What is not committed
counts too.

The base is the commit of --base; else, in a GitHub run for a pull request, what it has in
common with its target; else the commit before the push. Without a base, also with an empty
--base, everything is changed. The environment, the name of the stacks, is that of --stack,
else the branch.

The exit code is 0 also when nothing changed.`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if e.output != "text" && e.output != "json" {
				return fmt.Errorf("the output format %q is not known: use text or json", e.output)
			}
			return nil
		},
		RunE: e.run,
	}
	flags := command.Flags()
	flags.StringVar(&e.base, "base", "", "the commit to compare with: a hash, branch or tag; empty for none")
	flags.StringVar(&e.manifest, "manifest", "", "the manifest (default: the nearest deploy-manifest.yaml)")
	flags.StringVarP(&e.output, "output", "o", "text", "format of the output: text or json")
	return command
}

func (e *environment) run(command *cobra.Command, _ []string) error {
	ctx := command.Context()
	var asked *string
	if command.Flags().Changed("base") {
		asked = &e.base
	}
	_, result, err := change.Read(ctx, project.Selection{Folder: e.selected.Folder, Manifest: e.manifest, Environment: e.selected.Stack}, asked, e.lookup)
	if err != nil {
		return err
	}
	if e.output == "json" {
		encoder := json.NewEncoder(command.OutOrStdout())
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(result)
	}
	return result.Print(command.OutOrStdout())
}
