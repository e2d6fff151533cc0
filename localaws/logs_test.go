package localaws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFunctionsLogToTheirGroupUntilItIsDeleted(t *testing.T) {
	t.Parallel()
	b := newBed(t, server)
	client := logs.NewFromConfig(config(server))
	group := aws.String("/reventless/" + b.name)
	_, err := client.CreateLogGroup(t.Context(), &logs.CreateLogGroupInput{LogGroupName: group})
	require.NoError(t, err)
	_, err = b.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{FunctionName: &b.name, Role: aws.String(role), Runtime: lambdatypes.RuntimePython312,
		Handler: aws.String("index.handler"), Code: &lambdatypes.FunctionCode{ZipFile: archive(t, "index.py", "def handler(event, context):\n    print('line of', event)\n")},
		LoggingConfig: &lambdatypes.LoggingConfig{LogGroup: group}})
	require.NoError(t, err)
	output, err := b.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &b.name, Payload: []byte(`"x"`), LogType: lambdatypes.LogTypeTail})
	require.NoError(t, err)
	assert.NotEmpty(t, output.LogResult)
	b.eventually("the lines arrive", func() bool {
		found, err := client.FilterLogEvents(t.Context(), &logs.FilterLogEventsInput{LogGroupName: group})
		require.NoError(t, err)
		var all strings.Builder
		for _, e := range found.Events {
			all.WriteString(*e.Message)
		}
		return strings.Contains(all.String(), "line of x") && strings.Contains(all.String(), "REPORT RequestId")
	})
	_, text := b.admin("GET", "logs?function="+b.name, "")
	assert.Contains(t, text, "line of x\n")

	_, err = client.DeleteLogGroup(t.Context(), &logs.DeleteLogGroupInput{LogGroupName: group})
	require.NoError(t, err)
	_, err = b.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &b.name, Payload: []byte(`"y"`)})
	require.NoError(t, err)
	assert.Never(t, func() bool {
		found, err := client.DescribeLogGroups(t.Context(), &logs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
		return err != nil || len(found.LogGroups) > 0
	}, 2500*time.Millisecond, 250*time.Millisecond, "a deleted group does not come back")
}
