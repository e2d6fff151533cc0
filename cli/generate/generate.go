// Package generate is the command "generate", which makes the files that a platform or a
// plugin begins with.
//
//  1. What is there already says what is not given: the manifest, the Pulumi projects in it
//     and their Pulumi.<environment>.yaml files ([repository]).
//  2. Names are checked, and everything that is wrong is said at once; until then nothing is
//     written.
//  3. The files come from templates (package skeleton). Those that somebody edited are kept
//     (package generated).
//  4. The manifest, and the workspace that the repository has (package workspace), get
//     entries; what they say otherwise stays as it is written.
//  5. Each file's fate is printed, and then what to do next.
package generate

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// request is what a user asks for; what is empty is taken from what is there.
type request struct {
	selected *stack.Selection
	release  skeleton.Release
	// lookup reads a variable of the environment.
	lookup func(name string) string

	name, language, handler, region, organization, platform string
	environments, dependsOn                                 []string
	dryRun, github                                          bool
}

// New makes the command; version is that of the packages that generated programs ask for.
func New(version string, selected *stack.Selection) *cobra.Command {
	command := &cobra.Command{
		Use:   "generate",
		Short: "Make the files of a platform or a plugin",
		Long: `Make the files that a platform or a plugin begins with, and enter it into
deploy-manifest.yaml. They are yours to edit: when the command runs again it brings up
to date what nobody has edited, and leaves alone what somebody has.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newPlatform(version, selected), newPlugin(version, selected))
	return command
}

func newRequest(version string, selected *stack.Selection) *request {
	return &request{selected: selected, release: skeleton.Release(version), lookup: os.Getenv}
}

func newPlatform(version string, selected *stack.Selection) *cobra.Command {
	r := newRequest(version, selected)
	command := &cobra.Command{
		Use:   "platform [name]",
		Short: "Make platform-aws, the stack that plugins share",
		Long: `Make the folder platform-aws with the Pulumi project of a platform. The project is
called <name>-platform; the name is by default that of the folder. Plugins' projects
begin with the same name.`,
		Example: "  reventless generate platform my-app --env alpha --env main --region eu-west-1",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			r.name = strings.Join(arguments, "")
			return r.run(command, r.planPlatform)
		},
	}
	r.addFlags(command)
	command.Flags().BoolVar(&r.github, "github", false, "make "+skeleton.WorkflowFile+" too, which deploys the manifest's stacks when a branch is pushed")
	return command
}

func newPlugin(version string, selected *stack.Selection) *cobra.Command {
	r := newRequest(version, selected)
	command := &cobra.Command{
		Use:   "plugin <name>",
		Short: "Make a plugin: its handler and its stack",
		Long: `Make two folders: <name>, the handler with its schema and a test, which knows nothing
of AWS, and <name>-aws, the Pulumi project that deploys it.`,
		Example: "  reventless generate plugin ordering --handler python --depends-on catalog",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			r.name = arguments[0]
			return r.run(command, r.planPlugin)
		},
	}
	r.addFlags(command)
	flags := command.Flags()
	flags.StringVar(&r.handler, "handler", "", "the handler's language: "+strings.Join(skeleton.Handlers, ", ")+" (default: the one that is there, else nodejs)")
	flags.StringSliceVar(&r.dependsOn, "depends-on", nil, "a plugin of the manifest whose extension points are used; may be repeated")
	flags.StringVar(&r.organization, "org", "", "the Pulumi organization of the platform's stack (default: that of the other plugins, else organization, as on a self-managed backend)")
	flags.StringVar(&r.platform, "platform", "", "the platform of another repository, as <organization>/<project>")
	return command
}

func (r *request) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVarP(&r.language, "language", "l", "", "the program's language: "+strings.Join(skeleton.Languages, ", ")+" (default: the one that is there, else yaml)")
	flags.StringSliceVarP(&r.environments, "env", "e", nil, "an environment, which is the name of a stack; may be repeated (default: those that are there, else alpha)")
	flags.StringVar(&r.region, "region", "", "the AWS region (default: the one that is there, else AWS_REGION)")
	flags.BoolVar(&r.dryRun, "dry-run", false, "show what would be written, and write nothing")
}

// run plans, writes and reports.
func (r *request) run(command *cobra.Command, plan func(*repository) (*outcome, error)) error {
	repository, err := openRepository(r.selected.Folder)
	if err != nil {
		return err
	}
	planned, err := plan(repository)
	if err != nil {
		return err
	}
	if !r.dryRun {
		if err := planned.files.Write(); err != nil {
			return err
		}
	}
	planned.report(command.OutOrStdout(), command.ErrOrStderr(), r.dryRun)
	return nil
}

// problems collects what is wrong.
type problems struct{ found []error }

func (p *problems) add(format string, arguments ...any) {
	p.found = append(p.found, fmt.Errorf(format, arguments...))
}

// keep adds an error if there is one.
func (p *problems) keep(err error) {
	if err != nil {
		p.found = append(p.found, err)
	}
}

func (p *problems) err() error { return errors.Join(p.found...) }

// languageOf is the language of a program.
func (r *request) languageOf(p *problems, repository *repository, folder string) string {
	there, err := repository.language(folder)
	p.keep(err)
	return p.choose("language", r.language, there, folder, skeleton.Languages)
}

// choose is one of some words: the given one, else the one that is there, else the first.
// What is there cannot become another.
func (p *problems) choose(flag, given, there, folder string, known []string) string {
	switch {
	case given == "" && there == "":
		return known[0]
	case given == "":
		return there
	case !slices.Contains(known, given):
		p.add("--%s has no value %q, but %s.%s", flag, given, strings.Join(known, ", "), schema.Suggest(given, known))
	case there != "" && given != there:
		p.add("%s is in %s already, and the files of both would be mixed: leave out --%s, or remove the folder to begin anew", folder, there, flag)
	}
	return given
}
