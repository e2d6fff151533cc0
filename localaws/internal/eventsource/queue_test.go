package eventsource

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

const oneMessage = `{"Messages":[{"MessageId":"1","ReceiptHandle":"r1","Body":"text"}]}`

// once answers the first receive with a message and everything else emptily.
func once() func(string, []byte) (int, string) {
	var received atomic.Bool
	return func(operation string, _ []byte) (int, string) {
		if operation == "ReceiveMessage" && !received.Swap(true) {
			return http.StatusOK, oneMessage
		}
		return http.StatusOK, "{}"
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 10*time.Second, time.Millisecond, what)
}

func TestReceivingNeverWaitsInTheQueue(t *testing.T) {
	t.Parallel()
	queue := &fakeQueue{}
	p := newQueuePoller(fakeMapping(t, queue, &fakeFunctions{}))
	assert.Empty(t, p.receive(t.Context(), 7))
	requests := queue.requests("ReceiveMessage")
	require.Len(t, requests, 1)
	var fields map[string]any
	require.NoError(t, json.Unmarshal([]byte(requests[0]), &fields))
	assert.Equal(t, 0.0, fields["WaitTimeSeconds"])
	assert.Equal(t, 7.0, fields["MaxNumberOfMessages"], "the rest of the request is kept")
}

func TestTheEndOfPollingDoesNotAbandonAReceive(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	queue := &fakeQueue{answer: func(string, []byte) (int, string) {
		cancel()
		time.Sleep(50 * time.Millisecond)
		return http.StatusOK, oneMessage
	}}
	p := newQueuePoller(fakeMapping(t, queue, &fakeFunctions{}))
	assert.Len(t, p.receive(ctx, 1), 1)
	assert.Empty(t, p.receive(ctx, 1), "no more is received afterwards")
	assert.Len(t, queue.requests("ReceiveMessage"), 1)
}

func TestDeletingGivesBackWhatWasJustReceived(t *testing.T) {
	t.Parallel()
	queue, functions := &fakeQueue{}, &fakeFunctions{}
	m := fakeMapping(t, queue, functions)
	received, answer := make(chan struct{}), make(chan struct{})
	queue.answer = func(operation string, _ []byte) (int, string) {
		if operation != "ReceiveMessage" {
			return http.StatusOK, "{}"
		}
		close(received)
		<-answer
		return http.StatusOK, oneMessage
	}
	m.start()
	<-received
	time.AfterFunc(100*time.Millisecond, func() { close(answer) })
	r := httptest.NewRequest(http.MethodDelete, "/", nil)
	r.SetPathValue("UUID", m.uuid)
	_, err := m.service.delete(r)
	require.NoError(t, err)
	_, err = m.service.find(m.uuid)
	assert.Error(t, err, "deleting waited for the poller")
	assert.Equal(t, [][]string{{"r1"}}, queue.entries(t, "ChangeMessageVisibilityBatch"))
	assert.Zero(t, functions.invocations())
}

func TestDeletingDoesNotWaitForALongInvocation(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	queue := &fakeQueue{answer: once()}
	functions := &fakeFunctions{invoke: func() ([]byte, string, error) { <-end; return nil, "", nil }}
	m := fakeMapping(t, queue, functions)
	t.Cleanup(func() { close(end) })
	m.start()
	eventually(t, "received", func() bool { return len(queue.requests("ReceiveMessage")) > 0 })
	time.Sleep(50 * time.Millisecond)
	r := httptest.NewRequest(http.MethodDelete, "/", nil)
	r.SetPathValue("UUID", m.uuid)
	started := time.Now()
	_, err := m.service.delete(r)
	require.NoError(t, err)
	assert.InDelta(t, deleteWait.Seconds(), time.Since(started).Seconds(), 1)
	_, err = m.service.find(m.uuid)
	assert.NoError(t, err, "it is being deleted while its last batch runs")
}

func TestNothingIsReceivedWhileTheFunctionIsMissing(t *testing.T) {
	t.Parallel()
	queue, functions := &fakeQueue{answer: once()}, &fakeFunctions{missing: restjson.NotFound("Function not found: function")}
	m := fakeMapping(t, queue, functions)
	m.start()
	eventually(t, "it says why it waits", func() bool { return strings.Contains(m.answer("").LastProcessingResult, "Function not found") })
	m.wake()
	time.Sleep(2 * functionPoll)
	assert.Empty(t, queue.requests("ReceiveMessage"))
	functions.set(nil)
	eventually(t, "delivered when the function is back", func() bool { return len(queue.requests("DeleteMessageBatch")) == 1 })
	assert.Equal(t, "OK", m.answer("").LastProcessingResult)
}

