// Package lambda plays AWS Lambda: its API, and functions that run as processes of
// this computer.
//
//  1. [Service.ServeHTTP] serves the API: functions, layers, permissions,
//     concurrency, tags and Invoke, with AWS's checks and error texts.
//  2. A function's code and layers are unpacked into <folder>/task and
//     <folder>/opt. Since there is no /opt here, environment values that start
//     with /opt/ are rewritten to that folder.
//  3. An invocation takes a warm execution environment or starts one: a process
//     that speaks the Lambda Runtime API with a loopback listener of its own.
//     provided.* runtimes start their bootstrap, nodejs* and python* a small
//     runtime of ours with the interpreter that this computer has.
//     AWS_LAMBDA_EXEC_WRAPPER is honoured.
//  4. Function errors, crashes, failed or slow starts and time-outs answer as on
//     AWS. Afterwards the environment, with all processes it started, is replaced.
//  5. Asynchronous invocations are tried again as their configuration says. Then their
//     outcome goes to a destination, or the event to the dead-letter queue.
//  6. Each environment has credentials of its function's role, as far as
//     [Options.Enforcer] enforces what roles may do.
//  7. Output goes to a file per function and to CloudWatch Logs.
package lambda

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Defaults of [Options].
const (
	DefaultMaxEnvironments = 10
	DefaultQueueWait       = 25 * time.Second
	DefaultIdleTimeout     = 2 * time.Minute
	DefaultInitTimeout     = 10 * time.Second
)

// Options configure a [Service].
type Options struct {
	Region, AccountID string
	// Endpoint is what functions get as AWS_ENDPOINT_URL.
	Endpoint string
	// DataDir is where code, layers and logs are kept. What is in its folders
	// "functions", "layers" and "runtimes" is removed when the service starts.
	DataDir string
	// Faults may be nil: then there are none.
	Faults *faults.Lambda
	// Logs receives the functions' output for CloudWatch Logs; nil discards it.
	Logs LogStore
	// Logger receives what happens to execution environments; nil discards it.
	Logger *slog.Logger
	// MaxEnvironments bounds the environments of a function that has no reserved
	// concurrency.
	MaxEnvironments int
	// QueueWait is how long an invocation waits for one of these environments
	// before it is throttled. AWS would start another environment instead.
	QueueWait time.Duration
	// IdleTimeout is how long an environment stays warm without work.
	IdleTimeout time.Duration
	// InitTimeout is how long an environment may take to start, 10 s on AWS.
	InitTimeout time.Duration
	// AsyncRetryDelays are the times before the retries of a failed asynchronous
	// invocation; their number is the number of retries. AWS waits 1 and 2 minutes,
	// the default here is 1 and 2 seconds.
	AsyncRetryDelays []time.Duration
	// Destinations are sent the outcomes of asynchronous invocations. Empty clients
	// are for functions that name no destination.
	Destinations destination.Clients
	// Enforcer gives each environment credentials of its function's role; nil lets
	// functions do everything.
	Enforcer *enforcement.Enforcer
}

func (o *Options) setDefaults() {
	if o.Faults == nil {
		o.Faults = &faults.Lambda{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxEnvironments == 0 {
		o.MaxEnvironments = DefaultMaxEnvironments
	}
	if o.QueueWait == 0 {
		o.QueueWait = DefaultQueueWait
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = DefaultIdleTimeout
	}
	if o.InitTimeout == 0 {
		o.InitTimeout = DefaultInitTimeout
	}
	if o.AsyncRetryDelays == nil {
		o.AsyncRetryDelays = []time.Duration{time.Second, 2 * time.Second}
	}
}

// Service is Lambda without its event source mappings.
type Service struct {
	options  Options
	router   *restjson.Router
	runtimes *interpreters
	logs     *logFiles

	mutex     sync.Mutex
	functions map[string]*function
	layers    map[string]*layer
	// mappingTags are the tags of event source mappings by ARN.
	mappingTags map[string]map[string]string
	// waiting are the asynchronous invocations that have not ended.
	waiting   map[*asyncInvocation]bool
	revisions int
	closed    bool
	crashes   atomic.Int64

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a service. Further routes, those of the event source mappings, are
// served with it. Close must be called.
func New(options Options, further ...restjson.Route) (*Service, error) {
	options.setDefaults()
	for _, folder := range []string{"functions", "layers", "runtimes", "logs"} {
		if err := emptyFolder(filepath.Join(options.DataDir, folder)); err != nil {
			return nil, err
		}
	}
	runtimes, err := newInterpreters(filepath.Join(options.DataDir, "runtimes"), options.Logger)
	if err != nil {
		return nil, err
	}
	s := &Service{
		options: options, runtimes: runtimes,
		logs: &logFiles{folder: filepath.Join(options.DataDir, "logs"), store: options.Logs, enforcer: options.Enforcer,
			arn: "arn:aws:logs:" + options.Region + ":" + options.AccountID + ":log-group:"},
		functions: map[string]*function{}, layers: map[string]*layer{}, mappingTags: map[string]map[string]string{}, waiting: map[*asyncInvocation]bool{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.router = restjson.NewRouter(append(s.routes(), further...)...)
	s.work.Go(s.reapIdle)
	return s, nil
}

func emptyFolder(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("clear the local AWS's data: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the local AWS's data folder: %w; choose another with --data", err)
	}
	return nil
}

// ServeHTTP serves the Lambda API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Operation names the operation that a request asks for, or "".
func (s *Service) Operation(r *http.Request) string { return s.router.Operation(r) }

// Close kills all execution environments and waits until everything has ended.
func (s *Service) Close() {
	s.cancel()
	s.mutex.Lock()
	s.closed = true
	functions := s.functions
	s.functions = map[string]*function{}
	s.mutex.Unlock()
	for _, f := range functions {
		f.close()
	}
	s.work.Wait()
	s.logs.close()
}

// Inventory lists functions and layer versions.
func (s *Service) Inventory() []inventory.Item {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var items []inventory.Item
	for name := range s.functions {
		items = append(items, inventory.Item{Service: "lambda", Type: "function", ID: name})
	}
	for _, l := range s.layers {
		for _, version := range l.newestFirst() {
			items = append(items, inventory.Item{Service: "lambda", Type: "layer version", ID: version.LayerVersionArn})
		}
	}
	return items
}

// Logs is the end of a function's output, at most limit bytes, cut at a line.
func (s *Service) Logs(name string, limit int64) (string, error) { return s.logs.tail(name, limit) }

func (s *Service) reapIdle() {
	ticker := time.NewTicker(max(s.options.IdleTimeout/4, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
			for _, f := range s.all() {
				f.reapIdle(s.options.IdleTimeout)
			}
		}
	}
}

func (s *Service) all() []*function {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	functions := make([]*function, 0, len(s.functions))
	for _, f := range s.functions {
		functions = append(functions, f)
	}
	return functions
}
