package e2e

import (
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hasStatus wants a to-do row to have a status.
func hasStatus(field, status string) func(map[string]any) bool {
	return func(data map[string]any) bool {
		row, _ := data[field].(map[string]any)
		return row != nil && row["_status"] == status
	}
}

// tallied waits until a tally counts so many commands, and requires that no more were
// decided.
func (w whole) tallied(id string, count int) {
	w.t.Helper()
	if count > 0 {
		w.eventually(w.client, fmt.Sprintf(`{ tally(id: %q) { count } }`, id), func(data map[string]any) bool {
			tally, _ := data["tally"].(map[string]any)
			return tally != nil && tally["count"].(float64) >= float64(count)
		})
	}
	assert.Len(w.t, w.eventLog("whole-alpha-whole-Tally-events", id), count, id)
}

// worked waits until tasks and tallies have nothing left to work on: what comes twice has
// come by then.
func (w whole) worked() {
	w.t.Helper()
	for _, queue := range []string{"whole-alpha-whole-tasks", "whole-alpha-whole-commands-Tally.fifo"} {
		until(w.t, func() error { return w.queued(queue, 0) })
	}
}

// dcbEvents are the items of the DCB log's stream of one value of a tag.
func (w whole) dcbEvents(tag, value string) []commit {
	w.t.Helper()
	return w.eventLog("whole-alpha-whole-dcb-events", tag+"="+value)
}

// output is a member of one of the plugin's outputs.
func (w whole) output(name, member string) string {
	w.t.Helper()
	value, _ := w.outputs[name].(map[string]any)[member].(string)
	require.NotEmpty(w.t, value, "%s.%s in %v", name, member, w.outputs)
	return value
}

// put writes an object into a task's bucket.
func (w whole) put(task, key, content string) {
	w.t.Helper()
	w.upload(w.output("buckets", task), key, content)
}

// empty deletes all versions of all objects of a task's bucket.
func (w whole) empty(task string) {
	w.t.Helper()
	bucket := w.output("buckets", task)
	pages := s3.NewListObjectVersionsPaginator(w.s3(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		for _, version := range page.Versions {
			_, err := w.s3().DeleteObject(w.t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: version.Key, VersionId: version.VersionId})
			require.NoError(w.t, err)
		}
	}
}

// hold stops what feeds one of the plugin's functions while something is done.
func (w whole) hold(function string, do func()) {
	w.t.Helper()
	client, name := lambda.NewFromConfig(w.aws()), w.output("functions", function)
	found, err := client.ListEventSourceMappings(w.t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: &name})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, found.EventSourceMappings)
	enable := func(enabled bool, state string) {
		for _, mapping := range found.EventSourceMappings {
			_, err := client.UpdateEventSourceMapping(w.t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: mapping.UUID, Enabled: &enabled})
			require.NoError(w.t, err)
			until(w.t, func() error {
				now, err := client.GetEventSourceMapping(w.t.Context(), &lambda.GetEventSourceMappingInput{UUID: mapping.UUID})
				if err == nil && aws.ToString(now.State) != state {
					err = fmt.Errorf("the event source mapping is %s", aws.ToString(now.State))
				}
				return err
			})
		}
	}
	enable(false, "Disabled")
	do()
	enable(true, "Enabled")
}

// object waits until an object is there and has another content than before.
func (w whole) object(task, key, before string) (content string) {
	w.t.Helper()
	bucket := w.output("buckets", task)
	until(w.t, func() error {
		got, err := w.s3().GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return err
		}
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		if content = string(text); err == nil && content == before {
			err = fmt.Errorf("%s is still %q", key, content)
		}
		return err
	})
	return content
}
