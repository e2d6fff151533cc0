// Package graph is the command "graph", which draws the stacks of a manifest and what they
// depend on.
//
//  1. It opens the manifest in an environment (package project) and makes a node of every
//     stack, and of every other stack that one of them reads.
//  2. With --deployed it asks the state of each stack what its plugins show others: root
//     fields of the API, extension points, and which of others they extend (package stack).
//  3. Package diagram writes it.
package graph

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/cli/internal/diagram"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// environment is what the command works with.
type environment struct {
	read     stack.Reader
	selected *stack.Selection
	lookup   func(string) (string, bool)
	manifest string
	output   string
	deployed bool
}

// New makes the command. selected has what the flags of the folder and the stack say.
func New(read stack.Reader, selected *stack.Selection) *cobra.Command {
	return (&environment{read: read, selected: selected, lookup: os.LookupEnv}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "graph",
		Short: "Draw the stacks of a manifest and what they depend on",
		Long: `Draw the stacks of deploy-manifest.yaml and what they depend on: the platform, depends-on
and the stacks that their configuration names. An arrow leads from a stack to one that is
deployed after it. Stacks of other repositories are dashed, those that do not take part in
the environment are marked. The manifest is looked for in the working directory, or that of
--cwd, and above; the environment is that of --stack, else the branch.`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if !slices.Contains(diagram.Formats, e.output) {
				return fmt.Errorf("the output format %q is not known: use mermaid, dot, svg or json", e.output)
			}
			return nil
		},
		RunE: e.run,
	}
	flags := command.Flags()
	flags.StringVar(&e.manifest, "manifest", "", "the manifest (default: the nearest deploy-manifest.yaml)")
	flags.StringVarP(&e.output, "output", "o", "mermaid", "format of the output: mermaid, dot, svg or json")
	flags.BoolVar(&e.deployed, "deployed", false, "also what the deployed stacks show: root fields, extension points and what extends them; needs the pulumi command")
	return command
}

func (e *environment) run(command *cobra.Command, _ []string) error {
	plan, err := project.Open(command.Context(), project.Selection{Folder: e.selected.Folder, Manifest: e.manifest, Environment: e.selected.Stack}, e.lookup)
	if err != nil {
		return err
	}
	drawn := Draw(plan)
	if e.deployed {
		problems := e.ask(command.Context(), plan, drawn)
		if len(problems) > 0 && !slices.ContainsFunc(drawn.Nodes, func(node diagram.Node) bool { return node.Deployed != nil && node.Deployed.Missing == "" }) {
			return fmt.Errorf("nothing is known of what is deployed: %w", errors.Join(problems...))
		}
		for _, problem := range problems {
			fmt.Fprintln(command.ErrOrStderr(), problem)
		}
	}
	return drawn.Write(command.OutOrStdout(), e.output)
}

// ask fills in what the stacks that take part have deployed. Of one that is not deployed yet
// nothing is known, and why is among the problems.
func (e *environment) ask(ctx context.Context, plan *project.Plan, drawn *diagram.Graph) []error {
	read, problems := make([]*stack.Stack, len(plan.Targets)), make([]error, len(plan.Targets))
	var asking errgroup.Group
	asking.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for i, target := range plan.Targets {
		if target.Skip != "" {
			continue
		}
		asking.Go(func() error {
			read[i], problems[i] = e.read(ctx, stack.Selection{Folder: target.Folder, Stack: plan.Environment})
			if problems[i] != nil {
				problems[i] = fmt.Errorf("%s: %w", target.Name, problems[i])
			}
			return nil
		})
	}
	_ = asking.Wait() // each has its own problem
	topics := topicsOf(read)
	for i, target := range plan.Targets {
		if target.Skip == "" {
			drawn.Nodes[i].Deployed = deployed(read[i], topics)
		}
	}
	return slices.DeleteFunc(problems, func(problem error) bool { return problem == nil })
}
