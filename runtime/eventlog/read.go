package eventlog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Read returns the events of an id whose numbers are greater than after; 0 reads all.
// The read is strongly consistent and follows DynamoDB's pages of 1 MB. The returned
// stream's Version is after when there is nothing newer. after must be 0 or the version
// of a commit: the events of one commit are only read together.
func (l *Log) Read(ctx context.Context, id string, after int64) (Stream, error) {
	stream := Stream{ID: id, Version: after, Events: []turn.RecordedEvent{}}
	if err := l.readInto(ctx, &stream); err != nil {
		return Stream{}, err
	}
	return stream, nil
}

// ReadPage is [Log.Read] for a history of any length: it returns no more than one page
// of DynamoDB (1 MB), and whether there are newer events than these. There is at least
// one commit when there are.
func (l *Log) ReadPage(ctx context.Context, id string, after int64) (stream Stream, more bool, err error) {
	stream = Stream{ID: id, Version: after, Events: []turn.RecordedEvent{}}
	pages := dynamodb.NewQueryPaginator(l.client, l.query(id, after))
	for pages.HasMorePages() && len(stream.Commits) == 0 {
		if err := l.readPage(ctx, pages, &stream); err != nil {
			return Stream{}, false, err
		}
	}
	return stream, pages.HasMorePages(), nil
}

// readInto extends a stream by the commits that follow its version.
func (l *Log) readInto(ctx context.Context, stream *Stream) error {
	pages := dynamodb.NewQueryPaginator(l.client, l.query(stream.ID, stream.Version))
	for pages.HasMorePages() {
		if err := l.readPage(ctx, pages, stream); err != nil {
			return err
		}
	}
	return nil
}

// catchUp brings a stream up to date for a decision: one that is empty from the newest
// snapshot on, if the log keeps snapshots.
func (l *Log) catchUp(ctx context.Context, stream *Stream) error {
	if l.snapshotEvery > 0 && stream.Version == 0 {
		return l.readBack(ctx, stream)
	}
	return l.readInto(ctx, stream)
}

// readPage extends a stream by the commits of one page.
func (l *Log) readPage(ctx context.Context, pages *dynamodb.QueryPaginator, stream *Stream) error {
	page, err := pages.NextPage(ctx)
	if err != nil {
		return l.readError(stream.ID, err)
	}
	for _, item := range page.Items {
		commit, err := l.decode(item)
		if err == nil {
			err = l.next(stream, commit)
		}
		if err != nil {
			return l.readError(stream.ID, err)
		}
		if item[attrSnapshot] != nil {
			stream.stored = stream.Version
		}
	}
	return nil
}

// next extends a stream by the commit that must follow it.
func (l *Log) next(stream *Stream, commit Commit) error {
	if commit.Seq != stream.Version+1 {
		return fmt.Errorf("event %d is missing, the next commit starts with %d", stream.Version+1, commit.Seq)
	}
	stream.extend(l.component, commit)
	return nil
}

// readError says what could not be read.
func (l *Log) readError(id string, err error) error {
	return fmt.Errorf("read the events of %s %q from table %s: %w", l.component, id, l.table, err)
}

// decode reads a commit of this log.
func (l *Log) decode(item map[string]types.AttributeValue) (Commit, error) {
	commit, err := DecodeItem(item)
	if err != nil {
		return Commit{}, err
	}
	commit.ID = strings.TrimPrefix(commit.ID, l.prefix)
	return commit, nil
}

// query asks for the commits of an id that follow a version.
func (l *Log) query(id string, after int64) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:              &l.table,
		ConsistentRead:         aws.Bool(true),
		KeyConditionExpression: aws.String("id = :id AND seq > :after"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":id":    &types.AttributeValueMemberS{Value: l.prefix + id},
			":after": &types.AttributeValueMemberN{Value: strconv.FormatInt(after, 10)},
		},
	}
}
