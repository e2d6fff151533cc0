package localaws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQueueEventHasTheShapeOfAWS(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name+".fifo", nil)
	b.mapping(arn, nil)
	_, err := b.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("hello"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{"type": {DataType: aws.String("String"), StringValue: aws.String("T")}}})
	require.NoError(t, err)
	b.eventually("delivered", func() bool { return len(events()) == 1 })
	r := events()[0].Records[0]
	assert.Equal(t, "hello", r.Body)
	assert.NotEmpty(t, r.MessageID)
	assert.Equal(t, "aws:sqs", r.EventSource)
	assert.Equal(t, arn, r.EventSourceARN)
	assert.Equal(t, DefaultRegion, r.AwsRegion)
	assert.Equal(t, "g", r.Attributes["MessageGroupId"])
	assert.Equal(t, "d", r.Attributes["MessageDeduplicationId"])
	assert.Equal(t, "1", r.Attributes["ApproximateReceiveCount"])
	assert.NotEmpty(t, r.Attributes["SentTimestamp"])
	assert.Equal(t, "T", r.MessageAttributes["type"].StringValue)
	assert.Equal(t, "String", r.MessageAttributes["type"].DataType)
}

func TestFIFOOrderIsKeptPerGroupThroughFailures(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name+".fifo", nil)
	var wanted []string
	for i := range 12 {
		text := fmt.Sprintf("m%02d", i)
		if i%4 == 1 {
			text = "once" + text
		}
		wanted = append(wanted, text)
		b.send(url, "a", text)
		b.send(url, "b", text)
	}
	b.mapping(arn, nil)
	b.eventually("both groups are through", func() bool {
		return slices.Equal(lastDeliveries(events(), "a"), wanted) && slices.Equal(lastDeliveries(events(), "b"), wanted)
	})
	for _, group := range []string{"a", "b"} {
		assert.Equal(t, wanted, firstDeliveries(events(), group), "nothing overtakes")
	}
}

func delivered(events []event, group string) []string {
	var all []string
	for _, e := range events {
		for _, r := range e.Records {
			if r.Attributes["MessageGroupId"] == group {
				all = append(all, r.Body)
			}
		}
	}
	return all
}

// firstDeliveries are a group's messages in the order of their first deliveries.
func firstDeliveries(events []event, group string) []string {
	var first []string
	for _, text := range delivered(events, group) {
		if !slices.Contains(first, text) {
			first = append(first, text)
		}
	}
	return first
}

// lastDeliveries are a group's messages in the order of their last deliveries.
func lastDeliveries(events []event, group string) []string {
	all := delivered(events, group)
	var last []string
	for i, text := range all {
		if !slices.Contains(all[i+1:], text) {
			last = append(last, text)
		}
	}
	return last
}

func TestPartialFailureRetriesOnlyWhatFailed(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name, nil)
	for _, text := range []string{"fine1", "once2", "fine3"} {
		b.send(url, "", text)
	}
	b.mapping(arn, nil)
	b.eventually("the failed one comes again", func() bool { return len(texts(events())) == 4 })
	counts := map[string]int{}
	for _, text := range texts(events()) {
		counts[text]++
	}
	assert.Equal(t, map[string]int{"fine1": 1, "once2": 2, "fine3": 1}, counts)
	b.eventually("the queue is empty", func() bool {
		output, err := b.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{"All"}})
		require.NoError(t, err)
		return output.Attributes["ApproximateNumberOfMessages"] == "0" && output.Attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
	})
}

func TestRedriveToTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("queue"+suffix, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, server)
			b.name = strings.ReplaceAll(b.name, ".", "-")
			events := b.function()
			deadURL, deadARN := b.queue(b.name+"-dead"+suffix, nil)
			url, arn := b.queue(b.name+suffix, redrive(deadARN, 2))
			b.mapping(arn, nil)
			group := strings.TrimPrefix(suffix, ".")
			b.send(url, group, "throw")
			b.send(url, group, "after")
			assert.Equal(t, "throw", b.receive(deadURL))
			b.eventually("the next message is delivered", func() bool { return slices.Contains(texts(events()), "after") })
			counts := map[string]int{}
			for _, text := range texts(events()) {
				counts[text]++
			}
			assert.Equal(t, 2, counts["throw"])
		})
	}
}

func TestQueueFilterPassesOver(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name, nil)
	b.mapping(arn, func(i *lambda.CreateEventSourceMappingInput) {
		i.FilterCriteria = &lambdatypes.FilterCriteria{Filters: []lambdatypes.Filter{{Pattern: aws.String(`{"body":{"kind":["wanted"]}}`)}}}
	})
	for _, text := range []string{`{"kind":"other"}`, "no JSON", `{"kind":"wanted"}`} {
		b.send(url, "", text)
	}
	b.eventually("delivered", func() bool { return len(texts(events())) > 0 })
	assert.Equal(t, []string{`{"kind":"wanted"}`}, texts(events()))
}

