// Package deadlettertest plays SQS in memory, as far as dead-letter queues need it.
package deadlettertest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS has queues by URL. The ARN of a queue is "arn:" and its URL.
type SQS struct {
	// Sources are the URLs of the queues whose dead-letter queue a queue is.
	Sources map[string][]string
	// Moves are the states of the next moves, one for each look at it; the last one stays.
	Moves []types.ListMessageMoveTasksResultEntry
	// Started are the moves that were started, Purged the queues that were purged.
	Started []sqs.StartMessageMoveTaskInput
	Purged  []string
	// PurgeError is the error of all purges.
	PurgeError error

	mutex  sync.Mutex
	queues map[string][]*message
}

type message struct {
	types.Message
	hidden bool
}

// Send puts a message into a queue and returns its id.
func (s *SQS) Send(url, body string, attributes map[string]string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.queues == nil {
		s.queues = map[string][]*message{}
	}
	id := fmt.Sprintf("m%d", len(s.queues[url])+1)
	s.queues[url] = append(s.queues[url], &message{Message: types.Message{
		MessageId: &id, ReceiptHandle: aws.String("handle-" + id), Body: &body, Attributes: attributes,
	}})
	return id
}

// Visible are the bodies of the messages of a queue that can be had now.
func (s *SQS) Visible(url string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	bodies := []string{}
	for _, m := range s.queues[url] {
		if !m.hidden {
			bodies = append(bodies, *m.Body)
		}
	}
	return bodies
}

// GetQueueAttributes gives all that it knows.
func (s *SQS) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	hidden := 0
	for _, m := range s.queues[*in.QueueUrl] {
		if m.hidden {
			hidden++
		}
	}
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"QueueArn":                              "arn:" + *in.QueueUrl,
		"ApproximateNumberOfMessages":           strconv.Itoa(len(s.queues[*in.QueueUrl]) - hidden),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(hidden),
	}}, nil
}

// ReceiveMessage hides what it gives until somebody gives it back.
func (s *SQS) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	out := &sqs.ReceiveMessageOutput{}
	for _, m := range s.queues[*in.QueueUrl] {
		if !m.hidden && len(out.Messages) < int(in.MaxNumberOfMessages) {
			m.hidden = in.VisibilityTimeout > 0
			out.Messages = append(out.Messages, m.Message)
		}
	}
	return out, nil
}

// ChangeMessageVisibilityBatch hides messages or gives them back.
func (s *SQS) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, entry := range in.Entries {
		for _, m := range s.queues[*in.QueueUrl] {
			if *m.ReceiptHandle == *entry.ReceiptHandle {
				m.hidden = entry.VisibilityTimeout > 0
			}
		}
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// DeleteMessage deletes a message.
func (s *SQS) DeleteMessage(_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.queues[*in.QueueUrl] = slices.DeleteFunc(s.queues[*in.QueueUrl], func(m *message) bool { return *m.ReceiptHandle == *in.ReceiptHandle })
	return &sqs.DeleteMessageOutput{}, nil
}

// ListDeadLetterSourceQueues gives the queue's sources.
func (s *SQS) ListDeadLetterSourceQueues(_ context.Context, in *sqs.ListDeadLetterSourceQueuesInput, _ ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error) {
	return &sqs.ListDeadLetterSourceQueuesOutput{QueueUrls: s.Sources[*in.QueueUrl]}, nil
}

// StartMessageMoveTask only records the move.
func (s *SQS) StartMessageMoveTask(_ context.Context, in *sqs.StartMessageMoveTaskInput, _ ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	s.Started = append(s.Started, *in)
	return &sqs.StartMessageMoveTaskOutput{}, nil
}

// ListMessageMoveTasks gives the next of the states.
func (s *SQS) ListMessageMoveTasks(_ context.Context, _ *sqs.ListMessageMoveTasksInput, _ ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	if len(s.Moves) == 0 {
		return &sqs.ListMessageMoveTasksOutput{}, nil
	}
	next := s.Moves[0]
	if len(s.Moves) > 1 {
		s.Moves = s.Moves[1:]
	}
	return &sqs.ListMessageMoveTasksOutput{Results: []types.ListMessageMoveTasksResultEntry{next}}, nil
}

// PurgeQueue empties a queue.
func (s *SQS) PurgeQueue(_ context.Context, in *sqs.PurgeQueueInput, _ ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error) {
	if s.PurgeError != nil {
		return nil, s.PurgeError
	}
	s.Purged = append(s.Purged, *in.QueueUrl)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.queues, *in.QueueUrl)
	return &sqs.PurgeQueueOutput{}, nil
}
