package e2e

import (
	"fmt"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// apiLogs are the log groups of APIs, with their retention in days, 0 for ever.
func (w *world) apiLogs() map[string]int {
	w.t.Helper()
	out, err := logs.NewFromConfig(w.aws()).DescribeLogGroups(w.t.Context(), &logs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/appsync/")})
	require.NoError(w.t, err)
	groups := map[string]int{}
	for _, group := range out.LogGroups {
		groups[aws.ToString(group.LogGroupName)] = int(aws.ToInt32(group.RetentionInDays))
	}
	return groups
}

// apiLog is the name of the log group of a client's API, whose URL ends in its id.
func (w *world) apiLog(client graphqlclient.Client) string {
	return "/aws/appsync/apis/" + path.Base(client.URL)
}

// forgetRetention makes a log group what it is when AppSync made it by itself.
func (w *world) forgetRetention(group string) {
	w.t.Helper()
	client := logs.NewFromConfig(w.aws())
	_, err := client.DeleteLogGroup(w.t.Context(), &logs.DeleteLogGroupInput{LogGroupName: &group})
	require.NoError(w.t, err)
	_, err = client.CreateLogGroup(w.t.Context(), &logs.CreateLogGroupInput{LogGroupName: &group})
	require.NoError(w.t, err)
}

// keeps waits until a log group, and no other of an API, keeps entries for so many days.
func (w *world) keeps(group string, days int) {
	w.t.Helper()
	until(w.t, func() error {
		if found := w.apiLogs(); len(found) != 1 || found[group] != days {
			return fmt.Errorf("the logs of APIs are kept for %v days, not %s for %d", found, group, days)
		}
		return nil
	})
}
