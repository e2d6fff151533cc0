package eventsource

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// streamFunction is a function of a stream that says what is done with the batches,
// which it keeps, as their records' sequence numbers.
type streamFunction struct {
	fakeFunctions
	answer  func(batch string) (answer, functionError string, err error)
	batches []string
}

func (f *streamFunction) Invoke(_ context.Context, _ string, payload []byte) ([]byte, string, error) {
	var event struct {
		Records []struct {
			Dynamodb struct{ SequenceNumber string }
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, "", err
	}
	var batch strings.Builder
	for _, record := range event.Records {
		batch.WriteString(record.Dynamodb.SequenceNumber)
	}
	f.batches = append(f.batches, batch.String())
	answer, functionError, err := f.answer(batch.String())
	return []byte(answer), functionError, err
}

// streamBed is a poller whose records are numbered from 1, and its on-failure
// destination.
func streamBed(t *testing.T, function *streamFunction, change func(*request)) (*streamPoller, *fakeQueue) {
	queue := &fakeQueue{}
	service := fakeMapping(t, queue, &fakeFunctions{}).service
	service.Start(function)
	one := 1
	given := request{EventSourceArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/1", MaximumRetryAttempts: &one,
		FunctionResponseTypes: &[]string{reportFailures}, DestinationConfig: &destinationConfig{OnFailure: &failureTarget{Destination: fakeARN}}}
	if change != nil {
		change(&given)
	}
	m, err := service.newMapping(given)
	require.NoError(t, err)
	return &streamPoller{mapping: m}, queue
}

func streamRecords(count int) []map[string]any {
	var records []map[string]any
	for i := range count {
		records = append(records, map[string]any{"dynamodb": map[string]any{"SequenceNumber": fmt.Sprint(i + 1), "ApproximateCreationDateTime": float64(time.Now().Unix())}})
	}
	return records
}

func yes() *bool { value := true; return &value }

// failing is the answer that reports one record.
func failing(number string) string {
	return fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, number)
}

func TestStreamRetriesAreCountedAndEndInTheDestination(t *testing.T) {
	t.Parallel()
	reportsThree := func(batch string) (string, string, error) {
		if strings.Contains(batch, "3") {
			return failing("3"), "", nil
		}
		return "", "", nil
	}
	throwsOnThree := func(batch string) (string, string, error) {
		if strings.Contains(batch, "3") {
			return "{}", "Unhandled", nil
		}
		return "", "", nil
	}
	throttled := 2
	throttledFirst := func(batch string) (string, string, error) {
		if throttled--; throttled >= 0 {
			return "", "", restjson.Conflict("Pending")
		}
		return throwsOnThree(batch)
	}
	tests := map[string]struct {
		answer  func(string) (string, string, error)
		change  func(*request)
		batches []string
		// size is the number of records given up, from the third on.
		size, invocations int
	}{
		"partial failure":                 {reportsThree, nil, []string{"12345", "345"}, 3, 2},
		"partial failure and bisecting":   {reportsThree, func(r *request) { r.BisectBatchOnFunctionError = yes() }, []string{"12345", "345", "3", "3", "45"}, 1, 2},
		"whole batch":                     {throwsOnThree, func(r *request) { r.BisectBatchOnFunctionError = yes() }, []string{"12345", "12", "345", "3", "3", "45"}, 1, 2},
		"more retries":                    {reportsThree, func(r *request) { three := 3; r.MaximumRetryAttempts = &three }, []string{"12345", "345", "345", "345"}, 3, 4},
		"no retry":                        {reportsThree, func(r *request) { none := 0; r.MaximumRetryAttempts = &none }, []string{"12345"}, 3, 1},
		"throttled, which is not counted": {throttledFirst, func(r *request) { r.BisectBatchOnFunctionError = yes() }, []string{"12345", "12345", "12345", "12", "345", "3", "3", "45"}, 1, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			function := &streamFunction{answer: test.answer}
			p, queue := streamBed(t, function, test.change)
			require.True(t, p.process(t.Context(), streamRecords(5)))
			assert.Equal(t, test.batches, function.batches)
			assert.Equal(t, "5", p.position)
			sent := queue.requests("SendMessage")
			require.Len(t, sent, 1)
			var message struct{ MessageBody string }
			require.NoError(t, json.Unmarshal([]byte(sent[0]), &message))
			var report failureReport
			require.NoError(t, json.Unmarshal([]byte(message.MessageBody), &report))
			assert.Equal(t, conditionRetries, report.RequestContext.Condition)
			assert.Equal(t, test.invocations, report.RequestContext.ApproximateInvokeCount)
			assert.Equal(t, test.size, report.Batch.BatchSize)
			assert.Equal(t, "3", report.Batch.StartSequenceNumber)
		})
	}
}

func TestTheCheckpointMovesWithEachPart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer   func(batch string) (string, string)
		bisect   *bool
		position string
	}{
		"nothing done":    {func(string) (string, string) { return "", "Unhandled" }, nil, ""},
		"partial failure": {func(string) (string, string) { return failing("4"), "" }, nil, "3"},
		"bisected": {func(batch string) (string, string) {
			if batch == "12" {
				return "", ""
			}
			return "", "Unhandled"
		}, yes(), "2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			function := &streamFunction{}
			function.answer = func(batch string) (string, string, error) {
				if len(function.batches) == 6 {
					cancel()
				}
				answer, functionError := test.answer(batch)
				return answer, functionError, nil
			}
			p, queue := streamBed(t, function, func(r *request) {
				forever := -1
				r.MaximumRetryAttempts, r.BisectBatchOnFunctionError = &forever, test.bisect
			})
			assert.False(t, p.process(ctx, streamRecords(5)))
			assert.Equal(t, test.position, p.position)
			assert.Empty(t, queue.requests("SendMessage"))
		})
	}
}

func TestNoInvocationAfterTheEndOfPolling(t *testing.T) {
	t.Parallel()
	function := &streamFunction{answer: func(string) (string, string, error) { return "", "", nil }}
	p, _ := streamBed(t, function, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, p.process(ctx, streamRecords(1)))
	assert.Empty(t, function.batches)
	assert.Empty(t, p.position)
}

func TestTheReportIsSentAgainWhenTheDestinationFails(t *testing.T) {
	t.Parallel()
	function := &streamFunction{answer: func(string) (string, string, error) { return "", "Unhandled", nil }}
	p, queue := streamBed(t, function, nil)
	queue.answer = func(operation string, _ []byte) (int, string) {
		if len(queue.requests(operation)) == 1 {
			return http.StatusInternalServerError, "{}"
		}
		return http.StatusOK, "{}"
	}
	require.True(t, p.process(t.Context(), streamRecords(1)))
	assert.Len(t, queue.requests("SendMessage"), 2)
}