func TestBatchingWindowCollects(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name, nil)
	b.mapping(arn, func(i *lambda.CreateEventSourceMappingInput) {
		i.BatchSize, i.MaximumBatchingWindowInSeconds = aws.Int32(15), aws.Int32(20)
	})
	for i := range 15 {
		b.send(url, "", fmt.Sprint(i))
	}
	b.eventually("one batch of all", func() bool { return len(events()) == 1 })
	assert.Len(t, events()[0].Records, 15)
}

func TestDisabledMappingsDoNotPoll(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name, nil)
	created := b.mapping(arn, func(i *lambda.CreateEventSourceMappingInput) { i.Enabled = aws.Bool(false) })
	b.send(url, "", "waits")
	got, err := b.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: created.UUID})
	require.NoError(t, err)
	assert.Equal(t, "Disabled", *got.State)
	assert.Empty(t, events())
	_, err = b.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: created.UUID, Enabled: aws.Bool(true)})
	require.NoError(t, err)
	b.eventually("delivered when enabled", func() bool { return len(events()) == 1 })
	_, err = b.lambda.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: created.UUID})
	require.NoError(t, err)
	b.eventually("gone", func() bool {
		_, err := b.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: created.UUID})
		return err != nil && strings.Contains(err.Error(), "ResourceNotFoundException")
	})
}

func TestMappingRefusals(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	b.function()
	_, standard := b.queue(b.name, nil)
	_, fifo := b.queue(b.name+".fifo", nil)
	_, short := b.queue(b.name+"-short", map[string]string{"VisibilityTimeout": "19"})
	stream := b.table()
	tests := map[string]struct {
		arn    string
		change func(*lambda.CreateEventSourceMappingInput)
		says   string
	}{
		"visibility":        {short, nil, "Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds"},
		"no queue":          {standard + "-nope", nil, "NonExistentQueue"},
		"no stream":         {stream + "x", nil, "Stream not found"},
		"no function":       {standard, func(i *lambda.CreateEventSourceMappingInput) { i.FunctionName = aws.String("nope") }, "Function not found: arn:aws:lambda"},
		"FIFO batch":        {fifo, func(i *lambda.CreateEventSourceMappingInput) { i.BatchSize = aws.Int32(11) }, "FIFO"},
		"FIFO window":       {fifo, func(i *lambda.CreateEventSourceMappingInput) { i.MaximumBatchingWindowInSeconds = aws.Int32(1) }, "FIFO"},
		"large batch":       {standard, func(i *lambda.CreateEventSourceMappingInput) { i.BatchSize = aws.Int32(11) }, "must be greater than 0"},
		"starting position": {stream, func(i *lambda.CreateEventSourceMappingInput) { i.StartingPosition = "AT_TIMESTAMP" }, "starting position"},
		"destination":       {stream, func(i *lambda.CreateEventSourceMappingInput) { i.DestinationConfig = onFailure(fifo) }, "FIFO queues"},
		"filter": {standard, func(i *lambda.CreateEventSourceMappingInput) {
			i.FilterCriteria = &lambdatypes.FilterCriteria{Filters: []lambdatypes.Filter{{Pattern: aws.String(`{"body":"x"}`)}}}
		}, "Invalid filter pattern definition"},
		"source": {"arn:aws:s3:::bucket", nil, "Unrecognized event source"},
	}
	for name, test := range tests {
		input := &lambda.CreateEventSourceMappingInput{FunctionName: &b.name, EventSourceArn: &test.arn}
		if test.arn == stream || name == "no stream" {
			input.StartingPosition = lambdatypes.EventSourcePositionTrimHorizon
		}
		if test.change != nil {
			test.change(input)
		}
		_, err := b.lambda.CreateEventSourceMapping(t.Context(), input)
		assert.ErrorContains(t, err, test.says, name)
	}
	b.mapping(standard, nil)
	_, err := b.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{FunctionName: &b.name, EventSourceArn: &standard})
	var conflict *lambdatypes.ResourceConflictException
	assert.ErrorAs(t, err, &conflict)
	list, err := b.lambda.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: &b.name})
	require.NoError(t, err)
	assert.Len(t, list.EventSourceMappings, 1)
}

func onFailure(arn string) *lambdatypes.DestinationConfig {
	return &lambdatypes.DestinationConfig{OnFailure: &lambdatypes.OnFailure{Destination: &arn}}
}
