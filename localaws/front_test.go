package localaws

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// receiveAll takes all messages out of a queue.
func (b *bed) receiveAll(url string) []string {
	var bodies []string
	for {
		output, err := b.sqs.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
		require.NoError(b, err)
		if len(output.Messages) == 0 {
			return bodies
		}
		for _, m := range output.Messages {
			bodies = append(bodies, *m.Body)
			_, err := b.sqs.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
			require.NoError(b, err)
		}
	}
}

func TestFIFOQueuesRememberDeletedMessages(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	url, _ := b.queue(b.name+".fifo", nil)
	send := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("one"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d1")}
	first, err := b.sqs.SendMessage(t.Context(), send)
	require.NoError(t, err)
	assert.Equal(t, []string{"one"}, b.receiveAll(url))
	send.MessageBody = aws.String("another body")
	second, err := b.sqs.SendMessage(t.Context(), send)
	require.NoError(t, err)
	assert.Equal(t, *first.MessageId, *second.MessageId)
	entry := func(id, deduplication string) sqstypes.SendMessageBatchRequestEntry {
		return sqstypes.SendMessageBatchRequestEntry{Id: &id, MessageBody: &id, MessageGroupId: aws.String("g"), MessageDeduplicationId: &deduplication}
	}
	batch, err := b.sqs.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []sqstypes.SendMessageBatchRequestEntry{entry("a", "d1"), entry("b", "d2"), entry("c", "d2"), entry("e", "d3")}})
	require.NoError(t, err)
	assert.Len(t, batch.Successful, 4)
	assert.Empty(t, batch.Failed)
	assert.Equal(t, []string{"b", "e"}, b.receiveAll(url))
	batch, err = b.sqs.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []sqstypes.SendMessageBatchRequestEntry{entry("a", "d1"), entry("b", "d2")}})
	require.NoError(t, err)
	assert.Len(t, batch.Successful, 2)
	assert.Empty(t, b.receiveAll(url))
}

func TestFIFOTopicsRemember(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	client := sns.NewFromConfig(config(server))
	topic, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(b.name + ".fifo"), Attributes: map[string]string{"FifoTopic": "true"}})
	require.NoError(t, err)
	url, arn := b.queue(b.name+".fifo", nil)
	_, err = client.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: &arn, Attributes: map[string]string{"RawMessageDelivery": "true"}})
	require.NoError(t, err)
	publish := &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("m1"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d1")}
	first, err := client.Publish(t.Context(), publish)
	require.NoError(t, err)
	assert.Equal(t, []string{"m1"}, b.receiveAll(url))
	second, err := client.Publish(t.Context(), publish)
	require.NoError(t, err)
	assert.Equal(t, *first.MessageId, *second.MessageId)
	entry := func(id, deduplication string) snstypes.PublishBatchRequestEntry {
		return snstypes.PublishBatchRequestEntry{Id: &id, Message: &id, MessageGroupId: aws.String("g"), MessageDeduplicationId: &deduplication}
	}
	for range 2 {
		batch, err := client.PublishBatch(t.Context(), &sns.PublishBatchInput{TopicArn: topic.TopicArn, PublishBatchRequestEntries: []snstypes.PublishBatchRequestEntry{entry("a", "d1"), entry("b", "d2"), entry("c", "d3")}})
		require.NoError(t, err)
		assert.Len(t, batch.Successful, 3)
	}
	assert.Equal(t, []string{"b", "c"}, b.receiveAll(url))
}

func TestMetricsCountOnlyRequestsOfOthers(t *testing.T) {
	t.Parallel()
	own, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b := newBed(t, own)
	events := b.function()
	b.mapping(b.table(), nil)
	b.admin("POST", "metrics/reset", "")
	b.put("1", "x")
	b.eventually("delivered", func() bool { return len(events()) == 1 })
	_, err = b.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &b.name, Payload: []byte(`{"Records":[]}`)})
	require.NoError(t, err)
	_, err = b.sqs.ListQueues(t.Context(), nil)
	require.NoError(t, err)
	_, err = iam.NewFromConfig(config(own)).ListRoles(t.Context(), nil)
	require.NoError(t, err)
	_, text := b.admin("GET", "metrics", "")
	assert.JSONEq(t, `{"dynamodb.PutItem":1,"lambda.Invoke":1,"sqs.ListQueues":1,"iam.ListRoles":1}`, text)
}

