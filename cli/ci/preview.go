package ci

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/github"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/workflow"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
)

func (e *environment) preview() *cobra.Command {
	parallel := 4
	command := &cobra.Command{
		Use:   "preview",
		Short: "Preview what a pull request would deploy, and keep its comment up to date",
		Long: `Preview the stacks that a pull request changes, and those after them whose outputs that
changes. What they would do is said in one comment of the pull request, which is written
anew each time, and in the run's summary. Where the run may not write comments, as for pull
requests of forks, it is in the summary only. A preview that fails fails the job.

Exit codes: 0 everything went well, 1 nothing was begun, 2 a preview failed, 130 interrupted.`,
		Args: cobra.NoArgs,
		RunE: e.step("reventless ci preview", func(ctx context.Context, command *cobra.Command, step *workflow.Step) error {
			return e.previewed(ctx, command, step, parallel)
		}),
	}
	command.Flags().IntVar(&parallel, "parallel", 4, "how many stacks are previewed at once")
	return command
}

func (e *environment) previewed(ctx context.Context, command *cobra.Command, step *workflow.Step, parallel int) error {
	event, err := github.ReadEvent(e.value("GITHUB_EVENT_PATH"))
	if err != nil {
		return err
	}
	plan, result, err := e.changed(ctx, step)
	if err != nil {
		return err
	}
	if err := result.Print(command.ErrOrStderr()); err != nil {
		return err
	}
	warn(step, result)
	if e.withoutSecrets(event) {
		step.Notice("There is no preview", "the pull request comes from a fork or from Dependabot, whose runs have no secrets")
		return step.Summarize(unpreviewed(plan, result))
	}
	names := result.Changed()
	if len(names) == 0 {
		text := previewed(plan, result, nil, nil)
		return errors.Join(step.Summarize(text), e.comment(ctx, step, event, plan, text, false))
	}
	shown := record(command.ErrOrStderr(), pulumi.Preview)
	done, err := e.run(ctx, command, plan, shown, orchestrate.Options{Operation: pulumi.Preview, Changed: reasons(result), Parallel: parallel, Retries: 2})
	if done == nil {
		return err
	}
	text := previewed(plan, result, done, shown.steps)
	return errors.Join(err, done.Table(command.OutOrStdout()), step.Summarize(text), e.comment(ctx, step, event, plan, text, true), failed(ctx, step, done))
}

// withoutSecrets says that the run was given no secrets, and that this is as it should be. The
// address of a backend is none, and is there all the same.
func (e *environment) withoutSecrets(event github.Event) bool {
	untrusted := event.Fork || e.value("GITHUB_ACTOR") == "dependabot[bot]"
	return untrusted && cmp.Or(e.value("PULUMI_ACCESS_TOKEN"), e.value("PULUMI_CONFIG_PASSPHRASE"), e.value("AWS_ACCESS_KEY_ID")) == ""
}

// reasons are the stacks that changed, with the first reason of each.
func reasons(result *change.Result) map[string]string {
	reasons := map[string]string{}
	for _, stack := range result.Stacks {
		if stack.Changed && stack.Skipped == "" {
			reasons[stack.Name] = stack.Reasons[0].Why
		}
	}
	return reasons
}

// comment keeps the pull request's comment up to date. That it cannot be written is told, and
// is no reason to fail: the preview went as it went.
func (e *environment) comment(ctx context.Context, step *workflow.Step, event github.Event, plan *project.Plan, text string, create bool) error {
	client := github.New(e.http, e.lookup)
	if client == nil || event.Number == 0 {
		return nil
	}
	begin := marker(plan)
	text = workflow.Shorten(step.Hide(text), github.MaxComment-len(begin)-1, "the summary of the run has all")
	kept, err := client.KeepComment(ctx, event.Number, begin, text, create)
	switch {
	case github.Is(err, http.StatusForbidden, http.StatusNotFound) && event.Fork:
		step.Notice("The preview is in the run's summary only", "the pull request comes from a fork, whose runs may not write comments")
	case github.Is(err, http.StatusForbidden, http.StatusNotFound):
		step.Warning("The preview is in the run's summary only", err.Error()+"; give the job that calls the workflow `permissions: pull-requests: write`")
	case err != nil:
		step.Warning("The preview is in the run's summary only", err.Error())
	case kept.URL != "":
		step.Notice("The preview", kept.URL)
	}
	return nil
}

// marker is what the comment of a manifest in an environment begins with. It is not seen.
func marker(plan *project.Plan) string {
	hash := sha256.Sum256([]byte(plan.Environment + "\n" + filepath.Base(plan.Manifest.Path) + "\n" + plan.Manifest.Stacks[0].Project))
	return fmt.Sprintf("<!-- reventless-preview:%x -->", hash[:8])
}

// recorder shows what happens, and keeps the steps that change something.
type recorder struct {
	display.Display
	mutex sync.Mutex
	// steps are by stack.
	steps map[string][]pulumi.Step
}

// record makes a recorder that shows plain lines.
func record(out io.Writer, operation pulumi.Operation) *recorder {
	return &recorder{Display: display.NewLines(out, operation, false), steps: map[string][]pulumi.Step{}}
}

// Step keeps and shows a step.
func (r *recorder) Step(name string, step pulumi.Step) {
	if step.Changed() {
		r.mutex.Lock()
		r.steps[name] = append(r.steps[name], step)
		r.mutex.Unlock()
	}
	r.Display.Step(name, step)
}

// Retry forgets the steps of a try that failed.
func (r *recorder) Retry(name, reason string, after time.Duration) {
	r.mutex.Lock()
	delete(r.steps, name)
	r.mutex.Unlock()
	r.Display.Retry(name, reason, after)
}
