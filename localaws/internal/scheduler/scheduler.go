// Package scheduler plays EventBridge Scheduler: schedules that fire.
//
//  1. [Service.ServeHTTP] serves the API: schedules, their groups and tags, with AWS's
//     checks and error texts.
//  2. A loop sleeps until the next occurrence of any enabled schedule. The time that it
//     looks at is that of [Service.Now]: the computer's, plus what [Service.Advance]
//     added. Only schedules see this time.
//  3. Each occurrence becomes an execution. With a flexible time window it starts
//     somewhere in the window, always at the same place for the same occurrence.
//  4. The execution fills the context attributes into the input and calls the target: a
//     queue, or a Lambda function asynchronously.
//  5. A call that fails is tried again, after pauses that double, until the retry policy
//     is exhausted. Then the execution goes to the dead-letter queue, if there is one.
//  6. A schedule that will not occur any more is deleted when its last execution has
//     ended, if its action after completion says so.
//
// Delivery is at least once. Targets of other services, universal targets, customer
// keys and client tokens are not played.
package scheduler

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Defaults of [Options].
const (
	DefaultRetryDelay    = 200 * time.Millisecond
	DefaultMaxRetryDelay = 30 * time.Second
)

// Functions is what schedules need of Lambda.
type Functions interface {
	// InvokeLater accepts an asynchronous invocation. An error says that the function
	// does not exist.
	InvokeLater(reference string, payload []byte) error
}

// Roles is what schedules need of IAM.
type Roles interface {
	// Trusts says whether a role exists and lets a service assume it for a source.
	Trusts(ctx context.Context, roleARN, service, sourceARN string) (bool, error)
}

// Options configure a [Service]. Region, AccountID, Destinations and Functions must be set.
type Options struct {
	Region, AccountID string
	Destinations      destination.Clients
	Functions         Functions
	// Roles may be nil: then roles are not looked at.
	Roles Roles
	// Enforcer knows what the schedules' roles may do; nil lets them do everything.
	Enforcer *enforcement.Enforcer
	// Faults may be nil: then there are none.
	Faults *faults.Scheduler
	// Logger receives failures; nil discards them.
	Logger *slog.Logger
	// RetryDelay is the pause before the first retry. It doubles with each further one
	// up to MaxRetryDelay. AWS waits longer.
	RetryDelay, MaxRetryDelay time.Duration
}

func (o *Options) setDefaults() {
	if o.Faults == nil {
		o.Faults = &faults.Scheduler{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = DefaultRetryDelay
	}
	if o.MaxRetryDelay == 0 {
		o.MaxRetryDelay = DefaultMaxRetryDelay
	}
}

// Service is all schedules and their groups.
type Service struct {
	options Options
	router  *restjson.Router
	clock   *clock
	woken   chan struct{}

	mutex  sync.Mutex
	groups map[string]*group

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a service with the group "default" and starts its loop. Close must be
// called.
func New(options Options) *Service {
	options.setDefaults()
	s := &Service{options: options, clock: newClock(), woken: make(chan struct{}, 1), groups: map[string]*group{}}
	s.groups[defaultGroup] = s.newGroup(defaultGroup)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.router = restjson.NewRouter(s.routes()...)
	s.work.Go(s.run)
	return s
}

// ServeHTTP serves the API of EventBridge Scheduler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Operation names the operation that a request asks for, or "".
func (s *Service) Operation(r *http.Request) string { return s.router.Operation(r) }

// Now is the time that schedules look at.
func (s *Service) Now() time.Time { return s.clock.now() }

// Advance puts the time of schedules forward. Executions that fall due have started
// when it returns; their targets may not have been called yet.
func (s *Service) Advance(by time.Duration) {
	s.clock.advance(by)
	s.fireDue()
}

// Close stops everything. Executions that wait for a retry are lost.
func (s *Service) Close() {
	s.mutex.Lock()
	s.cancel() // nothing fires from here on
	s.mutex.Unlock()
	s.work.Wait()
}

// Inventory lists schedules and the groups that AWS did not make.
func (s *Service) Inventory() []inventory.Item {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var items []inventory.Item
	for name, g := range s.groups {
		if name != defaultGroup {
			items = append(items, inventory.Item{Service: "scheduler", Type: "schedule group", ID: name})
		}
		for schedule := range g.schedules {
			items = append(items, inventory.Item{Service: "scheduler", Type: "schedule", ID: name + "/" + schedule})
		}
	}
	return items
}
