package streamfailure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// at is when the records of the tests were written.
var at = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// streams plays one shard; nothing of it is left when there are no records.
type streams struct{ records []streamtypes.Record }

func (s streams) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	for i, r := range s.records {
		if *r.Dynamodb.SequenceNumber >= *in.SequenceNumber {
			return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(fmt.Sprint(i))}, nil
		}
	}
	return nil, &streamtypes.TrimmedDataAccessException{}
}

// GetRecords gives one record after an empty page.
func (s streams) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	var i int
	text, empty := strings.CutSuffix(*in.ShardIterator, "?")
	if _, err := fmt.Sscan(text, &i); err != nil {
		return nil, err
	}
	switch {
	case i >= len(s.records):
		return &dynamodbstreams.GetRecordsOutput{NextShardIterator: in.ShardIterator}, nil
	case !empty:
		return &dynamodbstreams.GetRecordsOutput{NextShardIterator: aws.String(text + "?")}, nil
	}
	return &dynamodbstreams.GetRecordsOutput{Records: s.records[i : i+1], NextShardIterator: aws.String(fmt.Sprint(i + 1))}, nil
}

// table plays a table that is read page by page, an item a page.
type table struct {
	items []map[string]types.AttributeValue
	asked []dynamodb.ScanInput
}

func (s *table) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	s.asked = append(s.asked, *in)
	page := len(s.asked) - 1
	out := &dynamodb.ScanOutput{Items: s.items[page : page+1]}
	if page+1 < len(s.items) {
		out.LastEvaluatedKey = s.items[page]
	}
	return out, nil
}

// function plays a function; answer says which records of an invocation fail.
type function struct {
	answer func(invocation int, event events.DynamoDBEvent) (failed []string, err error)
	seen   []events.DynamoDBEvent
}

func (f *function) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(in.Payload, &event); err != nil {
		return nil, err
	}
	f.seen = append(f.seen, event)
	var failed []string
	var err error
	if f.answer != nil {
		failed, err = f.answer(len(f.seen), event)
	}
	var gone *lambdatypes.ResourceNotFoundException
	if errors.As(err, &gone) {
		return nil, err
	}
	if err != nil {
		return &lambda.InvokeOutput{FunctionError: aws.String("Unhandled"), Payload: fmt.Appendf(nil, `{"errorType":"Boom","errorMessage":%q}`, err)}, nil
	}
	response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, id := range failed {
		response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: id})
	}
	payload, err := json.Marshal(response)
	return &lambda.InvokeOutput{Payload: payload}, err
}

// sequences are the sequence numbers of each invocation.
func (f *function) sequences() [][]string {
	var all [][]string
	for _, event := range f.seen {
		var numbers []string
		for _, r := range event.Records {
			numbers = append(numbers, r.Change.SequenceNumber)
		}
		all = append(all, numbers)
	}
	return all
}

// commit is a commit of the aggregate id that is written at a time.
func commit(id string, seq int64, written time.Time) eventlog.Commit {
	return eventlog.Commit{ID: id, Seq: seq, Events: []turn.Event{{Type: "Added", Data: json.RawMessage(`{"n":1.50}`)}},
		Origin: eventlog.Origin{CommandID: "c-" + id, Time: eventlog.FormatTime(written)}}
}

func streamRecords(sequences ...string) []streamtypes.Record {
	var records []streamtypes.Record
	for _, sequence := range sequences {
		records = append(records, streamtypes.Record{EventName: streamtypes.OperationTypeInsert, Dynamodb: &streamtypes.StreamRecord{
			SequenceNumber: aws.String(sequence), ApproximateCreationDateTime: &at,
			NewImage: map[string]streamtypes.AttributeValue{"id": &streamtypes.AttributeValueMemberS{Value: "i" + sequence}, "seq": &streamtypes.AttributeValueMemberN{Value: "1"}},
		}})
	}
	return records
}

func failure(function, table, first, last string) Failure {
	return Failure{
		FunctionARN: "arn:aws:lambda:eu-west-1:1:function:" + function, StreamARN: "arn:aws:dynamodb:eu-west-1:1:table/" + table + "/stream/x",
		ShardID: "s1", First: first, Last: last, FirstArrival: at, LastArrival: at.Add(time.Minute),
	}
}

