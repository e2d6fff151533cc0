package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
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

// dcbEvents are the items of the DCB log's stream of one value of a tag.
func (w whole) dcbEvents(tag, value string) []commit {
	w.t.Helper()
	return w.eventLog("whole-alpha-whole-dcb-events", tag+"="+value)
}

// subscribe starts a subscription that ends with the test's step.
func (w whole) subscribe(query string) <-chan graphqlclient.Event {
	w.t.Helper()
	events, err := w.client.Subscribe(w.t.Context(), query, nil)
	require.NoError(w.t, err)
	return events
}

// next is the data of the next event of a subscription.
func (w whole) next(events <-chan graphqlclient.Event) map[string]any {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	select {
	case event, open := <-events:
		require.True(w.t, open)
		require.NoError(w.t, event.Err)
		require.Empty(w.t, event.Errors)
		data := map[string]any{}
		require.NoError(w.t, json.Unmarshal(event.Data, &data))
		return data
	case <-ctx.Done():
		require.NoError(w.t, ctx.Err(), "nothing came by the subscription")
		return nil
	}
}

// output is a member of one of the plugin's outputs.
func (w whole) output(name, member string) string {
	w.t.Helper()
	value, _ := w.outputs[name].(map[string]any)[member].(string)
	require.NotEmpty(w.t, value, "%s.%s in %v", name, member, w.outputs)
	return value
}

func (w whole) s3() *s3.Client {
	return s3.NewFromConfig(w.aws(), func(o *s3.Options) { o.UsePathStyle = true })
}

// put writes an object into a task's bucket.
func (w whole) put(task, key, content string) {
	w.t.Helper()
	_, err := w.s3().PutObject(w.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(w.output("buckets", task)), Key: &key, Body: strings.NewReader(content), ContentType: aws.String("text/csv"),
	})
	require.NoError(w.t, err)
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

// queued wants a queue to hold so many messages, be they being worked on or not.
func (w whole) queued(queue string, count int) error {
	client := sqs.NewFromConfig(w.aws())
	url, err := client.GetQueueUrl(w.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return err
	}
	shown, hidden := sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	answer, err := client.GetQueueAttributes(w.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: url.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{shown, hidden},
	})
	if err != nil {
		return err
	}
	messages := 0
	for _, number := range answer.Attributes {
		n, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		messages += n
	}
	if messages != count {
		return fmt.Errorf("%s holds %d messages, not %d", queue, messages, count)
	}
	return nil
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

// messages are the bodies of a queue's messages; they stay in it, but are not shown again
// for a while.
func (w whole) messages(queue string) (bodies []string) {
	w.t.Helper()
	client := sqs.NewFromConfig(w.aws())
	url, err := client.GetQueueUrl(w.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	require.NoError(w.t, err)
	for {
		answer, err := client.ReceiveMessage(w.t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: url.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600,
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll},
		})
		require.NoError(w.t, err)
		if len(answer.Messages) == 0 {
			return bodies
		}
		for _, message := range answer.Messages {
			bodies = append(bodies, aws.ToString(message.Body))
		}
	}
}
