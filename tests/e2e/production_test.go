package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProduction deploys a platform and a plugin in production: destroying is refused before
// anything goes, until the stacks are made standard ones. The same as a disposable stack goes
// with everything in it.
func TestProduction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.inventory()
	const project = "monolith-aws"
	program := func(class, alarms string) string {
		indented := strings.ReplaceAll(rival[strings.Index(rival, "  rival:"):], "    properties:\n", "    properties:\n      platform: ${platform.connection}\n")
		return "name: online-shop-monolith\nruntime: yaml\nresources:\n  platform:\n    type: reventless:index:Platform\n    properties:\n      authenticationModes: [API_KEY]\n      stackClass: " +
			class + "\n      alarms: " + alarms + "\n" + indented +
			"      tasks: {Imports: {bucket: {suffix: .csv}}}\n" +
			"outputs:\n  platform: ${platform.connection}\n  buckets: ${rival.bucketNames}\n"
	}
	w.write(project+"/Pulumi.yaml", program("production", "{email: operators@example.com}"))
	w.up(project)
	w.unchanged(project)
	deployed := w.inventory()

	w.step("the API's log is kept for a year", func(t *testing.T) {
		assert.Equal(t, []int{365}, slices.Collect(maps.Values(w.apiLogs())))
	})
	w.step("alarms watch over queues and functions", func(t *testing.T) {
		for _, alarm := range []string{"platform-dead-letters", "platform-errors", "platform-throttles", "rival-dead-letters", "rival-errors", "rival-throttles", "rival-lag"} {
			assert.Contains(t, deployed, "cloudwatch alarm online-shop-monolith-alpha-"+alarm)
		}
		resources, _, err := w.stack(project).State(t.Context())
		require.NoError(t, err)
		told := 0
		for _, resource := range resources {
			if resource.Type == "aws:cloudwatch/metricAlarm:MetricAlarm" {
				assert.Equal(t, []any{"arn:aws:sns:eu-west-1:123456789012:online-shop-monolith-alpha-platform-alarms"}, resource.Outputs["alarmActions"], resource.URN)
				told++
			}
		}
		assert.Equal(t, 7, told)
	})
	w.step("a production stack is not destroyed", func(t *testing.T) {
		text, err := w.stack(project).Destroy(t.Context())
		require.Error(t, err)
		assert.Contains(t, text, "Guard::rival-guard")
		assert.Contains(t, text, "protect")
		assert.Equal(t, deployed, w.inventory(), "nothing is gone")
	})
	w.step("what is taken out of its program is not deleted either", func(t *testing.T) {
		w.edit(project+"/Pulumi.yaml", "      tasks: {Imports: {bucket: {suffix: .csv}}}\n", "")
		text := w.refusal(project, "up")
		assert.Contains(t, text, "BucketV2::rival-Imports-task")
	})
	w.step("a standard stack is destroyed", func(t *testing.T) {
		w.write(project+"/Pulumi.yaml", program("standard", "{enabled: false}"))
		text, err := w.stack(project).Up(t.Context())
		require.NoError(t, err)
		assert.NotRegexp(t, `aws:(dynamodb:Table|s3:BucketV2|sqs:Queue|lambda:Function|cloudwatch:LogGroup|iam:Role) .*replac`, text, "another class changes in place")
		assert.Regexp(t, `aws:dynamodb:Table +rival-Rival-events +updated`, text)
		w.advance(time.Minute)
		for group := range w.apiLogs() {
			w.keeps(group, 30)
		}
		for _, item := range w.inventory() {
			assert.NotContains(t, item, "alarm")
		}
		w.destroy(project)
		assert.Equal(t, empty, w.inventory())
	})
	w.step("a disposable stack goes with the objects in its buckets", func(t *testing.T) {
		w.write(project+"/Pulumi.yaml", program("disposable", "{enabled: false}"))
		w.up(project)
		assert.Empty(t, w.apiLogs(), "nobody reads the log of such a stack")
		outputs, err := w.stack(project).Outputs(t.Context())
		require.NoError(t, err)
		w.upload(outputs["buckets"].(map[string]any)["Imports"].(string), "rest.txt", "rest")
		w.destroy(project)
		assert.Equal(t, empty, w.inventory())
	})
}
