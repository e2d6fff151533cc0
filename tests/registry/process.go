package registry

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/admin"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

// latency is how long a request of the admin function to AWS takes.
const latency = 10 * time.Millisecond

var (
	errKilled = errors.New("the process was killed")
	errFault  = errors.New("a fault of the service")
)

// process is what one process of the admin function sees of AWS. It can be killed at any
// of its requests, before or after the request's effect; none of its later requests has one.
type process struct {
	mu sync.Mutex
	// left counts down to the request at which something happens, 0 for never.
	left        int
	after, kill bool
	dead        bool
	// shown is after how many seconds the messages come back, as the function said.
	shown    bool
	seconds  int32
	requests int
}

// arm lets the process be killed, or one of its requests fail.
func (p *process) arm(at int, after, kill bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.after, p.kill = at, after, kill
}

// now says what happens at a request.
func (p *process) now() (before, after error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if p.dead {
		return errKilled, nil
	}
	p.left--
	if p.left != 0 {
		return nil, nil
	}
	err := errFault
	if p.kill {
		p.dead, err = true, errKilled
	}
	if p.after {
		return nil, err
	}
	return err, nil
}

func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// request makes a request of the process.
func request[I, O, P any](ctx context.Context, p *process, in *I, call func(context.Context, *I, ...func(*P)) (*O, error)) (*O, error) {
	before, after := p.now()
	if before != nil {
		return nil, before
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	time.Sleep(latency)
	out, err := call(ctx, in)
	if after != nil {
		return nil, after
	}
	return out, err
}

// database is DynamoDB as a process sees it.
type database struct {
	p  *process
	db *eventlogtest.DynamoDB
}

func (d database) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return request(ctx, d.p, in, d.db.Query)
}

func (d database) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return request(ctx, d.p, in, d.db.PutItem)
}

func (d database) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return request(ctx, d.p, in, d.db.GetItem)
}

func (d database) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return request(ctx, d.p, in, d.db.Scan)
}

// graph is AppSync as a process sees it.
type graph struct {
	p      *process
	api    *schemapushtest.AppSync
	tamper func(string) string
}

func (g graph) GetIntrospectionSchema(ctx context.Context, in *appsync.GetIntrospectionSchemaInput, _ ...func(*appsync.Options)) (*appsync.GetIntrospectionSchemaOutput, error) {
	return request(ctx, g.p, in, g.api.GetIntrospectionSchema)
}

func (g graph) StartSchemaCreation(ctx context.Context, in *appsync.StartSchemaCreationInput, _ ...func(*appsync.Options)) (*appsync.StartSchemaCreationOutput, error) {
	if g.tamper != nil {
		in.Definition = []byte(g.tamper(string(in.Definition)))
	}
	return request(ctx, g.p, in, g.api.StartSchemaCreation)
}

func (g graph) GetSchemaCreationStatus(ctx context.Context, in *appsync.GetSchemaCreationStatusInput, _ ...func(*appsync.Options)) (*appsync.GetSchemaCreationStatusOutput, error) {
	return request(ctx, g.p, in, g.api.GetSchemaCreationStatus)
}

func (g graph) GetResolver(ctx context.Context, in *appsync.GetResolverInput, _ ...func(*appsync.Options)) (*appsync.GetResolverOutput, error) {
	return request(ctx, g.p, in, g.api.GetResolver)
}

func (g graph) CreateResolver(ctx context.Context, in *appsync.CreateResolverInput, _ ...func(*appsync.Options)) (*appsync.CreateResolverOutput, error) {
	return request(ctx, g.p, in, g.api.CreateResolver)
}

func (g graph) UpdateResolver(ctx context.Context, in *appsync.UpdateResolverInput, _ ...func(*appsync.Options)) (*appsync.UpdateResolverOutput, error) {
	return request(ctx, g.p, in, g.api.UpdateResolver)
}

func (g graph) DeleteResolver(ctx context.Context, in *appsync.DeleteResolverInput, _ ...func(*appsync.Options)) (*appsync.DeleteResolverOutput, error) {
	return request(ctx, g.p, in, g.api.DeleteResolver)
}

func (g graph) CreateDataSource(ctx context.Context, in *appsync.CreateDataSourceInput, _ ...func(*appsync.Options)) (*appsync.CreateDataSourceOutput, error) {
	return request(ctx, g.p, in, g.api.CreateDataSource)
}

// messages is SQS as a process sees it.
type messages struct {
	p *process
	c *cloud
}

func (m messages) SendMessage(ctx context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return request(ctx, m.p, in, m.send)
}

func (m messages) send(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if *in.QueueUrl == sweepURL {
		m.c.delay(*in.MessageBody, time.Duration(in.DelaySeconds)*time.Second)
		return &sqs.SendMessageOutput{}, nil
	}
	return queueClient{m.c.fifo}.SendMessage(context.Background(), in)
}

func (m messages) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return request(ctx, m.p, in, m.change)
}

func (m messages) change(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	m.p.mu.Lock()
	defer m.p.mu.Unlock()
	m.p.shown, m.p.seconds = true, in.Entries[0].VisibilityTimeout
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// noTopics is SNS for plugins without extensions: nothing may be asked of it.
type noTopics struct{ admin.Topics }
