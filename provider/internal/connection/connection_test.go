package connection_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func platform() connection.Platform {
	return connection.Platform{
		Name: "platform", Stack: "org/shop/alpha", APIID: "api1", GraphQLURL: "https://x", ConnectFunctionName: "connect",
		RuntimeLayerARN: "arn:aws:lambda:eu-west-1:123456789012:layer:runtime:1", AuthenticationModes: []string{"AWS_IAM", "API_KEY"},
		SchedulerGroupName: "schedules", LogRetentionDays: 7, Architecture: "arm64",
		Class: stackclass.Production, AlarmTopicARN: "arn:aws:sns:eu-west-1:123456789012:alarms", Tracing: true,
	}
}

func TestPlatformRoundTrip(t *testing.T) {
	t.Parallel()
	read, err := connection.ParsePlatform(platform().Values(), "the output")
	require.NoError(t, err)
	assert.Equal(t, platform().Values(), read.Values())
	earlier := platform().Values()
	for _, key := range []string{"stackClass", "alarmTopicArn", "tracing"} {
		delete(earlier, key)
	}
	read, err = connection.ParsePlatform(earlier, "the output of an earlier release")
	require.NoError(t, err)
	assert.Equal(t, stackclass.Standard, read.Class, "by the name of its stack")
	assert.Equal(t, "123456789012", read.Account())
	assert.Equal(t, []string{"AWS_IAM", "API_KEY"}, read.AuthenticationModes)
	assert.Empty(t, read.UserPoolID)

	withUsers := platform()
	withUsers.UserPoolID, withUsers.UserPoolClientID = "eu-west-1_Users", "client"
	read, err = connection.ParsePlatform(withUsers.Values(), "the output")
	require.NoError(t, err)
	assert.Equal(t, "eu-west-1_Users", read.UserPoolID)
	assert.Equal(t, "client", read.UserPoolClientID)
}

func TestParsePlatformProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key, value, want string
	}{
		"format":    {"formatVersion", "2", `of format "2", this provider knows format 1`},
		"missing":   {"apiId", "", "the output lacks apiId"},
		"retention": {"logRetentionDays", "long", `logRetentionDays "long"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := platform().Values()
			values[test.key] = test.value
			_, err := connection.ParsePlatform(values, "the output")
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "update the platform's stack")
		})
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	assert.NoError(t, connection.Refusal("catalog", protocol.ConnectResult{OK: true}))
	assert.ErrorContains(t, connection.Refusal("catalog", protocol.ConnectResult{}), "it gave no reason")
	err := connection.Refusal("catalog", protocol.ConnectResult{Problems: []protocol.Problem{
		{Message: "Query.product belongs to shelf", Line: 3, Column: 5}, {Message: "another"},
	}})
	assert.EqualError(t, err, "the platform refused the schema of \"catalog\":\n  - Query.product belongs to shelf (schema:3:5)\n  - another")
}
