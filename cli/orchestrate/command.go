package orchestrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// defaultParallel is how many stacks run at once. Each is a pulumi command with a program
// and two providers, of some hundred MB.
const defaultParallel = 4

// environment is what the commands work with.
type environment struct {
	selected *stack.Selection
	find     func() (Pulumi, error)
	lookup   func(string) (string, bool)
	clock    clock
	// signals gives interrupts until it is stopped.
	signals func() (signals <-chan os.Signal, stop func())

	manifest string
}

// New makes the commands. selected has what the flags of the folder and the stack say.
func New(selected *stack.Selection) []*cobra.Command {
	return (&environment{selected: selected, lookup: os.LookupEnv, clock: realClock(),
		find:    func() (Pulumi, error) { return pulumi.Find() },
		signals: interrupts}).commands()
}

func interrupts() (<-chan os.Signal, func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals, func() { signal.Stop(signals) }
}

func (e *environment) commands() []*cobra.Command {
	commands := []*cobra.Command{
		e.operation(pulumi.Up, "Deploy the stacks of the manifest, each after those that it depends on"),
		e.operation(pulumi.Preview, "Show what up would change"),
		e.operation(pulumi.Refresh, "Read what is really there into the state of the stacks"),
		e.operation(pulumi.Destroy, "Destroy the stacks of the manifest, each before those that it depends on"),
		e.status(),
		e.outputs(),
	}
	for _, command := range commands {
		command.Flags().StringVar(&e.manifest, "manifest", "", "another manifest than the deploy-manifest.yaml of the folder or the nearest one above")
	}
	return commands
}

// flags are what a user says of a run.
type flags struct {
	Options
	// changed is the commit since which stacks changed, or sinceDefault.
	changed string
	json    bool
	junit   string
	verbose bool
	yes     bool
}

const operationHelp = `
The environment, which is the stack's name in every project, is --stack, or else the git
branch. A project without Pulumi.<environment>.yaml is skipped.

--only takes names with * and ?, "name..." for those that depend on it too, "...name" for
those that it depends on, "!name" to leave it out. What follows -- goes to pulumi.

Exit codes: 0 everything went well, 1 nothing was begun, 2 a stack failed, 130 interrupted.
An interrupt starts nothing more and waits for what runs; a second one interrupts that, and
with a third one pulumi ends at once.`

func (e *environment) operation(operation pulumi.Operation, short string) *cobra.Command {
	given := &flags{Options: Options{Operation: operation}}
	command := &cobra.Command{
		Use:   string(operation) + " [-- pulumi's flags]",
		Short: short,
		Long:  short + ".\n" + operationHelp,
		Args: func(command *cobra.Command, arguments []string) error {
			if command.ArgsLenAtDash() != 0 && len(arguments) > 0 {
				return fmt.Errorf("%q is no flag: name stacks with --only, and put flags of pulumi after --", arguments[0])
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			given.Arguments = arguments
			return e.run(command, given)
		},
	}
	set := command.Flags()
	set.StringSliceVar(&given.Only, "only", nil, "only these stacks of the manifest")
	set.IntVar(&given.Parallel, "parallel", defaultParallel, "how many stacks run at once")
	set.BoolVar(&given.FailFast, "fail-fast", false, "start nothing more after a failure")
	set.IntVar(&given.Retries, "retries", 2, "how often a failure that may pass is tried again")
	if operation == pulumi.Up || operation == pulumi.Preview {
		set.StringVar(&given.changed, "changed", "", "only stacks that changed since a commit, and what reads outputs that change; without one, since what `reventless changed` compares with")
		set.Lookup("changed").NoOptDefVal = sinceDefault
	}
	set.BoolVar(&given.Resume, "resume", false, "leave out what the last run of this command did")
	set.BoolVar(&given.SkipInstall, "skip-install", false, "do not install plugins and packages")
	set.BoolVar(&given.json, "json", false, "print the report as JSON, the progress goes to standard error")
	set.StringVar(&given.junit, "junit", "", "also write the report as JUnit's XML into this file")
	set.BoolVarP(&given.verbose, "verbose", "v", false, "print all that pulumi prints")
	if operation == pulumi.Destroy {
		set.BoolVarP(&given.yes, "yes", "y", false, "do not ask")
	}
	return command
}

func (e *environment) plan(ctx context.Context) (*project.Plan, error) {
	return project.Open(ctx, project.Selection{Folder: e.selected.Folder, Manifest: e.manifest, Environment: e.selected.Stack}, e.lookup)
}

func (e *environment) run(command *cobra.Command, given *flags) error {
	if err := given.check(); err != nil {
		return err
	}
	plan, err := e.plan(command.Context())
	if err != nil {
		return err
	}
	found, err := e.find()
	if err != nil {
		return err
	}
	if err := e.confirm(command, plan, given); err != nil {
		return err
	}
	if err := e.detect(command, plan, given); err != nil {
		return err
	}
	// The program's own context ends with the first interrupt, which here means to start
	// nothing more.
	starting, stop := context.WithCancel(context.WithoutCancel(command.Context()))
	defer stop()
	force, interrupt := context.WithCancel(context.WithoutCancel(command.Context()))
	defer interrupt()
	hanging, abort := context.WithCancel(context.WithoutCancel(command.Context()))
	defer abort()
	shown := display.New(command.ErrOrStderr(), given.Operation, given.verbose)
	release := e.onInterrupt(shown, stop, interrupt, abort)
	runner := Runner{Pulumi: found, Plan: plan, Display: shown, Folder: plan.Manifest.Folder, Abort: hanging, clock: e.clock}
	done, err := runner.Run(starting, force, given.Options)
	release()
	shown.Close()
	if done == nil {
		return err
	}
	return errors.Join(err, given.print(command.OutOrStdout(), done), result(done))
}

// sinceDefault is what --changed without a commit means.
const sinceDefault = "default"

// detect finds the stacks that changed, if only these are wanted.
func (e *environment) detect(command *cobra.Command, plan *project.Plan, given *flags) error {
	if command.Flags().Lookup("changed") == nil || !command.Flags().Changed("changed") {
		return nil
	}
	var asked *string
	if given.changed != sinceDefault {
		asked = &given.changed
	}
	result, err := change.Since(command.Context(), plan, asked, e.lookup)
	if err != nil {
		return err
	}
	given.Changed = map[string]string{}
	for _, stack := range result.Stacks {
		if stack.Changed {
			given.Changed[stack.Name] = stack.Reasons[0].Why
		}
	}
	return result.Print(command.ErrOrStderr())
}

// interruptions say what interrupts mean, one after the other.
var interruptions = []string{
	"interrupted: nothing more is started, what runs goes on to its end; interrupt again to interrupt that too",
	"interrupted again: pulumi ends what is under way; should it hang, interrupt once more",
	"interrupted a third time: pulumi ends at once; what it was making may be there and not in its state, run refresh before you go on",
}

// onInterrupt does something at each interrupt, until it is released.
func (e *environment) onInterrupt(shown display.Display, meanings ...func()) (release func()) {
	signals, stop := e.signals()
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for count := 0; ; count++ {
			select {
			case <-ended:
				return
			case <-signals:
			}
			if count < len(meanings) {
				shown.Note(interruptions[count])
				meanings[count]()
			}
		}
	}()
	return func() {
		stop()
		close(ended)
		<-over
	}
}

