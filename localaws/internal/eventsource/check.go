package eventsource

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Limits of AWS.
const (
	maxBatch       = 10000
	maxFIFOBatch   = 10
	maxWindow      = 300
	maxConcurrency = 1000
	receiveLimit   = 10
)

// check checks a mapping against its function and its source, and completes it.
func (s *Service) check(ctx context.Context, m *mapping, given request) error {
	if given.FunctionName == nil {
		return restjson.Invalid("FunctionName is required")
	}
	arn, timeout, err := s.functions.Timeout(*given.FunctionName)
	if err != nil {
		return err
	}
	m.config.FunctionArn = arn
	if err := m.checkSizes(); err != nil {
		return err
	}
	if m.source.kind == KindQueue {
		err = s.checkQueue(ctx, m, timeout)
	} else {
		err = s.checkStream(ctx, m)
	}
	if err != nil {
		return err
	}
	return m.checkRole(ctx)
}

func (m *mapping) checkSizes() error {
	c := m.config
	switch {
	case c.BatchSize < 1 || c.BatchSize > maxBatch:
		return restjson.Invalid("BatchSize %d is not between 1 and %d", c.BatchSize, maxBatch)
	case c.MaximumBatchingWindowInSeconds < 0 || c.MaximumBatchingWindowInSeconds > maxWindow:
		return restjson.Invalid("MaximumBatchingWindowInSeconds %d is not between 0 and %d", c.MaximumBatchingWindowInSeconds, maxWindow)
	case slices.ContainsFunc(c.FunctionResponseTypes, func(t string) bool { return t != reportFailures }):
		return restjson.Invalid("FunctionResponseTypes may hold %s only", reportFailures)
	}
	return nil
}

func (s *Service) checkQueue(ctx context.Context, m *mapping, timeout time.Duration) error {
	c := m.config
	switch {
	case m.source.fifo && c.BatchSize > maxFIFOBatch:
		return restjson.Invalid("Maximum batch size for FIFO queues is %d", maxFIFOBatch)
	case m.source.fifo && c.MaximumBatchingWindowInSeconds > 0:
		return restjson.Invalid("Batching window is not supported for FIFO queues")
	case c.BatchSize > receiveLimit && c.MaximumBatchingWindowInSeconds == 0:
		return restjson.Invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	case c.StartingPosition != "":
		return restjson.Invalid("StartingPosition is not valid for SQS event sources.")
	case c.BisectBatchOnFunctionError != nil || c.MaximumRetryAttempts != nil || c.MaximumRecordAgeInSeconds != nil || c.DestinationConfig != nil:
		return restjson.Invalid("Unsupported parameter for SQS event sources: the queue's redrive policy says what happens to messages that fail")
	case c.ScalingConfig != nil && c.ScalingConfig.MaximumConcurrency != 0 && (c.ScalingConfig.MaximumConcurrency < 2 || c.ScalingConfig.MaximumConcurrency > maxConcurrency):
		return restjson.Invalid("MaximumConcurrency %d is not between 2 and %d", c.ScalingConfig.MaximumConcurrency, maxConcurrency)
	}
	_, visibility, err := s.queue(ctx, m.source.name)
	if err != nil {
		return restjson.Invalid("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist: %s", c.EventSourceArn)
	}
	if visibility < timeout {
		return restjson.Invalid("Queue visibility timeout: %d seconds is less than Function timeout: %d seconds", int(visibility.Seconds()), int(timeout.Seconds()))
	}
	return nil
}

// queue is a queue's URL and visibility time-out.
func (s *Service) queue(ctx context.Context, name string) (url string, visibility time.Duration, err error) {
	found, err := s.options.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return "", 0, err
	}
	attributes, err := s.options.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: found.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameVisibilityTimeout}})
	if err != nil {
		return "", 0, err
	}
	seconds, err := strconv.Atoi(attributes.Attributes[string(types.QueueAttributeNameVisibilityTimeout)])
	return aws.ToString(found.QueueUrl), time.Duration(seconds) * time.Second, err
}

func (s *Service) checkStream(ctx context.Context, m *mapping) error {
	c := m.config
	switch {
	case c.StartingPosition != "TRIM_HORIZON" && c.StartingPosition != "LATEST":
		return restjson.Invalid("Unsupported starting position for dynamodb event source: %q; it must be TRIM_HORIZON or LATEST", c.StartingPosition)
	case c.ScalingConfig != nil:
		return restjson.Invalid("ScalingConfig is for SQS event sources only")
	case *c.MaximumRetryAttempts < -1 || *c.MaximumRetryAttempts > 10000:
		return restjson.Invalid("MaximumRetryAttempts %d is not between -1 and 10000", *c.MaximumRetryAttempts)
	case *c.MaximumRecordAgeInSeconds != -1 && (*c.MaximumRecordAgeInSeconds < 60 || *c.MaximumRecordAgeInSeconds > 604800):
		return restjson.Invalid("MaximumRecordAgeInSeconds %d is neither -1 nor between 60 and 604800", *c.MaximumRecordAgeInSeconds)
	case *c.ParallelizationFactor < 1 || *c.ParallelizationFactor > 10:
		return restjson.Invalid("ParallelizationFactor %d is not between 1 and 10", *c.ParallelizationFactor)
	case *c.TumblingWindowInSeconds != 0:
		return restjson.Invalid("the local AWS does not play tumbling windows")
	}
	if err := checkDestination(c.DestinationConfig); err != nil {
		return err
	}
	return s.checkStreamExists(ctx, c.EventSourceArn)
}

func (s *Service) checkStreamExists(ctx context.Context, arn string) error {
	stream, err := s.options.Streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	if err == nil && stream.StreamDescription != nil && !strings.HasSuffix(arn, "/"+aws.ToString(stream.StreamDescription.StreamLabel)) {
		err = errors.New("the table has another stream now")
	}
	if err != nil {
		return restjson.Invalid("Stream not found: %s", arn)
	}
	return nil
}

func checkDestination(config *destinationConfig) error {
	if config == nil || config.OnFailure == nil || config.OnFailure.Destination == "" {
		return nil
	}
	arn := config.OnFailure.Destination
	if kind := kindOf(arn); kind != "sqs" && kind != "sns" {
		return restjson.Invalid("The destination ARN %s is invalid: it must be that of a queue or topic", arn)
	}
	if strings.HasSuffix(arn, ".fifo") {
		return restjson.Invalid("The destination ARN %s is invalid: FIFO queues and topics are not supported", arn)
	}
	return nil
}

// kindOf is the service of an ARN, "" for another text.
func kindOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[2]
	}
	return ""
}
