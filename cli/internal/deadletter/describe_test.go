package deadletter_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/streamfailure"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		body string
		want deadletter.Letter
	}{
		"a command": {
			`{"component":"Order","id":"o1","type":"PlaceOrder","data":{"secret":1},"commandId":"c1","correlationId":"k1","causationId":"k0"}`,
			deadletter.Letter{Kind: "command", To: "Order", ID: "o1", Type: "PlaceOrder", CommandID: "c1", CorrelationID: "k1", CausationID: "k0"},
		},
		"a command of another plugin": {
			`{"extensionPoint":"Orders","type":"PlaceOrder","data":{},"commandId":"c1"}`,
			deadletter.Letter{Kind: "command", To: "Orders", Type: "PlaceOrder", CommandID: "c1"},
		},
		"an extension message": {
			`{"plugin":"catalog","extensionPoint":"Products","type":"ProductAdded","key":"p1","data":{},"source":{"component":"Product","id":"p1","number":1},"index":0,"time":"2026-03-01T10:00:00.000Z","correlationId":"k1","causationId":"c1"}`,
			deadletter.Letter{Kind: "extension message", From: "catalog.Products", ID: "p1", Type: "ProductAdded", Time: "2026-03-01T10:00:00.000Z", CorrelationID: "k1", CausationID: "c1"},
		},
		"a to-do row": {
			`{"toDo":"Shipping","id":"o1","generation":"g","attempt":3,"due":"2026-03-01T10:00:00.000Z"}`,
			deadletter.Letter{Kind: "to-do row", To: "Shipping", ID: "o1", Attempt: 3, Time: "2026-03-01T10:00:00.000Z"},
		},
		"a scheduled task": {
			`{"reventless":"task","task":"Report","time":"2026-03-01T10:00:00Z"}`,
			deadletter.Letter{Kind: "scheduled task", To: "Report", Time: "2026-03-01T10:00:00Z"},
		},
		"a scheduled command": {
			`{"reventless":"command","schedule":"Expiry","key":"o1","command":{"component":"Order","id":"o1","type":"Expire","data":{}},"time":"2026-03-01T10:00:00Z"}`,
			deadletter.Letter{Kind: "scheduled command", To: "Order", ID: "o1", Type: "Expire", From: "schedule Expiry of o1", Time: "2026-03-01T10:00:00Z"},
		},
		"what a schedule could not send": {
			`{"MessageBody":"{\"reventless\":\"command\",\"schedule\":\"Expiry\",\"key\":\"o1\",\"command\":{\"component\":\"Order\",\"id\":\"o1\",\"type\":\"Expire\",\"data\":{}},\"time\":\"2026-03-01T10:00:00Z\"}","QueueUrl":"tasks"}`,
			deadletter.Letter{Kind: "scheduled command", To: "Order", ID: "o1", Type: "Expire", From: "schedule Expiry of o1", Time: "2026-03-01T10:00:00Z"},
		},
		"a new object": {
			`{"Records":[{"eventTime":"2026-03-01T10:00:00Z","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"in/a.csv"}}}]}`,
			deadletter.Letter{Kind: "task object", Type: "ObjectCreated:Put", ID: "b/in/a.csv", Time: "2026-03-01T10:00:00Z"},
		},
		"the rest of an object": {
			`{"reventless":"rest","rest":{"task":"Import","bucket":"b","key":"in/a.csv","offset":7}}`,
			deadletter.Letter{Kind: "task object", To: "Import", ID: "b/in/a.csv"},
		},
		"a registry request": {
			`{"format":1,"id":"r1","type":"connect","time":"2026-03-01T10:00:00.000Z","connect":{}}`,
			deadletter.Letter{Kind: "registry request", ID: "r1", Type: "connect", Time: "2026-03-01T10:00:00.000Z"},
		},
		"a stream failure": {
			`{"requestContext":{"requestId":"q1","functionArn":"arn:aws:lambda:eu-west-1:1:function:relay","condition":"RetryAttemptsExhausted","approximateInvokeCount":6},` +
				`"responseContext":{"functionError":"Unhandled"},"timestamp":"2026-03-01T10:01:00.000Z","DDBStreamBatchInfo":{"shardId":"s1","startSequenceNumber":"1","endSequenceNumber":"3",` +
				`"approximateArrivalOfFirstRecord":"2026-03-01T10:00:00Z","approximateArrivalOfLastRecord":"2026-03-01T10:00:00Z","batchSize":3,"streamArn":"arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x"}}`,
			deadletter.Letter{Kind: "stream failure", To: "orders", Function: "relay", Time: "2026-03-01T10:01:00.000Z", Error: "RetryAttemptsExhausted, Unhandled",
				Stream: &streamfailure.Failure{FunctionARN: "arn:aws:lambda:eu-west-1:1:function:relay", Condition: "RetryAttemptsExhausted", FunctionError: "Unhandled", Invocations: 6, RequestID: "q1",
					StreamARN: "arn:aws:dynamodb:eu-west-1:1:table/orders/stream/x", ShardID: "s1", First: "1", Last: "3", FirstArrival: at, LastArrival: at, Records: 3, Timestamp: "2026-03-01T10:01:00.000Z"}},
		},
		"something else": {`{"hello":1}`, deadletter.Letter{Kind: "unknown"}},
		"no JSON":        {`hello`, deadletter.Letter{Kind: "unknown"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.MessageID, c.want.Receives, c.want.Group = "m1", 6, "g1"
			c.want.Sent = "2023-11-14T22:13:20Z"
			if c.want.Error == "" {
				c.want.Error = "THROTTLED"
			}
			got := deadletter.Describe(deadletter.Queue{}, types.Message{
				MessageId: aws.String("m1"), Body: &c.body,
				Attributes:        map[string]string{"ApproximateReceiveCount": "6", "MessageGroupId": "g1", "SentTimestamp": "1700000000000"},
				MessageAttributes: map[string]types.MessageAttributeValue{"ERROR_CODE": {StringValue: aws.String("THROTTLED")}},
			})
			assert.Equal(t, c.want, got)
		})
	}
}
