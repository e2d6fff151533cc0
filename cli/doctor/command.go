package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// CodeProblem is the code that the command exits with when there is a problem.
const CodeProblem = 2

// New makes the command. selected has what the flags of the folder and the stack say, version
// is the release of the command line.
func New(selected *stack.Selection, version string) *cobra.Command {
	var manifest string
	return command(&manifest, func() Sources {
		folder := selected.Folder
		if folder == "" {
			folder = "."
		}
		return Sources{
			Find: func() (Pulumi, error) { return pulumi.Find() },
			Plan: func(ctx context.Context) (*project.Plan, error) {
				return project.Open(ctx, project.Selection{Folder: selected.Folder, Manifest: manifest, Environment: selected.Stack}, os.LookupEnv)
			},
			AWS: &account{}, Ignored: ignored, Environ: os.Environ(), Now: time.Now, Folder: folder, Version: version,
		}
	})
}

func ignored(ctx context.Context, path string) (bool, error) {
	repository, err := git.Open(ctx, filepath.Dir(path))
	if err != nil {
		return false, err
	}
	return repository.Ignored(ctx, path)
}

func command(manifest *string, sources func() Sources) *cobra.Command {
	asJSON, schema, all := false, false, false
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps the stacks of the manifest from working, and say how to mend it",
		Long: `Look for what keeps the stacks of the manifest from being deployed or from working, in the
environment of --stack or the git branch: the pulumi command and its login, the manifest and the
projects, configuration, AWS credentials, states, references between stacks, releases, what the
platform's registry says of each plugin, and dead letters. Nothing is changed.

Exit codes: 0 there is no problem, though there may be warnings, 2 there is one, 1 the command itself
failed.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if schema {
				_, err := command.OutOrStdout().Write(Schema)
				return err
			}
			report := Examine(command.Context(), sources())
			if err := report.print(command, asJSON, all); err != nil {
				return err
			}
			if n := report.Counts[Problem]; n > 0 {
				return &exit.Error{Code: CodeProblem, Text: fmt.Sprintf("%s; mend what is said above and run this again", plural(n, "problem"))}
			}
			return nil
		},
	}
	command.Flags().StringVar(manifest, "manifest", "", "another manifest than the deploy-manifest.yaml of the folder or the nearest one above")
	command.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	command.Flags().BoolVar(&schema, "json-schema", false, "print the JSON Schema of --json and do nothing else")
	command.Flags().BoolVar(&all, "all", false, "show what is ok too")
	return command
}

func (r *Report) print(command *cobra.Command, asJSON, all bool) error {
	if !asJSON {
		return r.Table(command.OutOrStdout(), all)
	}
	encoder := json.NewEncoder(command.OutOrStdout())
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
