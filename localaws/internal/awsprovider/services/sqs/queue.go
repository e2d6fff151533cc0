// Package sqs declares the SQS types of the stand-in provider: Queue and
// QueuePolicy.
package sqs

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/attributes"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// recentlyDeletedTimeout: AWS keeps a deleted queue's name for 60 seconds.
const recentlyDeletedTimeout = 70 * time.Second

var notFound = []string{"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}

var queueAttributes = []attributes.Attribute{
	{Property: "contentBasedDeduplication", Name: "ContentBasedDeduplication", Kind: attributes.Flag},
	{Property: "deduplicationScope", Name: "DeduplicationScope"},
	{Property: "delaySeconds", Name: "DelaySeconds", Kind: attributes.Number},
	{Property: "fifoQueue", Name: "FifoQueue", Kind: attributes.Flag},
	{Property: "fifoThroughputLimit", Name: "FifoThroughputLimit"},
	{Property: "kmsDataKeyReusePeriodSeconds", Name: "KmsDataKeyReusePeriodSeconds", Kind: attributes.Number},
	{Property: "kmsMasterKeyId", Name: "KmsMasterKeyId"},
	{Property: "maxMessageSize", Name: "MaximumMessageSize", Kind: attributes.Number},
	{Property: "messageRetentionSeconds", Name: "MessageRetentionPeriod", Kind: attributes.Number},
	{Property: "policy", Name: "Policy"},
	{Property: "receiveWaitTimeSeconds", Name: "ReceiveMessageWaitTimeSeconds", Kind: attributes.Number},
	{Property: "redriveAllowPolicy", Name: "RedriveAllowPolicy"},
	{Property: "redrivePolicy", Name: "RedrivePolicy"},
	{Property: "sqsManagedSseEnabled", Name: "SqsManagedSseEnabled", Kind: attributes.Flag, SendFalse: true},
	{Property: "visibilityTimeoutSeconds", Name: "VisibilityTimeout", Kind: attributes.Number},
}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{queue(), queuePolicy()}
}

func queue() *define.Resource {
	return &define.Resource{
		Token:    "aws:sqs/queue:Queue",
		Noun:     "SQS Queue",
		Args:     define.ArgsOf(sdk.QueueArgs{}),
		Result:   reflect.TypeFor[sdk.Queue](),
		AutoName: &define.AutoName{Property: "name", Max: 80, FifoFlag: "fifoQueue"},
		Defaults: map[string]any{"contentBasedDeduplication": false, "delaySeconds": 0, "fifoQueue": false,
			"maxMessageSize": 262144, "messageRetentionSeconds": 345600, "receiveWaitTimeSeconds": 0,
			"visibilityTimeoutSeconds": 30},
		Enums: map[string][]string{"deduplicationScope": {"messageGroup", "queue"},
			"fifoThroughputLimit": {"perQueue", "perMessageGroupId"}},
		Ranges: map[string]define.Range{"delaySeconds": {Max: 900}, "maxMessageSize": {Min: 1024, Max: 1048576},
			"messageRetentionSeconds": {Min: 60, Max: 1209600}, "receiveWaitTimeSeconds": {Max: 20},
			"visibilityTimeoutSeconds": {Max: 43200}, "kmsDataKeyReusePeriodSeconds": {Min: 60, Max: 86400}},
		Kinds: map[string]define.Kind{"policy": define.Policy, "redrivePolicy": define.JSON,
			"redriveAllowPolicy": define.JSON},
		Validate: validate,
		ForceNew: []string{"name", "namePrefix", "fifoQueue"},
		Computed: []string{"arn", "url", "namePrefix", "policy", "redrivePolicy", "redriveAllowPolicy",
			"deduplicationScope", "fifoThroughputLimit", "kmsDataKeyReusePeriodSeconds", "sqsManagedSseEnabled"},
		NotFoundCodes: notFound,
		Create:        create,
		Read:          read,
		Update:        update,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &r.ID})
			return err
		},
	}
}

func validate(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	name, fifo := inputs.String("name"), inputs.Bool("fifoQueue")
	switch {
	case len(name) > 80:
		failures = define.Failed("name", "a queue name has at most 80 characters, %q has %d", name, len(name))
	case name != "" && fifo && !strings.HasSuffix(name, ".fifo"):
		failures = define.Failed("name", "the name of a FIFO queue ends in .fifo: %q", name)
	case name != "" && !fifo && strings.HasSuffix(name, ".fifo"):
		failures = define.Failed("name", "only the name of a FIFO queue ends in .fifo: %q", name)
	}
	if inputs.Bool("contentBasedDeduplication") && !fifo {
		failures = append(failures, define.Failed("contentBasedDeduplication",
			"content-based deduplication can only be set for FIFO queue")...)
	}
	return failures
}

func create(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	in := &sqs.CreateQueueInput{QueueName: r.Inputs.StringPtr("name"),
		Attributes: attributes.ForCreate(queueAttributes, r.Inputs), Tags: r.Inputs.StringMap("tags")}
	var url string
	recentlyDeleted := func(err error) bool {
		return define.HasCode(err, "AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently")
	}
	err := retry.While(ctx, recentlyDeletedTimeout, recentlyDeleted, func() error {
		out, err := c.SQS.CreateQueue(ctx, in)
		if err == nil {
			url = aws.ToString(out.QueueUrl)
		}
		return err
	})
	return url, err
}

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &r.ID, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil {
		return nil, err
	}
	tags, err := c.SQS.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &r.ID})
	if err != nil {
		return nil, err
	}
	values := attributes.Values(queueAttributes, out.Attributes)
	arn := out.Attributes["QueueArn"]
	values["arn"], values["url"], values["namePrefix"] = arn, r.ID, ""
	values["name"] = arn[strings.LastIndex(arn, ":")+1:]
	values["tags"] = property.OrNull(tags.Tags)
	return values, nil
}

func update(ctx context.Context, c *define.Clients, r define.Request) error {
	if changed := attributes.Changed(queueAttributes, r.Inputs, r.Changed); len(changed) > 0 {
		if err := keepPolicy(ctx, c, r.ID, changed); err != nil {
			return err
		}
		in := &sqs.SetQueueAttributesInput{QueueUrl: &r.ID, Attributes: changed}
		if _, err := c.SQS.SetQueueAttributes(ctx, in); err != nil {
			return err
		}
	}
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	if len(remove) > 0 {
		if _, err := c.SQS.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: &r.ID, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.SQS.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &r.ID, Tags: set})
	return err
}

// keepPolicy sends the present policy along: moto clears the policy of a queue
// on every SetQueueAttributes that does not mention it. AWS does not mind.
func keepPolicy(ctx context.Context, c *define.Clients, url string, changed map[string]string) error {
	if _, ok := changed["Policy"]; ok {
		return nil
	}
	out, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNamePolicy}})
	if err == nil && out.Attributes["Policy"] != "" {
		changed["Policy"] = out.Attributes["Policy"]
	}
	return err
}
