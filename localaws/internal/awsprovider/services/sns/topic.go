// Package sns declares the SNS types of the stand-in provider: Topic and
// TopicSubscription.
package sns

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/attributes"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var notFound = []string{"NotFound", "NotFoundException", "ResourceNotFoundException"}

var topicAttributes = topicTable()

// topicTable adds the delivery feedback attributes, which follow one pattern
// for five protocols.
func topicTable() []attributes.Attribute {
	table := []attributes.Attribute{
		{Property: "archivePolicy", Name: "ArchivePolicy"},
		{Property: "contentBasedDeduplication", Name: "ContentBasedDeduplication", Kind: attributes.Flag},
		{Property: "deliveryPolicy", Name: "DeliveryPolicy"},
		{Property: "displayName", Name: "DisplayName"},
		{Property: "fifoThroughputScope", Name: "FifoThroughputScope"},
		{Property: "fifoTopic", Name: "FifoTopic", Kind: attributes.Flag},
		{Property: "kmsMasterKeyId", Name: "KmsMasterKeyId"},
		{Property: "policy", Name: "Policy"},
		{Property: "signatureVersion", Name: "SignatureVersion", Kind: attributes.Number},
		{Property: "tracingConfig", Name: "TracingConfig"},
	}
	protocols := map[string]string{"application": "Application", "firehose": "Firehose", "http": "HTTP",
		"lambda": "Lambda", "sqs": "SQS"}
	for property, name := range protocols {
		table = append(table,
			attributes.Attribute{Property: property + "FailureFeedbackRoleArn", Name: name + "FailureFeedbackRoleArn"},
			attributes.Attribute{Property: property + "SuccessFeedbackRoleArn", Name: name + "SuccessFeedbackRoleArn"},
			attributes.Attribute{Property: property + "SuccessFeedbackSampleRate",
				Name: name + "SuccessFeedbackSampleRate", Kind: attributes.Number})
	}
	return table
}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{topic(), subscription()}
}

func topic() *define.Resource {
	return &define.Resource{
		Token:    "aws:sns/topic:Topic",
		Noun:     "SNS Topic",
		Args:     define.ArgsOf(sdk.TopicArgs{}),
		Result:   reflect.TypeFor[sdk.Topic](),
		AutoName: &define.AutoName{Property: "name", Max: 256, FifoFlag: "fifoTopic"},
		Defaults: map[string]any{"contentBasedDeduplication": false, "fifoTopic": false},
		Enums: map[string][]string{"tracingConfig": {"Active", "PassThrough"},
			"fifoThroughputScope": {"Topic", "MessageGroup"}},
		Ranges: map[string]define.Range{"signatureVersion": {Min: 1, Max: 2}},
		Kinds: map[string]define.Kind{"policy": define.Policy, "deliveryPolicy": define.JSON,
			"archivePolicy": define.JSON},
		Validate: validateTopic,
		ForceNew: []string{"name", "namePrefix", "fifoTopic"},
		Computed: []string{"arn", "owner", "policy", "namePrefix", "signatureVersion", "tracingConfig",
			"fifoThroughputScope", "beginningArchiveTime"},
		NotFoundCodes: notFound,
		Create:        createTopic,
		Read:          readTopic,
		Update:        updateTopic,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.SNS.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: &r.ID})
			return err
		},
	}
}

func validateTopic(inputs property.Map) []inputcheck.Failure {
	name, fifo := inputs.String("name"), inputs.Bool("fifoTopic")
	var failures []inputcheck.Failure
	if name != "" && fifo != strings.HasSuffix(name, ".fifo") {
		failures = define.Failed("name", "the name of a FIFO topic, and only of a FIFO topic, ends in .fifo: %q", name)
	}
	if inputs.Bool("contentBasedDeduplication") && !fifo {
		failures = append(failures, define.Failed("contentBasedDeduplication",
			"content-based deduplication can only be set for FIFO topics")...)
	}
	return failures
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func createTopic(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	out, err := c.SNS.CreateTopic(ctx, &sns.CreateTopicInput{Name: r.Inputs.StringPtr("name"),
		Attributes: attributes.ForCreate(topicAttributes, r.Inputs), Tags: tagsOf(r.Inputs.StringMap("tags"))})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.TopicArn), nil
}

func readTopic(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &r.ID})
	if err != nil {
		return nil, err
	}
	tags, err := c.SNS.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &r.ID})
	if err != nil {
		return nil, err
	}
	values := attributes.Values(topicAttributes, out.Attributes)
	values["arn"], values["owner"], values["namePrefix"] = r.ID, out.Attributes["Owner"], ""
	values["name"] = r.ID[strings.LastIndex(r.ID, ":")+1:]
	values["beginningArchiveTime"] = out.Attributes["BeginningArchiveTime"]
	for _, computed := range []string{"tracingConfig", "fifoThroughputScope"} {
		if values[computed] == nil {
			values[computed] = "" // AWS leaves them out when they are not set
		}
	}
	if values["signatureVersion"] == nil {
		values["signatureVersion"] = 0
	}
	values["tags"] = property.OrNull(tagMap(tags.Tags))
	return values, nil
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

func updateTopic(ctx context.Context, c *define.Clients, r define.Request) error {
	for name, value := range attributes.Changed(topicAttributes, r.Inputs, r.Changed) {
		_, err := c.SNS.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
			TopicArn: &r.ID, AttributeName: &name, AttributeValue: &value})
		if err != nil {
			return err
		}
	}
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	if len(remove) > 0 {
		if _, err := c.SNS.UntagResource(ctx, &sns.UntagResourceInput{ResourceArn: &r.ID, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.SNS.TagResource(ctx, &sns.TagResourceInput{ResourceArn: &r.ID, Tags: tagsOf(set)})
	return err
}
