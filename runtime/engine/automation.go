package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// toDosAtOnce is how many rows of a stream batch are worked on at the same time. The
// handler has one turn at a time all the same; it is the waiting for AWS that overlaps.
const toDosAtOnce = 8

// toDoChange is a stream record with a row that a projection wrote.
type toDoChange struct {
	toDo
	// sequence is the record's sequence number, by which a failure is reported.
	sequence string
}

// toDoStream makes the first attempt at the rows of a batch. Of several records of one
// row the newest counts, because it is the row of today that is worked on. What fails
// comes again; rows do not wait for each other.
func (e *Engine) toDoStream(ctx context.Context, payload json.RawMessage) (any, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("the batch of stream records cannot be read: %w", err)
	}
	b, cancel := e.newBatch(ctx)
	defer cancel()
	failed := failures{}
	changes := b.newestChanges(event.Records, failed)
	var mu sync.Mutex
	var workers sync.WaitGroup
	slots := make(chan struct{}, toDosAtOnce)
	for _, change := range changes {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			if err := change.firstAttempt(); err != nil {
				b.report(err, "toDo", change.name, "id", change.id, "sequenceNumber", change.sequence)
				mu.Lock()
				defer mu.Unlock()
				failed[change.sequence] = true
			}
		})
	}
	workers.Wait()
	b.end()
	return failed.response(event.Records), nil
}

// newestChanges are the last changes of the batch's rows, without those after which there
// is nothing to do; what cannot be read fails.
func (b *batch) newestChanges(records []events.DynamoDBEventRecord, failed failures) []toDoChange {
	newest := map[[2]string]int{}
	changes := []toDoChange{}
	for i, r := range records {
		if _, own := r.Change.NewImage[toDoAttempt]; own || r.EventName == string(events.DynamoDBOperationTypeRemove) {
			continue
		}
		newest[rowKey(r)] = i
	}
	for i, r := range records {
		if last, ok := newest[rowKey(r)]; !ok || last != i {
			continue
		}
		if _, deleted := r.Change.NewImage[rowDeleted]; deleted {
			continue
		}
		change, err := b.toDoChange(r)
		if err != nil {
			b.report(err, "sequenceNumber", r.Change.SequenceNumber, "source", r.EventSourceArn)
			failed[r.Change.SequenceNumber] = true
			continue
		}
		changes = append(changes, change)
	}
	return changes
}

// rowKey is the same for all records of one row.
func rowKey(r events.DynamoDBEventRecord) [2]string {
	return [2]string{r.EventSourceArn, imageText(r, rowID)}
}

// toDoChange reads a stream record.
func (b *batch) toDoChange(r events.DynamoDBEventRecord) (toDoChange, error) {
	change := toDoChange{toDo: toDo{batch: b}, sequence: r.Change.SequenceNumber}
	table := tableOf(r.EventSourceArn)
	for name, declared := range b.Definition.ToDos {
		if declared.Table == table {
			change.name, change.declared = name, declared
		}
	}
	if change.name == "" {
		return change, fmt.Errorf("the stream is of table %q, which is no to-do table of the plugin", table)
	}
	change.id, change.generation = imageText(r, rowID), imageText(r, toDoGeneration)
	if change.id == "" || change.generation == "" {
		return change, fmt.Errorf("the stream record's image is no to-do row: it needs the texts %s and %s", rowID, toDoGeneration)
	}
	return change, nil
}

// imageText is a text of a record's image, "" when it is absent or something else.
func imageText(r events.DynamoDBEventRecord, name string) string {
	if value, ok := r.Change.NewImage[name]; ok && value.DataType() == events.DataTypeString {
		return value.String()
	}
	return ""
}

// firstAttempt makes sure that somebody looks at the row again and makes the first
// attempt, or repeats it. When there is no time for it, it leaves it to the queue: a
// stream's record comes again only so often, and nobody else would look at the row.
func (c toDoChange) firstAttempt() error {
	if c.late() {
		return c.remind(1, 0)
	}
	if err := c.remind(2, c.pause(1)); err != nil {
		return err
	}
	current, err := c.load()
	if err != nil || current == nil {
		return err
	}
	return c.try(current, 1, byStream)
}

// lookAgain looks at a row some time after an attempt. Nothing is left to do when an
// event has resolved the row, or the call has succeeded; otherwise there is a further
// attempt, or the row is given up.
func (e *Engine) lookAgain(b *batch, message events.SQSMessage) error {
	t, r, err := b.readReminder(message.Body)
	if err != nil {
		return err
	}
	if b.over() {
		return errUnprocessed
	}
	current, err := t.load()
	if err != nil || current == nil {
		return err
	}
	number, by := current.next(r.Attempt, message.MessageId)
	if wait := t.tooEarly(r, current); current.by != by && (wait > 0 || t.late()) {
		return t.remind(r.Attempt, wait)
	}
	if number > max(current.attempt, t.declared.Attempts) {
		return t.giveUp(current, slog.LevelError, cmp.Or(current.problem, fmt.Sprintf("still to do after %d attempts", current.attempt)))
	}
	if current.begins(number, by) {
		if err := t.remind(number+1, t.pause(number)); err != nil {
			return err
		}
	}
	return t.try(current, number, by)
}

// react asks an automation for the commands of an attempt and sends them. They have the
// attempt in their ids: a further attempt has an effect of its own, a repeated one has
// not. It is an event that resolves the row, not the attempt.
func (t toDo) react(begun *toDoRow) error {
	cause := hash(t.cause(), fmt.Sprint(begun.attempt))
	answer, err := t.askUnless(t.late, t.turn(turn.React, begun))
	if err == nil {
		err = t.carryOut(cause, t.name, answer, t.meta(begun))
	}
	var failed *turn.HandlerError
	if err == nil {
		return t.attemptEnded(begun, "")
	}
	if !errors.As(err, &failed) {
		return err
	}
	t.warn(begun, err)
	return t.attemptEnded(begun, failed.Error())
}
