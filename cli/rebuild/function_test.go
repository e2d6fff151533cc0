package rebuild

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func TestAFunctionThatIsThrottledOrCrashes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(20)
	var throttled, crashes atomic.Int64
	w.before = func(operation, table string) error {
		if operation == "Invoke" && throttled.Add(1)%2 == 0 {
			return &lambdatypes.TooManyRequestsException{}
		}
		if isLog(table) && operation == "Scan" && throttled.Add(1)%3 == 0 {
			return &types.ProvisionedThroughputExceededException{}
		}
		return nil
	}
	w.invoked = func(request protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
		if slices.Contains(request.IDs, "p03") {
			crashes.Add(1)
			return crashed("Runtime.OutOfMemory", "killed"), true
		}
		return nil, false
	}
	report, err := w.run(func(o *Options) { o.Batch, o.Retry.Attempts = 10, 8 })
	require.ErrorIs(t, err, errRowsFailed)
	assert.Equal(t, []Failure{{"p03", "the function f failed: Runtime.OutOfMemory: killed"}}, report.Failures)
	assert.Equal(t, 19, report.Rows)
	assert.Less(t, crashes.Load(), int64(10))
	w.before = func(operation, _ string) error {
		if operation == "Invoke" {
			return &lambdatypes.TooManyRequestsException{}
		}
		return nil
	}
	_, err = w.run(resume)
	var busy *lambdatypes.TooManyRequestsException
	require.ErrorAs(t, err, &busy, "patience has an end")
}

func TestRowsThatAreLeftAreSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(6)
	var sent atomic.Int64
	w.invoked = func(request protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
		if request.Step != protocol.RebuildFold {
			return nil, false
		}
		answer := protocol.RebuildAnswer{}
		for i, id := range request.IDs {
			outcome := protocol.RebuildDone
			if i > 0 || id == "p05" {
				outcome = protocol.RebuildLeft
			}
			answer.Rows = append(answer.Rows, protocol.RebuiltRow{ID: id, Outcome: outcome})
		}
		sent.Add(1)
		payload, err := json.Marshal(answer)
		assert.NoError(t, err)
		return &lambda.InvokeOutput{Payload: payload}, true
	}
	report, err := w.run()
	require.ErrorIs(t, err, errRowsFailed)
	assert.Equal(t, 5, report.Rows)
	require.Len(t, report.Failures, 1)
	assert.Equal(t, "p05", report.Failures[0].ID)
	assert.Contains(t, report.Failures[0].Error, "raise the plugin's timeout")
	assert.Less(t, sent.Load(), int64(15))
}

func TestPatience(t *testing.T) {
	t.Parallel()
	r := &run{Options: Options{Retry: eventlog.Retry{Attempts: 3, Base: time.Microsecond, Cap: time.Microsecond}}}
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"throttled": {&lambdatypes.TooManyRequestsException{}, 3}, "down": {errDown, 1}, "nothing": {nil, 1},
		"not there": {&types.ResourceNotFoundException{}, 1},
	} {
		calls := 0
		err := r.patiently(t.Context(), func() error { calls++; return c.err })
		assert.Equal(t, c.want, calls, name)
		assert.ErrorIs(t, err, c.err, name)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.Retry = eventlog.Retry{Attempts: 3, Base: time.Hour, Cap: time.Hour}
	err := r.patiently(ended, func() error { return &lambdatypes.TooManyRequestsException{} })
	assert.ErrorIs(t, err, context.Canceled)
}
