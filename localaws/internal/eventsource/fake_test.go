package eventsource

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

const fakeARN = "arn:aws:sqs:eu-central-1:123456789012:queue"

// fakeQueue answers SQS's requests for one queue and keeps them.
type fakeQueue struct {
	// answer is a request's answer and status; nil answers like an empty queue.
	answer func(operation string, body []byte) (int, string)

	mutex  sync.Mutex
	bodies map[string][]string
}

func (q *fakeQueue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	q.mutex.Lock()
	q.bodies[operation] = append(q.bodies[operation], string(body))
	q.mutex.Unlock()
	status, text := http.StatusOK, "{}"
	switch operation {
	case "GetQueueUrl":
		text = `{"QueueUrl":"http://queue"}`
	case "GetQueueAttributes":
		text = `{"Attributes":{"VisibilityTimeout":"2"}}`
	default:
		if q.answer != nil {
			status, text = q.answer(operation, body)
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// requests are the bodies of an operation's requests so far.
func (q *fakeQueue) requests(operation string) []string {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return append([]string(nil), q.bodies[operation]...)
}

// entries are the receipt handles of each of an operation's batch requests.
func (q *fakeQueue) entries(t *testing.T, operation string) [][]string {
	var all [][]string
	for _, body := range q.requests(operation) {
		var request struct {
			Entries []struct{ ReceiptHandle string }
		}
		require.NoError(t, json.Unmarshal([]byte(body), &request))
		var handles []string
		for _, entry := range request.Entries {
			handles = append(handles, entry.ReceiptHandle)
		}
		all = append(all, handles)
	}
	return all
}

// fakeFunctions is one function that may be missing.
type fakeFunctions struct {
	mutex   sync.Mutex
	missing error
	invoke  func() ([]byte, string, error)
	count   int
}

func (f *fakeFunctions) Timeout(string) (string, time.Duration, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return "function", time.Second, f.missing
}

func (f *fakeFunctions) Role(string) (string, error) { return "", nil }

func (f *fakeFunctions) Invoke(context.Context, string, []byte) ([]byte, string, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.count++
	if f.invoke == nil {
		return nil, "", nil
	}
	return f.invoke()
}

func (f *fakeFunctions) SetMappingTags(string, map[string]string) {}

func (f *fakeFunctions) set(missing error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.missing = missing
}

func (f *fakeFunctions) invocations() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.count
}

// fakeMapping makes a mapping of a queue and a function; its service ends with the
// test.
func fakeMapping(t *testing.T, queue *fakeQueue, functions *fakeFunctions) *mapping {
	queue.bodies = map[string][]string{}
	server := httptest.NewServer(queue)
	t.Cleanup(server.Close)
	client := sqs.New(sqs.Options{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		DisableMessageChecksumValidation: true, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	service := New(Options{Region: "eu-central-1", AccountID: "123456789012", SQS: client, RetryDelay: time.Millisecond, MaxRetryDelay: 5 * time.Millisecond, IdlePoll: 10 * time.Millisecond})
	service.Start(functions)
	t.Cleanup(func() { service.Stop(); service.Wait() })
	m, err := service.newMapping(request{EventSourceArn: fakeARN})
	require.NoError(t, err)
	m.config.FunctionArn = "function"
	require.NoError(t, service.add(m))
	return m
}
