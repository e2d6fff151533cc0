package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// aws is the configuration of AWS's own clients for the local AWS.
func (w *world) aws() aws.Config {
	w.t.Helper()
	settings, err := config.LoadDefaultConfig(context.Background(), config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
		config.WithRegion("eu-west-1"), config.WithBaseEndpoint(w.url),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, "")))
	require.NoError(w.t, err)
	return settings
}

// commit is one item of an event log.
type commit struct {
	seq       int
	commandID string
}

// eventLog reads the commits of one aggregate id, in order.
func (w *world) eventLog(table, id string) []commit {
	w.t.Helper()
	pages := dynamodb.NewQueryPaginator(dynamodb.NewFromConfig(w.aws()), &dynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: aws.String("id = :id"),
		ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":id": &dynamotypes.AttributeValueMemberS{Value: id}},
	})
	var commits []commit
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		for _, item := range page.Items {
			seq, err := strconv.Atoi(item["seq"].(*dynamotypes.AttributeValueMemberN).Value)
			require.NoError(w.t, err)
			commits = append(commits, commit{seq: seq, commandID: item["commandId"].(*dynamotypes.AttributeValueMemberS).Value})
		}
	}
	return commits
}

// rows counts the rows of a read model's table whose ids begin with a text.
func (w *world) rows(table, prefix string) int {
	w.t.Helper()
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(w.aws()), &dynamodb.ScanInput{
		TableName: &table, Select: dynamotypes.SelectCount, FilterExpression: aws.String("begins_with(id, :prefix)"),
		ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":prefix": &dynamotypes.AttributeValueMemberS{Value: prefix}},
	})
	count := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		count += int(page.Count)
	}
	return count
}

// letters wants a dead-letter queue to hold something.
func (w *world) letters(queue string) error {
	count, err := w.waiting(queue, sqstypes.QueueAttributeNameApproximateNumberOfMessages)
	if err == nil && count == 0 {
		err = fmt.Errorf("%s is empty", queue)
	}
	return err
}

// queued wants a queue to hold so many messages, be they being worked on or not.
func (w *world) queued(queue string, want int) error {
	count, err := w.waiting(queue, sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
	if err == nil && count != want {
		err = fmt.Errorf("%s holds %d messages, not %d", queue, count, want)
	}
	return err
}

// waiting adds up numbers of messages that a queue tells.
func (w *world) waiting(queue string, numbers ...sqstypes.QueueAttributeName) (count int, err error) {
	client := sqs.NewFromConfig(w.aws())
	url, err := client.GetQueueUrl(w.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return 0, err
	}
	answer, err := client.GetQueueAttributes(w.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: numbers})
	if err != nil {
		return 0, err
	}
	for _, text := range answer.Attributes {
		number, err := strconv.Atoi(text)
		if err != nil {
			return 0, err
		}
		count += number
	}
	return count, nil
}

// messages are the bodies of a queue's messages; they stay in it, but are not shown again
// for a while.
func (w *world) messages(queue string) (bodies []string) {
	w.t.Helper()
	client := sqs.NewFromConfig(w.aws())
	url, err := client.GetQueueUrl(w.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	require.NoError(w.t, err)
	for {
		answer, err := client.ReceiveMessage(w.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600})
		require.NoError(w.t, err)
		if len(answer.Messages) == 0 {
			return bodies
		}
		for _, message := range answer.Messages {
			bodies = append(bodies, aws.ToString(message.Body))
		}
	}
}

func (w *world) s3() *s3.Client {
	return s3.NewFromConfig(w.aws(), func(o *s3.Options) { o.UsePathStyle = true })
}

// upload writes an object into a bucket.
func (w *world) upload(bucket, key, content string) {
	w.t.Helper()
	_, err := w.s3().PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content), ContentType: aws.String("text/csv")})
	require.NoError(w.t, err)
}

// connect sends a request to the platform's connect function, as the stack's
// Invocation would.
func (w *world) connect(function string, request protocol.ConnectRequest) protocol.ConnectResult {
	w.t.Helper()
	payload, err := json.Marshal(request)
	require.NoError(w.t, err)
	answer, err := lambda.NewFromConfig(w.aws()).Invoke(w.t.Context(), &lambda.InvokeInput{FunctionName: &function, Payload: payload})
	require.NoError(w.t, err)
	require.Nil(w.t, answer.FunctionError, "%s", answer.Payload)
	var result protocol.ConnectResult
	require.NoError(w.t, json.Unmarshal(answer.Payload, &result))
	return result
}
