package lambda

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sleeper = `exports.handler = async (event) => { await new Promise((done) => setTimeout(done, event.millis ?? 0)); return 1; };`

func TestCallsMayFollowEachOtherWithReservedConcurrency(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": sleeper}, nil)
	_, err := b.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{FunctionName: aws.String("f"), ReservedConcurrentExecutions: aws.Int32(1)})
	require.NoError(t, err)
	for range 20 {
		b.call(t, "f", "{}") // one after the other is within the limit
	}
}

func TestReservationsLeaveSomethingUnreserved(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	for _, name := range []string{"a", "b"} {
		b.create(t, name, types.RuntimeNodejs22x, files{"index.js": sleeper}, nil)
	}
	reserve := func(name string, count int32) error {
		_, err := b.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{FunctionName: &name, ReservedConcurrentExecutions: &count})
		return err
	}
	require.NoError(t, reserve("a", 900))
	require.NoError(t, reserve("a", 800), "it replaces its own")
	require.NoError(t, reserve("b", 100))
	require.ErrorContains(t, reserve("b", 101), "below its minimum value of [100]")
}

func TestEventInvokeConfig(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": sleeper}, nil)
	name := aws.String("f")
	_, err := b.GetFunctionEventInvokeConfig(t.Context(), &sdk.GetFunctionEventInvokeConfigInput{FunctionName: name})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	_, err = b.UpdateFunctionEventInvokeConfig(t.Context(), &sdk.UpdateFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(1)})
	require.ErrorAs(t, err, &missing)
	_, err = b.PutFunctionEventInvokeConfig(t.Context(), &sdk.PutFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(1)})
	require.NoError(t, err)
	updated, err := b.UpdateFunctionEventInvokeConfig(t.Context(), &sdk.UpdateFunctionEventInvokeConfigInput{FunctionName: name, MaximumEventAgeInSeconds: aws.Int32(60)})
	require.NoError(t, err)
	assert.Equal(t, int32(1), *updated.MaximumRetryAttempts)
	refused := map[string]*sdk.PutFunctionEventInvokeConfigInput{
		"retries": {MaximumRetryAttempts: aws.Int32(3)},
		"age":     {MaximumEventAgeInSeconds: aws.Int32(59)},
		"FIFO":    {DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String("arn:aws:sqs:eu-central-1:123456789012:q.fifo")}}},
		"no ARN":  {DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String("queue")}}},
	}
	for what, input := range refused {
		input.FunctionName = name
		_, err := b.PutFunctionEventInvokeConfig(t.Context(), input)
		assert.Error(t, err, what)
	}
	_, err = b.DeleteFunctionEventInvokeConfig(t.Context(), &sdk.DeleteFunctionEventInvokeConfigInput{FunctionName: name})
	require.NoError(t, err)
	list, err := b.ListFunctionEventInvokeConfigs(t.Context(), &sdk.ListFunctionEventInvokeConfigsInput{FunctionName: name})
	require.NoError(t, err)
	assert.Empty(t, list.FunctionEventInvokeConfigs)
}
