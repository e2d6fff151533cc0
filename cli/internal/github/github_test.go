package github

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served is a client of a server that answers as GitHub does, and what was asked.
type served struct {
	*Client
	requests []string
	waited   []time.Duration
}

// serve makes a server whose answers come one after the other.
func serve(t *testing.T, answers ...func(w http.ResponseWriter, r *http.Request)) *served {
	t.Helper()
	s := &served{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+string(body)))
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		if !assert.NotEmpty(t, answers, "%s was not expected", r.URL) {
			return
		}
		answer := answers[0]
		answers = answers[1:]
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	s.Client = New(server.Client(), environment(map[string]string{"GITHUB_API_URL": server.URL + "/", "GITHUB_TOKEN": "secret", "GITHUB_REPOSITORY": "org/shop"}))
	s.sleep = func(_ context.Context, wait time.Duration) error { s.waited = append(s.waited, wait); return nil }
	s.now = func() time.Time { return time.Unix(1000, 0) }
	return s
}

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, set := values[name]; return value, set }
}

// says answers with a status, headers as "Name: value", and JSON.
func says(status int, body string, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, strings.ReplaceAll(value, "SERVER", "http://"+r.Host))
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func always(string) bool { return true }

func TestNoClientWithoutRun(t *testing.T) {
	t.Parallel()
	assert.Nil(t, New(http.DefaultClient, environment(nil)))
	assert.Nil(t, New(http.DefaultClient, environment(map[string]string{"GITHUB_REPOSITORY": "a/b"})))
}

func TestWorkflowFile(t *testing.T) {
	t.Parallel()
	client := &Client{Repository: "org/shop"}
	assert.Equal(t, "deploy-aws.yml", client.WorkflowFile("org/shop/.github/workflows/deploy-aws.yml@refs/heads/a@b"))
	assert.Empty(t, client.WorkflowFile("org/shop2/.github/workflows/deploy-aws.yml@refs/heads/main"))
}

// TestHistory looks past runs of pull requests, such that deployed nothing or did not begin,
// and its own, on all pages.
func TestHistory(t *testing.T) {
	t.Parallel()
	s := serve(t,
		says(200, `{"total_count": 9, "workflow_runs": [
			{"id": 9, "head_sha": "own", "event": "push", "status": "in_progress", "created_at": "2026-11-09T00:00:00Z", "run_started_at": "2026-11-09T00:00:00Z"},
			{"id": 8, "head_sha": "waits", "event": "push", "status": "pending", "created_at": "2026-11-08T00:00:00Z", "run_started_at": "2026-11-08T00:00:00Z"},
			{"id": 7, "head_sha": "failed", "event": "push", "status": "completed", "conclusion": "failure", "created_at": "2026-11-07T00:00:00Z", "run_started_at": "2026-11-07T00:00:00Z"},
			{"id": 6, "head_sha": "a", "event": "pull_request", "status": "completed", "conclusion": "success"},
			{"id": 5, "head_sha": "b", "event": "push", "status": "completed", "conclusion": "success", "head_commit": {"message": "x [skip deploy]"}}]}`,
			`Link: <SERVER/repositories/1/actions/workflows/2/runs?page=2>; rel="next", <SERVER/x?page=2>; rel="last"`),
		says(200, `{"workflow_runs": [
			{"id": 4, "head_sha": "c", "event": "push", "status": "completed", "conclusion": "success", "created_at": "2026-11-04T00:00:00Z", "run_started_at": "2026-11-04T00:00:00Z"},
			{"id": 3, "head_sha": "cancelled", "event": "push", "status": "completed", "conclusion": "cancelled", "created_at": "2026-11-03T00:00:00Z", "run_started_at": "2026-11-03T00:00:00Z"},
			{"id": 2, "head_sha": "again", "event": "workflow_dispatch", "html_url": "https://github.com/r", "status": "completed", "conclusion": "success",
				"created_at": "2026-11-02T00:00:00Z", "run_started_at": "2026-11-06T00:00:00Z", "head_commit": {"message": "x"}},
			{"id": 1, "head_sha": "old", "event": "push", "created_at": "2026-10-06T00:00:00Z"}]}`,
			`Link: <SERVER/never?page=3>; rel="next"`))
	history, err := s.History(t.Context(), "deploy.yml", "release/ä", "9", func(message string) bool { return !strings.Contains(message, "[skip") })
	require.NoError(t, err)
	require.NotNil(t, history.Last)
	assert.Equal(t, "again", history.Last.Commit, "the run that was started last, not the one that was made last")
	require.Len(t, history.Since, 1, "what was before the last success was deployed by it")
	assert.Equal(t, "failed", history.Since[0].Commit)
	assert.Equal(t, []string{
		"GET /repos/org/shop/actions/workflows/deploy.yml/runs?branch=release%2F%C3%A4&exclude_pull_requests=true&per_page=100",
		"GET /repositories/1/actions/workflows/2/runs?page=2",
	}, s.requests)

	s = serve(t, says(200, `{"total_count": 0, "workflow_runs": []}`))
	history, err = s.History(t.Context(), "deploy.yml", "alpha", "", always)
	require.NoError(t, err)
	assert.Nil(t, history.Last)
}

