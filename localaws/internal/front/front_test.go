package front

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/metrics"
)

const signature = "AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-central-1/%/aws4_request, SignedHeaders=host, Signature=abc"

type said struct{ text string }

func (s said) ServeHTTP(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s.text) }
func (s said) Operation(*http.Request) string                   { return "Op" }
func (s said) ServeAPI(w http.ResponseWriter, _ *http.Request)  { _, _ = io.WriteString(w, "appsync") }
func (s said) ServeGraphQL(w http.ResponseWriter, _ *http.Request, id string) {
	_, _ = io.WriteString(w, "graphql "+id)
}

func (s said) Now() time.Time        { return time.Now() }
func (s said) Advance(time.Duration) {}

// passing lets every request pass.
type passing struct{}

func (passing) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }

// moves plays nothing but one operation.
type moves struct{ said }

func (moves) Operation(r *http.Request) string {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".StartMessageMoveTask") {
		return "StartMessageMoveTask"
	}
	return ""
}

// newFront is a front before a server that names what it was asked.
func newFront(t *testing.T, changes *[]Change) (*httptest.Server, *metrics.Counts) {
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "moto "+r.Host+r.URL.Path+" "+string(body)+` "awsRegion": "us-east-1"`)
	}))
	t.Cleanup(moto.Close)
	address, err := url.Parse(moto.URL)
	require.NoError(t, err)
	counts := &metrics.Counts{}
	handler := New(Options{Moto: address, Transport: NewTransport("eu-central-1", func(c Change) { *changes = append(*changes, c) }),
		Lambda: said{"lambda"}, Scheduler: said{"scheduler"}, AppSync: said{}, Buckets: passing{}, Policies: passing{}, MoveTasks: moves{said{"moved"}}, GraphiQL: said{"page"}, Faults: faults.New(), Metrics: counts, Logger: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, counts
}

func TestRouting(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path, service, target, body string
		want, counted               string
		change                      *Change
	}{
		"GraphQL":         {path: "/graphql/abc", want: "graphql abc"},
		"GraphiQL":        {path: "/graphiql/abc", want: "page"},
		"health":          {path: "/_localaws/health", want: `"ok"`},
		"lambda":          {path: "/2015-03-31/functions/f", service: "lambda", want: "lambda", counted: "lambda.Op"},
		"scheduler":       {path: "/schedules/s", service: "scheduler", want: "scheduler", counted: "scheduler.Op"},
		"move task":       {path: "/", service: "sqs", target: "AmazonSQS.StartMessageMoveTask", body: `{}`, want: "moved", counted: "sqs.StartMessageMoveTask"},
		"appsync":         {path: "/v1/apis/a/types/Query/resolvers/f", service: "appsync", want: "appsync", counted: "appsync.UpdateResolver"},
		"appsync unknown": {path: "/v9/x", service: "appsync", want: "appsync", counted: "appsync.POST /v9/x"},
		"two slashes":     {path: "/bucket//key", service: "s3", want: "/bucket//key", counted: "s3.POST /bucket//key"},
		"unsigned":        {path: "/x", want: "moto ", counted: "unsigned.POST /x"},
		"query protocol":  {path: "/", service: "iam", body: "Action=CreateRole&RoleName=r", want: "Action=CreateRole", counted: "iam.CreateRole"},
		"table": {path: "/", service: "dynamodb", target: "DynamoDB_20120810.PutItem", body: `{"TableName":"t"}`, want: "moto", counted: "dynamodb.PutItem",
			change: &Change{ChangeTable, []string{"t"}}},
		"table by ARN": {path: "/", service: "dynamodb", target: "DynamoDB_20120810.UpdateItem", body: `{"TableName":"arn:aws:dynamodb:r:1:table/t"}`, want: "moto", counted: "dynamodb.UpdateItem",
			change: &Change{ChangeTable, []string{"t"}}},
		"transaction": {path: "/", service: "dynamodb", target: "DynamoDB_20120810.TransactWriteItems", body: `{"TransactItems":[{"Put":{"TableName":"a"}},{"ConditionCheck":{"TableName":"b"}}]}`, want: "moto",
			counted: "dynamodb.TransactWriteItems", change: &Change{ChangeTable, []string{"a", "b"}}},
		"stream": {path: "/", service: "dynamodb", target: "DynamoDBStreams_20120810.GetRecords", body: `{}`, want: `"awsRegion": "eu-central-1"`, counted: "dynamodbstreams.GetRecords"},
		"queue": {path: "/", service: "sqs", target: "AmazonSQS.SendMessage", body: `{"QueueUrl":"http://x/1/q"}`, want: "moto", counted: "sqs.SendMessage",
			change: &Change{ChangeQueue, []string{"q"}}},
		"topic": {path: "/", service: "sns", body: "Action=Publish&TopicArn=t", want: "moto", counted: "sns.Publish", change: &Change{Kind: ChangeQueue}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []Change
			server, counts := newFront(t, &changes)
			method := http.MethodPost
			if name == "health" {
				method = http.MethodGet
			}
			request, err := http.NewRequestWithContext(t.Context(), method, server.URL+test.path, strings.NewReader(test.body))
			require.NoError(t, err)
			if test.service != "" {
				request.Header.Set("Authorization", strings.ReplaceAll(signature, "%", test.service))
			}
			if test.target != "" {
				request.Header.Set("X-Amz-Target", test.target)
			} else if test.body != "" {
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Contains(t, string(body), test.want)
			want := map[string]int{}
			if test.counted != "" {
				want[test.counted] = 1
			}
			assert.Equal(t, want, counts.Snapshot())
			if test.change != nil {
				assert.Equal(t, []Change{*test.change}, changes)
			} else {
				assert.Empty(t, changes)
			}
		})
	}
}

func TestSignedService(t *testing.T) {
	t.Parallel()
	presigned := httptest.NewRequest("GET", "/b/k?X-Amz-Credential=KEY%2F20260101%2Feu-central-1%2Fs3%2Faws4_request", nil)
	assert.Equal(t, "s3", signedService(presigned))
	assert.Empty(t, signedService(httptest.NewRequest("GET", "/", nil)))
	odd := httptest.NewRequest("GET", "/", nil)
	odd.Header.Set("Authorization", "Bearer x")
	assert.Empty(t, signedService(odd))
}

func TestAdminRefusesOtherHostNames(t *testing.T) {
	t.Parallel()
	var changes []Change
	server, _ := newFront(t, &changes)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/_localaws/faults", nil)
	require.NoError(t, err)
	request.Host = "attacker.example"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	assert.Equal(t, http.StatusForbidden, response.StatusCode)
}
