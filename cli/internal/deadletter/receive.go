package deadletter

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
)

const (
	// most is how many messages SQS hands out or changes in one request.
	most = 10
	// peekSeconds is how long messages that are only looked at stay hidden if the look
	// ends without giving them back. They must be hidden for a moment: otherwise SQS
	// gives the same ones again.
	peekSeconds = 30
	// holdSeconds is how long messages that are worked on stay hidden, see [Held.Renew].
	holdSeconds = 15 * 60
)

// Counted is how much there is in a queue.
type Counted struct {
	// Messages is about how many messages there are, Hidden how many of them somebody
	// is looking at or working on.
	Messages, Hidden int
	// Oldest is when the oldest message that was seen was sent, zero without one.
	Oldest time.Time
	// Sampled says that not all messages were seen, so there may be an older one.
	Sampled bool
}

// Count counts the messages of a queue and looks at up to ten of them for their age. SQS
// keeps its numbers only approximately.
func Count(ctx context.Context, client SQS, q Queue) (Counted, error) {
	counted, err := Messages(ctx, client, q)
	if err != nil || counted.Messages == 0 {
		return counted, err
	}
	seen, err := Peek(ctx, client, q, most)
	for _, message := range seen {
		if sent := SentAt(message); counted.Oldest.IsZero() || sent.Before(counted.Oldest) {
			counted.Oldest = sent
		}
	}
	counted.Sampled = len(seen) < counted.Messages
	return counted, err
}

// Messages is [Count] without a look at the messages: their age is not known.
func Messages(ctx context.Context, client SQS, q Queue) (Counted, error) {
	there, away, err := deadletters.Messages(ctx, client, q.URL)
	if err != nil {
		return Counted{}, q.failed("count the messages of", err)
	}
	return Counted{Messages: there + away, Hidden: away}, nil
}

// Peek reads up to limit messages, each once, and leaves them in the queue. Of a message
// group of a FIFO queue SQS gives no more than ten.
func Peek(ctx context.Context, client SQS, q Queue, limit int) ([]types.Message, error) {
	held, err := take(ctx, client, q, limit, peekSeconds)
	messages := make([]types.Message, len(held))
	for i, h := range held {
		messages[i] = h.Message
	}
	return messages, released(ctx, held, err)
}

// Held is a message that nobody else gets for the time being.
type Held struct {
	types.Message

	client SQS
	queue  Queue
}

// Take holds all messages that the queue gives.
func Take(ctx context.Context, client SQS, q Queue) ([]Held, error) {
	held, err := take(ctx, client, q, 0, holdSeconds)
	if err != nil {
		return nil, released(ctx, held, err)
	}
	return held, nil
}

// take receives up to limit messages, all for 0. What it received is returned with an
// error too.
func take(ctx context.Context, client SQS, q Queue, limit int, seconds int32) ([]Held, error) {
	var held []Held
	seen := map[string]bool{}
	for limit == 0 || len(held) < limit {
		size := most
		if limit > 0 {
			size = min(most, limit-len(held))
		}
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &q.URL, MaxNumberOfMessages: int32(size), VisibilityTimeout: seconds,
			// A short poll asks some of SQS's servers only and may come back empty.
			WaitTimeSeconds:             1,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			return held, q.failed("read", err)
		}
		fresh := false
		for _, message := range out.Messages {
			id := aws.ToString(message.MessageId)
			fresh = fresh || !seen[id]
			if !seen[id] {
				held = append(held, Held{Message: message, client: client, queue: q})
			}
			seen[id] = true
		}
		if !fresh {
			break
		}
	}
	return held, nil
}

// released gives messages back at once. An error from before is the one that counts.
func released(ctx context.Context, held []Held, err error) error {
	// Also when the user interrupts: nobody shall have to wait for the messages.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if problem := Release(ctx, held); err == nil {
		return problem
	}
	return err
}

// Release gives messages back, so that the next one who asks gets them.
func Release(ctx context.Context, held []Held) error { return hide(ctx, held, 0) }

// Renew holds messages for as long again as at first, a quarter of an hour.
func Renew(ctx context.Context, held []Held) error { return hide(ctx, held, holdSeconds) }

func hide(ctx context.Context, held []Held, seconds int32) error {
	for start := 0; start < len(held); start += most {
		part := held[start:min(start+most, len(held))]
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(part))
		for i, h := range part {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: h.ReceiptHandle, VisibilityTimeout: seconds}
		}
		first := part[0]
		if _, err := first.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &first.queue.URL, Entries: entries}); err != nil {
			return first.queue.failed("hold or give back messages of", err)
		}
	}
	return nil
}

// Done deletes a message whose work is done.
func (h Held) Done(ctx context.Context) error {
	if _, err := h.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &h.queue.URL, ReceiptHandle: h.ReceiptHandle}); err != nil {
		return h.queue.failed("delete a message of", err)
	}
	return nil
}

// SentAt is when a message was sent, zero when SQS does not tell.
func SentAt(message types.Message) time.Time {
	milliseconds, err := strconv.ParseInt(message.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}

// failed says what could not be done with a queue.
func (q Queue) failed(what string, err error) error {
	return fmt.Errorf("%s the dead-letter queue %s (%s): %w", what, q, q.URL, err)
}
