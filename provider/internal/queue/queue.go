// Package queue makes the SQS queues, each with its dead-letter queue and encrypted.
package queue

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

const (
	// maxReceives is how often a message is tried before it goes to the dead-letter
	// queue; AWS advises at least 5 for queues that Lambda reads. The engine knows the
	// number too: it says of an asynchronous command that it failed with the last one.
	maxReceives = 5
	// retention is SQS's maximum, 14 days in seconds. In a standard queue's dead-letter
	// queue a message is as old as it was, so all queues keep theirs that long.
	retention = 14 * 24 * 60 * 60
	// visibilityFactor times the function's timeout is how long a message stays
	// invisible, as AWS advises for queues that Lambda reads.
	visibilityFactor = 6
	// serialGrace is how much longer, in seconds, a message of a serial queue stays
	// invisible than its reader may run.
	serialGrace = 60
)

// Queue is a queue.
type Queue struct {
	Name     string
	ARN      pulumi.StringOutput
	URL      pulumi.StringOutput
	Resource pulumi.Resource
	// DeadLetter takes what could not be processed; nil for a queue that is one.
	DeadLetter *Queue
}

// FIFOName is the physical name of a part's FIFO queue.
func FIFOName(owner component.Owner, part string) string {
	return owner.Physical(naming.FIFOQueue, part)
}

// NewFIFO makes a FIFO queue, read by a function with this timeout in seconds, and its
// dead-letter queue. Messages are ordered and deduplicated per group.
func NewFIFO(ctx *pulumi.Context, owner component.Owner, part string, timeout int) (*Queue, error) {
	return newFIFO(ctx, owner, part, visibilityFactor*timeout)
}

// NewSerialFIFO is [NewFIFO] for a queue with one message group. Its reader is never
// throttled by itself, so messages need not stay invisible for long; and they should
// not, for those of a reader that was killed hold up all others until then.
func NewSerialFIFO(ctx *pulumi.Context, owner component.Owner, part string, timeout int) (*Queue, error) {
	return newFIFO(ctx, owner, part, timeout+serialGrace)
}

func newFIFO(ctx *pulumi.Context, owner component.Owner, part string, visibility int) (*Queue, error) {
	fifo := func(args *sqs.QueueArgs) *sqs.QueueArgs {
		args.FifoQueue = pulumi.Bool(true)
		args.DeduplicationScope = pulumi.String("messageGroup")
		args.FifoThroughputLimit = pulumi.String("perMessageGroupId")
		return args
	}
	return pair(ctx, owner, part, naming.FIFOQueue, visibility, fifo)
}

// NewStandard makes a standard queue, read by a function with this timeout in seconds,
// and its dead-letter queue.
func NewStandard(ctx *pulumi.Context, owner component.Owner, part string, timeout int) (*Queue, error) {
	return pair(ctx, owner, part, naming.Queue, visibilityFactor*timeout, func(args *sqs.QueueArgs) *sqs.QueueArgs { return args })
}

// NewDeadLetter makes a standard queue without a reader, for the records that a stream's
// reader gave up.
func NewDeadLetter(ctx *pulumi.Context, owner component.Owner, part string) (*Queue, error) {
	return deadLetter(ctx, owner, part, naming.Queue, func(args *sqs.QueueArgs) *sqs.QueueArgs { return args })
}

func pair(ctx *pulumi.Context, owner component.Owner, part string, kind naming.Kind, visibility int, shape func(*sqs.QueueArgs) *sqs.QueueArgs) (*Queue, error) {
	dead, err := deadLetter(ctx, owner, part+"-dead-letter", kind, shape)
	if err != nil {
		return nil, err
	}
	redrive := pulumi.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":%d}`, dead.ARN, maxReceives)
	queue, err := create(ctx, owner, part, kind, shape(&sqs.QueueArgs{
		VisibilityTimeoutSeconds: pulumi.Int(visibility),
		RedrivePolicy:            redrive,
	}))
	if err != nil {
		return nil, err
	}
	queue.DeadLetter = dead
	return queue, nil
}

func deadLetter(ctx *pulumi.Context, owner component.Owner, part string, kind naming.Kind, shape func(*sqs.QueueArgs) *sqs.QueueArgs) (*Queue, error) {
	return create(ctx, owner, part, kind, shape(&sqs.QueueArgs{}))
}

func create(ctx *pulumi.Context, owner component.Owner, part string, kind naming.Kind, args *sqs.QueueArgs) (*Queue, error) {
	name := owner.Physical(kind, part)
	args.Name = pulumi.String(name)
	args.MessageRetentionSeconds = pulumi.Int(retention)
	args.SqsManagedSseEnabled = pulumi.Bool(true)
	args.Tags = owner.TagsOf(part)
	resource, err := sqs.NewQueue(ctx, owner.Logical(part), args, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the queue %s: %w", part, err)
	}
	return &Queue{Name: name, ARN: resource.Arn, URL: resource.Url, Resource: resource}, nil
}

// AdmitTopic lets a topic send to the queue.
func (q *Queue) AdmitTopic(ctx *pulumi.Context, owner component.Owner, part string, topic pulumi.StringInput) (pulumi.Resource, error) {
	return q.admit(ctx, owner, part, iam.Sender{Service: iam.SNS, Source: topic})
}

// AdmitBuckets lets buckets of the same account, whose ARNs do not name it, send to the
// queue. A queue has one policy, so all of its buckets come at once.
func (q *Queue) AdmitBuckets(ctx *pulumi.Context, owner component.Owner, part string, buckets ...pulumi.StringInput) (pulumi.Resource, error) {
	account := q.ARN.ApplyT(naming.Account).(pulumi.StringOutput)
	senders := make([]iam.Sender, len(buckets))
	for i, bucket := range buckets {
		senders[i] = iam.Sender{Service: iam.S3, Source: bucket, Account: account}
	}
	return q.admit(ctx, owner, part, senders...)
}

func (q *Queue) admit(ctx *pulumi.Context, owner component.Owner, part string, senders ...iam.Sender) (pulumi.Resource, error) {
	policy, err := sqs.NewQueuePolicy(ctx, owner.Logical(part), &sqs.QueuePolicyArgs{
		QueueUrl: q.URL,
		Policy:   iam.SendTo(q.ARN, senders...),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the policy of the queue %s: %w", part, err)
	}
	return policy, nil
}

// AllowReceive allows an event source mapping to read the queue.
func (q *Queue) AllowReceive() iam.Statement {
	return iam.Allow(iam.On(q.ARN), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
}

// AllowDelay allows the reader to say when messages that it hands back are due again.
func (q *Queue) AllowDelay() iam.Statement {
	return iam.Allow(iam.On(q.ARN), "sqs:ChangeMessageVisibility")
}

// AllowSend allows to send to the queue.
func (q *Queue) AllowSend() iam.Statement {
	return iam.Allow(iam.On(q.ARN), "sqs:SendMessage")
}
