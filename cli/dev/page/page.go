// Package page serves the page of "reventless dev": what is deployed on the local AWS, and
// what happens there.
//
//  1. [Server.Deployed] reads from the stacks' states which plugins there are, with their
//     tables and queues.
//  2. GET /api/state counts rows and messages, and asks the platform's API what the registry
//     knows: versions, states, and whose the API's fields are.
//  3. [Server.Written] is told which tables were written. New items of event logs are read
//     and sent to browsers as events, with what functions write, over /api/happenings (server-sent
//     events); the last of them are kept for browsers that come later.
//  4. It listens on the loopback interface and answers to no name but that of this computer,
//     so that no web site can read it through a name of its own.
package page

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/localaws"
)

//go:embed static
var static embed.FS

// Environment is where the page finds what it shows.
type Environment struct {
	Plan *project.Plan
	// AWS is the address of the local AWS.
	AWS    string
	Region string
}

// Server is a page that is served.
type Server struct {
	http   *http.Server
	url    string
	read   stack.Reader
	stop   context.CancelFunc
	closed sync.WaitGroup

	aws      aws.Config
	dynamodb *dynamodb.Client
	sqs      *sqs.Client
	local    string

	happenings *happenings
	logs       *logReader

	mutex    sync.Mutex
	deployed *report.Report
	stacks   []*stack.Stack
	// credential is the token or API key for GraphiQL; "" when there is none.
	credential string
}

// New makes a page; it takes what it is told at once, and serves after [Server.Start].
func New() *Server {
	s := &Server{read: stack.Read, happenings: newHappenings()}
	s.logs = &logReader{happenings: s.happenings, wake: make(chan struct{}, 1), seen: map[string]map[string]bool{}}
	return s
}

// Start serves the page on a loopback port; 0 takes a free one.
func (s *Server) Start(port int, environment Environment) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("serve the live page: %w; choose another port with --page-port", err)
	}
	s.url, s.local = "http://"+listener.Addr().String(), environment.AWS
	s.aws = aws.Config{Region: environment.Region, BaseEndpoint: &environment.AWS,
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, "")}
	s.dynamodb, s.sqs = dynamodb.NewFromConfig(s.aws), sqs.NewFromConfig(s.aws)
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: guarded(listener.Addr().String(), s.handler()), ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	s.closed.Go(func() { _ = s.http.Serve(listener) })
	s.closed.Go(func() { s.logs.run(ctx, s.dynamodb) })
	return nil
}

// URL is the address of the page.
func (s *Server) URL() string { return s.url }

// Close ends the page.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	s.stop()
	_ = s.http.Close()
	s.closed.Wait()
}

func (s *Server) handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/state", s.serveState)
	mux.HandleFunc("GET /api/rows", s.serveRows)
	mux.HandleFunc("GET /api/happenings", s.happenings.serve)
	return mux
}

// guarded answers to requests for this computer only, and lets the page load nothing from
// elsewhere.
func guarded(address string, handler http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(address)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != address && r.Host != "localhost:"+port {
			http.Error(w, "this page answers to http://"+address+" only", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		handler.ServeHTTP(w, r)
	})
}

// Written takes what was written: the kind, and names of tables or queues.
func (s *Server) Written(kind string, names []string) {
	if kind == localaws.WrittenTable {
		s.logs.written(names)
	}
}

// Logged takes a line that a function wrote.
func (s *Server) Logged(function, line string, at time.Time) {
	s.happenings.add(Happening{Kind: "log", Time: at, Source: function, Text: line})
}

// Deployed takes the end of a deployment, and reads what there is now. The credential is
// the token or API key for GraphiQL, "" for none.
func (s *Server) Deployed(ctx context.Context, plan *project.Plan, done *report.Report, credential string) {
	var stacks []*stack.Stack
	for _, target := range plan.Targets {
		// A stack that has nothing yet is none to show.
		if found, err := s.read(ctx, stack.Selection{Folder: target.Folder, Stack: plan.Environment}); err == nil {
			stacks = append(stacks, found)
		}
	}
	s.mutex.Lock()
	s.deployed, s.stacks, s.credential = done, stacks, credential
	s.mutex.Unlock()
	s.logs.follow(stacks)
	text := done.Result
	for _, one := range done.Stacks {
		if one.Status == report.Failed {
			text += "; " + one.Name + ": " + one.Reason
		}
	}
	s.happenings.add(Happening{Kind: "deployment", Time: time.Now(), Source: "up", Text: text})
}

// now is what was deployed last.
func (s *Server) now() (*report.Report, []*stack.Stack) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.deployed, s.stacks
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, fs.ErrNotExist) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
