package localaws

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asyncRecord is what a destination is sent.
type asyncRecord struct {
	Version        string
	RequestContext struct {
		RequestID, FunctionARN, Condition string
		ApproximateInvokeCount            int
	}
	RequestPayload, ResponsePayload map[string]any
	ResponseContext                 struct {
		StatusCode    int
		FunctionError string
	}
}

// destinations lets the bed's function send its outcomes to two queues.
func (b *bed) destinations(retries int32) (succeeded, failed string) {
	b.Helper()
	succeeded, succeededARN := b.queue(b.name+"-succeeded", nil)
	failed, failedARN := b.queue(b.name+"-failed", nil)
	_, err := b.lambda.PutFunctionEventInvokeConfig(b.Context(), &lambda.PutFunctionEventInvokeConfigInput{FunctionName: &b.name, MaximumRetryAttempts: &retries,
		DestinationConfig: &lambdatypes.DestinationConfig{OnSuccess: &lambdatypes.OnSuccess{Destination: &succeededARN}, OnFailure: &lambdatypes.OnFailure{Destination: &failedARN}}})
	require.NoError(b, err)
	return succeeded, failed
}

func (b *bed) invokeLater(body string) {
	b.Helper()
	output, err := b.lambda.Invoke(b.Context(), &lambda.InvokeInput{FunctionName: &b.name, InvocationType: lambdatypes.InvocationTypeEvent, Payload: []byte(`{"Records":[{"eventSource":"aws:sqs","body":"` + body + `"}]}`)})
	require.NoError(b, err)
	assert.Equal(b, int32(202), output.StatusCode)
}

func (b *bed) asyncRecord(url string) asyncRecord {
	b.Helper()
	var r asyncRecord
	require.NoError(b, json.Unmarshal([]byte(b.receive(url)), &r))
	return r
}

func TestAsynchronousInvocationTellsItsOutcome(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	events := b.function()
	succeeded, failed := b.destinations(1)
	b.invokeLater("fine")
	record := b.asyncRecord(succeeded)
	assert.Equal(t, "Success", record.RequestContext.Condition)
	assert.Equal(t, 1, record.RequestContext.ApproximateInvokeCount)
	assert.Empty(t, record.ResponseContext.FunctionError)
	assert.Contains(t, record.ResponsePayload, "batchItemFailures")

	b.invokeLater("throw")
	record = b.asyncRecord(failed)
	assert.Equal(t, "RetriesExhausted", record.RequestContext.Condition)
	assert.Equal(t, 2, record.RequestContext.ApproximateInvokeCount)
	assert.Equal(t, "Unhandled", record.ResponseContext.FunctionError)
	assert.Equal(t, "thrown", record.ResponsePayload["errorMessage"])
	assert.NotEmpty(t, record.RequestPayload["Records"])
	assert.Equal(t, []string{"fine", "throw", "throw"}, texts(events()))
}

func TestAsynchronousInvocationGoesToTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	b.function()
	url, arn := b.queue(b.name, nil)
	_, err := b.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: &b.name, DeadLetterConfig: &lambdatypes.DeadLetterConfig{TargetArn: &arn}})
	require.NoError(t, err)
	_, failed := b.destinations(0)
	b.invokeLater("throw")
	var dead *sqs.ReceiveMessageOutput
	b.eventually("dead letter", func() bool {
		dead, err = b.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MessageAttributeNames: []string{"All"}})
		require.NoError(t, err)
		return len(dead.Messages) == 1
	})
	assert.JSONEq(t, `{"Records":[{"eventSource":"aws:sqs","body":"throw"}]}`, *dead.Messages[0].Body)
	assert.Equal(t, "thrown", *dead.Messages[0].MessageAttributes["ErrorMessage"].StringValue)
	assert.Equal(t, b.asyncRecord(failed).RequestContext.RequestID, *dead.Messages[0].MessageAttributes["RequestID"].StringValue)

	_, err = b.lambda.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: &b.name, ReservedConcurrentExecutions: aws.Int32(0)})
	require.NoError(t, err)
	b.invokeLater("never runs")
	assert.Equal(t, "ZeroReservedConcurrency", b.asyncRecord(failed).RequestContext.Condition)
}
