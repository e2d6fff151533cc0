package ci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/github"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/workflow"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
)

func (e *environment) deploy() *cobra.Command {
	var name string
	command := &cobra.Command{
		Use:   "deploy --only <stack>",
		Short: "Deploy one stack of a run",
		Long: `Deploy one stack, as up does, and add the report to the run's summary. When a job of the same
run for a stack that it comes after failed or was cancelled, nothing is deployed and the job
fails too.

Exit codes: 0 everything went well, 1 nothing was begun, 2 it failed, 130 interrupted. The
first interrupt is passed on to pulumi, because a runner does not wait long.`,
		Args: cobra.NoArgs,
		RunE: e.step("reventless ci deploy", func(ctx context.Context, command *cobra.Command, step *workflow.Step) error {
			plan, err := e.plan(ctx)
			if err != nil {
				return err
			}
			if _, exists := plan.Target(name); !exists {
				return fmt.Errorf("no stack is called %q; there are %s", name, strings.Join(plan.Manifest.Names(), ", "))
			}
			if err := e.blocked(ctx, plan, name, step); err != nil {
				return err
			}
			done, err := e.run(ctx, command, plan, display.NewLines(command.ErrOrStderr(), pulumi.Up, false),
				orchestrate.Options{Operation: pulumi.Up, Only: []string{name}, Parallel: 1, Retries: 2})
			if done == nil {
				return err
			}
			return errors.Join(err, done.Table(command.OutOrStdout()), step.Summarize(deployed(done)), failed(ctx, step, done))
		}),
	}
	command.Flags().StringVar(&name, "only", "", "the stack's name in the manifest")
	_ = command.MarkFlagRequired("only") // it is there
	return command
}

// run runs an operation. An interrupt is passed on at once.
func (e *environment) run(ctx context.Context, command *cobra.Command, plan *project.Plan, shown display.Display, options orchestrate.Options) (*report.Report, error) {
	found, err := e.find()
	if err != nil {
		return nil, err
	}
	defer shown.Close()
	return orchestrate.Runner{Pulumi: found, Plan: plan, Display: shown, Folder: plan.Manifest.Folder}.Run(ctx, ctx, options)
}

// annotated says whether an error was told as an annotation already: so it is with those that
// have an exit code.
func annotated(err error) bool {
	var coded *exit.Error
	return errors.As(err, &coded)
}

// failed tells what failed, and is the error to end with; nil when all went well.
func failed(ctx context.Context, step *workflow.Step, done *report.Report) error {
	var names []string
	for _, stack := range done.Stacks {
		if stack.Status == report.Failed {
			names = append(names, stack.Name)
			step.Error(fmt.Sprintf("%s of %s failed", done.Operation, stack.Name), strings.Join(stack.Errors, "\n"))
		}
	}
	switch {
	case done.Result == report.ResultSucceeded:
		return nil
	case ctx.Err() != nil:
		step.Error(done.Operation+" was interrupted", "run the job again: it goes on where it ended")
		return &exit.Error{Code: orchestrate.CodeInterrupted, Text: "interrupted; run the job again, which goes on where it ended"}
	}
	return &exit.Error{Code: orchestrate.CodeFailed,
		Text: fmt.Sprintf("%s of %s failed; mend what is said above and run the failed jobs again, or push the change", done.Operation, strings.Join(names, ", "))}
}

// blocked is an error when a job of this run for a stack that the named one comes after did not
// go well. GitHub itself knows of whole waves only.
func (e *environment) blocked(ctx context.Context, plan *project.Plan, name string, step *workflow.Step) error {
	before := newOrder(plan).before(name, plan.Manifest.Names())
	client, run := github.New(e.http, e.lookup), e.value("GITHUB_RUN_ID")
	if client == nil || run == "" || len(before) == 0 {
		return nil
	}
	jobs, err := client.Jobs(ctx, run)
	if err != nil {
		return fmt.Errorf("it is not known whether what %s comes after was deployed: %w", name, err)
	}
	var causes []string
	for _, job := range jobs {
		// A called workflow's job has the calling job's name before its own.
		at := strings.LastIndex(job.Name, " / ")
		if at < 0 || job.Conclusion == "success" || job.Conclusion == "skipped" || job.Conclusion == "neutral" {
			continue
		}
		if other := job.Name[at+len(" / "):]; slices.Contains(before, other) {
			causes = append(causes, fmt.Sprintf("%s (the job %q: %s)", other, job.Name, conclusion(job)))
		}
	}
	if len(causes) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s was not deployed, because it comes after %s. Run the failed jobs again when that is mended", name, strings.Join(causes, " and "))
	step.Error(name+" is blocked", text)
	if err := step.Summarize("### " + plain(name) + " is blocked\n\n" + plain(text) + "\n"); err != nil {
		return err
	}
	return &exit.Error{Code: orchestrate.CodeFailed, Text: text}
}

func conclusion(job github.Job) string {
	if job.Conclusion == "" {
		return "it has not ended"
	}
	return job.Conclusion
}
