package function

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
)

const (
	// queueBatch is the largest batch of a FIFO queue.
	queueBatch = 10
	// streamBatch is the largest batch of a table's stream, Lambda's default.
	streamBatch = 100
	// streamRetries bounds how often a batch is tried again: without a bound one record
	// would block its shard for a day. What is given up goes to a queue, and a read
	// model catches up from the log with the next event of the same id.
	streamRetries = 5
)

// insertsOnly selects the records of new items: an event log has no other ones that
// matter.
const insertsOnly = `{"eventName":["INSERT"]}`

// ReadQueue lets the function read a queue, with answers per message.
func (f *Function) ReadQueue(ctx *pulumi.Context, owner component.Owner, part string, from *queue.Queue) (pulumi.Resource, error) {
	return f.mapping(ctx, owner, part, &lambda.EventSourceMappingArgs{
		EventSourceArn: from.ARN,
		BatchSize:      pulumi.Int(queueBatch),
	})
}

// ReadStream lets the function read a table's stream from its beginning, with answers
// per record. Batches that fail are halved, tried again, and given up to a queue.
func (f *Function) ReadStream(ctx *pulumi.Context, owner component.Owner, part string, from *table.Table, failures *queue.Queue) (pulumi.Resource, error) {
	return f.mapping(ctx, owner, part, &lambda.EventSourceMappingArgs{
		EventSourceArn: from.StreamARN,
		// Polling starts a while after the mapping was created; LATEST would lose the
		// records of that while.
		StartingPosition:           pulumi.String("TRIM_HORIZON"),
		BatchSize:                  pulumi.Int(streamBatch),
		BisectBatchOnFunctionError: pulumi.Bool(true),
		MaximumRetryAttempts:       pulumi.Int(streamRetries),
		DestinationConfig: &lambda.EventSourceMappingDestinationConfigArgs{
			OnFailure: &lambda.EventSourceMappingDestinationConfigOnFailureArgs{DestinationArn: failures.ARN},
		},
		FilterCriteria: &lambda.EventSourceMappingFilterCriteriaArgs{
			Filters: lambda.EventSourceMappingFilterCriteriaFilterArray{
				lambda.EventSourceMappingFilterCriteriaFilterArgs{Pattern: pulumi.String(insertsOnly)},
			},
		},
	})
}

func (f *Function) mapping(ctx *pulumi.Context, owner component.Owner, part string, args *lambda.EventSourceMappingArgs) (pulumi.Resource, error) {
	args.FunctionName = f.ARN
	args.FunctionResponseTypes = pulumi.StringArray{pulumi.String("ReportBatchItemFailures")}
	args.Tags = owner.Tags
	resource, err := lambda.NewEventSourceMapping(ctx, owner.Logical(part), args, owner.Child(pulumi.DependsOn(f.Ready)))
	if err != nil {
		return nil, fmt.Errorf("the event source mapping %s: %w", part, err)
	}
	return resource, nil
}
