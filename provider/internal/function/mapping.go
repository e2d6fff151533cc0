package function

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/table"
)

// Batches of queues.
const (
	// Together is the largest batch of a FIFO queue, for messages that are quickly done.
	Together = 10
	// Singly is for messages of which each may take the function's whole time.
	Singly = 1
)

// streamBatch is the largest batch of a table's stream, Lambda's default.
const streamBatch = 100

// ReadQueue lets the function read a queue, with answers per message.
func (f *Function) ReadQueue(ctx *pulumi.Context, owner component.Owner, part string, from *queue.Queue, batch int) (pulumi.Resource, error) {
	return f.mapping(ctx, owner, part, &lambda.EventSourceMappingArgs{
		EventSourceArn: from.ARN,
		BatchSize:      pulumi.Int(batch),
	})
}

// Stream is a way to read a table's stream.
type Stream struct {
	// filter selects the records.
	filter string
	// retries bounds how often a batch is tried again: without a bound one record would
	// block its shard for a day. What is given up goes to a queue.
	retries int
	// halve says that a batch is halved when the function fails, to get at the record
	// that it fails with.
	halve bool
}

// The ways to read a table's stream.
var (
	// Events are new items: an event log has no other ones that matter. A read model
	// catches up from the log with the next event of the same id.
	Events = Stream{filter: `{"eventName":["INSERT"]}`, retries: 5, halve: true}
	// ToDos are to-do rows. Nothing else would bring up one that is given up here.
	ToDos = Stream{filter: written, retries: 10, halve: true}
	// Changes are rows of read models, announced to subscribers. The function answers
	// record by record, so there is nothing to halve.
	Changes = Stream{filter: written, retries: 5}
)

// written selects the records of rows that were written: those that were deleted lead to
// nothing.
const written = `{"eventName":["INSERT","MODIFY"]}`

// ReadStream lets the function read a table's stream from its beginning, with answers
// per record.
func (f *Function) ReadStream(ctx *pulumi.Context, owner component.Owner, part string, from *table.Table, failures *queue.Queue, how Stream) (pulumi.Resource, error) {
	f.ReadsStreams = true
	return f.mapping(ctx, owner, part, &lambda.EventSourceMappingArgs{
		EventSourceArn: from.StreamARN,
		// Polling starts a while after the mapping was created; LATEST would lose the
		// records of that while.
		StartingPosition:           pulumi.String("TRIM_HORIZON"),
		BatchSize:                  pulumi.Int(streamBatch),
		BisectBatchOnFunctionError: pulumi.Bool(how.halve),
		MaximumRetryAttempts:       pulumi.Int(how.retries),
		DestinationConfig: &lambda.EventSourceMappingDestinationConfigArgs{
			OnFailure: &lambda.EventSourceMappingDestinationConfigOnFailureArgs{DestinationArn: failures.ARN},
		},
		FilterCriteria: &lambda.EventSourceMappingFilterCriteriaArgs{
			Filters: lambda.EventSourceMappingFilterCriteriaFilterArray{
				lambda.EventSourceMappingFilterCriteriaFilterArgs{Pattern: pulumi.String(how.filter)},
			},
		},
	})
}

func (f *Function) mapping(ctx *pulumi.Context, owner component.Owner, part string, args *lambda.EventSourceMappingArgs) (pulumi.Resource, error) {
	args.FunctionName = f.ARN
	args.FunctionResponseTypes = pulumi.StringArray{pulumi.String("ReportBatchItemFailures")}
	args.Tags = owner.TagsOf(part)
	resource, err := lambda.NewEventSourceMapping(ctx, owner.Logical(part), args, owner.Child(pulumi.DependsOn(f.Ready)))
	if err != nil {
		return nil, fmt.Errorf("the event source mapping %s: %w", part, err)
	}
	return resource, nil
}
