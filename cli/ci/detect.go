package ci

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/workflow"
)

// defaultWaves is how many waves the workflow has.
const defaultWaves = 5

func (e *environment) detect() *cobra.Command {
	waves := defaultWaves
	command := &cobra.Command{
		Use:   "detect",
		Short: "Find what a run has to deploy, and order it into waves",
		Long: `Find the stacks that changed since the last run of the workflow that deployed, and those that
come after them. They are set as outputs of the step: "platform" is true or false, "wave-1",
"wave-2" and so on are JSON lists of plugins, "environment" is the name of the stacks.

Everything is changed when no run of the workflow on the branch was successful yet, and when
its commit is not in the repository any more. On a pull request, the base is what it has in
common with its target. With [skip deploy] in the message of the head commit nothing is to be
deployed; the next run without it finds what this one left.`,
		Args: cobra.NoArgs,
		RunE: e.step("reventless ci detect", func(ctx context.Context, command *cobra.Command, step *workflow.Step) error {
			return e.detected(ctx, command, step, waves)
		}),
	}
	command.Flags().IntVar(&waves, "waves", defaultWaves, "how many waves of plugins the workflow has")
	return command
}

func (e *environment) detected(ctx context.Context, command *cobra.Command, step *workflow.Step, waves int) error {
	plan, result, err := e.changed(ctx, step)
	if err != nil {
		return err
	}
	found, err := arrange(plan, result, waves)
	if err != nil {
		return err
	}
	if err := result.Print(command.ErrOrStderr()); err != nil {
		return err
	}
	warn(step, result)
	skipped := e.skips(result)
	if err := step.Summarize(detected(plan, result, found, skipped)); err != nil {
		return err
	}
	if skipped {
		step.Notice("Nothing is deployed", "the message of the head commit says [skip deploy]; the next run without it deploys what changed here too")
		found = nothing(waves)
	}
	return found.set(step, plan)
}

// skips says whether nothing is to be deployed though something changed. The head of a pull
// request is a commit of GitHub's that says nothing, and a preview changes nothing.
func (e *environment) skips(result *change.Result) bool {
	return result.SkipDeploy && e.value("GITHUB_BASE_REF") == ""
}

// warn tells of stacks that are not in the manifest any more.
func warn(step *workflow.Step, result *change.Result) {
	for _, removed := range result.Removed {
		step.Warning("The stack of "+removed.Project+" is left behind", fmt.Sprintf(
			"%s is not in the manifest any more, and nothing destroys its stack by itself. If it is not needed, destroy it, in the repository's root:\n%s", removed.Name, removed.Command))
	}
}

// set sets the outputs of the step.
func (d *deployment) set(step *workflow.Step, plan *project.Plan) error {
	outputs := [][2]string{{"environment", plan.Environment}, {"platform", strconv.FormatBool(d.platform)}}
	for i, wave := range d.waves {
		text, err := json.Marshal(wave)
		if err != nil {
			return err
		}
		outputs = append(outputs, [2]string{fmt.Sprintf("wave-%d", i+1), string(text)})
	}
	for _, output := range outputs {
		if err := step.Output(output[0], output[1]); err != nil {
			return err
		}
	}
	return nil
}