func TestPagesOfOthersAreNotAsked(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"https://example.com/steal", "SERVER.example.com/steal", "SERVER@example.com/steal"} {
		s := serve(t, says(200, `{"jobs": [{"name": "a", "conclusion": null}]}`, "Link: <"+other+`>; rel="next"`))
		jobs, err := s.Jobs(t.Context(), "7")
		require.NoError(t, err, other)
		assert.Equal(t, []Job{{Name: "a"}}, jobs)
		assert.Equal(t, []string{"GET /repos/org/shop/actions/runs/7/jobs?filter=latest&per_page=100"}, s.requests)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	none := says(200, `{"jobs": []}`)
	for name, test := range map[string]struct {
		answers []func(http.ResponseWriter, *http.Request)
		waited  []time.Duration
		problem string
	}{
		"secondary limit": {[]func(http.ResponseWriter, *http.Request){
			says(403, `{"message": "You have exceeded a secondary rate limit"}`, "Retry-After: 7"), says(429, `{}`, "Retry-After: 0"), none}, []time.Duration{7 * time.Second, time.Second}, ""},
		"secondary limit without a time": {[]func(http.ResponseWriter, *http.Request){says(403, `{"message": "You have exceeded a secondary rate limit."}`), none}, []time.Duration{time.Minute}, ""},
		"limit":                          {[]func(http.ResponseWriter, *http.Request){says(403, `{}`, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1030"), none}, []time.Duration{31 * time.Second}, ""},
		"limit for long": {[]func(http.ResponseWriter, *http.Request){says(403, `{"message": "API rate limit exceeded"}`, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 4600")}, nil,
			"with 403: API rate limit exceeded"},
		"no permission": {[]func(http.ResponseWriter, *http.Request){says(403, `{"message": "Resource not accessible by integration"}`, "X-RateLimit-Remaining: 4999")}, nil,
			"Resource not accessible by integration; give the job that calls the workflow `permissions: actions: read`"},
		"not found": {[]func(http.ResponseWriter, *http.Request){says(404, `{"message": "Not Found"}`)}, nil, "GitHub answered GET /repos/org/shop/actions/runs/7/jobs?filter=latest&per_page=100 with 404: Not Found"},
		"no JSON":   {[]func(http.ResponseWriter, *http.Request){says(200, `<html>`)}, nil, "is not understood"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answers...)
			_, err := s.Jobs(t.Context(), "7")
			if test.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.problem)
			}
			assert.Equal(t, test.waited, s.waited)
			assert.Len(t, s.requests, len(test.answers))
		})
	}
}

func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	broken := says(502, `<html>`)
	s := serve(t, broken, broken, broken, broken, broken)
	_, err := s.Jobs(t.Context(), "7")
	require.ErrorContains(t, err, "502: no message")
	assert.Len(t, s.requests, tries)
	assert.Len(t, s.waited, tries-1)
}

