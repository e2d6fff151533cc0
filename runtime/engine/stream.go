package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// record is one stream record of an event log.
type record struct {
	// sequence is the record's sequence number, by which a failure is reported.
	sequence string
	// component is the aggregate, or the family of a stream of the DCB log; commit is what
	// the command recorded.
	component string
	commit    eventlog.Commit
	// source is the ARN of the stream.
	source string
}

// key is the same for all commits of one aggregate id, or of one stream of the DCB log.
func (r record) key() string { return r.component + "\x00" + r.commit.ID }

// failures collects the records of a stream batch that must come again.
type failures map[string]bool

// add reports a record.
func (f failures) add(r record) { f[r.sequence] = true }

// response is the answer to a stream batch: the records that must come again, in the order
// of the batch.
func (f failures) response(records []events.DynamoDBEventRecord) events.DynamoDBEventResponse {
	response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range records {
		if f[r.Change.SequenceNumber] {
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return response
}

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
	return failed.response(event.Records), nil
}

// decode reads the commits of new items; what cannot be read fails.
func (b *batch) decode(raw []events.DynamoDBEventRecord, failed failures) []record {
	records := make([]record, 0, len(raw))
	for _, r := range raw {
		if r.EventName != string(events.DynamoDBOperationTypeInsert) {
			continue // commits are never changed, and deleting one is no event
		}
		if b.ofDCB(r) && dcb.IsGuard(r.Change.NewImage) {
			continue
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

// ofDCB says whether a record is of the DCB log's table.
func (e *Engine) ofDCB(r events.DynamoDBEventRecord) bool {
	return e.Definition.DCB != nil && e.Definition.DCB.Table == tableOf(r.EventSourceArn)
}

// decodeInto fills a record.
func (b *batch) decodeInto(into *record, r events.DynamoDBEventRecord) (err error) {
	if b.ofDCB(r) {
		return into.decodeStream(r)
	}
	table := tableOf(r.EventSourceArn)
	component, known := b.aggregates[table]
	if !known {
		return fmt.Errorf("the stream is of table %q, which is no event log of the plugin", table)
	}
	into.component = component
	into.commit, err = eventlog.DecodeImage(r.Change.NewImage)
	return err
}

// decodeStream fills a record with a commit in one of the DCB log's streams. Its id is
// the value of the tag that the stream is about.
func (r *record) decodeStream(raw events.DynamoDBEventRecord) error {
	commit, err := eventlog.DecodeImage(raw.Change.NewImage)
	if err != nil {
		return err
	}
	family, value, ok := dcb.ParseStreamKey(commit.ID)
	if !ok {
		return fmt.Errorf("the item %q of table %q is no commit of a stream of the DCB log", commit.ID, tableOf(raw.EventSourceArn))
	}
	commit.ID = value
	r.component, r.commit = family, commit
	return nil
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

// selected says whether an event type of an aggregate, or of the DCB log if aggregate is
// empty, is among those that a source takes.
func selected(source definition.Source, aggregate, eventType string) bool {
	return source.Aggregate == aggregate && (len(source.Events) == 0 || slices.Contains(source.Events, eventType))
}
