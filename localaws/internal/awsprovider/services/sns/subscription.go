package sns

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/attributes"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// subscriptionAttributes are in the order in which changes are sent: the
// scope decides how SNS reads the filter policy.
var subscriptionAttributes = []attributes.Attribute{
	{Property: "deliveryPolicy", Name: "DeliveryPolicy"},
	{Property: "filterPolicyScope", Name: "FilterPolicyScope"},
	{Property: "filterPolicy", Name: "FilterPolicy"},
	{Property: "rawMessageDelivery", Name: "RawMessageDelivery", Kind: attributes.Flag},
	{Property: "redrivePolicy", Name: "RedrivePolicy"},
	{Property: "replayPolicy", Name: "ReplayPolicy"},
	{Property: "subscriptionRoleArn", Name: "SubscriptionRoleArn"},
}

func subscription() *define.Resource {
	return &define.Resource{
		Token:    "aws:sns/topicSubscription:TopicSubscription",
		Noun:     "SNS Topic Subscription",
		Args:     define.ArgsOf(sdk.TopicSubscriptionArgs{}),
		Result:   reflect.TypeFor[sdk.TopicSubscription](),
		Required: []string{"topic"},
		Defaults: map[string]any{"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": false,
			"rawMessageDelivery": false},
		Enums: map[string][]string{"filterPolicyScope": {"MessageAttributes", "MessageBody"}, "protocol": {
			"application", "email-json", "email", "firehose", "http", "https", "lambda", "sms", "sqs"}},
		Kinds: map[string]define.Kind{"filterPolicy": define.JSON, "redrivePolicy": define.JSON,
			"deliveryPolicy": define.JSON, "replayPolicy": define.JSON},
		Validate: validateSubscription,
		ForceNew: []string{"endpoint", "protocol", "topic"},
		Computed: []string{"arn", "confirmationWasAuthenticated", "filterPolicyScope", "ownerId",
			"pendingConfirmation"},
		NotFoundCodes: notFound,
		Create:        subscribe,
		Read:          readSubscription,
		Update:        updateSubscription,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.SNS.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &r.ID})
			return err
		},
	}
}

func validateSubscription(inputs property.Map) []inputcheck.Failure {
	if inputs.Has("filterPolicyScope") && !inputs.Has("filterPolicy") {
		return define.Failed("filterPolicy", "filterPolicy is required when filterPolicyScope is set")
	}
	return nil
}

func subscribe(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	out, err := c.SNS.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: r.Inputs.StringPtr("topic"), Protocol: r.Inputs.StringPtr("protocol"),
		Endpoint: r.Inputs.StringPtr("endpoint"), ReturnSubscriptionArn: true,
		Attributes: attributes.ForCreate(subscriptionAttributes, r.Inputs)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.SubscriptionArn), nil
}

func readSubscription(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.SNS.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &r.ID})
	if err != nil {
		return nil, err
	}
	a := out.Attributes
	values := attributes.Values(subscriptionAttributes, a)
	if values["filterPolicyScope"] == nil {
		values["filterPolicyScope"] = ""
	}
	values["arn"], values["ownerId"] = r.ID, a["Owner"]
	values["topic"], values["protocol"], values["endpoint"] = a["TopicArn"], a["Protocol"], a["Endpoint"]
	values["pendingConfirmation"] = a["PendingConfirmation"] == "true"
	values["confirmationWasAuthenticated"] = a["ConfirmationWasAuthenticated"] == "true"
	return values, nil
}

func updateSubscription(ctx context.Context, c *define.Clients, r define.Request) error {
	changed := attributes.Changed(subscriptionAttributes, r.Inputs, r.Changed)
	for _, a := range subscriptionAttributes {
		value, ok := changed[a.Name]
		if !ok {
			continue
		}
		if a.Name == "FilterPolicy" && value == "" {
			value = "{}" // SNS removes a filter policy that is an empty document
		}
		_, err := c.SNS.SetSubscriptionAttributes(ctx, &sns.SetSubscriptionAttributesInput{
			SubscriptionArn: &r.ID, AttributeName: &a.Name, AttributeValue: &value})
		if err != nil {
			return err
		}
	}
	return nil
}
