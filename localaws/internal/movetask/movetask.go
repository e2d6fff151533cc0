// Package movetask plays SQS's message move tasks, which moto_server lacks: they move
// the messages of a dead-letter queue back to where they came from, or elsewhere.
//
//  1. [Service.ServeHTTP] serves StartMessageMoveTask, ListMessageMoveTasks and
//     CancelMessageMoveTask with AWS's checks.
//  2. A task receives messages from the dead-letter queue, sends each to its
//     destination and deletes it then. A crash in between leaves a message twice, never
//     none.
//  3. Without a destination, a message goes to the queue whose dead letter it is. The
//     attribute DeadLetterQueueSourceArn of the received message names it.
//  4. Messages of FIFO queues keep their order, message group and deduplication id.
//  5. A task ends when the queue is empty.
package movetask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"
)

// Options configure a [Service]. SQS must be set.
type Options struct {
	SQS *sqs.Client
	// Resend marks a context: what is sent with it is no repetition, although it has
	// the deduplication id of a message that was sent before. Nil marks nothing.
	Resend func(context.Context) context.Context
	// Logger receives failures; nil discards them.
	Logger *slog.Logger
}

// Service holds the tasks of all queues, the ended ones too.
type Service struct {
	options Options

	mutex sync.Mutex
	tasks []*task // the newest last

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a service. Close must be called.
func New(options Options) *Service {
	if options.Resend == nil {
		options.Resend = func(ctx context.Context) context.Context { return ctx }
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{options: options}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close stops all tasks and waits for their end.
func (s *Service) Close() {
	s.mutex.Lock()
	s.cancel() // no task starts from here on
	s.mutex.Unlock()
	s.work.Wait()
}

var operations = map[string]func(*Service, context.Context, request) (any, error){
	"StartMessageMoveTask":  (*Service).start,
	"ListMessageMoveTasks":  (*Service).list,
	"CancelMessageMoveTask": (*Service).stop,
}

// Operation names the operation that a request asks for, "" for one of others.
func (s *Service) Operation(r *http.Request) string {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if operations[name] == nil {
		return ""
	}
	return name
}

// request is that of all three operations.
type request struct {
	SourceArn, DestinationArn    string
	MaxNumberOfMessagesPerSecond int
	MaxResults                   int
	TaskHandle                   string
}

// queueError is an error of SQS: its name in the API model and its older name.
type queueError struct {
	status               int
	code, older, message string
}

func (e *queueError) Error() string { return e.code + ": " + e.message }

func notFound(format string, arguments ...any) error {
	return &queueError{http.StatusNotFound, "ResourceNotFoundException", "ResourceNotFoundException", fmt.Sprintf(format, arguments...)}
}

func invalid(format string, arguments ...any) error {
	return &queueError{http.StatusBadRequest, "InvalidParameterValueException", "InvalidParameterValue", fmt.Sprintf(format, arguments...)}
}

func unsupported(format string, arguments ...any) error {
	return &queueError{http.StatusBadRequest, "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", fmt.Sprintf(format, arguments...)}
}

// ServeHTTP serves the three operations.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var given request
	err := json.NewDecoder(r.Body).Decode(&given)
	var answer any
	if err == nil {
		answer, err = operations[s.Operation(r)](s, r.Context(), given)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	if err != nil {
		writeError(w, err)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func writeError(w http.ResponseWriter, err error) {
	var known *queueError
	if !errors.As(err, &known) {
		known = &queueError{http.StatusInternalServerError, "InternalError", "InternalError", err.Error()}
	}
	w.Header().Set("X-Amzn-Query-Error", known.older+";Sender")
	w.WriteHeader(known.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws.sqs#" + known.code, "message": known.message})
}

func (s *Service) list(_ context.Context, given request) (any, error) {
	limit := given.MaxResults
	switch {
	case limit == 0:
		limit = 1
	case limit < 0 || limit > 10:
		return nil, invalid("Value for parameter MaxResults is invalid. Reason: it must be an integer between 1 and 10.")
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	results := []taskAnswer{}
	for _, t := range slices.Backward(s.tasks) {
		if t.source == given.SourceArn && len(results) < limit {
			results = append(results, t.answer())
		}
	}
	return map[string]any{"Results": results}, nil
}

func (s *Service) stop(_ context.Context, given request) (any, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, t := range s.tasks {
		if t.handle == given.TaskHandle && t.status == statusRunning {
			t.status = statusCancelling
			t.cancel()
			return map[string]any{"ApproximateNumberOfMessagesMoved": t.moved}, nil
		}
	}
	return nil, notFound("Task does not exist.")
}
