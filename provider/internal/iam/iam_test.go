package iam_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/iam"
)

func TestSendToAdmitsTopicsOfAnAccount(t *testing.T) {
	t.Parallel()
	topics := "arn:aws:sns:eu-west-1:123456789012:*.fifo"
	policy, err := internals.UnsafeAwaitOutput(t.Context(), iam.SendTo(pulumi.String("arn:aws:sqs:eu-west-1:123456789012:inbox.fifo"),
		iam.Sender{Service: iam.SNS, Source: pulumi.String(topics)}))
	require.NoError(t, err)
	assert.Contains(t, policy.Value.(string), `"ArnLike":{"aws:SourceArn":"`+topics+`"}`)
}

func TestSendToAdmitsOneTopicOfItsAccount(t *testing.T) {
	t.Parallel()
	topic := "arn:aws:sns:eu-west-1:123456789012:products.fifo"
	policy, err := internals.UnsafeAwaitOutput(t.Context(), iam.SendTo(pulumi.String("arn:aws:sqs:eu-west-1:123456789012:inbox.fifo"),
		iam.Sender{Service: iam.SNS, Source: pulumi.String(topic)}))
	require.NoError(t, err)
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["sqs:SendMessage"],
		"Resource":["arn:aws:sqs:eu-west-1:123456789012:inbox.fifo"],
		"Condition":{"ArnEquals":{"aws:SourceArn":"`+topic+`"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`,
		policy.Value.(string))
}
