// Package config is the command "config", which shows what the components of a stack find
// as its values, and where.
//
//  1. The stack's configuration is read by the pulumi command, Pulumi.local.yaml and the
//     environment as the components read them (package localconfig).
//  2. For each key it prints the value that counts, its place, and what it shadows; of one
//     that nobody sets, what happens then. Secrets are never shown.
//  3. What is wrong with the file, and names that no key has, is said afterwards.
package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// secret stands for the value of a secret.
const secret = "[secret]"

// localStack is a stack whose own configuration file is called as that with local values.
const localStack = "local"

// environment is what the command works with.
type environment struct {
	read     stack.ConfigurationReader
	selected *stack.Selection
	environ  func() []string
	output   string
}

// New makes the command. selected has what the flags of the project and the stack say.
func New(read stack.ConfigurationReader, selected *stack.Selection) *cobra.Command {
	return (&environment{read: read, selected: selected, environ: os.Environ}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Show the values of a stack and where they come from",
		Long: `Show the values that the components of a stack find, where each comes from and what
it shadows. The first place that has a value wins: the environment variable, a line of
Pulumi.local.yaml beside Pulumi.yaml, the stack's configuration. An argument of a
component that says the same goes before all of them; arguments are not looked at here.
The environment is that of this command. Secrets are shown as [secret].`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if e.output != "text" && e.output != "json" {
				return fmt.Errorf("the output format %q is not known: use text or json", e.output)
			}
			return nil
		},
		RunE: e.run,
	}
	command.Flags().StringVarP(&e.output, "output", "o", "text", "format of the output: text or json")
	return command
}

func (e *environment) run(command *cobra.Command, _ []string) error {
	read, err := e.read(command.Context(), *e.selected)
	if err != nil {
		return err
	}
	sources, wrong := Sources(read, e.environ())
	lines := linesOf(sources, read.Project)
	if err := e.print(command.OutOrStdout(), lines); err != nil {
		return err
	}
	for _, hint := range Hints(read, e.environ()) {
		fmt.Fprintln(command.ErrOrStderr(), hint)
	}
	return wrong
}

// Sources are the places of a stack to look at, with the environment as [os.Environ] gives
// it; the error is what is wrong with the file.
func Sources(read *stack.Configuration, environ []string) (localconfig.Sources, error) {
	sources := localconfig.Sources{
		Environment: func(name string) (string, bool) { return lookup(environ, name) },
		Stack: func(key string) (string, bool) {
			value, exists := read.Values[key]
			if value.Secret {
				value.Value = secret
			}
			return value.Value, exists
		},
	}
	if read.Stack == localStack || strings.HasSuffix(read.Stack, "/"+localStack) {
		return sources, nil // the file is the stack's own
	}
	var err error
	sources.Local, err = localconfig.ReadFile(read.Folder)
	return sources, errors.Join(err, sources.Local.Check())
}

func lookup(environ []string, name string) (string, bool) {
	value, exists := "", false
	for _, entry := range environ {
		if given, found := strings.CutPrefix(entry, name+"="); found {
			value, exists = given, true
		}
	}
	return value, exists
}

// line is what the command says of a key.
type line struct {
	Key string `json:"key"`
	Is  string `json:"is"`
	// Value is nil without one; Unset says what happens then.
	Value *string `json:"value"`
	// Origin is the kind of place, From the place.
	Origin   localconfig.Origin      `json:"origin,omitempty"`
	From     string                  `json:"from,omitempty"`
	Shadowed []localconfig.Candidate `json:"shadowed,omitempty"`
	Unset    string                  `json:"unset"`
	Of       string                  `json:"of"`
	// Variable and Config are the names of the environment variable and of the variable of
	// the stack's configuration.
	Variable string `json:"variable"`
	Config   string `json:"config"`
}

func linesOf(sources localconfig.Sources, project string) []line {
	var lines []line
	for _, key := range localconfig.Keys() {
		key = key.In(project)
		found := sources.Look(key)
		l := line{Key: key.Name, Is: key.Is, Unset: key.Unset, Of: key.Of, Variable: key.Variable(), Config: key.Config()}
		if found.Set() {
			l.Value, l.Origin, l.From, l.Shadowed = &found.Value, found.Origin, found.Name, found.Shadowed
		}
		lines = append(lines, l)
	}
	return lines
}

func (e *environment) print(out io.Writer, lines []line) error {
	if e.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(lines)
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "KEY\tVALUE\tFROM")
	for _, l := range lines {
		if l.Value == nil {
			fmt.Fprintf(table, "%s\t\tnot set: %s\n", l.Key, l.Unset)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", l.Key, *l.Value, l.From)
		for _, shadowed := range l.Shadowed {
			fmt.Fprintf(table, "\t(%s)\tshadowed: %s\n", shadowed.Value, shadowed.Name)
		}
	}
	return table.Flush()
}

// Hints name what looks as if it set a value and is read by nobody, in the environment as
// [os.Environ] gives it and in the stack's configuration.
func Hints(read *stack.Configuration, environ []string) []string {
	var variables, configured []string
	for _, key := range localconfig.Keys() {
		key = key.In(read.Project)
		variables, configured = append(variables, key.Variable()), append(configured, key.Config())
	}
	var hints []string
	add := func(what, name string, known []string) {
		if !slices.Contains(known, name) {
			hints = append(hints, fmt.Sprintf("The %s %s is read by nobody.%s", what, name, schema.Suggest(name, known)))
		}
	}
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, localconfig.Prefix) {
			add("environment variable", name, variables)
		}
	}
	for name := range read.Values {
		if strings.HasPrefix(name, localconfig.Namespace+":") {
			add("configuration variable", name, configured)
		}
	}
	slices.Sort(hints)
	return hints
}
