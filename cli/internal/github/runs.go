package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxPages is how many pages of a list are read at most.
	maxPages = 20
	// rerunnable is how long after it was made a run may be started again.
	rerunnable = 30 * 24 * time.Hour
)

// Run is a run of a workflow.
type Run struct {
	ID int64 `json:"id"`
	// Commit is the commit that it ran for.
	Commit string `json:"head_sha"`
	URL    string `json:"html_url"`
	Event  string `json:"event"`
	// Status says how far it is, Conclusion how it ended.
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	// Created is when it was made, Started when its last attempt was.
	Created time.Time `json:"created_at"`
	Started time.Time `json:"run_started_at"`
	Head    struct {
		Message string `json:"message"`
	} `json:"head_commit"`
}

// begun says whether the run may have deployed something by now.
func (r Run) begun() bool {
	return !slices.Contains([]string{"queued", "pending", "requested"}, r.Status) && r.Conclusion != "skipped"
}

// deploying are the events whose runs deploy. Those of pull requests are listed with the
// branch that they come from, and only preview.
var deploying = []string{"push", "workflow_dispatch", "schedule", "repository_dispatch"}

// WorkflowFile is the name of the file of GITHUB_WORKFLOW_REF
// (owner/name/.github/workflows/deploy.yml@refs/heads/main): the workflow that was started,
// also in one that it calls. It is "" when that is in another repository.
func (c *Client) WorkflowFile(reference string) string {
	file, _, _ := strings.Cut(reference, "@")
	file, own := strings.CutPrefix(file, c.Repository+"/")
	if !own {
		return ""
	}
	return path.Base(file)
}

// History is what the runs of a workflow have deployed.
type History struct {
	// Last is the last run that went well, nil when there is none.
	Last *Run
	// Since are the runs that began after it and did not go well. Each may have deployed some
	// of what it should have.
	Since []Run
}

// History is the history of a workflow on a branch, without the run with the id own. It goes
// by when the last attempts began: an old run that is started again deploys its commit again.
// deployed says of a commit's message whether its run deployed.
func (c *Client) History(ctx context.Context, workflow, branch, own string, deployed func(message string) bool) (History, error) {
	runs, err := c.deployments(ctx, workflow, branch, func(run Run) bool {
		return strconv.FormatInt(run.ID, 10) != own && run.begun() && deployed(run.Head.Message)
	})
	if err != nil {
		return History{}, err
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return b.Started.Compare(a.Started) })
	last := slices.IndexFunc(runs, func(run Run) bool { return run.Conclusion == success })
	if last < 0 {
		return History{Since: runs}, nil
	}
	return History{Last: &runs[last], Since: runs[:last]}, nil
}

// success is the conclusion of a run that went well.
const success = "success"

// deployments are the runs that a history is made of, the newest first: all that were made
// since the last run that went well, and those before it that may have been started again.
func (c *Client) deployments(ctx context.Context, workflow, branch string, counts func(Run) bool) ([]Run, error) {
	next := c.path("/actions/workflows/%s/runs?%s", url.PathEscape(workflow),
		url.Values{"branch": {branch}, "exclude_pull_requests": {"true"}, "per_page": {"100"}}.Encode())
	var runs []Run
	var last time.Time
	known := false
	for page := 0; next != "" && page < maxPages; page++ {
		var found struct {
			Runs []Run `json:"workflow_runs"`
		}
		var err error
		if next, err = c.call(ctx, http.MethodGet, next, nil, &found); err != nil {
			return nil, permission(err, "actions: read")
		}
		for _, run := range found.Runs {
			if known && run.Created.Before(last.Add(-rerunnable)) {
				return runs, nil
			}
			if !slices.Contains(deploying, run.Event) || !counts(run) {
				continue
			}
			runs = append(runs, run)
			if run.Conclusion == success && (!known || run.Started.After(last)) {
				known, last = true, run.Started
			}
		}
	}
	return runs, nil
}

// Job is a job of a run.
type Job struct {
	// Name has the name of the calling job before it in a called workflow: "deploy / catalog".
	Name string `json:"name"`
	// Conclusion is "" until the job has ended.
	Conclusion string `json:"conclusion"`
}

// Jobs are the jobs of a run, of each the last attempt.
func (c *Client) Jobs(ctx context.Context, run string) ([]Job, error) {
	var jobs []Job
	next := c.path("/actions/runs/%s/jobs?filter=latest&per_page=100", url.PathEscape(run))
	for page := 0; next != "" && page < maxPages; page++ {
		var found struct {
			Jobs []Job `json:"jobs"`
		}
		var err error
		if next, err = c.call(ctx, http.MethodGet, next, nil, &found); err != nil {
			return nil, permission(err, "actions: read")
		}
		jobs = append(jobs, found.Jobs...)
	}
	return jobs, nil
}

// permission adds to a refusal what the workflow has to say.
func permission(err error, needed string) error {
	if Is(err, http.StatusForbidden) {
		return fmt.Errorf("%w; give the job that calls the workflow `permissions: %s`", err, needed)
	}
	return err
}
