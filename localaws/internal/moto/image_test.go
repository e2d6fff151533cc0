package moto

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func start(t *testing.T, options Options) (*Server, aws.Config) {
	t.Helper()
	options.Command, options.AccountID, options.Region = command, "123456789012", "eu-central-1"
	server, err := Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server, aws.Config{Region: options.Region, BaseEndpoint: aws.String(server.URL()), Credentials: credentials.NewStaticCredentialsProvider("x", "x", "")}
}

func item(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

func put(t *testing.T, config aws.Config, id string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(config).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: item(id)})
	require.NoError(t, err)
}

// follow reads what comes after a record of the table's stream.
func follow(t *testing.T, config aws.Config, after string) (ids []string, last string) {
	t.Helper()
	table, err := dynamodb.NewFromConfig(config).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("things")})
	require.NoError(t, err)
	client := dynamodbstreams.NewFromConfig(config)
	stream, err := client.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: table.Table.LatestStreamArn})
	require.NoError(t, err)
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: table.Table.LatestStreamArn, ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = streamtypes.ShardIteratorTypeAfterSequenceNumber, &after
	}
	iterator, err := client.GetShardIterator(t.Context(), in)
	require.NoError(t, err)
	got, err := client.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator})
	require.NoError(t, err)
	for _, record := range got.Records {
		ids = append(ids, record.Dynamodb.Keys["id"].(*streamtypes.AttributeValueMemberS).Value)
		last = *record.Dynamodb.SequenceNumber
	}
	return ids, last
}

// TestImage begins with what another one held: of each service that the components use.
func TestImage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image")
	server, config := start(t, Options{Image: file})
	ctx := t.Context()

	newTable(t, dynamodb.NewFromConfig(config), "things", "id")
	put(t, config, "one")
	_, position := follow(t, config, "")
	put(t, config, "two")

	queues := sqs.NewFromConfig(config)
	dead, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("dead.fifo"), Attributes: map[string]string{"FifoQueue": "true"}})
	require.NoError(t, err)
	_, err = queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("work.fifo"), Attributes: map[string]string{"FifoQueue": "true", "VisibilityTimeout": "1",
		"RedrivePolicy": `{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:dead.fifo", "maxReceiveCount": 5}`}})
	require.NoError(t, err)
	topics := sns.NewFromConfig(config)
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("news.fifo"), Attributes: map[string]string{"FifoTopic": "true"}})
	require.NoError(t, err)
	_, err = topics.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:eu-central-1:123456789012:work.fifo")})
	require.NoError(t, err)
	_, err = topics.Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("1")})
	require.NoError(t, err)
	receive := func(client *sqs.Client, endpoint string) int {
		got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(endpoint + "/123456789012/work.fifo")})
		require.NoError(t, err)
		return len(got.Messages)
	}
	require.Equal(t, 1, receive(queues, server.URL()), "it is in flight when the image is made")

	objects := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("files"),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}})
	require.NoError(t, err)
	stored, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("files"), Key: aws.String("a/b"), Body: strings.NewReader("content")})
	require.NoError(t, err)
	users := cognitoidentityprovider.NewFromConfig(config)
	pool, err := users.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("users")})
	require.NoError(t, err)
	_, err = users.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{UserPoolId: pool.UserPool.Id, Username: aws.String("ada")})
	require.NoError(t, err)
	certificate, err := acm.NewFromConfig(config).RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: aws.String("shop.example")})
	require.NoError(t, err)
	_, err = iam.NewFromConfig(config).CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("role"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[]}`)})
	require.NoError(t, err)
	_, err = logs.NewFromConfig(config).CreateLogGroup(ctx, &logs.CreateLogGroupInput{LogGroupName: aws.String("group")})
	require.NoError(t, err)
	_, err = cloudwatch.NewFromConfig(config).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{AlarmName: aws.String("alarm"), MetricName: aws.String("m"), Namespace: aws.String("n"),
		Statistic: cloudwatchtypes.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold})
	require.NoError(t, err)

	began := time.Now()
	require.NoError(t, server.Save(ctx))
	t.Logf("saved in %s", time.Since(began))
	put(t, config, "after the image")
	server.Close()

	other, config := start(t, Options{Image: file + ".2", Restore: file})
	ids, _ := follow(t, config, position)
	assert.Equal(t, []string{"two"}, ids, "streams go on where they were")
	put(t, config, "three")
	ids, _ = follow(t, config, position)
	assert.Equal(t, []string{"two", "three"}, ids)
	queues = sqs.NewFromConfig(config)
	assert.Eventually(t, func() bool { return receive(queues, other.URL()) == 1 }, 10*time.Second, 100*time.Millisecond, "what was in flight is delivered again")
	_, err = sns.NewFromConfig(config).Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("again"), MessageGroupId: aws.String("h"), MessageDeduplicationId: aws.String("2")})
	require.NoError(t, err)
	assert.Equal(t, 1, receive(queues, other.URL()), "the subscription is there, and the queue is the one that it means")
	assert.NotEmpty(t, *dead.QueueUrl)
	got, err := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("files"), Key: aws.String("a/b")})
	require.NoError(t, err)
	assert.Equal(t, stored.ETag, got.ETag)
	listed, err := cognitoidentityprovider.NewFromConfig(config).ListUsers(ctx, &cognitoidentityprovider.ListUsersInput{UserPoolId: pool.UserPool.Id})
	require.NoError(t, err)
	assert.Len(t, listed.Users, 1)
	_, err = acm.NewFromConfig(config).DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: certificate.CertificateArn})
	require.NoError(t, err)
	_, err = iam.NewFromConfig(config).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("role")})
	require.NoError(t, err)
	_, err = iam.NewFromConfig(config).GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")})
	require.NoError(t, err)
	groups, err := logs.NewFromConfig(config).DescribeLogGroups(ctx, &logs.DescribeLogGroupsInput{})
	require.NoError(t, err)
	assert.Len(t, groups.LogGroups, 1)
	require.NoError(t, other.Save(ctx), "and can be saved again")
}

// TestImageIsWhole saves while transactions are written that put two items each: an image
// has both of them or none.
func TestImageIsWhole(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image")
	server, config := start(t, Options{Image: file})
	client := dynamodb.NewFromConfig(config)
	newTable(t, client, "left", "id")
	newTable(t, client, "right", "id")
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	for writer := range 3 {
		writing.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := item(strconv.Itoa(writer) + "-" + strconv.Itoa(i))
				_, _ = client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{TableName: aws.String("left"), Item: id}}, {Put: &types.Put{TableName: aws.String("right"), Item: id}}}})
			}
		})
	}
	for range 5 {
		time.Sleep(50 * time.Millisecond)
		require.NoError(t, server.Save(t.Context()))
	}
	stop()
	writing.Wait()
	server.Close()
	_, config = start(t, Options{Restore: file})
	counts := map[string]int32{}
	for _, table := range []string{"left", "right"} {
		scanned, err := dynamodb.NewFromConfig(config).Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Select: types.SelectCount})
		require.NoError(t, err)
		counts[table] = scanned.Count
	}
	assert.Positive(t, counts["left"])
	assert.Equal(t, counts["left"], counts["right"])
}

func TestStartWithAnUnreadableImage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(file, []byte("no image"), 0o600))
	_, err := Start(t.Context(), Options{Command: command, AccountID: "123456789012", Region: "eu-central-1", Restore: file})
	assert.ErrorContains(t, err, "it ended before it answered")
}
