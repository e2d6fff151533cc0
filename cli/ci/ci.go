// Package ci is the commands "ci detect", "ci preview" and "ci deploy", which are the steps of
// the GitHub workflow deploy-reventless-aws.yml. The workflow has no logic of its own.
//
//  1. "detect" opens the manifest in the environment of the run, finds what changed since the
//     last run that deployed, and orders what is to be deployed into the platform and waves
//     of plugins, each a matrix of jobs. It sets them as outputs of its step.
//  2. "deploy" is `up` of one stack, a job each, so that each has its own GitHub environment
//     with its own secrets. It deploys nothing when a job of the run for a stack that it
//     comes after failed.
//  3. "preview" previews what changed in one run, and keeps one comment of the pull request
//     up to date.
//  4. Each tells the run what it did: a summary in Markdown, and annotations (package
//     workflow). The last run and the comments are asked of GitHub's API (package github).
//
// On a desk the commands do the same, with outputs printed and nothing asked of GitHub.
package ci

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/github"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/cli/internal/workflow"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
)

// environment is what the commands work with.
type environment struct {
	selected *stack.Selection
	lookup   func(string) (string, bool)
	http     *http.Client
	find     func() (orchestrate.Pulumi, error)
	manifest string
}

// New makes the command. selected has what the flags of the folder and the stack say.
func New(selected *stack.Selection) *cobra.Command {
	return (&environment{selected: selected, lookup: os.LookupEnv, http: &http.Client{Timeout: time.Minute},
		find: func() (orchestrate.Pulumi, error) { return pulumi.Find() }}).command()
}

func (e *environment) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "ci",
		Short: "The steps of the GitHub workflow that deploys",
		Long: `The steps of the GitHub workflow deploy-reventless-aws.yml. They read what GitHub says of a run
in its environment, set outputs, and write summaries and annotations.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.PersistentFlags().StringVar(&e.manifest, "manifest", "", "the manifest (default: the nearest deploy-manifest.yaml)")
	command.AddCommand(e.detect(), e.deploy(), e.preview())
	return command
}

func (e *environment) value(name string) string {
	set, _ := e.lookup(name)
	return strings.TrimSpace(set)
}

// step makes what a command is from what it does with its step: an error becomes an
// annotation too.
func (e *environment) step(title string, do func(ctx context.Context, command *cobra.Command, step *workflow.Step) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, _ []string) error {
		step := workflow.New(command.OutOrStdout(), e.lookup, plain, html.EscapeString)
		err := do(command.Context(), command, step)
		if err != nil && !annotated(err) {
			step.Error(title, err.Error())
		}
		return err
	}
}

func (e *environment) plan(ctx context.Context) (*project.Plan, error) {
	return project.Open(ctx, project.Selection{Folder: e.selected.Folder, Manifest: e.manifest, Environment: e.selected.Stack}, e.lookup)
}

// changed is the plan of the run's environment and what changed in it.
func (e *environment) changed(ctx context.Context, step *workflow.Step) (*project.Plan, *change.Result, error) {
	plan, err := e.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	repository, err := git.Open(ctx, plan.Manifest.Folder)
	if err != nil {
		return nil, nil, err
	}
	bases, err := e.bases(ctx, repository, step)
	if err != nil {
		return nil, nil, err
	}
	var result *change.Result
	for _, base := range bases {
		comparison, err := change.Compare(ctx, repository, base)
		if err != nil {
			return nil, nil, err
		}
		found, err := comparison.Detect(ctx, plan)
		switch {
		case err != nil:
			return nil, nil, err
		case result == nil:
			result = found
		default:
			result.Add(found)
		}
	}
	return plan, result, nil
}

// maxBases is how many commits the head is compared with at most.
const maxBases = 20

// bases are the commits that are deployed in the branch's environment, as far as that is known.
// The first is that of the last run of the workflow that deployed all: what later runs left,
// that failed or were skipped, is found changed since it. The others are those of later runs
// that failed or were cancelled. What these did deploy is there, and is not the head's when it
// was taken back meanwhile.
func (e *environment) bases(ctx context.Context, repository *git.Repository, step *workflow.Step) ([]change.Base, error) {
	client := github.New(e.http, e.lookup)
	reference := e.value("GITHUB_WORKFLOW_REF")
	if client == nil || reference == "" || e.value("GITHUB_BASE_REF") != "" {
		base, err := change.FindBase(ctx, repository, nil, e.lookup)
		return []change.Base{base}, err
	}
	file, branch := client.WorkflowFile(reference), e.value("GITHUB_REF_NAME")
	if file == "" {
		return missing("the workflow is one of another repository, so its runs for this one are not known"), nil
	}
	history, err := client.History(ctx, file, branch, e.value("GITHUB_RUN_ID"), func(message string) bool { return !change.SkipsDeploy(message) })
	switch {
	case github.Is(err, http.StatusNotFound):
		step.Warning("Everything is deployed", "GitHub knows no runs of "+file+": "+err.Error())
		return missing("the runs of " + file + " are not known"), nil
	case err != nil:
		return nil, err
	case history.Last == nil:
		return missing("no run of " + file + " on the branch " + branch + " has deployed yet"), nil
	}
	return e.deployed(ctx, repository, history)
}

// deployed are the commits of a history. When one is not in the repository any more, nothing is
// known of what its run deployed.
func (e *environment) deployed(ctx context.Context, repository *git.Repository, history github.History) ([]change.Base, error) {
	var bases []change.Base
	for _, run := range slices.Concat([]github.Run{*history.Last}, history.Since) {
		if slices.ContainsFunc(bases, func(base change.Base) bool { return base.Commit == run.Commit }) {
			continue
		}
		base, err := change.FindBase(ctx, repository, &run.Commit, e.lookup)
		if err != nil || base.Commit == "" {
			return []change.Base{base}, err
		}
		bases = append(bases, base)
	}
	if len(bases) > maxBases {
		return missing(fmt.Sprintf("%d runs since the last one that deployed all have ended otherwise", len(history.Since))), nil
	}
	bases[0].From = "the last run that deployed, " + history.Last.URL
	if others := len(bases) - 1; others > 0 {
		bases[0].From += fmt.Sprintf(", and %d later that did not go well", others)
	}
	return bases, nil
}

// missing says that there is no base, and why.
func missing(why string) []change.Base { return []change.Base{{Missing: why}} }