// bed is a repeater whose failures are done or not.
type bed struct {
	Repeater
	function *function
	table    *table
	done     []string
	kept     int
}

func newBed(records []streamtypes.Record, items []map[string]types.AttributeValue, f *function) *bed {
	b := &bed{function: f, table: &table{items: items}}
	b.Repeater = Repeater{
		Plugin: &stack.Plugin{
			Name: "catalog", EventLogs: map[string]string{"Product": "log"},
			Functions: map[string]string{"relay": "relay", "automations-Ship": "ship", "feeds": "feeds"},
		},
		Streams: streams{records}, DynamoDB: b.table, Lambda: f, Progress: func(string) {},
		Now: func() time.Time { return at.Add(time.Hour) },
	}
	return b
}

func (b *bed) repeat(ctx context.Context, failures ...Failure) (Repeated, error) {
	var items []Item
	for _, f := range failures {
		items = append(items, Item{Failure: f,
			Keep: func(context.Context) error { b.kept++; return nil },
			Done: func(context.Context) error { b.done = append(b.done, f.First); return nil }})
	}
	return b.Repeat(ctx, items)
}

func TestRecordsThatAreInTheStream(t *testing.T) {
	t.Parallel()
	f := &function{}
	b := newBed(streamRecords("1", "2", "3", "4", "5"), nil, f)
	repeated, err := b.repeat(t.Context(), failure("relay", "log", "4", "4"), failure("relay", "log", "1", "3"))
	require.NoError(t, err)
	assert.Equal(t, Repeated{Failures: 2, Records: 4}, repeated)
	assert.Equal(t, [][]string{{"1", "2", "3"}, {"4"}}, f.sequences(), "the older first")
	assert.Equal(t, []string{"1", "4"}, b.done)
	first := f.seen[0].Records[0]
	assert.Equal(t, "aws:dynamodb", first.EventSource)
	assert.Equal(t, "eu-west-1", first.AWSRegion)
	assert.Equal(t, "arn:aws:dynamodb:eu-west-1:1:table/log/stream/x", first.EventSourceArn)
	assert.Equal(t, "i1", first.Change.Keys["id"].String())
	assert.Equal(t, "1", first.Change.Keys["seq"].Number())
}

func TestCommitsInsteadOfRecordsThatAreGone(t *testing.T) {
	t.Parallel()
	f := &function{}
	inside, outside := commit("p1", 1, at.Add(-10*time.Minute)), commit("p2", 1, at.Add(-20*time.Minute))
	last := commit("p3", 4, at.Add(5*time.Minute))
	b := newBed(nil, []map[string]types.AttributeValue{eventlog.EncodeItem(inside), eventlog.EncodeItem(outside), eventlog.EncodeItem(last)}, f)
	repeated, err := b.repeat(t.Context(), failure("relay", "log", "1", "3"), failure("relay", "log", "7", "7"))
	require.NoError(t, err)
	assert.Equal(t, Repeated{Failures: 2, Records: 2}, repeated)
	assert.Equal(t, []string{"1", "7"}, b.done)
	require.Len(t, b.table.asked, 3, "the table is read once for both failures")
	var got []eventlog.Commit
	for _, event := range f.seen {
		for _, r := range event.Records {
			assert.Equal(t, "INSERT", r.EventName)
			decoded, err := eventlog.DecodeImage(r.Change.NewImage)
			require.NoError(t, err)
			got = append(got, decoded)
		}
	}
	assert.Equal(t, []eventlog.Commit{inside, last}, got)
}

func TestOldRecordsAreNotLookedForInTheStream(t *testing.T) {
	t.Parallel()
	b := newBed(streamRecords("1"), []map[string]types.AttributeValue{eventlog.EncodeItem(commit("p1", 1, at))}, &function{})
	b.Now = func() time.Time { return at.Add(retention) }
	repeated, err := b.repeat(t.Context(), failure("relay", "log", "1", "1"))
	require.NoError(t, err)
	assert.Equal(t, Repeated{Failures: 1, Records: 1}, repeated)
	assert.Len(t, b.table.asked, 1)
}

