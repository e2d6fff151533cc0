package front

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/policy"
)

// Deliveries refuses to publish on a topic when the policy of a subscribed queue does not
// let the topic send to it. AWS accepts such a message and then drops it, or puts it into
// the subscription's dead-letter queue; moto delivers it. Neither shows the mistake to
// whoever makes it, so here it is an error at the publisher.
type Deliveries struct {
	AccountID string
	SNS       *sns.Client
	SQS       *sqs.Client

	mutex sync.Mutex
	// refused are the queues by topic that were looked at.
	refused map[string][]string
	changes int
}

// refusals are the queues that a topic may not send to.
func (d *Deliveries) refusals(ctx context.Context, topic string) []string {
	d.mutex.Lock()
	refused, known := d.refused[topic]
	changes := d.changes
	d.mutex.Unlock()
	if known {
		return refused
	}
	pages := sns.NewListSubscriptionsByTopicPaginator(d.SNS, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil // the topic is missing: the publisher is told by SNS
		}
		for _, subscription := range page.Subscriptions {
			if queue := aws.ToString(subscription.Endpoint); aws.ToString(subscription.Protocol) == "sqs" && !d.admits(ctx, queue, topic) {
				refused = append(refused, queue)
			}
		}
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.changes == changes {
		if d.refused == nil {
			d.refused = map[string][]string{}
		}
		d.refused[topic] = refused
	}
	return refused
}

// admits says whether a queue's policy lets a topic send. A queue that does not exist
// refuses nothing.
func (d *Deliveries) admits(ctx context.Context, queue, topic string) bool {
	name := queue[strings.LastIndexByte(queue, ':')+1:]
	found, err := d.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return true
	}
	output, err := d.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: found.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNamePolicy}})
	if err != nil {
		return true
	}
	return policy.Allows(output.Attributes[string(sqstypes.QueueAttributeNamePolicy)], policy.Request{Service: "sns.amazonaws.com", Action: "sqs:SendMessage", Resource: queue,
		Context: map[string]string{"aws:SourceArn": topic, "aws:SourceAccount": d.AccountID}})
}

// forget forgets what was looked at when a request may change it.
func (d *Deliveries) forget(c *call) {
	if d == nil || c.service != "sns" && c.service != "sqs" {
		return
	}
	switch c.operation {
	case "Subscribe", "Unsubscribe", "CreateTopic", "DeleteTopic", "CreateQueue", "DeleteQueue", "SetQueueAttributes", "AddPermission", "RemovePermission":
		d.mutex.Lock()
		defer d.mutex.Unlock()
		d.changes++
		clear(d.refused)
	}
}

// deliverable answers a request to publish what would not arrive; false says that it did.
func (f *front) deliverable(w http.ResponseWriter, r *http.Request, c *call) bool {
	if f.Deliveries == nil || c.service != "sns" || c.operation != "Publish" && c.operation != "PublishBatch" {
		return true
	}
	topic := c.text("TopicArn")
	refused := f.Deliveries.refusals(r.Context(), topic)
	if len(refused) == 0 {
		return true
	}
	f.Logger.Warn("not published: queues do not admit the topic", "topic", topic, "queues", refused)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>` +
		"the local AWS does not publish what AWS would not deliver: the policies of these queues do not let " + topic + " send to them: " + strings.Join(refused, ", ") +
		`</Message></Error></ErrorResponse>`))
	return false
}
