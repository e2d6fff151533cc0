package schema

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/schemadiff"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
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

func (e *environment) diff() *cobra.Command {
	fail := false
	command := &cobra.Command{
		Use:   "diff",
		Short: "Compare the schema that the files make with that of the platform's API",
		Long: `Compare the schema that the schema files of the manifest's plugins make with that of the
platform's API: what would be added, removed and changed, and which of it breaks clients. Directives are
not compared, but for @deprecated.

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

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