// confirm asks before stacks are destroyed.
func (e *environment) confirm(command *cobra.Command, plan *project.Plan, given *flags) error {
	if given.Operation != pulumi.Destroy || given.yes {
		return nil
	}
	fmt.Fprintf(command.ErrOrStderr(), "This destroys the stacks %s of %s. Type the environment's name to go on: ", plan.Environment, plan.Manifest.Path)
	// An interrupt ends the context and not what is read, so that is left behind then.
	answer := make(chan string, 1)
	go func() {
		var typed string
		_, _ = fmt.Fscanln(command.InOrStdin(), &typed) // nothing typed is no answer
		answer <- typed
	}()
	select {
	case typed := <-answer:
		if strings.TrimSpace(typed) == plan.Environment {
			return nil
		}
	case <-command.Context().Done():
		fmt.Fprintln(command.ErrOrStderr())
	}
	return errors.New("nothing was destroyed; without somebody to ask, say --yes")
}

// print writes the report. What becomes of one form of it keeps no other back.
func (f *flags) print(out io.Writer, done *report.Report) error {
	var problem error
	if f.junit != "" {
		if err := report.WriteFile(f.junit, done.JUnit); err != nil {
			problem = fmt.Errorf("write the JUnit report: %w", err)
		}
	}
	if f.json {
		return errors.Join(writeJSON(out, done), problem)
	}
	return errors.Join(done.Table(out), problem)
}

// check finds what is wrong with the flags before anything is begun.
func (f *flags) check() error {
	if f.junit == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(f.junit)); err != nil || !info.IsDir() {
		return fmt.Errorf("--junit: there is no folder %s to write %s into: make it", filepath.Dir(f.junit), filepath.Base(f.junit))
	}
	return nil
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// result is the error of a run that did not go well.
func result(done *report.Report) error {
	switch done.Result {
	case report.ResultSucceeded:
		return nil
	case report.ResultInterrupted:
		return &exit.Error{Code: CodeInterrupted, Text: fmt.Sprintf("interrupted; `reventless %s --resume` does the rest", done.Operation)}
	}
	var failed []string
	for _, stack := range done.Stacks {
		if stack.Status == report.Failed {
			failed = append(failed, stack.Name)
		}
	}
	return &exit.Error{Code: CodeFailed, Text: fmt.Sprintf("%s failed; mend what is said above and run `reventless %s --resume`, which leaves out what was done",
		strings.Join(failed, ", "), done.Operation)}
}