// TestKeepComment makes a comment, changes it, and leaves it when it says the same.
func TestKeepComment(t *testing.T) {
	t.Parallel()
	first := says(200, `[{"id": 1, "body": "> <!-- m --> quoted", "user": {"type": "Bot"}},
		{"id": 9, "body": "<!-- m -->\nold", "author_association": "CONTRIBUTOR", "user": {"login": "stranger", "type": "User"}}]`, `Link: <SERVER/repos/org/shop/issues/5/comments?page=2>; rel="next"`)
	mine := says(200, `[{"id": 2, "body": "<!-- m -->\nold", "html_url": "u2", "author_association": "NONE", "user": {"login": "github-actions[bot]", "type": "Bot"}}]`)
	for name, test := range map[string]struct {
		answers []func(http.ResponseWriter, *http.Request)
		body    string
		create  bool
		kept    Kept
		asked   string
	}{
		"new":              {[]func(http.ResponseWriter, *http.Request){says(200, `[]`), says(201, `{"id": 3, "html_url": "u3"}`)}, "new", true, Kept{URL: "u3", Created: true}, `POST /repos/org/shop/issues/5/comments {"body":"\u003c!-- m --\u003e\nnew"}`},
		"none wanted":      {[]func(http.ResponseWriter, *http.Request){says(200, `[]`)}, "new", false, Kept{}, `GET /repos/org/shop/issues/5/comments?per_page=100`},
		"on a second page": {[]func(http.ResponseWriter, *http.Request){first, mine, says(200, `{"id": 2, "html_url": "u2"}`)}, "new", false, Kept{URL: "u2", Updated: true}, `PATCH /repos/org/shop/issues/comments/2 {"body":"\u003c!-- m --\u003e\nnew"}`},
		"by somebody's token": {[]func(http.ResponseWriter, *http.Request){says(200, `[{"id": 2, "body": "<!-- m -->\nold", "html_url": "u2", "author_association": "MEMBER", "user": {"type": "User"}}]`)},
			"old", true, Kept{URL: "u2"}, `GET /repos/org/shop/issues/5/comments?per_page=100`},
		"the same": {[]func(http.ResponseWriter, *http.Request){mine}, "old", true, Kept{URL: "u2"}, `GET /repos/org/shop/issues/5/comments?per_page=100`},
		"deleted meanwhile": {[]func(http.ResponseWriter, *http.Request){mine, says(404, `{"message": "Not Found"}`), says(201, `{"html_url": "u3"}`)}, "new", true, Kept{URL: "u3", Created: true},
			`POST /repos/org/shop/issues/5/comments {"body":"\u003c!-- m --\u003e\nnew"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answers...)
			kept, err := s.KeepComment(t.Context(), 5, "<!-- m -->", test.body, test.create)
			require.NoError(t, err)
			assert.Equal(t, test.kept, kept)
			assert.Equal(t, test.asked, s.requests[len(s.requests)-1])
			assert.Len(t, s.requests, len(test.answers))
		})
	}
}

// TestCommentIsNotMadeTwice leaves a request alone of which it is not known whether it was
// done, and repeats one that was refused.
func TestCommentIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	s := serve(t, says(200, `[]`), says(502, ``))
	_, err := s.KeepComment(t.Context(), 5, "m", "x", true)
	require.ErrorContains(t, err, "502")
	assert.Len(t, s.requests, 2)

	s = serve(t, says(200, `[]`), says(403, `{"message": "secondary rate limit"}`, "Retry-After: 1"), says(201, `{"html_url": "u"}`))
	kept, err := s.KeepComment(t.Context(), 5, "m", "x", true)
	require.NoError(t, err)
	assert.True(t, kept.Created)

	s = serve(t, says(200, `[]`), says(422, `{"message": "Validation Failed", "errors": [{"message": "body is too long (maximum is 65536 characters)"}]}`))
	_, err = s.KeepComment(t.Context(), 5, "m", "x", true)
	require.ErrorContains(t, err, "422: Validation Failed, body is too long")
	assert.True(t, Is(err, 422))
}

func TestReadEvent(t *testing.T) {
	t.Parallel()
	repository := func(name string) map[string]any { return map[string]any{"repo": map[string]string{"full_name": name}} }
	for name, test := range map[string]struct {
		event any
		want  Event
	}{
		"push":         {map[string]string{"before": "a"}, Event{}},
		"pull request": {map[string]any{"pull_request": map[string]any{"number": 5, "head": repository("org/shop"), "base": repository("org/shop")}}, Event{Number: 5}},
		"fork":         {map[string]any{"pull_request": map[string]any{"number": 5, "head": repository("x/shop"), "base": repository("org/shop")}}, Event{Number: 5, Fork: true}},
		"deleted fork": {map[string]any{"pull_request": map[string]any{"number": 5, "head": map[string]any{"repo": nil}, "base": repository("org/shop")}}, Event{Number: 5, Fork: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(test.event)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "event.json")
			require.NoError(t, os.WriteFile(path, text, 0o600))
			event, err := ReadEvent(path)
			require.NoError(t, err)
			assert.Equal(t, test.want, event)
		})
	}
	event, err := ReadEvent("")
	require.NoError(t, err)
	assert.Equal(t, Event{}, event)
}
