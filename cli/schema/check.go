package schema

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
)

func (e *environment) check() *cobra.Command {
	offline := false
	command := &cobra.Command{
		Use:   "check",
		Short: "Check the schema files of the manifest's plugins, alone, together and against the platform",
		Long: `Check the schema files of the manifest's plugins as the platform does: each alone, then all
together, then each against what is connected now, if a platform is deployed. All problems are said at
once, with file and line. Nothing is changed.

Exit codes: 0 all is well, 2 there are problems, 1 the command itself failed.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			problems, err := e.problems(command, offline)
			if err != nil {
				return err
			}
			if err := e.printProblems(command.OutOrStdout(), problems); err != nil {
				return err
			}
			if len(problems) > 0 {
				return &exit.Error{Code: CodeFound, Text: fmt.Sprintf("the schemas have %d problems", len(problems))}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&offline, "offline", false, "look at the files only")
	command.Flags().BoolVar(&e.json, "json", false, "print as JSON")
	return command
}

func (e *environment) problems(command *cobra.Command, offline bool) ([]problem, error) {
	ctx := command.Context()
	plan, err := e.plan(ctx, e.manifest)
	if err != nil {
		return nil, err
	}
	read, err := readLocal(plan)
	if err != nil {
		return nil, err
	}
	var platform *live
	if !offline {
		if platform, err = e.platform(ctx, plan); err != nil {
			return nil, fmt.Errorf("%w\nwith --offline the files alone are checked", err)
		}
		if platform == nil {
			fmt.Fprintf(command.ErrOrStderr(), "%s, so the files alone are checked.\n", errNoPlatform)
		}
	}
	_, parsed, problems := read.compose(modesOf(read, platform), nil)
	if platform == nil {
		return problems, nil
	}
	for i, f := range read.fragments {
		if parsed[i] == nil {
			continue // it cannot be asked about
		}
		found, err := e.ask(ctx, plan, platform, f, parsed[i])
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

// ask asks the platform about a fragment.
func (e *environment) ask(ctx context.Context, plan *project.Plan, platform *live, f fragment, parsed *sdl.Fragment) ([]problem, error) {
	version := cmp.Or(f.version, "0.0.0")
	result, err := e.api.Check(ctx, platform.Platform, protocol.ConnectRequest{
		Plugin: f.plugin, Version: version, Stack: stackOf(plan, platform, f), Fragment: parsed.SDL(), ExtensionPoints: f.points,
		Hash: sdl.Hash(version, parsed.SDL(), f.points),
	})
	if err != nil {
		return nil, err
	}
	var problems []problem
	for _, p := range result.Problems {
		// The place is one of the canonical text, not of the file; the message names the field.
		problems = append(problems, problem{Plugin: f.plugin, Place: f.file, Message: p.Message, Code: p.Code, From: "platform"})
	}
	return problems, nil
}

// stackOf is the name of a plugin's stack: the organization is that of its platform.
func stackOf(plan *project.Plan, platform *live, f fragment) string {
	organization := "organization"
	if parts := strings.Split(platform.stackName, "/"); len(parts) == 3 {
		organization = parts[0]
	}
	return organization + "/" + f.target.Project + "/" + plan.Environment
}

func (e *environment) printProblems(out io.Writer, problems []problem) error {
	if e.json {
		return writeJSON(out, struct {
			Problems []problem `json:"problems"`
		}{append([]problem{}, problems...)})
	}
	for _, p := range problems {
		fmt.Fprintf(out, "%s: %s (%s)\n", cmp.Or(p.Place, p.Plugin), p.Message, p.subject())
	}
	if len(problems) == 0 {
		fmt.Fprintln(out, "The schemas are well, alone and together.")
	}
	return nil
}

// subject names the plugin, the other one of a conflict, and the platform if it says so.
func (p problem) subject() string {
	text := p.Plugin
	if p.Other != "" {
		text += " and " + p.Other
	}
	if p.From == "platform" {
		text += ", says the platform"
	}
	return text
}
