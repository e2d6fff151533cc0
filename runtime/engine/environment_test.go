package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// setEnvironment sets the variables of a function, and writes its definition.
func setEnvironment(t testing.TB, function string, variables map[string]string) {
	path := filepath.Join(t.TempDir(), "plugin.json")
	encoded, err := json.Marshal(testPlugin)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
	t.Setenv(definition.EnvDefinition, path)
	t.Setenv(definition.EnvFunction, function)
	t.Setenv("AWS_REGION", "eu-central-1")
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// allVariables are the variables that a function may have.
var allVariables = map[string]string{
	definition.EnvCommandQueueURL: "http://queue", definition.EnvToDoQueueURL: "http://todo",
	definition.EnvConnectFunction: "connect", definition.EnvGraphQLURL: "https://api/graphql",
	definition.EnvExtensionQueues: `{"Orders":"http://orders"}`,
	definition.EnvScheduleGroup:   "group", definition.EnvTaskQueueARN: "task-queue",
	definition.EnvScheduleRole: "role", definition.EnvScheduleFailures: "failures",
}

func TestFromEnvironmentReadsEveryVariable(t *testing.T) {
	setEnvironment(t, definition.FunctionTasks, allVariables)
	e, err := FromEnvironment(t.Context(), adds)
	require.NoError(t, err)
	assert.Equal(t, "http://todo", e.ToDoQueueURL)
	assert.Equal(t, "connect", e.ConnectFunction)
	assert.Equal(t, map[string]string{"Orders": "http://orders"}, e.ExtensionQueues)
	assert.Equal(t, ScheduleTarget{Group: "group", TaskQueueARN: "task-queue", RoleARN: "role", FailuresARN: "failures"}, e.Schedules)
	assert.NotNil(t, e.Config.Lambda)
	assert.NotNil(t, e.Scheduler)
	api := e.GraphQL.(*appSync)
	assert.Equal(t, "https://api/graphql", api.url)
	assert.Equal(t, "eu-central-1", api.region)
	objects := e.S3.(*s3.Client).Options().HTTPClient.(*awshttp.BuildableClient)
	assert.Zero(t, objects.GetTimeout(), "reading an object takes as long as it takes")
	assert.Equal(t, requestTime, objects.GetTransport().ResponseHeaderTimeout)
}

func TestFromEnvironmentMakesOnlyWhatIsNeeded(t *testing.T) {
	setEnvironment(t, definition.FunctionCommands, nil)
	e, err := FromEnvironment(t.Context(), adds)
	require.NoError(t, err)
	assert.Nil(t, e.S3)
	assert.Nil(t, e.Scheduler)
	assert.Nil(t, e.Config.Lambda)
	assert.Nil(t, e.GraphQL)
}

func TestFromEnvironmentNamesWhatIsWrong(t *testing.T) {
	setEnvironment(t, definition.FunctionFeeds, map[string]string{definition.EnvGraphQLURL: "api", definition.EnvExtensionQueues: "[]"})
	_, err := FromEnvironment(t.Context(), nil)
	assert.ErrorContains(t, err, definition.EnvGraphQLURL)
	assert.ErrorContains(t, err, definition.EnvExtensionQueues)
	t.Setenv(definition.EnvGraphQLURL, "")
	t.Setenv(definition.EnvExtensionQueues, "")
	_, err = FromEnvironment(t.Context(), nil)
	assert.ErrorContains(t, err, "needs the environment variable "+definition.EnvGraphQLURL)
}

// BenchmarkFromEnvironment measures how long an engine takes to be made, which is part of
// every cold start.
func BenchmarkFromEnvironment(b *testing.B) {
	for name, c := range map[string]struct {
		function  string
		variables map[string]string
	}{
		"commands": {definition.FunctionCommands, nil},
		"tasks":    {definition.FunctionTasks, allVariables},
	} {
		b.Run(name, func(b *testing.B) {
			setEnvironment(b, c.function, c.variables)
			var most time.Duration
			for b.Loop() {
				start := time.Now()
				_, err := FromEnvironment(b.Context(), adds)
				require.NoError(b, err)
				most = max(most, time.Since(start))
			}
			b.ReportMetric(float64(most.Microseconds()), "max-µs")
		})
	}
}
