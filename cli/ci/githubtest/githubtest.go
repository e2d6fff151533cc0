// Package githubtest is the part of GitHub's REST API that the commands use, in memory, for
// tests: runs of workflows, their jobs and the comments of pull requests, in pages.
package githubtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Token is the token that is allowed.
const Token = "ghs_0123456789"

// Repository is the only repository.
const Repository = "org/shop"

// Run is a run of the workflow that has ended.
type Run struct {
	Commit, Branch, Event, Message string
	Success                        bool

	// made and started are numbers in the order of all beginnings.
	made, started int
}

// Comment is a comment of a pull request.
type Comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	URL  string `json:"html_url"`
	// Association is what its author is to the repository, User who that is.
	Association string `json:"author_association"`
	User        User   `json:"user"`
}

// User is who wrote something.
type User struct {
	Login string `json:"login"`
	Type  string `json:"type"`
}

// Server answers as GitHub does.
type Server struct {
	URL string

	mutex    sync.Mutex
	runs     []Run
	began    int
	jobs     map[string]string
	comments []Comment
	readOnly bool
	perPage  int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{jobs: map[string]string{}, perPage: 100}
	routes := http.NewServeMux()
	const repository = "/repos/" + Repository
	routes.HandleFunc("GET "+repository+"/actions/workflows/{file}/runs", s.listRuns)
	routes.HandleFunc("GET "+repository+"/actions/runs/{run}/jobs", s.listJobs)
	routes.HandleFunc("GET "+repository+"/issues/{number}/comments", s.listComments)
	routes.HandleFunc("POST "+repository+"/issues/{number}/comments", s.write)
	routes.HandleFunc("PATCH "+repository+"/issues/comments/{id}", s.write)
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+Token {
			refuse(w, http.StatusUnauthorized, "Bad credentials")
			return
		}
		s.mutex.Lock()
		defer s.mutex.Unlock()
		routes.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Ran notes that a run has ended; the last one is the newest.
func (s *Server) Ran(run Run) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.began++
	run.made, run.started = s.began, s.began
	s.runs = append([]Run{run}, s.runs...)
}

// Again notes that the last run for a commit was started again and has ended.
func (s *Server) Again(commit string, success bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.began++
	at := slices.IndexFunc(s.runs, func(run Run) bool { return run.Commit == commit })
	s.runs[at].started, s.runs[at].Success = s.began, success
}

// Job sets the conclusion of a job of the current run.
func (s *Server) Job(name, conclusion string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.jobs[name] = conclusion
}

// NewRun begins another run, which has no jobs yet.
func (s *Server) NewRun() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	clear(s.jobs)
}

// ReadOnly refuses to write, as with the token of a fork.
func (s *Server) ReadOnly() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.readOnly = true
}

// PerPage is how many things a page has at most.
func (s *Server) PerPage(count int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.perPage = count
}

// Comment writes a comment as a stranger does.
func (s *Server) Comment(body string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.add(body, "NONE", User{"somebody", "User"})
}

// Comments are those of the pull request.
func (s *Server) Comments() []Comment {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Comment{}, s.comments...)
}

func (s *Server) add(body, association string, user User) Comment {
	id := len(s.comments) + 1
	made := Comment{id, body, fmt.Sprintf("https://github.com/%s/pull/5#issuecomment-%d", Repository, id), association, user}
	s.comments = append(s.comments, made)
	return made
}

func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("file") != "deploy-aws.yml" {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	var runs []any
	for _, run := range s.runs {
		conclusion := "failure"
		if run.Success {
			conclusion = "success"
		}
		if status := r.FormValue("status"); run.Branch != r.FormValue("branch") || status != "" && status != conclusion {
			continue
		}
		id := 1000 + run.made
		runs = append(runs, map[string]any{"id": id, "head_sha": run.Commit, "head_branch": run.Branch, "event": run.Event, "status": "completed", "conclusion": conclusion,
			"created_at": at(run.made), "run_started_at": at(run.started),
			"head_commit": map[string]string{"message": run.Message}, "html_url": fmt.Sprintf("https://github.com/%s/actions/runs/%d", Repository, id)})
	}
	answer(w, http.StatusOK, map[string]any{"total_count": len(runs), "workflow_runs": s.page(w, r, runs)})
}

// at is the time of a beginning.
func at(number int) time.Time {
	return time.Date(2026, 11, 1, 0, number, 0, 0, time.UTC)
}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) {
	var jobs []any
	for _, name := range slices.Sorted(maps.Keys(s.jobs)) {
		job := map[string]any{"name": name, "conclusion": nil}
		if conclusion := s.jobs[name]; conclusion != "" {
			job["conclusion"] = conclusion
		}
		jobs = append(jobs, job)
	}
	answer(w, http.StatusOK, map[string]any{"total_count": len(jobs), "jobs": s.page(w, r, jobs)})
}

func (s *Server) listComments(w http.ResponseWriter, r *http.Request) {
	comments := make([]any, len(s.comments))
	for i, comment := range s.comments {
		comments[i] = comment
	}
	answer(w, http.StatusOK, s.page(w, r, comments))
}

// page is the part of a list that is asked for, with where the next one is.
func (s *Server) page(w http.ResponseWriter, r *http.Request, all []any) []any {
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	size = min(max(size, 1), s.perPage)
	number, _ := strconv.Atoi(r.FormValue("page"))
	number = max(number, 1)
	begin := min((number-1)*size, len(all))
	end := min(begin+size, len(all))
	if end < len(all) {
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(number+1))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.URL, r.URL.Path, query.Encode()))
	}
	return append([]any{}, all[begin:end]...)
}

// maxBody is how many characters a comment may have.
const maxBody = 65_536

// write makes or changes a comment.
func (s *Server) write(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Body string `json:"body"`
	}
	switch err := json.NewDecoder(r.Body).Decode(&sent); {
	case err != nil:
		refuse(w, http.StatusBadRequest, "Problems parsing JSON")
	case s.readOnly:
		refuse(w, http.StatusForbidden, "Resource not accessible by integration")
	case len([]rune(sent.Body)) > maxBody:
		refuse(w, http.StatusUnprocessableEntity, "Validation Failed")
	case r.Method == http.MethodPost:
		answer(w, http.StatusCreated, s.add(sent.Body, "NONE", User{"github-actions[bot]", "Bot"}))
	default:
		id, _ := strconv.Atoi(r.PathValue("id"))
		if id < 1 || id > len(s.comments) {
			refuse(w, http.StatusNotFound, "Not Found")
			return
		}
		s.comments[id-1].Body = sent.Body
		answer(w, http.StatusOK, s.comments[id-1])
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message, "documentation_url": "https://docs.github.com/rest"})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away is no matter
}
