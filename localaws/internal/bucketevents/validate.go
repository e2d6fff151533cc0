package bucketevents

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/localaws/internal/policy"
)

const servicePrincipal = "s3.amazonaws.com"

// checkDestinations checks that every destination exists and lets S3 in.
func (s *Service) checkDestinations(ctx context.Context, bucket string, c configuration) error {
	for _, t := range c.targets() {
		reason, err := s.refusal(ctx, bucket, t)
		if err != nil {
			return err
		}
		if reason != "" {
			return invalidArgument(t.arn(), reason, "Unable to validate the following destination configurations")
		}
	}
	return nil
}

// refusal says why a destination cannot be used, "" when it can.
func (s *Service) refusal(ctx context.Context, bucket string, t target) (string, error) {
	source := "arn:aws:s3:::" + bucket
	request := policy.Request{Service: servicePrincipal, Resource: t.arn(),
		Context: map[string]string{"aws:SourceArn": source, "aws:SourceAccount": s.options.AccountID, "aws:SecureTransport": "true"}}
	switch {
	case t.Function != "":
		if !s.options.Functions.Allows(t.Function, servicePrincipal, source) {
			return "Not authorized to invoke function [" + t.Function + "]", nil
		}
		return "", nil
	case strings.HasSuffix(t.arn(), ".fifo"):
		return "FIFO SQS queues and SNS topics are not supported", nil
	case t.Queue != "":
		document, found, err := s.queuePolicy(ctx, t.Queue)
		request.Action = "sqs:SendMessage"
		return judge(document, found, request, "queue"), err
	}
	document, found, err := s.topicPolicy(ctx, t.Topic)
	request.Action = "sns:Publish"
	return judge(document, found, request, "topic"), err
}

func judge(document string, found bool, request policy.Request, what string) string {
	switch {
	case !found:
		return "The destination " + what + " does not exist"
	case !policy.Allows(document, request):
		return "Permissions on the destination " + what + " do not allow S3 to publish notifications from this bucket"
	}
	return ""
}

func (s *Service) queuePolicy(ctx context.Context, arn string) (document string, found bool, err error) {
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	queue, err := s.options.Destinations.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return "", false, unlessMissing(err, "NonExistentQueue", "QueueDoesNotExist")
	}
	output, err := s.options.Destinations.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue.QueueUrl,
		AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNamePolicy}})
	if err != nil {
		return "", false, err
	}
	return output.Attributes["Policy"], true, nil
}

func (s *Service) topicPolicy(ctx context.Context, arn string) (document string, found bool, err error) {
	output, err := s.options.Destinations.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if err != nil {
		return "", false, unlessMissing(err, "NotFound", "InvalidParameter")
	}
	return output.Attributes["Policy"], true, nil
}

// unlessMissing drops an error that says that something does not exist.
func unlessMissing(err error, codes ...string) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	for _, code := range codes {
		if strings.Contains(api.ErrorCode(), code) {
			return nil
		}
	}
	return err
}
