package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// feedsAtOnce is how many rows are published at the same time.
const feedsAtOnce = 8

// maxFeedSize is the greatest row that is published, in bytes of JSON: AppSync drops
// what is larger on the way to subscribers, without a word.
// https://docs.aws.amazon.com/general/latest/gr/appsync.html (subscription payload size)
const maxFeedSize = 240 * 1024

// changedRow is one stream record of a read model's table.
type changedRow struct {
	// sequence is the record's sequence number, by which a failure is reported.
	sequence string
	name     string
	model    definition.ReadModel
	id       string
	// data is the row as the handler made it, JSON null when it was deleted.
	data json.RawMessage
}

// feedStream publishes the changed rows of a batch to the subscriptions of their read
// models. Rows are published in the order of their changes; when one fails, it and the
// later changes of the same row must come again, other rows go on. A change that comes
// again is published again. Deleted rows are not published: what subscribers select of a
// row cannot be null in general, and there is nothing else left of it.
func (e *Engine) feedStream(ctx context.Context, payload json.RawMessage) (any, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("the batch of stream records cannot be read: %w", err)
	}
	b, cancel := e.newBatch(ctx)
	defer cancel()
	failed := b.publishRows(event.Records)
	b.end()
	response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range event.Records {
		if failed[r.Change.SequenceNumber] {
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return response, nil
}

// publishRows publishes all changes, those of one row in order, and returns those that
// must come again.
func (b *batch) publishRows(records []events.DynamoDBEventRecord) failures {
	rows, failed := b.changedRows(records)
	var mu sync.Mutex
	var workers sync.WaitGroup
	slots := make(chan struct{}, feedsAtOnce)
	for _, changes := range rows {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			left := b.publishRow(changes)
			mu.Lock()
			defer mu.Unlock()
			for _, change := range left {
				failed[change.sequence] = true
			}
		})
	}
	workers.Wait()
	return failed
}

// changedRows are the changes to announce, row by row. A record that cannot be read fails;
// it has no row that it could block.
func (b *batch) changedRows(records []events.DynamoDBEventRecord) (rows [][]changedRow, failed failures) {
	failed = failures{}
	places := map[string]int{}
	for _, r := range records {
		if _, quiet := r.Change.NewImage[rowQuiet]; quiet || r.EventName == string(events.DynamoDBOperationTypeRemove) {
			continue // what a rebuild wrote is not announced, unless it was asked to
		}
		change, err := b.changedRow(r)
		if err != nil {
			b.report(err, "sequenceNumber", r.Change.SequenceNumber, "source", r.EventSourceArn)
			failed[r.Change.SequenceNumber] = true
			continue
		}
		key := change.name + "\x00" + change.id
		if _, known := places[key]; !known {
			places[key] = len(rows)
			rows = append(rows, nil)
		}
		rows[places[key]] = append(rows[places[key]], change)
	}
	return rows, failed
}

// changedRow reads a stream record.
func (b *batch) changedRow(r events.DynamoDBEventRecord) (changedRow, error) {
	change := changedRow{sequence: r.Change.SequenceNumber}
	table := tableOf(r.EventSourceArn)
	for name, model := range b.Definition.ReadModels {
		if model.Table == table {
			change.name, change.model = name, model
		}
	}
	if change.name == "" {
		return change, fmt.Errorf("the stream is of table %q, which is no read model of the plugin", table)
	}
	item, err := eventlog.FromStream(r.Change.NewImage)
	if err != nil {
		return change, fmt.Errorf("the stream record's image is no row: %w", err)
	}
	changed, err := rowOf(item)
	if err != nil {
		return change, fmt.Errorf("the stream record's image is no row: %w", err)
	}
	change.id, change.data = changed.id, changed.data
	return change, nil
}

// publishRow publishes the changes of one row and returns those that are left after a
// failure.
func (b *batch) publishRow(changes []changedRow) (left []changedRow) {
	for i, change := range changes {
		if err := b.publishChange(change); err != nil {
			b.report(err, "readModel", change.name, "id", change.id, "sequenceNumber", change.sequence)
			return changes[i:]
		}
	}
	return nil
}

// publishChange publishes one change to all subscriptions of its read model.
func (b *batch) publishChange(change changedRow) error {
	if string(change.data) == "null" {
		return nil
	}
	if len(change.data) > maxFeedSize {
		b.Logger.WarnContext(b.ctx, "a row is too large to be published to subscriptions",
			"readModel", change.name, "id", change.id, "size", len(change.data), "limit", maxFeedSize)
		return nil
	}
	for _, feed := range change.model.Feeds {
		if b.over() {
			return errUnprocessed
		}
		mutation := fmt.Sprintf("mutation($row: AWSJSON!) { %s(row: $row) %s }", feed.Mutation, feed.Selection)
		if err := b.GraphQL.Mutate(b.aws, mutation, map[string]any{"row": string(change.data)}); err != nil {
			return fmt.Errorf("publish to the subscription %s: %w", feed.Subscription, err)
		}
	}
	return nil
}
