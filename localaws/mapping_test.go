package localaws

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// enable enables or disables a mapping and waits until it is so.
func (b *bed) enable(id *string, enabled bool) {
	_, err := b.lambda.UpdateEventSourceMapping(b.Context(), &lambda.UpdateEventSourceMappingInput{UUID: id, Enabled: &enabled})
	require.NoError(b, err)
	b.eventually("the mapping changed its state", func() bool {
		got, err := b.lambda.GetEventSourceMapping(b.Context(), &lambda.GetEventSourceMappingInput{UUID: id})
		require.NoError(b, err)
		return *got.State == map[bool]string{true: "Enabled", false: "Disabled"}[enabled]
	})
}

// left is the number of a queue's messages, visible or not.
func (b *bed) left(url string) int {
	output, err := b.sqs.GetQueueAttributes(b.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{"All"}})
	require.NoError(b, err)
	total := 0
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		var count int
		_, err := fmt.Sscan(output.Attributes[name], &count)
		require.NoError(b, err)
		total += count
	}
	return total
}

func TestADeletedMappingTakesNoLaterMessage(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	// A queue that lets receivers wait must not keep a poll that outlives its poller.
	url, arn := b.queue(b.name+".fifo", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})
	for i := range 5 {
		created := b.mapping(arn, nil)
		time.Sleep(50 * time.Millisecond) // it polls
		_, err := b.lambda.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: created.UUID})
		require.NoError(t, err)
		text := fmt.Sprint("m", i)
		b.send(url, "g", text)
		b.take(url, text)
	}
	assert.Empty(t, events())
}

// take receives a message at once and deletes it.
func (b *bed) take(url, text string) {
	output, err := b.sqs.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 2})
	require.NoError(b, err)
	require.Len(b, output.Messages, 1, text)
	assert.Equal(b, text, *output.Messages[0].Body)
	_, err = b.sqs.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: output.Messages[0].ReceiptHandle})
	require.NoError(b, err)
}

func TestDeletingAMappingLetsItsInvocationEnd(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name+".fifo", nil)
	created := b.mapping(arn, nil)
	b.send(url, "g", "slow")
	b.eventually("it runs", func() bool { return len(events()) == 1 })
	_, err := b.lambda.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: created.UUID})
	require.NoError(t, err)
	b.eventually("its message is deleted", func() bool { return b.left(url) == 0 })
	assert.Len(t, events(), 1)
}

func TestReplacingAFunctionSpendsNoReceives(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	b.function()
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	url, arn := b.queue(b.name, redrive(deadARN, 1))
	created := b.mapping(arn, nil)
	_, err := b.lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: &b.name})
	require.NoError(t, err)
	for i := range 20 {
		b.send(url, "", fmt.Sprint("m", i))
	}
	b.eventually("the mapping says why it waits", func() bool {
		got, err := b.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: created.UUID})
		require.NoError(t, err)
		return got.LastProcessingResult != nil && len(*got.LastProcessingResult) > 7 && (*got.LastProcessingResult)[:7] == "PROBLEM"
	})
	events := b.function()
	b.eventually("everything is delivered", func() bool { return len(texts(events())) == 20 && b.left(url) == 0 })
	assert.Zero(t, b.left(deadURL))
}

func TestStreamPartialFailuresCountAsRetries(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	stream := b.table()
	for i, text := range []string{"a", "fail", "c"} {
		b.put(fmt.Sprint(i), text)
	}
	b.mapping(stream, func(i *lambda.CreateEventSourceMappingInput) {
		i.MaximumRetryAttempts, i.DestinationConfig = aws.Int32(2), onFailure(deadARN)
	})
	var report struct {
		RequestContext struct{ Condition string }
		Batch          struct{ BatchSize int } `json:"DDBStreamBatchInfo"`
	}
	require.NoError(t, json.Unmarshal([]byte(b.receive(deadURL)), &report))
	assert.Equal(t, "RetryAttemptsExhausted", report.RequestContext.Condition)
	assert.Equal(t, 2, report.Batch.BatchSize, "what failed and what is after it")
	b.put("later", "later")
	b.eventually("later records are delivered", func() bool { return slices.Contains(texts(events()), "later") })
	assert.Equal(t, []string{"a", "fail", "c", "fail", "c", "fail", "c", "later"}, texts(events()))
}

func TestAStreamGoesOnAfterWhatIsDone(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	stream := b.table()
	for i, text := range []string{"a", "b", "throw", "d"} {
		b.put(fmt.Sprint(i), text)
	}
	created := b.mapping(stream, func(i *lambda.CreateEventSourceMappingInput) { i.BisectBatchOnFunctionError = aws.Bool(true) })
	b.eventually("the first half is done, the second fails", func() bool { return len(events()) >= 4 })
	b.enable(created.UUID, false)
	before := len(events())
	b.enable(created.UUID, true)
	b.eventually("it goes on", func() bool { return len(events()) > before })
	var next []string
	for _, r := range events()[before].Records {
		next = append(next, r.text())
	}
	assert.Equal(t, []string{"throw", "d"}, next)
}

func TestMappingHonoursMaximumConcurrency(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	url, arn := b.queue(b.name, nil)
	mapping := b.mapping(arn, func(i *lambda.CreateEventSourceMappingInput) {
		i.BatchSize, i.ScalingConfig = aws.Int32(1), &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(2)}
	})
	for i := range 5 {
		b.send(url, "", fmt.Sprintf("slow%d", i))
	}
	b.eventually("two batches run", func() bool { return len(events()) == 2 })
	time.Sleep(300 * time.Millisecond)
	assert.Len(t, events(), 2, "the function takes a second")
	updated, err := b.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: mapping.UUID, ScalingConfig: &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(5)}})
	require.NoError(t, err)
	assert.Equal(t, int32(5), *updated.ScalingConfig.MaximumConcurrency)
	b.eventually("all are delivered", func() bool { return len(events()) == 5 })
	_, err = b.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: mapping.UUID, ScalingConfig: &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(1)}})
	assert.ErrorContains(t, err, "not between 2 and 1000")
}
