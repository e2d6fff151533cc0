package dev

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// New makes the command. selected has what the flags of the folder and the stack say,
// version is that of the provider.
func New(selected *stack.Selection, version string) *cobra.Command {
	options := Options{Version: version}
	file := ""
	command := &cobra.Command{
		Use:   "dev",
		Short: "Run the stacks of the manifest on a local AWS, and deploy what changes",
		Long: `Run the stacks of the manifest on a local AWS, and deploy what changes. No account is
needed and none is reached. What the local AWS holds is saved, below .reventless/dev, and the
next run goes on with it; with --fresh it begins empty.

The configuration is that of the environment that --stack or the branch names, or else the
first one that there is. The programs pulumi-resource-reventless and pulumi-resource-aws
(the stand-in) are looked for beside this one, pulumi and moto_server (pip install
'moto[server]') on the PATH or in .tools/bin and .venv.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			plan, err := open(command.Context(), project.Selection{Folder: selected.Folder, Manifest: file, Environment: selected.Stack})
			if err != nil {
				return err
			}
			return Run(command.Context(), plan, options, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&file, "manifest", "", "another manifest than the deploy-manifest.yaml of the folder or the nearest one above")
	flags.StringSliceVar(&options.Only, "only", nil, "only these stacks of the manifest")
	flags.IntVar(&options.Port, "port", 0, "port of the local AWS; 0 takes a free one")
	flags.IntVar(&options.PagePort, "page-port", 0, "port of the live page; 0 takes a free one")
	flags.StringSliceVar(&options.Groups, "groups", []string{"Admin"}, "groups of the user whose token GraphiQL is given, where the platform has users")
	flags.BoolVar(&options.Quiet, "quiet", false, "leave out what functions write")
	flags.BoolVar(&options.Fresh, "fresh", false, "begin empty; what earlier runs saved in this environment is deleted")
	flags.BoolVar(&options.Prune, "prune", false, "destroy stacks that are deployed and were taken out of the manifest, with their data")
	flags.StringSliceVar(&options.Programs, "programs", programs(), "folders in which the programs are looked for")
	return command
}

// programs are the folder of this program, that of the tools beside it, and the PATH.
func programs() []string {
	var folders []string
	if own, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Dir(own), filepath.Join(filepath.Dir(filepath.Dir(own)), ".tools", "bin"))
	}
	return append(folders, filepath.SplitList(os.Getenv("PATH"))...)
}

// open opens the manifest in the environment that was asked for or is the branch's, or else
// in the first one for which its first project has a file.
func open(ctx context.Context, selected project.Selection) (*project.Plan, error) {
	plan, err := project.Open(ctx, selected, os.LookupEnv)
	if selected.Environment != "" || err == nil && slices.ContainsFunc(plan.Targets, func(target project.Target) bool { return target.Skip == "" }) {
		return plan, err
	}
	other := selected
	if other.Environment = firstEnvironment(selected); other.Environment == "" {
		return plan, err
	}
	return project.Open(ctx, other, os.LookupEnv)
}

func firstEnvironment(selected project.Selection) string {
	path := selected.Manifest
	if path == "" {
		path, _ = manifest.Find(selected.Folder)
	}
	read, err := manifest.Read(path)
	if err != nil {
		return ""
	}
	files, _ := filepath.Glob(filepath.Join(read.Stacks[0].Folder, "Pulumi.*.yaml"))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		if name != "local" {
			return name
		}
	}
	return ""
}
