package localaws

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStreamEventHasTheShapeOfAWS(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	stream := b.table()
	b.put("1", "before")
	b.mapping(stream, nil)
	b.put("2", "after")
	b.eventually("both delivered", func() bool { return slices.Equal(texts(events()), []string{"before", "after"}) })
	r := events()[0].Records[0]
	assert.Equal(t, "INSERT", r.EventName)
	assert.Equal(t, "aws:dynamodb", r.EventSource)
	assert.Equal(t, stream, r.EventSourceARN)
	assert.Equal(t, DefaultRegion, r.AwsRegion)
	assert.Equal(t, map[string]map[string]any{"id": {"S": "1"}}, r.DynamoDB.Keys)
	assert.NotEmpty(t, r.DynamoDB.SequenceNumber)
	assert.Equal(t, "NEW_AND_OLD_IMAGES", r.DynamoDB.StreamViewType)
}

func TestStreamFilterAndUnchangedWrites(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	b.mapping(b.table(), func(i *lambda.CreateEventSourceMappingInput) {
		i.FilterCriteria = &lambdatypes.FilterCriteria{Filters: []lambdatypes.Filter{{Pattern: aws.String(`{"eventName":["INSERT"]}`)}}}
	})
	b.put("1", "first")
	b.put("1", "first")
	b.put("1", "changed")
	b.put("2", "second")
	b.eventually("delivered", func() bool { return slices.Contains(texts(events()), "second") })
	assert.Equal(t, []string{"first", "second"}, texts(events()))
}

func TestLatestStartsAtTheEnd(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	stream := b.table()
	b.put("1", "old")
	created := b.mapping(stream, func(i *lambda.CreateEventSourceMappingInput) {
		i.StartingPosition = lambdatypes.EventSourcePositionLatest
	})
	i := 0
	b.eventually("new records arrive", func() bool { i++; b.put(fmt.Sprint("n", i), "new"); return len(events()) > 0 })
	assert.NotContains(t, texts(events()), "old")
	assert.Equal(t, "Creating", *created.State)
}

func TestStreamPartialFailureRestartsAtTheLowest(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	stream := b.table()
	for i, text := range []string{"a", "once", "c"} {
		b.put(fmt.Sprint(i), text)
	}
	b.mapping(stream, nil)
	b.eventually("delivered", func() bool { return len(texts(events())) == 5 })
	assert.Equal(t, []string{"a", "once", "c", "once", "c"}, texts(events()))
}

func TestBisectIsolatesThePoisonRecordAndReportsIt(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	stream := b.table()
	for i, text := range []string{"a", "b", "throw", "d", "e"} {
		b.put(fmt.Sprint(i), text)
	}
	b.mapping(stream, func(i *lambda.CreateEventSourceMappingInput) {
		i.BisectBatchOnFunctionError, i.MaximumRetryAttempts, i.DestinationConfig = aws.Bool(true), aws.Int32(1), onFailure(deadARN)
	})
	var report struct {
		RequestContext struct {
			FunctionArn, Condition string
			ApproximateInvokeCount int
		}
		Batch struct {
			StartSequenceNumber, EndSequenceNumber, StreamArn string
			BatchSize                                         int
		} `json:"DDBStreamBatchInfo"`
	}
	require.NoError(t, json.Unmarshal([]byte(b.receive(deadURL)), &report))
	assert.Equal(t, "RetryAttemptsExhausted", report.RequestContext.Condition)
	assert.Equal(t, 2, report.RequestContext.ApproximateInvokeCount)
	assert.Equal(t, 1, report.Batch.BatchSize)
	assert.Equal(t, report.Batch.StartSequenceNumber, report.Batch.EndSequenceNumber)
	assert.Equal(t, stream, report.Batch.StreamArn)
	b.eventually("the rest is delivered", func() bool { all := texts(events()); return all[len(all)-1] == "e" })
	alone := 0
	for _, e := range events() {
		if len(e.Records) == 1 && e.Records[0].text() == "throw" {
			alone++
			assert.Equal(t, report.Batch.StartSequenceNumber, e.Records[0].DynamoDB.SequenceNumber)
		}
	}
	assert.Equal(t, 2, alone, "once and one retry")
}

func TestTheThirdReaderOfAStreamWaits(t *testing.T) {
	t.Parallel()
	first, second, third := newBed(t, server), newBed(t, server), newBed(t, server)
	stream := first.table()
	var events []func() []event
	var ids []*string
	for i, b := range []*bed{first, second, third} {
		b.name = fmt.Sprint(first.name, i)
		events = append(events, b.function())
		ids = append(ids, b.mapping(stream, nil).UUID)
	}
	_, err := first.dynamo.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(t.Name()), Item: map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "x"}}})
	require.NoError(t, err)
	first.eventually("two readers read", func() bool { return len(events[0]()) == 1 && len(events[1]()) == 1 })
	got, err := third.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: ids[2]})
	require.NoError(t, err)
	assert.Contains(t, *got.LastProcessingResult, "two readers")
	assert.Empty(t, events[2]())
	_, err = first.lambda.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: ids[0]})
	require.NoError(t, err)
	third.eventually("the third takes its place", func() bool { return len(events[2]()) == 1 })
}

func TestFailedTransactionsLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	b.mapping(b.table(), nil)
	failing := make(chan struct{})
	go func() {
		defer close(failing)
		for range 30 {
			_, _ = b.dynamo.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []dynamotypes.TransactWriteItem{
				{Put: &dynamotypes.Put{TableName: &b.name, Item: map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "never"}, "text": &dynamotypes.AttributeValueMemberS{Value: "never"}}}},
				{ConditionCheck: &dynamotypes.ConditionCheck{TableName: &b.name, Key: map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "missing"}}, ConditionExpression: aws.String("attribute_exists(id)")}},
			}})
		}
	}()
	var wanted []string
	for i := range 60 {
		text := fmt.Sprintf("kept%02d", i)
		wanted = append(wanted, text)
		b.put(text, text)
	}
	<-failing
	b.eventually("every acknowledged write arrives once, in order", func() bool { return slices.Equal(texts(events()), wanted) })
}
