package localaws

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

const role = "arn:aws:iam::123456789012:role/test"

// server is the local AWS of all tests of this package.
var server *Server

func TestMain(m *testing.M) {
	var err error
	if server, err = Start(context.Background(), Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}

// config is what an SDK client of a server needs.
func config(s *Server) aws.Config {
	return aws.Config{Region: DefaultRegion, BaseEndpoint: aws.String(s.URL()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

type bed struct {
	*testing.T
	server *Server
	lambda *lambda.Client
	sqs    *sqs.Client
	dynamo *dynamodb.Client
	// name is unique, and a valid name of everything.
	name string
}

func newBed(t *testing.T, s *Server) *bed {
	name := strings.NewReplacer("/", "-", "_", "-").Replace(t.Name())
	return &bed{T: t, server: s, name: name[max(0, len(name)-50):],
		lambda: lambda.NewFromConfig(config(s)), sqs: sqs.NewFromConfig(config(s)), dynamo: dynamodb.NewFromConfig(config(s))}
}

// recorder appends each event to a file. A record whose text starts with "throw"
// makes it throw; "fail" makes it report the record, "once" only the first time.
// "slow" takes a second. For FIFO queues it reports everything after the first
// failure too.
const recorder = `
const fs = require('fs');
exports.handler = async (event) => {
	fs.appendFileSync(process.env.FILE, JSON.stringify(event) + '\n');
	const seen = fs.readFileSync(process.env.FILE, 'utf8');
	const failed = [];
	for (const record of event.Records) {
		const text = record.body ?? record.dynamodb.NewImage?.text?.S ?? '';
		if (text.startsWith('throw')) throw new Error('thrown');
		if (text.startsWith('slow')) await new Promise((done) => setTimeout(done, 1000));
		const again = seen.split(JSON.stringify(text)).length > 2;
		if (text.startsWith('fail') || text.startsWith('once') && !again || failed.length && (record.eventSourceARN ?? '').endsWith('.fifo')) {
			failed.push({ itemIdentifier: record.messageId ?? record.dynamodb.SequenceNumber });
		}
	}
	return { batchItemFailures: failed };
};`

func archive(t *testing.T, name, content string) []byte {
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	entry, err := writer.Create(name)
	require.NoError(t, err)
	_, err = entry.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

// function creates a recorder and returns a reader of the events that it got.
func (b *bed) function() func() []event {
	file := filepath.Join(b.TempDir(), "events")
	_, err := b.lambda.CreateFunction(b.Context(), &lambda.CreateFunctionInput{FunctionName: &b.name, Role: aws.String(role), Runtime: lambdatypes.RuntimeNodejs22x,
		Handler: aws.String("index.handler"), Code: &lambdatypes.FunctionCode{ZipFile: archive(b.T, "index.js", recorder)}, Timeout: aws.Int32(20),
		Environment: &lambdatypes.Environment{Variables: map[string]string{"FILE": file}}})
	require.NoError(b, err)
	return func() []event { return readEvents(b.T, file) }
}

// event is an event of a mapping.
type event struct{ Records []record }

// record is a record of a queue or stream.
type record struct {
	MessageID         string `json:"messageId"`
	Body              string
	EventName         string
	EventSource       string
	EventSourceARN    string
	AwsRegion         string
	Attributes        map[string]string
	MessageAttributes map[string]struct{ StringValue, DataType string }
	DynamoDB          struct {
		Keys, NewImage, OldImage map[string]map[string]any
		SequenceNumber           string
		StreamViewType           string
	}
}

func (r record) text() string {
	if r.EventSource == "aws:sqs" {
		return r.Body
	}
	text, _ := r.DynamoDB.NewImage["text"]["S"].(string)
	return text
}

func readEvents(t *testing.T, file string) []event {
	content, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	var events []event
	for line := range bytes.Lines(content) {
		var e event
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &e) != nil {
			break // it is being written
		}
		events = append(events, e)
	}
	return events
}

// texts are the texts of all records, in the order of their delivery.
func texts(events []event) []string {
	var all []string
	for _, e := range events {
		for _, r := range e.Records {
			all = append(all, r.text())
		}
	}
	return all
}

// queue creates a queue and returns its URL and ARN.
func (b *bed) queue(name string, attributes map[string]string) (url, arn string) {
	all := map[string]string{"VisibilityTimeout": "30"}
	if strings.HasSuffix(name, ".fifo") {
		all["FifoQueue"] = "true"
	}
	for key, value := range attributes {
		all[key] = value
	}
	created, err := b.sqs.CreateQueue(b.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: all})
	require.NoError(b, err)
	return *created.QueueUrl, "arn:aws:sqs:" + DefaultRegion + ":" + DefaultAccountID + ":" + name
}

func redrive(arn string, count int) map[string]string {
	return map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, arn, count)}
}

func (b *bed) send(url, group, body string) {
	input := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}
	if group != "" {
		input.MessageGroupId, input.MessageDeduplicationId = &group, aws.String(group+body)
	}
	_, err := b.sqs.SendMessage(b.Context(), input)
	require.NoError(b, err)
}

// receive takes one message out of a queue, waiting for it.
func (b *bed) receive(url string) string {
	for range 20 {
		output, err := b.sqs.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 1})
		require.NoError(b, err)
		if len(output.Messages) > 0 {
			return *output.Messages[0].Body
		}
	}
	require.Fail(b, "no message in "+url)
	return ""
}

// table creates a table with a stream and returns the stream's ARN.
func (b *bed) table() string {
	output, err := b.dynamo.CreateTable(b.Context(), &dynamodb.CreateTableInput{TableName: &b.name, BillingMode: dynamotypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dynamotypes.KeyTypeHash}},
		StreamSpecification:  &dynamotypes.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: dynamotypes.StreamViewTypeNewAndOldImages}})
	require.NoError(b, err)
	return *output.TableDescription.LatestStreamArn
}

func (b *bed) put(id, text string) {
	_, err := b.dynamo.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: &b.name, Item: map[string]dynamotypes.AttributeValue{
		"id": &dynamotypes.AttributeValueMemberS{Value: id}, "text": &dynamotypes.AttributeValueMemberS{Value: text}}})
	require.NoError(b, err)
}

// mapping creates a mapping of the bed's function and deletes it after the test.
func (b *bed) mapping(arn string, change func(*lambda.CreateEventSourceMappingInput)) *lambda.CreateEventSourceMappingOutput {
	input := &lambda.CreateEventSourceMappingInput{FunctionName: &b.name, EventSourceArn: &arn, FunctionResponseTypes: []lambdatypes.FunctionResponseType{"ReportBatchItemFailures"}}
	if strings.Contains(arn, ":dynamodb:") {
		input.StartingPosition = lambdatypes.EventSourcePositionTrimHorizon
	}
	if change != nil {
		change(input)
	}
	output, err := b.lambda.CreateEventSourceMapping(b.Context(), input)
	require.NoError(b, err)
	b.Cleanup(func() {
		_, _ = b.lambda.DeleteEventSourceMapping(context.Background(), &lambda.DeleteEventSourceMappingInput{UUID: output.UUID})
	})
	return output
}

func (b *bed) eventually(what string, condition func() bool) {
	b.Helper()
	require.Eventually(b, condition, 30*time.Second, 20*time.Millisecond, what)
}

// admin sends a request to /_localaws/ and returns the answer.
func (b *bed) admin(method, path, body string) (int, string) {
	request, err := http.NewRequestWithContext(b.Context(), method, b.server.URL()+"/_localaws/"+path, strings.NewReader(body))
	require.NoError(b, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	return response.StatusCode, string(text)
}