func TestThrottledInvocationsAreOneReceive(t *testing.T) {
	t.Parallel()
	refusals := []error{
		&restjson.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Rate Exceeded."},
		restjson.Conflict("Pending"), restjson.NotFound("being replaced"),
	}
	functions := &fakeFunctions{invoke: func() ([]byte, string, error) {
		if len(refusals) == 0 {
			return nil, "", nil
		}
		err := refusals[0]
		refusals = refusals[1:]
		return nil, "", err
	}}
	queue := &fakeQueue{answer: once()}
	m := fakeMapping(t, queue, functions)
	m.start()
	eventually(t, "accepted in the end", func() bool { return len(queue.requests("DeleteMessageBatch")) == 1 })
	assert.Equal(t, 4, functions.invocations())
	assert.Empty(t, queue.requests("ChangeMessageVisibilityBatch"))
}

func TestAFunctionThatCannotRunHoldsABatchForTheVisibilityTimeout(t *testing.T) {
	t.Parallel()
	functions := &fakeFunctions{invoke: func() ([]byte, string, error) { return nil, "", restjson.Conflict("Pending") }}
	queue := &fakeQueue{}
	b := &queueBatch{mapping: fakeMapping(t, queue, functions), visibility: 50 * time.Millisecond, messages: messages("r1")}
	assert.Equal(t, b.messages, b.process(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	b.visibility = time.Hour
	assert.Equal(t, b.messages, b.process(ctx), "the end of polling ends the waiting too")
}

func TestRequestsForSeveralMessagesAreRepeatedForThoseThatFailed(t *testing.T) {
	t.Parallel()
	const failedSecond = `{"Failed":[{"Id":"1","Code":"InternalError","SenderFault":false}]}`
	tests := map[string]struct {
		answers []string
		sent    [][]string
		left    int
	}{
		"accepted":         {answers: []string{`{}`}, sent: [][]string{{"a", "b", "c"}}},
		"one entry fails":  {answers: []string{failedSecond, `{}`}, sent: [][]string{{"a", "b", "c"}, {"b"}}},
		"the queue fails":  {answers: []string{"500", `{}`}, sent: [][]string{{"a", "b", "c"}, {"a", "b", "c"}}},
		"a message gone":   {answers: []string{`{"Failed":[{"Id":"1","Code":"ReceiptHandleIsInvalid","SenderFault":true}]}`}, sent: [][]string{{"a", "b", "c"}}},
		"the queue gone":   {answers: []string{"gone"}, sent: [][]string{{"a", "b", "c"}}},
		"it always fails":  {answers: []string{failedSecond, `{"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}`}, sent: [][]string{{"a", "b", "c"}, {"b"}, {"b"}, {"b"}, {"b"}}, left: 1},
		"never an answer ": {answers: []string{"500"}, sent: [][]string{{"a", "b", "c"}, {"a", "b", "c"}, {"a", "b", "c"}, {"a", "b", "c"}, {"a", "b", "c"}}, left: 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := &fakeQueue{}
			b := &queueBatch{mapping: fakeMapping(t, queue, &fakeFunctions{})}
			queue.answer = func(operation string, _ []byte) (int, string) {
				n := min(len(queue.requests(operation)), len(test.answers)) - 1
				return fakeAnswer(test.answers[n])
			}
			assert.Len(t, b.remove(t.Context(), messages("a", "b", "c")), test.left)
			assert.Equal(t, test.sent, queue.entries(t, "DeleteMessageBatch"))
			b.giveBack(t.Context(), messages("a", "b", "c"))
			assert.Equal(t, test.sent, queue.entries(t, "ChangeMessageVisibilityBatch"))
		})
	}
}

func fakeAnswer(text string) (int, string) {
	switch text {
	case "500":
		return http.StatusInternalServerError, "{}"
	case "gone":
		return http.StatusBadRequest, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}`
	}
	return http.StatusOK, text
}

func TestMessagesThatWereNotDeletedAreGivenBack(t *testing.T) {
	t.Parallel()
	queue := &fakeQueue{answer: func(string, []byte) (int, string) { return http.StatusInternalServerError, "{}" }}
	b := &queueBatch{mapping: fakeMapping(t, queue, &fakeFunctions{}), messages: messages("a", "b")}
	assert.Equal(t, b.messages, b.process(t.Context()))
}

func messages(handles ...string) []types.Message {
	var all []types.Message
	for _, handle := range handles {
		all = append(all, types.Message{MessageId: aws.String("id-" + handle), ReceiptHandle: aws.String(handle), Body: aws.String(handle)})
	}
	return all
}

func TestInsistIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Options{RetryDelay: time.Millisecond, MaxRetryDelay: time.Millisecond})
	t.Cleanup(s.Stop)
	attempts := 0
	assert.Error(t, s.insist(t.Context(), func() error { attempts++; return errors.New("no") }))
	assert.Equal(t, settleAttempts, attempts)
	attempts = 0
	assert.NoError(t, s.insist(t.Context(), func() error { attempts++; return nil }))
	assert.Equal(t, 1, attempts)
}
