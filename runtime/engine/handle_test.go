package engine

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

func TestInvocationsThatAFunctionDoesNotKnow(t *testing.T) {
	t.Parallel()
	queue := events.SQSEvent{Records: []events.SQSMessage{{EventSource: sourceSQS}}}
	stream := events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{{EventSource: sourceDynamoDB}}}
	for name, c := range map[string]struct {
		function string
		payload  any
	}{
		"commands, stream":   {definition.FunctionCommands, stream},
		"projections, queue": {definition.FunctionProjections, queue},
		"projections, field": {definition.FunctionProjections, field("addProduct", `{}`, ``)},
		"relay, queue":       {definition.FunctionRelay, queue},
		"reactions, stream":  {definition.FunctionReactions, stream},
		"no object":          {definition.FunctionCommands, []int{1}},
		"odd records":        {definition.FunctionCommands, json.RawMessage(`{"Records":[{"eventSource":"aws:sqs","body":1}]}`)},
		"odd images":         {definition.FunctionRelay, json.RawMessage(`{"Records":[{"eventSource":"aws:dynamodb","dynamodb":1}]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.function, adds)
			err := b.handle(t.Context(), c.payload, nil)
			var failed messages.InvokeResponse_Error
			require.True(t, errors.As(err, &failed))
			assert.Equal(t, ErrorInternal, failed.Type)
			assert.Contains(t, b.log.String(), `"level":"ERROR"`)
		})
	}
}

func TestNewNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Function: definition.FunctionReactions, Definition: testPlugin})
	for _, want := range []string{"a handler", "an SQS client", definition.EnvCommandQueueURL} {
		assert.ErrorContains(t, err, want)
	}
	_, err = New(Config{Function: definition.FunctionRelay, Definition: testPlugin})
	assert.ErrorContains(t, err, "an extension point has publish turns")
	_, err = New(Config{Function: "other"})
	assert.ErrorContains(t, err, `REVENTLESS_FUNCTION is "other"`)
	assert.ErrorContains(t, err, "format version 0")
	plain := testPlugin
	plain.ExtensionPoints = nil
	_, err = New(Config{Function: definition.FunctionRelay, Definition: plain, SNS: &queues{}})
	assert.NoError(t, err)
}

func TestFromEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin.json")
	encoded, err := json.Marshal(testPlugin)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
	t.Setenv(definition.EnvDefinition, path)
	t.Setenv(definition.EnvFunction, definition.FunctionReactions)
	t.Setenv(definition.EnvCommandQueueURL, "http://queue")
	t.Setenv("AWS_REGION", "eu-central-1")
	e, err := FromEnvironment(t.Context(), adds)
	require.NoError(t, err)
	assert.Equal(t, testPlugin, e.Definition)
	assert.Equal(t, "http://queue", e.CommandQueueURL)
	options := e.DynamoDB.(*dynamodb.Client).Options()
	assert.Equal(t, requestAttempts, options.Retryer.MaxAttempts())
	assert.Equal(t, requestTime, options.HTTPClient.(*awshttp.BuildableClient).GetTimeout())

	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err = FromEnvironment(t.Context(), adds)
	assert.ErrorContains(t, err, path)
	require.NoError(t, os.WriteFile(path, []byte(`{"formatVersion":2,"aggregates":["in another shape"]}`), 0o600))
	_, err = FromEnvironment(t.Context(), adds)
	assert.ErrorContains(t, err, path)
	assert.ErrorContains(t, err, "format version 2, this engine reads 1")
	t.Setenv(definition.EnvDefinition, path+".missing")
	_, err = FromEnvironment(t.Context(), adds)
	assert.ErrorContains(t, err, "needs the definition's layer")
}
