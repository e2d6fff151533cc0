package eventsource

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

const (
	// maxReaders is how many mappings may read one stream. On AWS further ones slow
	// all down; here they wait until one has gone, and say so.
	maxReaders = 2
	// getRecordsLimit is the most records that one request answers.
	getRecordsLimit = 1000
)

// streamPoller polls the stream of one table. It keeps the sequence number of the
// last record that was dealt with and takes a fresh iterator for each poll, since
// moto's iterators do not survive a failed transaction.
type streamPoller struct {
	*mapping
	shard  string
	warned bool
}

func (p *streamPoller) run(ctx context.Context) {
	pause := minIdlePoll
	for p.awaitFunction(ctx) {
		worked, err := p.poll(ctx)
		if err != nil && ctx.Err() == nil {
			p.report("PROBLEM: " + err.Error())
			p.shard = ""
		}
		if worked {
			pause = minIdlePoll
			continue
		}
		var goOn bool
		if pause, goOn = p.idle(ctx, pause); !goOn {
			return
		}
	}
}

// poll deals with the next batch; false says that there was none.
func (p *streamPoller) poll(ctx context.Context) (bool, error) {
	if !p.mayRead() {
		return false, errors.New("this stream has two readers already; a third one would be throttled on AWS, so it waits")
	}
	if err := p.permitRead(ctx); err != nil {
		return false, err
	}
	if err := p.begin(ctx); err != nil {
		return false, err
	}
	batch, err := p.collect(ctx)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	last := aws.ToString(batch[len(batch)-1].Dynamodb.SequenceNumber)
	if !p.process(ctx, p.match(batch)) {
		return false, nil
	}
	p.checkpoint(last) // also past what the filter criteria left out
	return true, nil
}

// checkpoint sets the position: what follows a sequence number is read next.
func (p *streamPoller) checkpoint(last string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.position = last
}

// done moves the checkpoint behind records that were accepted or given up, so that
// they are not delivered again when polling ends before the rest of their batch.
func (p *streamPoller) done(records []map[string]any) {
	if len(records) > 0 {
		p.checkpoint(sequence(records[len(records)-1]))
	}
}

func (p *streamPoller) mayRead() bool {
	before := 0
	for _, m := range p.service.ordered() {
		if m.source == p.source && m.number < p.number && m.isEnabled() {
			before++
		}
	}
	if before >= maxReaders && !p.warned {
		p.warned = true
		p.service.options.Logger.Warn("a third event source mapping on one stream waits: AWS would throttle it", "mapping", p.uuid, "table", p.source.name)
	}
	return before < maxReaders
}

// begin finds the stream's shard and, for LATEST, its end.
func (p *streamPoller) begin(ctx context.Context) error {
	if p.shard == "" {
		stream, err := p.service.options.Streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &p.arn})
		if err != nil {
			return fmt.Errorf("describe the stream: %w", err)
		}
		if len(stream.StreamDescription.Shards) == 0 {
			return errors.New("the stream has no shard")
		}
		p.shard = aws.ToString(stream.StreamDescription.Shards[0].ShardId)
	}
	if !p.latest {
		return nil
	}
	end, err := p.end(ctx)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.position, p.latest = end, false
	return nil
}

// end is the sequence number of the stream's last record.
func (p *streamPoller) end(ctx context.Context) (string, error) {
	position := ""
	for {
		records, err := p.records(ctx, position, getRecordsLimit)
		if err != nil || len(records) == 0 {
			return position, err
		}
		position = aws.ToString(records[len(records)-1].Dynamodb.SequenceNumber)
	}
}

// collect reads the records after the position: what is there, or what comes within
// the batching window.
func (p *streamPoller) collect(ctx context.Context) ([]types.Record, error) {
	config, _ := p.settings()
	p.mutex.Lock()
	position := p.position
	p.mutex.Unlock()
	batch, err := p.records(ctx, position, config.BatchSize)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	end := time.Now().Add(time.Duration(config.MaximumBatchingWindowInSeconds) * time.Second)
	for len(batch) < config.BatchSize && time.Now().Before(end) && ctx.Err() == nil {
		p.idleUntil(ctx, end)
		more, err := p.records(ctx, aws.ToString(batch[len(batch)-1].Dynamodb.SequenceNumber), config.BatchSize-len(batch))
		if err != nil {
			break // what was read is dealt with first
		}
		batch = append(batch, more...)
	}
	return batch, nil
}

func (p *streamPoller) records(ctx context.Context, position string, count int) (records []types.Record, err error) {
	input := &dynamodbstreams.GetShardIteratorInput{StreamArn: &p.arn, ShardId: &p.shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if position != "" {
		input.ShardIteratorType, input.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &position
	}
	err = p.service.options.Exclusive(ctx, func(ctx context.Context) error {
		iterator, err := p.service.options.Streams.GetShardIterator(ctx, input)
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
		output, err := p.service.options.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator, Limit: aws.Int32(int32(min(count, getRecordsLimit)))})
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
		records = output.Records
		return nil
	})
	return records, err
}

// match shapes the records that the filter criteria take. Writes that changed
// nothing are passed over: AWS makes no records of them.
func (p *streamPoller) match(batch []types.Record) []map[string]any {
	config, filters := p.settings()
	var records []map[string]any
	for _, record := range batch {
		if record.Dynamodb.OldImage != nil && record.Dynamodb.NewImage != nil && reflect.DeepEqual(record.Dynamodb.OldImage, record.Dynamodb.NewImage) {
			continue
		}
		if shaped := streamRecord(record, config.EventSourceArn, p.service.options.Region); filters.match(shaped) {
			records = append(records, shaped)
		}
	}
	return records
}
