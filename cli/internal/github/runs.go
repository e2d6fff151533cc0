package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// maxPages is how many pages of a list are read at most.
const maxPages = 20

// Run is a run of a workflow.
type Run struct {
	// Commit is the commit that it ran for.
	Commit string `json:"head_sha"`
	URL    string `json:"html_url"`
	Event  string `json:"event"`
	Head   struct {
		Message string `json:"message"`
	} `json:"head_commit"`
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

// LastSuccess is the last run of a workflow on a branch that went well and deployed; false
// when there is none. deployed says of a commit's message whether its run deployed.
func (c *Client) LastSuccess(ctx context.Context, workflow, branch string, deployed func(message string) bool) (Run, bool, error) {
	next := c.path("/actions/workflows/%s/runs?%s", url.PathEscape(workflow),
		url.Values{"branch": {branch}, "status": {"success"}, "exclude_pull_requests": {"true"}, "per_page": {"50"}}.Encode())
	for page := 0; next != "" && page < maxPages; page++ {
		var found struct {
			Runs []Run `json:"workflow_runs"`
		}
		var err error
		if next, err = c.call(ctx, http.MethodGet, next, nil, &found); err != nil {
			return Run{}, false, permission(err, "actions: read")
		}
		for _, run := range found.Runs {
			if slices.Contains(deploying, run.Event) && deployed(run.Head.Message) {
				return run, true, nil
			}
		}
	}
	return Run{}, false, nil
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
