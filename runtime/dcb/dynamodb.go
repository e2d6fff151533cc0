package dcb

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// Client is the part of the DynamoDB client that a DCB log needs.
type Client interface {
	Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// NewDynamoDB returns the store in the DynamoDB table with the physical name table: hash
// key "id" (S), range key "seq" (N).
func NewDynamoDB(client Client, table string) Store { return &dynamoDB{client: client, table: table} }

// dynamoDB is the store in a DynamoDB table.
type dynamoDB struct {
	client Client
	table  string
}

// noItem is the condition of all writes and checks.
const noItem = "attribute_not_exists(id)"

// Read implements [Store] with one Query.
func (s *dynamoDB) Read(ctx context.Context, stream string, after int64, limit int32) ([]eventlog.Commit, bool, error) {
	query := s.query(stream, after)
	if limit > 0 {
		query.Limit = &limit
	}
	page, err := s.client.Query(ctx, query)
	if err != nil {
		return nil, false, s.failed("read stream", stream, err)
	}
	commits := make([]eventlog.Commit, len(page.Items))
	for i, item := range page.Items {
		if commits[i], err = eventlog.DecodeItem(item); err != nil {
			return nil, false, s.failed("read stream", stream, err)
		}
	}
	return commits, page.LastEvaluatedKey != nil, nil
}

// Last implements [Store] with one Query of one item.
func (s *dynamoDB) Last(ctx context.Context, stream string) (Head, error) {
	query := s.query(stream, 0)
	query.ScanIndexForward, query.Limit = aws.Bool(false), aws.Int32(1)
	page, err := s.client.Query(ctx, query)
	if err != nil || len(page.Items) == 0 {
		return Head{}, s.failed("read the last commit of stream", stream, err)
	}
	commit, err := eventlog.DecodeItem(page.Items[0])
	if err != nil {
		return Head{}, s.failed("read the last commit of stream", stream, err)
	}
	return Head{Version: commit.Version(), Position: commit.Position}, nil
}

// query asks for the commits of a stream that follow a version.
func (s *dynamoDB) query(stream string, after int64) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("id = :id AND seq > :after"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":id":    &types.AttributeValueMemberS{Value: stream},
			":after": &types.AttributeValueMemberN{Value: strconv.FormatInt(after, 10)},
		},
	}
}

// Append implements [Store] with one TransactWriteItems.
func (s *dynamoDB) Append(ctx context.Context, t Transaction) error {
	actions := make([]types.TransactWriteItem, 0, t.actions())
	for _, c := range t.Puts {
		actions = append(actions, s.put(eventlog.EncodeItem(c)))
	}
	for _, c := range t.Checks {
		actions = append(actions, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: itemKey(c.Stream, c.Version+1), ConditionExpression: aws.String(noItem),
		}})
	}
	actions = append(actions, s.put(encodeGuard(t.Guard)))
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: actions})
	return s.failed("record command", t.Guard.CommandID, err)
}

// put writes an item that must not be there.
func (s *dynamoDB) put(item map[string]types.AttributeValue) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: item, ConditionExpression: aws.String(noItem)}}
}

// Guard implements [Store] with one GetItem.
func (s *dynamoDB) Guard(ctx context.Context, key string) (Guard, bool, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, ConsistentRead: aws.Bool(true), Key: itemKey(key, guardSeq)})
	if err != nil || len(out.Item) == 0 {
		return Guard{}, false, s.failed("read", key, err)
	}
	guard, err := decodeGuard(out.Item)
	return guard, err == nil, s.failed("read", key, err)
}

// failed turns an error of the client into one of the store; nil stays nil.
func (s *dynamoDB) failed(what, subject string, err error) error {
	var cancelled *types.TransactionCanceledException
	var refused smithy.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &cancelled):
		err = cancelledError(cancelled)
	case errors.As(err, &refused) && throttled[refused.ErrorCode()]:
		err = fmt.Errorf("%w: %w", ErrThrottled, err)
	}
	return fmt.Errorf("table %s: %s %q: %w", s.table, what, subject, err)
}

// throttled are the error codes that say that the request had no effect and may have one
// later (developer guide, "Error messages and codes"). TransactionInProgressException is
// that of a request which the client repeated while it was at work; the guard makes one
// more repetition safe.
var throttled = map[string]bool{
	"ProvisionedThroughputExceededException": true,
	"RequestLimitExceeded":                   true,
	"ThrottlingException":                    true,
	"TransactionInProgressException":         true,
}

// cancelledError is DynamoDB's cancellation as the store's.
func cancelledError(e *types.TransactionCanceledException) error {
	reasons := make([]string, len(e.CancellationReasons))
	for i, reason := range e.CancellationReasons {
		if reasons[i] = aws.ToString(reason.Code); reasons[i] == "" {
			reasons[i] = ReasonNone
		}
	}
	return errors.Join(&CancelledError{Reasons: reasons}, e)
}
