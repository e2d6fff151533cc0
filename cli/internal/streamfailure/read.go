package streamfailure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// Streams is the part of the DynamoDB Streams client that is needed.
type Streams interface {
	GetShardIterator(ctx context.Context, in *dynamodbstreams.GetShardIteratorInput, opts ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(ctx context.Context, in *dynamodbstreams.GetRecordsInput, opts ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// retention is how long records are in a stream. Older ones go at any time.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
const retention = 24 * time.Hour

// maxPages bounds the requests for the records of one failure. Pages may be empty before
// the end of a shard.
const maxPages = 100

// errGone says that the records are no longer in the stream.
var errGone = errors.New("the records are no longer in the stream")

// fromStream reads the records of a failure from the stream; [errGone] when not all of
// them are there.
func (r *Repeater) fromStream(ctx context.Context, f Failure) ([]record, error) {
	opened, err := r.Streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &f.StreamARN, ShardId: &f.ShardID, SequenceNumber: &f.First,
		ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber,
	})
	if err != nil {
		return nil, streamError(f, err)
	}
	var records []record
	for iterator, page := opened.ShardIterator, 0; iterator != nil && page < maxPages; page++ {
		out, err := r.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			return nil, streamError(f, err)
		}
		for _, raw := range out.Records {
			sequence := aws.ToString(raw.Dynamodb.SequenceNumber)
			if len(records) == 0 && sequence != f.First {
				return nil, errGone
			}
			made, err := f.streamRecord(raw)
			if err != nil {
				return nil, err
			}
			if records = append(records, made); sequence == f.Last {
				return records, nil
			}
		}
		iterator = out.NextShardIterator
	}
	return nil, errGone
}

func (f Failure) streamRecord(raw types.Record) (record, error) {
	item, err := attributevalue.FromDynamoDBStreamsMap(raw.Dynamodb.NewImage)
	if err != nil {
		return record{}, fmt.Errorf("read a record of the stream of table %s: %w", f.Table(), err)
	}
	created := int64(0)
	if raw.Dynamodb.ApproximateCreationDateTime != nil {
		created = raw.Dynamodb.ApproximateCreationDateTime.Unix()
	}
	return f.newRecord(string(raw.EventName), aws.ToString(raw.Dynamodb.SequenceNumber), created, item)
}

// streamError tells that records are gone from other errors.
func streamError(f Failure, err error) error {
	var trimmed *types.TrimmedDataAccessException
	var missing *types.ResourceNotFoundException
	var expired *types.ExpiredIteratorException
	if errors.As(err, &trimmed) || errors.As(err, &missing) || errors.As(err, &expired) {
		return errGone
	}
	return fmt.Errorf("read the stream of table %s: %w", f.Table(), err)
}
