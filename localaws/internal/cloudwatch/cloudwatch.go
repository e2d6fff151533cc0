// Package cloudwatch ships the output of functions to CloudWatch Logs.
//
//  1. [Store.Put] takes lines without ever blocking; lines that are too many to
//     keep are dropped, since functions' logs are in files too.
//  2. Once a second they are sent, one request per stream. A stream, and a group
//     below /aws/lambda/ that does not exist, is made before its first lines, as
//     Lambda does.
//  3. Lines of a stream whose log group has been deleted since are dropped: a
//     destroyed stack must not leave a group behind.
package cloudwatch

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/lambda"
)

const (
	flushInterval = time.Second
	requestLimit  = 10 * time.Second
	// maxWaiting bounds the lines that wait to be sent, maxLines those of a request.
	maxWaiting = 20000
	maxLines   = 1000
)

type stream struct{ group, name string }

// Store sends lines in the background. Close must be called.
type Store struct {
	client *logs.Client
	logger *slog.Logger

	mutex   sync.Mutex
	waiting map[stream][]types.InputLogEvent
	count   int

	// made and lost are used by the sending goroutine only.
	made, lost map[stream]bool

	stop, stopped chan struct{}
}

// New makes a store that sends with the client.
func New(client *logs.Client, logger *slog.Logger) *Store {
	s := &Store{client: client, logger: logger, waiting: map[stream][]types.InputLogEvent{}, made: map[stream]bool{}, lost: map[stream]bool{},
		stop: make(chan struct{}), stopped: make(chan struct{})}
	go s.run()
	return s
}

// Put takes lines of one stream.
func (s *Store) Put(group, name string, events []lambda.LogEvent) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.count+len(events) > maxWaiting {
		return
	}
	s.count += len(events)
	key := stream{group, name}
	for _, event := range events {
		milliseconds, message := event.Time.UnixMilli(), event.Message
		s.waiting[key] = append(s.waiting[key], types.InputLogEvent{Timestamp: &milliseconds, Message: &message})
	}
}

// Close drops what was not sent and stops.
func (s *Store) Close() {
	close(s.stop)
	<-s.stopped
}

func (s *Store) run() {
	defer close(s.stopped)
	ticker := time.NewTicker(flushInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			s.flush()
		}
	}
}

func (s *Store) flush() {
	s.mutex.Lock()
	waiting := s.waiting
	s.waiting, s.count = map[stream][]types.InputLogEvent{}, 0
	s.mutex.Unlock()
	for key, events := range waiting {
		select {
		case <-s.stop:
			return
		default:
		}
		if !s.lost[key] {
			s.send(key, events)
		}
	}
}

func (s *Store) send(key stream, events []types.InputLogEvent) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	if !s.made[key] {
		s.make(ctx, key)
	}
	for len(events) > 0 {
		count := min(len(events), maxLines)
		_, err := s.client.PutLogEvents(ctx, &logs.PutLogEventsInput{LogGroupName: &key.group, LogStreamName: &key.name, LogEvents: events[:count]})
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			s.lost[key] = true
			return
		}
		if err != nil {
			s.logger.Warn("lines were not sent to CloudWatch Logs", "group", key.group, "error", err)
			return
		}
		events = events[count:]
	}
}

// ownGroups is the prefix of the groups that Lambda makes for functions without a
// group of their own. The role of a function with one need not allow to make it.
const ownGroups = "/aws/lambda/"

// make makes the stream, and its group if needed; both may exist.
func (s *Store) make(ctx context.Context, key stream) {
	s.made[key] = true
	_, err := s.client.CreateLogStream(ctx, &logs.CreateLogStreamInput{LogGroupName: &key.group, LogStreamName: &key.name})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || !strings.HasPrefix(key.group, ownGroups) {
		return
	}
	if _, err = s.client.CreateLogGroup(ctx, &logs.CreateLogGroupInput{LogGroupName: &key.group}); err == nil {
		_, err = s.client.CreateLogStream(ctx, &logs.CreateLogStreamInput{LogGroupName: &key.group, LogStreamName: &key.name})
	}
	if err != nil {
		s.logger.Warn("the log stream was not made", "group", key.group, "error", err)
	}
}
