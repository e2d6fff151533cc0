package sqs

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func queuePolicy() *define.Resource {
	return &define.Resource{
		Token:         "aws:sqs/queuePolicy:QueuePolicy",
		Noun:          "SQS Queue Policy",
		Args:          define.ArgsOf(sdk.QueuePolicyArgs{}),
		Result:        reflect.TypeFor[sdk.QueuePolicy](),
		Required:      []string{"policy"},
		Kinds:         map[string]define.Kind{"policy": define.Policy},
		ForceNew:      []string{"queueUrl"},
		NotFoundCodes: notFound,
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			url := r.Inputs.String("queueUrl")
			if err := setPolicy(ctx, c, url, r.Inputs.String("policy")); err != nil {
				return "", err
			}
			return url, nil
		},
		Read: readPolicy,
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			return setPolicy(ctx, c, r.ID, r.Inputs.String("policy"))
		},
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			return setPolicy(ctx, c, r.ID, "")
		},
	}
}

func setPolicy(ctx context.Context, c *define.Clients, url, policy string) error {
	_, err := c.SQS.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: &url, Attributes: map[string]string{"Policy": policy}})
	return err
}

func readPolicy(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &r.ID, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNamePolicy}})
	if err != nil || out.Attributes["Policy"] == "" {
		return nil, err
	}
	return property.Values{"queueUrl": r.ID, "policy": out.Attributes["Policy"]}, nil
}
