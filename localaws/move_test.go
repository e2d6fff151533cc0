package localaws

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bury receives the messages of a queue until its redrive policy has moved them away.
func (b *bed) bury(url string, count int) {
	for range 2 {
		var handles []types.ChangeMessageVisibilityBatchRequestEntry
		for len(handles) < count {
			output, err := b.sqs.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
			require.NoError(b, err)
			if len(output.Messages) == 0 {
				break
			}
			for _, m := range output.Messages {
				handles = append(handles, types.ChangeMessageVisibilityBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
			}
		}
		if len(handles) > 0 {
			_, err := b.sqs.ChangeMessageVisibilityBatch(b.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url, Entries: handles})
			require.NoError(b, err)
		}
	}
}

func (b *bed) moveTask(arn string) types.ListMessageMoveTasksResultEntry {
	output, err := b.sqs.ListMessageMoveTasks(b.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: &arn})
	require.NoError(b, err)
	require.Len(b, output.Results, 1)
	return output.Results[0]
}

func TestMessageMoveTaskBringsDeadLettersBack(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("queue"+suffix, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, server)
			b.name = strings.ReplaceAll(b.name, ".", "-")
			_, deadARN := b.queue(b.name+"-dead"+suffix, nil)
			url, _ := b.queue(b.name+suffix, redrive(deadARN, 1))
			otherURL, _ := b.queue(b.name+"-other"+suffix, redrive(deadARN, 1))
			group := strings.TrimPrefix(suffix, ".")
			for _, text := range []string{"one", "two", "three"} {
				b.send(url, group, text)
			}
			b.send(otherURL, group, "four")
			b.bury(url, 3)
			b.bury(otherURL, 1)
			started, err := b.sqs.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &deadARN})
			require.NoError(t, err)
			assert.NotEmpty(t, *started.TaskHandle)
			b.eventually("completed", func() bool { return aws.ToString(b.moveTask(deadARN).Status) == "COMPLETED" })
			assert.Equal(t, int64(4), b.moveTask(deadARN).ApproximateNumberOfMessagesMoved)
			back, err := b.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}})
			require.NoError(t, err)
			require.Len(t, back.Messages, 3)
			if suffix != "" {
				assert.Equal(t, "one", *back.Messages[0].Body)
				assert.Equal(t, group, back.Messages[0].Attributes["MessageGroupId"])
				assert.Equal(t, group+"one", back.Messages[0].Attributes["MessageDeduplicationId"])
			}
			assert.Equal(t, []string{"four"}, b.receiveAll(otherURL))
		})
	}
}

func TestMessageMoveTaskElsewhereAndCancelled(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	deadURL, deadARN := b.queue(b.name+"-dead", nil)
	b.queue(b.name, redrive(deadARN, 1))
	elsewhereURL, elsewhereARN := b.queue(b.name+"-elsewhere", nil)
	for _, text := range []string{"one", "two", "three", "four", "five"} {
		b.send(deadURL, "", text)
	}
	slow := &sqs.StartMessageMoveTaskInput{SourceArn: &deadARN, DestinationArn: &elsewhereARN, MaxNumberOfMessagesPerSecond: aws.Int32(1)}
	started, err := b.sqs.StartMessageMoveTask(t.Context(), slow)
	require.NoError(t, err)
	_, err = b.sqs.StartMessageMoveTask(t.Context(), slow)
	var second *types.UnsupportedOperation
	require.ErrorAs(t, err, &second)
	b.eventually("one was moved", func() bool { return b.moveTask(deadARN).ApproximateNumberOfMessagesMoved > 0 })
	_, err = b.sqs.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: started.TaskHandle})
	require.NoError(t, err)
	b.eventually("cancelled", func() bool { return aws.ToString(b.moveTask(deadARN).Status) == "CANCELLED" })
	moved := b.receiveAll(elsewhereURL)
	assert.NotEmpty(t, moved)
	assert.Len(t, append(moved, b.receiveAll(deadURL)...), 5, "none is lost")
}

func TestMessageMoveTaskRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	_, arn := b.queue(b.name, nil)
	_, err := b.sqs.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &arn})
	require.ErrorContains(t, err, "must be configured as a Dead Letter Queue")
	_, err = b.sqs.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arn + "-none")})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	_, err = b.sqs.CancelMessageMoveTask(t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: aws.String("none")})
	require.ErrorAs(t, err, &missing)
}
