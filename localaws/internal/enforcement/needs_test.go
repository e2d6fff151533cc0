package enforcement

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	const table, queue = "arn:aws:dynamodb:eu-west-1:1:table/", "arn:aws:sqs:eu-west-1:1:"
	cases := map[string]struct {
		service, operation string
		// request is "METHOD /path?query", body the body or the form.
		request, body string
		want          []string
	}{
		"an item":            {"dynamodb", "GetItem", "", `{"TableName":"a"}`, []string{"dynamodb:GetItem on " + table + "a"}},
		"a table by its ARN": {"dynamodb", "GetItem", "", `{"TableName":"` + table + `a"}`, []string{"dynamodb:GetItem on " + table + "a"}},
		"a query":            {"dynamodb", "Query", "", `{"TableName":"a"}`, []string{"dynamodb:Query on " + table + "a"}},
		"an index":           {"dynamodb", "Query", "", `{"TableName":"a","IndexName":"i"}`, []string{"dynamodb:Query on " + table + "a/index/i"}},
		"a batch": {"dynamodb", "BatchGetItem", "", `{"RequestItems":{"b":{},"a":{}}}`,
			[]string{"dynamodb:BatchGetItem on " + table + "a", "dynamodb:BatchGetItem on " + table + "b"}},
		"a transaction": {"dynamodb", "TransactWriteItems", "",
			`{"TransactItems":[{"Put":{"TableName":"a"}},{"ConditionCheck":{"TableName":"b"}},{"Put":{"TableName":"a"}},{"Delete":{"TableName":"c"}}]}`,
			[]string{"dynamodb:PutItem on " + table + "a", "dynamodb:ConditionCheckItem on " + table + "b", "dynamodb:DeleteItem on " + table + "c"}},
		"a statement":        {"dynamodb", "ExecuteStatement", "", `{"Statement":"SELECT * FROM a"}`, []string{"dynamodb:ExecuteStatement on *"}},
		"a stream":           {"dynamodbstreams", "GetShardIterator", "", `{"StreamArn":"` + table + `a/stream/1"}`, []string{"dynamodb:GetShardIterator on " + table + "a/stream/1"}},
		"messages":           {"sqs", "SendMessageBatch", "", `{"QueueUrl":"http://h/1/q.fifo"}`, []string{"sqs:SendMessage on " + queue + "q.fifo"}},
		"a queue by name":    {"sqs", "GetQueueUrl", "", `{"QueueName":"q"}`, []string{"sqs:GetQueueUrl on " + queue + "q"}},
		"the queue protocol": {"sqs", "SendMessage", "form", `QueueUrl=http%3A%2F%2Fh%2F1%2Fq`, []string{"sqs:SendMessage on " + queue + "q"}},
		"a topic":            {"sns", "PublishBatch", "form", `TopicArn=arn%3At`, []string{"sns:Publish on arn:t"}},
		"a subscription":     {"sns", "Unsubscribe", "form", `SubscriptionArn=arn%3As`, []string{"sns:Unsubscribe on arn:s"}},
		"an object":          {"s3", "", "GET /b/a/key", "", []string{"s3:GetObject on arn:aws:s3:::b/a/key"}},
		"a version":          {"s3", "", "GET /b/key?versionId=1", "", []string{"s3:GetObjectVersion on arn:aws:s3:::b/key"}},
		"a written object":   {"s3", "", "PUT /b/key?x-id=PutObject", "", []string{"s3:PutObject on arn:aws:s3:::b/key"}},
		"a part":             {"s3", "", "PUT /b/key?partNumber=1&uploadId=u", "", []string{"s3:PutObject on arn:aws:s3:::b/key"}},
		"tags of an object":  {"s3", "", "GET /b/key?tagging", "", []string{"s3:GET?tagging on arn:aws:s3:::b/key"}},
		"a listed bucket":    {"s3", "", "GET /b?list-type=2", "", []string{"s3:ListBucket on arn:aws:s3:::b"}},
		"a bucket's policy":  {"s3", "", "PUT /b?policy", "", []string{"s3:PUTBucket on arn:aws:s3:::b"}},
		"an invocation":      {"lambda", "Invoke", "POST /2015-03-31/functions/f/invocations", "", []string{"lambda:InvokeFunction on arn:aws:lambda:eu-west-1:1:function:f"}},
		"a schedule": {"scheduler", "CreateSchedule", "POST /schedules/s", `{"GroupName":"g","Target":{"RoleArn":"arn:r"}}`,
			[]string{"scheduler:CreateSchedule on arn:aws:scheduler:eu-west-1:1:schedule/g/s", "iam:PassRole on arn:r for scheduler.amazonaws.com"}},
		"a cancelled schedule": {"scheduler", "DeleteSchedule", "DELETE /schedules/s?groupName=g", "", []string{"scheduler:DeleteSchedule on arn:aws:scheduler:eu-west-1:1:schedule/g/s"}},
		"a schema":             {"appsync", "StartSchemaCreation", "POST /v1/apis/a/schemacreation", "", []string{"appsync:StartSchemaCreation on arn:aws:appsync:eu-west-1:1:/v1/apis/a/schemacreation"}},
		"a data source": {"appsync", "CreateDataSource", "POST /v1/apis/a/datasources", `{"serviceRoleArn":"arn:r"}`,
			[]string{"appsync:CreateDataSource on arn:aws:appsync:eu-west-1:1:/v1/apis/a/datasources", "iam:PassRole on arn:r for appsync.amazonaws.com"}},
		"an API": {"appsync", "UpdateGraphqlApi", "POST /v1/apis/a", `{"logConfig":{"cloudWatchLogsRoleArn":"arn:r","fieldLogLevel":"ALL"}}`,
			[]string{"appsync:UpdateGraphqlApi on arn:aws:appsync:eu-west-1:1:/v1/apis/a", "iam:PassRole on arn:r for appsync.amazonaws.com"}},
		"a log group":     {"logs", "CreateLogGroup", "", `{"logGroupName":"/g"}`, []string{"logs:CreateLogGroup on arn:aws:logs:eu-west-1:1:log-group:/g:log-stream:"}},
		"a log stream":    {"logs", "PutLogEvents", "", `{"logGroupName":"/g","logStreamName":"s"}`, []string{"logs:PutLogEvents on arn:aws:logs:eu-west-1:1:log-group:/g:log-stream:s"}},
		"all log groups":  {"logs", "DescribeLogGroups", "", `{}`, []string{"logs:DescribeLogGroups on *"}},
		"another service": {"iam", "CreateRole", "form", "", []string{"iam:CreateRole on *"}},
	}
	e := New(Options{Region: "eu-west-1", AccountID: "1"})
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := Call{Service: test.service, Operation: test.operation, Body: []byte(test.body), Request: httptest.NewRequest(http.MethodPost, "/", nil)}
			if test.request == "form" {
				call.Form, _ = url.ParseQuery(test.body)
			} else if method, target, ok := strings.Cut(test.request, " "); ok {
				call.Request = httptest.NewRequest(method, target, nil)
			}
			var got []string
			for _, need := range e.Needs(call) {
				text := need.Action + " on " + need.Resource
				if service := need.Context["iam:PassedToService"]; service != "" {
					text += " for " + service
				}
				got = append(got, text)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// roles are roles with one policy each.
type roles map[string]string

func (r roles) Policies(_ context.Context, role string) ([]string, bool, error) {
	text, ok := r[role]
	return []string{text}, ok, nil
}

func (r roles) Trust(_ context.Context, role string) (string, bool, error) {
	text, ok := r[role]
	return text, ok, nil
}
