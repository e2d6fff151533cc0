// Package eventsource plays Lambda's event source mappings: it polls queues and the
// streams of tables and invokes functions with what it finds.
//
//  1. [Service.Routes] are the operations of the Lambda API that create, change and
//     delete mappings, with AWS's checks.
//  2. Each enabled mapping has a poller. It sleeps longer and longer when there is
//     nothing to do; [Service.Wake] wakes it when something was written.
//  3. Records that the filter criteria do not match are passed over. The others
//     become an event, as Lambda shapes it.
//  4. A mapping whose function is missing waits for it. Throttled invocations are
//     tried again with the same batch, which counts neither as a further receive of
//     a queue nor as a retry of a stream.
//  5. Sources are read, and destinations sent to, as far as the function's role may.
//  6. What happens after a failure is AWS's: for queues a retry, and the queue's own
//     redrive policy; for streams retries, bisecting and the on-failure destination.
//     Partial batch failures are honoured for both.
//
// Delivery is at least once, in order per message group and per stream.
package eventsource

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
)

// Defaults of [Options].
const (
	DefaultRetryDelay    = 200 * time.Millisecond
	DefaultMaxRetryDelay = 5 * time.Second
	DefaultIdlePoll      = 2 * time.Second
)

// minIdlePoll is the first pause after a poll that found nothing.
const minIdlePoll = 100 * time.Millisecond

const streamPauseFactor = 5

// Functions is what mappings need of Lambda.
type Functions interface {
	// Timeout is a function's ARN and time-out.
	Timeout(reference string) (arn string, timeout time.Duration, err error)
	// Role is the ARN of a function's role.
	Role(reference string) (string, error)
	// Invoke runs a function. An error says that it did not run. The end of ctx may
	// keep it from being started, and does not interrupt it when it runs.
	Invoke(ctx context.Context, reference string, payload []byte) (result []byte, functionError string, err error)
	// SetMappingTags stores a mapping's tags; nil forgets them.
	SetMappingTags(arn string, tags map[string]string)
}

// Options configure a [Service]. Region, AccountID and the clients must be set.
type Options struct {
	Region, AccountID string
	// The clients must not retry (RetryMaxAttempts 1): pollers do it themselves,
	// outside of Exclusive, and receiving twice would hide messages.
	SQS     *sqs.Client
	SNS     *sns.Client
	Streams *dynamodbstreams.Client
	// Exclusive runs calls of the stream client, made with the context that it gives,
	// with no other call of DynamoDB between them. Nil runs them as they are.
	Exclusive func(ctx context.Context, calls func(context.Context) error) error
	// Faults may be nil: then there are none.
	Faults *faults.Mappings
	// Enforcer knows what the functions' roles may do; nil lets them do everything.
	Enforcer *enforcement.Enforcer
	// Logger receives failures; nil discards them.
	Logger *slog.Logger
	// RetryDelay is the pause before the first retry of a failed batch. It doubles
	// with each further one up to MaxRetryDelay, and is never longer than a queue's
	// visibility time-out. AWS waits for the visibility time-out itself.
	RetryDelay, MaxRetryDelay time.Duration
	// IdlePoll is the longest pause between two polls of a queue when nothing
	// happens; for streams it is five times as long.
	IdlePoll time.Duration
}

func (o *Options) setDefaults() {
	if o.Exclusive == nil {
		o.Exclusive = func(ctx context.Context, calls func(context.Context) error) error { return calls(ctx) }
	}
	if o.Faults == nil {
		o.Faults = &faults.Mappings{}
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
	if o.IdlePoll == 0 {
		o.IdlePoll = DefaultIdlePoll
	}
}

// Service is all event source mappings.
type Service struct {
	options   Options
	functions Functions

	mutex    sync.Mutex
	mappings map[string]*mapping
	created  int

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a service without mappings. Start must be called before it is used.
func New(options Options) *Service {
	options.setDefaults()
	s := &Service{options: options, mappings: map[string]*mapping{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Start names the functions that are invoked.
func (s *Service) Start(functions Functions) { s.functions = functions }

// Stop stops polling. Invocations that run go on.
func (s *Service) Stop() { s.cancel() }

// Wait waits, after Stop, until the last invocation has ended.
func (s *Service) Wait() { s.work.Wait() }

// Sources of events, as [Service.Wake] names them.
const (
	KindTable = "table"
	KindQueue = "queue"
)

// Wake lets the mappings on tables or queues poll at once. No names means all of
// that kind.
func (s *Service) Wake(kind string, names ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, m := range s.mappings {
		if m.source.kind == kind && (len(names) == 0 || slices.Contains(names, m.source.name)) {
			m.wake()
		}
	}
}

// Inventory lists the mappings.
func (s *Service) Inventory() []inventory.Item {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var items []inventory.Item
	for _, m := range s.mappings {
		items = append(items, inventory.Item{Service: "lambda", Type: "event source mapping", ID: m.source.name + "/" + m.uuid})
	}
	return items
}
