package github

import (
	"encoding/json"
	"fmt"
	"os"
)

// Event is what a run was started by.
type Event struct {
	// Number is that of the pull request, 0 when it is none.
	Number int
	// Fork says that the pull request comes from another repository, so that the run has no
	// secrets and may not write.
	Fork bool
}

// ReadEvent reads the event of GITHUB_EVENT_PATH; it is empty when there is none.
func ReadEvent(path string) (Event, error) {
	if path == "" {
		return Event{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Event{}, fmt.Errorf("read the event of GITHUB_EVENT_PATH: %w", err)
	}
	type side struct {
		Repository *struct {
			Name string `json:"full_name"`
		} `json:"repo"`
	}
	var read struct {
		PullRequest *struct {
			Number int  `json:"number"`
			Head   side `json:"head"`
			Base   side `json:"base"`
		} `json:"pull_request"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return Event{}, fmt.Errorf("the event of GITHUB_EVENT_PATH, %s, is no JSON: %w", path, err)
	}
	if read.PullRequest == nil {
		return Event{}, nil
	}
	head, base := read.PullRequest.Head.Repository, read.PullRequest.Base.Repository
	// The repository of a fork that was deleted is null.
	return Event{Number: read.PullRequest.Number, Fork: head == nil || base == nil || head.Name != base.Name}, nil
}
