package rebuild

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Connect makes the clients for what a provider made.
type Connect func(context.Context, stack.Provider) (Clients, error)

// environment is what the command works with.
type environment struct {
	read     stack.Reader
	selected *stack.Selection
	connect  Connect
	options  Options
	output   string
}

// New makes the command. selected has what the flags of the project and the stack say.
func New(read stack.Reader, selected *stack.Selection, connect Connect) *cobra.Command {
	return (&environment{read: read, selected: selected, connect: connect}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "rebuild <readModel>",
		Short: "Make the rows of a read model anew from the event logs",
		Long: `Make the rows of a read model anew from the event logs, for instance after its
handler was changed. The rows are first made in a table of their own; only when all of
them could be made are those that differ written over the read model's, one by one.
Live events are processed meanwhile and none is lost. Deploy the handler first: the
plugin's own projections function makes the rows.`,
		Args: cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if e.output != "text" && e.output != "json" {
				return fmt.Errorf("the output format %q is not known: use text or json", e.output)
			}
			return e.options.check()
		},
		RunE: e.run,
	}
	e.selected.AddPluginFlag(command.Flags())
	e.addFlags(command)
	return command
}

func (e *environment) addFlags(command *cobra.Command) {
	flags, o := command.Flags(), &e.options
	flags.BoolVar(&o.DryRun, "dry-run", false, "only say how many rows differ")
	flags.BoolVar(&o.Resume, "resume", false, "go on with a rebuild that was interrupted or failed")
	flags.BoolVar(&o.Restart, "restart", false, "throw away what an earlier rebuild made and begin again")
	flags.BoolVar(&o.Keep, "keep", false, "keep the table in which the rows were made")
	flags.BoolVar(&o.Announce, "announce", false, "let subscribers hear of the rows that are written")
	flags.IntVar(&o.Concurrency, "concurrency", DefaultConcurrency, "how many invocations of the function run at once")
	flags.IntVar(&o.Batch, "batch", DefaultBatch, "how many rows an invocation is given")
	flags.StringVarP(&e.output, "output", "o", "text", "format of the output: text or json")
}

func (e *environment) run(command *cobra.Command, arguments []string) error {
	found, err := e.read(command.Context(), *e.selected)
	if err != nil {
		return err
	}
	plugin, err := found.Plugin(e.selected.Plugin)
	if err != nil {
		return err
	}
	options := e.options
	options.ReadModel, options.By = arguments[0], by()
	if options.Function, err = functionOf(plugin, options.ReadModel); err != nil {
		return err
	}
	options.Progress = func(text string) { fmt.Fprintln(command.ErrOrStderr(), text) }
	clients, err := e.connect(command.Context(), plugin.Provider)
	if err != nil {
		return err
	}
	report, err := Run(command.Context(), clients, options)
	if printErr := e.print(command, report); printErr != nil && err == nil {
		err = printErr
	}
	if err != nil {
		return fmt.Errorf("rebuild %s: %w", options.ReadModel, err)
	}
	return nil
}

// print writes the report, unless nothing was begun.
func (e *environment) print(command *cobra.Command, report Report) error {
	switch {
	case report.Status == "":
		return nil
	case e.output != "json":
		return report.Print(command.OutOrStdout(), e.next(report.ReadModel))
	}
	encoder := json.NewEncoder(command.OutOrStdout())
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}

// next is the command to go on with.
func (e *environment) next(readModel string) string {
	words := []string{"reventless", "rebuild", readModel, "--resume"}
	for _, flag := range [][2]string{{"--cwd", e.selected.Folder}, {"--stack", e.selected.Stack}, {"--plugin", e.selected.Plugin}} {
		if flag[1] != "" {
			words = append(words, flag[0], quoted(flag[1]))
		}
	}
	if e.options.Announce {
		words = append(words, "--announce")
	}
	return strings.Join(words, " ")
}

// quoted is a word for a POSIX shell.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@", r)
	}
	if strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// functionOf is the name of the function that makes the rows of a read model.
func functionOf(plugin *stack.Plugin, readModel string) (string, error) {
	if _, ok := plugin.ReadModels[readModel]; !ok {
		names := slices.Sorted(maps.Keys(plugin.ReadModels))
		return "", fmt.Errorf("the plugin %s has no read model %q, but %s.%s", plugin.Name, readModel,
			cmp.Or(strings.Join(names, ", "), "none"), schema.Suggest(readModel, names))
	}
	own := plugin.Functions[definition.FunctionProjections+"-"+readModel]
	function := cmp.Or(own, plugin.Functions[definition.FunctionProjections])
	if function == "" {
		return "", fmt.Errorf("the plugin %s has no function for the rows of %q: run 'pulumi up'", plugin.Name, readModel)
	}
	return function, nil
}

// by is who runs the command, as far as the machine knows.
func by() string {
	host, _ := os.Hostname()
	name := "somebody"
	if known, err := user.Current(); err == nil {
		name = known.Username
	}
	return name + "@" + cmp.Or(host, "an unknown machine")
}
