package front

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// Change is something that was written and that a poller may wait for.
type Change struct {
	// Kind is ChangeTable or ChangeQueue.
	Kind string
	// Names are those of the tables or queues; none means any.
	Names []string
}

// Kinds of a [Change].
const (
	ChangeTable = "table"
	ChangeQueue = "queue"
)

// Transport sends requests to moto_server and repairs what it does otherwise than
// AWS. The clients of the local AWS itself use it too.
//
//  1. All calls of DynamoDB and its streams run one at a time: a failed transaction
//     of moto restores a copy of the table from its start, and what was written in
//     between would be lost.
//  2. Stream records get the region that they are from.
//  3. FIFO queues and topics remember deduplication ids for five minutes, also
//     after the message was deleted.
//  4. FIFO topics remember their throughput scope.
//  5. Messages of dead-letter queues tell where they came from.
//  6. Writes are announced, so that pollers need not poll often.
type Transport struct {
	base   http.RoundTripper
	region string
	wake   func(Change)
	writes atomic.Int64

	dynamoDB sync.Mutex
	queues   deduplication
	topics   deduplication
	scopes   topicScopes
	origins  origins
}

// NewTransport makes a transport for one region. wake is called after each
// successful write and must not block.
func NewTransport(region string, wake func(Change)) *Transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.Proxy = nil
	base.MaxIdleConnsPerHost = 64
	return &Transport{base: base, region: region, wake: wake}
}

// RoundTrip sends one request.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	c, err := read(r)
	if err != nil {
		return nil, err
	}
	response, err := t.send(r, c)
	if err == nil && response.StatusCode < http.StatusBadRequest && c.writes(r.Method) {
		t.writes.Add(1)
	}
	if err == nil && response.StatusCode == http.StatusOK {
		if change, ok := c.change(); ok {
			t.wake(change)
		}
	}
	return response, err
}

// Writes counts the requests so far that may have changed something.
func (t *Transport) Writes() int64 { return t.writes.Load() }

func (t *Transport) send(r *http.Request, c *call) (*http.Response, error) {
	switch c.service {
	case "dynamodb", "dynamodbstreams":
		return t.sendDynamoDB(r, c)
	case "sqs":
		return t.sendSQS(r, c)
	case "sns":
		return t.sendSNS(r, c)
	}
	return t.base.RoundTrip(r)
}

type exclusiveKey struct{}

// Exclusive runs several calls of DynamoDB or its streams, made with the context that
// it gives, with no other call between them. An iterator of a stream and the read
// with it must be made so: after a failed transaction in between, the iterator would
// show records that were rolled back, and hide the ones that took their numbers.
func (t *Transport) Exclusive(ctx context.Context, calls func(context.Context) error) error {
	t.dynamoDB.Lock()
	defer t.dynamoDB.Unlock()
	return calls(context.WithValue(ctx, exclusiveKey{}, true))
}

type resendKey struct{}

// Resend marks a context: messages that are sent with it are not compared with those
// that were sent before. It is for messages of dead-letter queues, which keep their
// deduplication ids.
func (t *Transport) Resend(ctx context.Context) context.Context {
	return context.WithValue(ctx, resendKey{}, true)
}

func (t *Transport) sendDynamoDB(r *http.Request, c *call) (*http.Response, error) {
	if r.Context().Value(exclusiveKey{}) == nil {
		t.dynamoDB.Lock()
		defer t.dynamoDB.Unlock()
	}
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	if c.operation == "GetRecords" {
		body = bytes.ReplaceAll(body, []byte(`"awsRegion": "us-east-1"`), []byte(`"awsRegion": "`+t.region+`"`))
		body = bytes.ReplaceAll(body, []byte(`"awsRegion":"us-east-1"`), []byte(`"awsRegion":"`+t.region+`"`))
		response.Header.Del("X-Amz-Crc32") // it is that of the unrepaired body
	}
	return withBody(response, body), nil
}

// exchange sends a request and reads the whole answer.
func (t *Transport) exchange(r *http.Request) (*http.Response, []byte, error) {
	response, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func withBody(response *http.Response, body []byte) *http.Response {
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Del("Content-Length")
	response.TransferEncoding = nil
	return response
}

func answer(r *http.Request, contentType string, body []byte) *http.Response {
	response := &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}}, Request: r}
	return withBody(response, body)
}

func isFIFO(name string) bool { return strings.HasSuffix(name, ".fifo") }

// CloseIdleConnections closes the connections to moto_server that nobody uses.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base.(*http.Transport); ok {
		base.CloseIdleConnections()
	}
}