func TestWhatStandsForRecordsThatAreGone(t *testing.T) {
	t.Parallel()
	row := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "o1"}}
	cases := map[string]struct {
		failure Failure
		filter  string
		problem string
	}{
		"rows to do":     {failure("ship", "shipping", "1", "1"), "attribute_not_exists(#attempt) AND attribute_not_exists(#deleted)", ""},
		"changed rows":   {failure("feeds", "products", "1", "1"), "", "'dlq purge'"},
		"no such table":  {failure("relay", "old-log", "1", "1"), "", "no longer has the table old-log"},
		"another plugin": {failure("other", "shipping", "1", "1"), "", "no longer has the table shipping or the function other"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &function{}
			b := newBed(nil, []map[string]types.AttributeValue{row}, f)
			_, err := b.repeat(t.Context(), c.failure)
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				assert.Empty(t, b.done)
				assert.Empty(t, f.seen)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.filter, *b.table.asked[0].FilterExpression)
			assert.Len(t, b.done, 1)
			assert.Equal(t, "o1", f.seen[0].Records[0].Change.NewImage["id"].String())
		})
	}
}

func TestRecordsThatFail(t *testing.T) {
	t.Parallel()
	always := func(failed ...string) func(int, events.DynamoDBEvent) ([]string, error) {
		return func(int, events.DynamoDBEvent) ([]string, error) { return failed, nil }
	}
	cases := map[string]struct {
		answer      func(int, events.DynamoDBEvent) ([]string, error)
		invocations int
		problem     string
	}{
		"never":              {always(), 1, ""},
		"for good":           {always("2"), 6, "fails still at 1 of the records"},
		"under another name": {always("99"), 5, "fails still at 3 of the records"},
		"one less each time": {func(n int, event events.DynamoDBEvent) ([]string, error) {
			var failed []string
			for _, r := range event.Records[1:] {
				failed = append(failed, r.Change.SequenceNumber)
			}
			return failed, nil
		}, 3, ""},
		"at first": {func(n int, _ events.DynamoDBEvent) ([]string, error) {
			if n < 4 {
				return nil, errors.New("not now")
			}
			return nil, nil
		}, 4, ""},
		"with an error": {func(int, events.DynamoDBEvent) ([]string, error) { return nil, errors.New("no") }, 5, "Unhandled Boom: no"},
		"without function": {func(int, events.DynamoDBEvent) ([]string, error) {
			return nil, &lambdatypes.ResourceNotFoundException{}
		}, 1, "the function relay is no longer there"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &function{answer: c.answer}
			b := newBed(streamRecords("1", "2", "3"), nil, f)
			repeated, err := b.repeat(t.Context(), failure("relay", "log", "1", "3"))
			assert.Len(t, f.seen, c.invocations)
			if c.problem == "" {
				require.NoError(t, err)
				assert.Equal(t, Repeated{Failures: 1, Records: 3}, repeated)
				assert.Equal(t, []string{"1"}, b.done)
				return
			}
			require.ErrorContains(t, err, c.problem)
			assert.Empty(t, b.done, "a failure is not deleted before it succeeded")
			assert.Zero(t, repeated)
		})
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		sizes []int
		want  []int
	}{
		"none":          {nil, nil},
		"few":           {[]int{1, 1, 1}, []int{3}},
		"many":          {slices.Repeat([]int{1}, 250), []int{100, 100, 50}},
		"large":         {slices.Repeat([]int{2 << 20}, 5), []int{2, 2, 1}},
		"one too large": {[]int{6 << 20, 1}, []int{1, 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []record
			for _, size := range c.sizes {
				records = append(records, record{Change: change{NewImage: make([]byte, size)}})
			}
			var got []int
			for _, batch := range batches(records) {
				got = append(got, len(batch))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestParseRefusesWhatIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "hello", "{}", `{"DDBStreamBatchInfo":{"shardId":"s"}}`} {
		_, err := Parse(body)
		assert.ErrorContains(t, err, "the message is no failure of a stream's reader", body)
	}
}