func TestInventoryIsEmptyAgainAfterwards(t *testing.T) {
	t.Parallel()
	own, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b := newBed(t, own)
	status, text := b.admin("GET", "inventory", "")
	require.Equal(t, 200, status)
	require.JSONEq(t, "[]", text)
	ctx := t.Context()
	events := b.function()
	url, arn := b.queue(b.name, nil)
	b.send(url, "", "x")
	mapping := b.mapping(arn, nil)
	stream := b.table()
	topics, roles, groups, schedules := sns.NewFromConfig(config(own)), iam.NewFromConfig(config(own)), logs.NewFromConfig(config(own)), scheduler.NewFromConfig(config(own))
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: &b.name})
	require.NoError(t, err)
	subscription, err := topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: &arn})
	require.NoError(t, err)
	_, err = roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &b.name, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[]}`)})
	require.NoError(t, err)
	_, err = schedules.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &b.name})
	require.NoError(t, err)
	group := aws.String("/aws/lambda/" + b.name)
	b.eventually("the function's log group is made", func() bool {
		_, text = b.admin("GET", "inventory", "")
		return len(events()) == 1 && strings.Contains(text, *group)
	})
	var items []struct{ Service, Type, ID string }
	require.NoError(t, json.Unmarshal([]byte(text), &items))
	assert.Len(t, items, 9)
	assert.NotEmpty(t, stream)

	_, err = b.lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: mapping.UUID})
	require.NoError(t, err)
	_, err = b.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &b.name})
	require.NoError(t, err)
	_, err = topics.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: subscription.SubscriptionArn})
	require.NoError(t, err)
	_, err = topics.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: topic.TopicArn})
	require.NoError(t, err)
	_, err = b.sqs.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url})
	require.NoError(t, err)
	_, err = b.dynamo.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &b.name})
	require.NoError(t, err)
	_, err = roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &b.name})
	require.NoError(t, err)
	_, err = groups.DeleteLogGroup(ctx, &logs.DeleteLogGroupInput{LogGroupName: group})
	require.NoError(t, err)
	_, err = schedules.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &b.name})
	require.NoError(t, err)
	b.eventually("empty", func() bool { _, text = b.admin("GET", "inventory", ""); return strings.TrimSpace(text) == "[]" })
}

func TestFaults(t *testing.T) {
	t.Parallel()
	own, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b := newBed(t, own)
	events := b.function()
	status, text := b.admin("POST", "faults", `{"dynamodb":{"nope":1}}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, text, "nope")
	b.mapping(b.table(), nil)

	b.admin("POST", "faults", `{"dynamodb":{"throttleEvery":1,"transactionConflictEvery":0}}`)
	_, err = b.dynamo.Scan(t.Context(), &dynamodb.ScanInput{TableName: &b.name})
	var throttled *dynamotypes.ProvisionedThroughputExceededException
	require.ErrorAs(t, err, &throttled)
	b.admin("POST", "faults", `{"dynamodb":{"throttleEvery":0,"transactionConflictEvery":1}}`)
	put := dynamotypes.TransactWriteItem{Put: &dynamotypes.Put{TableName: &b.name, Item: map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "t"}}}}
	_, err = b.dynamo.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []dynamotypes.TransactWriteItem{put, put}})
	var cancelled *dynamotypes.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	assert.Equal(t, "TransactionConflict", *cancelled.CancellationReasons[0].Code)
	assert.Equal(t, "None", *cancelled.CancellationReasons[1].Code)

	b.admin("POST", "faults", `{"dynamodb":{"transactionConflictEvery":0},"mappings":{"duplicateEvery":1},"lambda":{"throttleEvery":0}}`)
	b.put("1", "twice")
	b.eventually("delivered twice", func() bool { return len(events()) == 2 })
	b.admin("POST", "faults", `{"mappings":{"duplicateEvery":0},"lambda":{"throttleEvery":1}}`)
	_, err = b.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &b.name})
	var tooMany *lambdatypes.TooManyRequestsException
	require.ErrorAs(t, err, &tooMany)
	b.admin("DELETE", "faults", "")
	b.put("2", "once more")
	b.eventually("after the reset", func() bool { return len(events()) == 3 })
}

func TestAdminAnswersLoopbackNamesOnly(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	status, text := b.admin("GET", "logs", "")
	assert.Equal(t, 400, status)
	assert.Contains(t, text, "function=NAME")
	status, _ = b.admin("GET", "logs?function=none", "")
	assert.Equal(t, 200, status)
	status, _ = b.admin("GET", "health", "")
	assert.Equal(t, 200, status)
}

func TestAppSyncIsReached(t *testing.T) {
	t.Parallel()
	own, err := Start(t.Context(), Options{Region: "us-west-2"})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b := newBed(t, own)
	api, err := appsync.NewFromConfig(config(own)).CreateGraphqlApi(t.Context(), &appsync.CreateGraphqlApiInput{Name: aws.String("api"), AuthenticationType: appsynctypes.AuthenticationTypeApiKey})
	require.NoError(t, err)
	assert.Equal(t, own.URL()+"/graphql/"+*api.GraphqlApi.ApiId, api.GraphqlApi.Uris["GRAPHQL"])
	assert.Contains(t, *api.GraphqlApi.Arn, ":us-west-2:")
	_, text := b.admin("GET", "metrics", "")
	assert.JSONEq(t, `{"appsync.CreateGraphqlApi":1}`, text)
	for path, status := range map[string]int{"graphql": http.StatusUnauthorized, "graphiql": http.StatusOK} {
		method := map[string]string{"graphql": "POST", "graphiql": "GET"}[path]
		request, err := http.NewRequestWithContext(t.Context(), method, own.URL()+"/"+path+"/"+*api.GraphqlApi.ApiId, strings.NewReader(`{"query":"{x}"}`))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, status, response.StatusCode, path)
	}
}

func TestStartRefusals(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(server.URL())
	require.NoError(t, err)
	port, err := strconv.Atoi(address.Port())
	require.NoError(t, err)
	_, err = Start(t.Context(), Options{Port: port})
	assert.ErrorContains(t, err, "--port")
	_, err = Start(t.Context(), Options{MotoCommand: "/nowhere/moto_server"})
	assert.ErrorContains(t, err, "make tools")
	folder := t.TempDir()
	first, err := Start(t.Context(), Options{DataDir: folder})
	require.NoError(t, err)
	_, err = Start(t.Context(), Options{DataDir: folder})
	require.ErrorContains(t, err, "another local AWS uses it")
	first.Close()
	second, err := Start(t.Context(), Options{DataDir: folder})
	require.NoError(t, err)
	second.Close()
}
