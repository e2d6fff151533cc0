package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// record is one stream record of an event log.
type record struct {
	// sequence is the record's sequence number, by which a failure is reported.
	sequence string
	// component is the aggregate, commit what the command recorded.
	component string
	commit    eventlog.Commit
	// source is the ARN of the stream.
	source string
}

// key is the same for all commits of one aggregate id.
func (r record) key() string { return r.component + "\x00" + r.commit.ID }

// failures collects the records of a stream batch that must come again.
type failures map[string]bool

// add reports a record.
func (f failures) add(r record) { f[r.sequence] = true }

// streamBatch decodes a batch of a stream and works on it. The answer lists the
// sequence number of each record that failed, in the order of the batch. Lambda takes
// the lowest as the place to go on from and delivers everything after it again,
// whether it failed or not.
func (e *Engine) streamBatch(ctx context.Context, payload json.RawMessage, work func(*batch, []record, failures)) (any, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("the batch of stream records cannot be read: %w", err)
	}
	b, cancel := e.newBatch(ctx)
	defer cancel()
	failed := failures{}
	work(b, b.decode(event.Records, failed), failed)
	b.end()
	response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range event.Records {
		if failed[r.Change.SequenceNumber] {
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return response, nil
}

// decode reads the commits of new items; what cannot be read fails.
func (b *batch) decode(raw []events.DynamoDBEventRecord, failed failures) []record {
	records := make([]record, 0, len(raw))
	for _, r := range raw {
		if r.EventName != string(events.DynamoDBOperationTypeInsert) {
			continue // commits are never changed, and deleting one is no event
		}
		decoded := record{sequence: r.Change.SequenceNumber, source: r.EventSourceArn}
		err := b.decodeInto(&decoded, r)
		if err != nil {
			b.report(err, "sequenceNumber", decoded.sequence, "source", decoded.source)
			failed.add(decoded)
			continue
		}
		records = append(records, decoded)
	}
	return records
}

// decodeInto fills a record.
func (b *batch) decodeInto(into *record, r events.DynamoDBEventRecord) (err error) {
	table := tableOf(r.EventSourceArn)
	component, known := b.aggregates[table]
	if !known {
		return fmt.Errorf("the stream is of table %q, which is no event log of the plugin", table)
	}
	into.component = component
	into.commit, err = eventlog.DecodeImage(r.Change.NewImage)
	return err
}

// tableOf is the table's name in the ARN of its stream:
// arn:aws:dynamodb:region:account:table/NAME/stream/LABEL.
func tableOf(streamARN string) string {
	parts := strings.Split(streamARN, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// groups splits records by aggregate id, each group in the order of its commits;
// groups come in the order of their first records.
func groups(records []record) [][]record {
	index := map[string]int{}
	var grouped [][]record
	for _, r := range records {
		i, ok := index[r.key()]
		if !ok {
			i = len(grouped)
			index[r.key()] = i
			grouped = append(grouped, nil)
		}
		grouped[i] = append(grouped[i], r)
	}
	for _, group := range grouped {
		slices.SortStableFunc(group, func(a, b record) int { return cmp.Compare(a.commit.Seq, b.commit.Seq) })
	}
	return grouped
}

// selected says whether an event type is among those that a component takes.
func selected(from []definition.Source, component, eventType string) bool {
	for _, source := range from {
		if source.Aggregate == component && (len(source.Events) == 0 || slices.Contains(source.Events, eventType)) {
			return true
		}
	}
	return false
}

// selects says whether any event of a commit is selected.
func selects(from []definition.Source, component string, commit eventlog.Commit) bool {
	return slices.ContainsFunc(commit.Events, func(event turn.Event) bool { return selected(from, component, event.Type) })
}
