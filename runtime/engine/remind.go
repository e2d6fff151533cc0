package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// maxPause is the greatest pause between two attempts unless the declared one is greater.
// It is also the longest for which SQS delays a message; a longer pause takes several.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const maxPause = 900 * time.Second

// reminder is a message of the queue of rows to look at again.
type reminder struct {
	ToDo string `json:"toDo"`
	ID   string `json:"id"`
	// Generation is the state of the row. When it has another one, there is another
	// reminder.
	Generation string `json:"generation"`
	// Attempt is the number of the attempt that is due if the row is still to do.
	Attempt int `json:"attempt"`
	// Due is when it is due, RFC 3339 in UTC with milliseconds.
	Due string `json:"due"`
}

// pause is how long to wait after the beginning of an attempt: the declared pause at
// first, and twice as long after each further attempt, up to [maxPause].
func (t toDo) pause(attempt int) time.Duration {
	declared := max(1, time.Duration(t.declared.RetrySeconds)) * time.Second
	pause := declared
	for i := 1; i < attempt && pause < maxPause; i++ {
		pause *= 2
	}
	return max(declared, min(pause, maxPause))
}

// remind makes the row be looked at again, with regard to an attempt.
func (t toDo) remind(attempt int, pause time.Duration) error {
	body, err := json.Marshal(reminder{
		ToDo: t.name, ID: t.id, Generation: t.generation, Attempt: attempt, Due: eventlog.FormatTime(t.Now().Add(pause)),
	})
	if err != nil {
		return fmt.Errorf("write the reminder of attempt %d: %w", attempt, err)
	}
	seconds := (min(pause, maxPause) + time.Second - 1) / time.Second
	_, err = t.SQS.SendMessage(t.aws, &sqs.SendMessageInput{
		QueueUrl: &t.ToDoQueueURL, MessageBody: aws.String(queueText(body)), DelaySeconds: int32(seconds),
	})
	if err != nil {
		return fmt.Errorf("send the reminder of attempt %d at %s %q to the queue %s: %w", attempt, t.name, t.id, t.ToDoQueueURL, err)
	}
	return nil
}

// readReminder reads a message of the queue; the error has all that is wrong.
func (b *batch) readReminder(body string) (toDo, reminder, error) {
	var r reminder
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return toDo{}, r, fmt.Errorf("the message is no reminder of a to-do row: %w", err)
	}
	declared, known := b.Definition.ToDos[r.ToDo]
	var problems []error
	if !known {
		problems = append(problems, fmt.Errorf("the plugin has no automation and no outbound translation %q", r.ToDo))
	}
	if r.ID == "" || r.Generation == "" || r.Attempt < 1 {
		problems = append(problems, errors.New("it needs id, generation and attempt"))
	}
	if err := errors.Join(problems...); err != nil {
		return toDo{}, r, fmt.Errorf("the message is no reminder of a to-do row: %w", err)
	}
	return toDo{batch: b, name: r.ToDo, declared: declared, id: r.ID, generation: r.Generation}, r, nil
}

// tooEarly is how long the next attempt must still wait: until the reminder is due, and
// for as long as the attempt before it may be running in another invocation. The clocks
// of two machines may differ, so less than a second is nothing.
func (t toDo) tooEarly(r reminder, current *toDoRow) time.Duration {
	wait := t.until(r.Due)
	if r.Attempt > current.attempt && current.ended < current.attempt {
		wait = max(wait, t.until(current.until))
	}
	if wait < time.Second {
		return 0
	}
	return wait
}

// until is the time that is left until a time in RFC 3339, 0 when that is no time.
func (t toDo) until(text string) time.Duration {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0
	}
	return at.Sub(t.Now())
}

// endOfInvocation is when this invocation ends.
func (t toDo) endOfInvocation() string {
	left := time.Duration(0)
	if deadline, ok := t.ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	return eventlog.FormatTime(t.Now().Add(left))
}
