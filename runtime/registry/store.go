package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxWriteAttempts bounds how often a row is written when others write it as well.
const maxWriteAttempts = 10

// ErrOtherWriter says that another process wrote what only the single writer writes.
// The request must be done again from what is stored now.
var ErrOtherWriter = errors.New("another writer changed the plugin's row meanwhile")

// DynamoDB is the part of the DynamoDB client that the registry needs.
type DynamoDB interface {
	eventlog.Client
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Store is the registry's event log and table. It is safe for concurrent use.
type Store struct {
	client       DynamoDB
	log          *eventlog.Log
	logTable     string
	pluginsTable string
}

// NewStore returns the registry in two tables, given by their physical names.
func NewStore(client DynamoDB, logTable, pluginsTable string) *Store {
	return &Store{client: client, log: eventlog.New(client, logTable, Aggregate), logTable: logTable, pluginsTable: pluginsTable}
}

// Row reads one plugin's row, consistently. A plugin without row has an empty one.
func (s *Store) Row(ctx context.Context, plugin string) (Row, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.pluginsTable, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: plugin}},
	})
	if err != nil {
		return Row{}, fmt.Errorf("read plugin %q from table %s: %w", plugin, s.pluginsTable, err)
	}
	if len(out.Item) == 0 {
		return Row{ID: plugin}, nil
	}
	return decodeRow(out.Item)
}

// Save writes a row that the single writer has changed, and counts its revision up.
// Attempts that connect functions counted meanwhile are kept. It returns
// [ErrOtherWriter] when anything else changed.
func (s *Store) Save(ctx context.Context, row *Row) error {
	for range maxWriteAttempts {
		saved, err := s.put(ctx, row)
		if saved || err != nil {
			return err
		}
		stored, err := s.Row(ctx, row.ID)
		if err != nil {
			return err
		}
		attempts := stored.Attempts - row.Attempts
		if stored.Revision-row.Revision != attempts {
			return fmt.Errorf("write plugin %q to table %s: %w", row.ID, s.pluginsTable, ErrOtherWriter)
		}
		row.Attempts, row.Revision = stored.Attempts, stored.Revision
	}
	return fmt.Errorf("write plugin %q to table %s: given up after %d attempts, too many others write the row; run the deployment again", row.ID, s.pluginsTable, maxWriteAttempts)
}

// CountAttempt counts an attempt to connect a plugin, so that the next nonce differs
// from the one of this attempt, whatever becomes of it.
func (s *Store) CountAttempt(ctx context.Context, plugin string) error {
	for range maxWriteAttempts {
		row, err := s.Row(ctx, plugin)
		if err != nil {
			return err
		}
		row.Deleted = row.Deleted || row.Status == ""
		row.Attempts++
		saved, err := s.put(ctx, &row)
		if saved || err != nil {
			return err
		}
	}
	return fmt.Errorf("count an attempt of plugin %q in table %s: given up after %d attempts, too many others write the row; run the deployment again", plugin, s.pluginsTable, maxWriteAttempts)
}

// put writes a row if its revision is still the stored one.
func (s *Store) put(ctx context.Context, row *Row) (bool, error) {
	next := *row
	next.Revision++
	item, err := next.encode()
	if err != nil {
		return false, fmt.Errorf("write plugin %q: %w", row.ID, err)
	}
	in := &dynamodb.PutItemInput{TableName: &s.pluginsTable, Item: item, ConditionExpression: aws.String("attribute_not_exists(id)")}
	if row.Revision > 0 {
		in.ConditionExpression = aws.String("#revision = :revision")
		in.ExpressionAttributeNames = map[string]string{"#revision": "_revision"}
		in.ExpressionAttributeValues = map[string]types.AttributeValue{":revision": &types.AttributeValueMemberN{Value: fmt.Sprint(row.Revision)}}
	}
	_, err = s.client.PutItem(ctx, in)
	var lost *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &lost):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write plugin %q to table %s: %w", row.ID, s.pluginsTable, err)
	}
	row.Revision = next.Revision
	return true, nil
}

// Append records the event that a request led to.
func (s *Store) Append(ctx context.Context, state State, plugin, request string, e turn.Event) (State, error) {
	commit, err := s.log.Append(ctx, plugin, state.LogVersion, eventlog.Origin{CommandID: request, CorrelationID: request}, []turn.Event{e})
	if err != nil {
		return state, err
	}
	return state.Apply(commit.Recorded(Aggregate)[0])
}

// Fragment reads the connected fragment of a plugin from the log.
func (s *Store) Fragment(ctx context.Context, state State) (string, error) {
	stream, err := s.log.Read(ctx, state.Plugin, state.ConnectedEvent-1)
	if err != nil {
		return "", err
	}
	for _, e := range stream.Events {
		if e.Number == state.ConnectedEvent && e.Type == EventConnected {
			return fragmentOf(e)
		}
	}
	return "", fmt.Errorf("plugin %q: event %d with its schema is not in table %s", state.Plugin, state.ConnectedEvent, s.logTable)
}

// logIDs lists all plugins that have events.
func (s *Store) logIDs(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	err := s.scan(ctx, &dynamodb.ScanInput{TableName: &s.logTable, ProjectionExpression: aws.String("id")}, func(item map[string]types.AttributeValue) error {
		if id, ok := item["id"].(*types.AttributeValueMemberS); ok {
			ids[id.Value] = true
		}
		return nil
	})
	return ids, err
}

// rows reads all rows.
func (s *Store) rows(ctx context.Context) (map[string]*Entry, error) {
	entries := map[string]*Entry{}
	err := s.scan(ctx, &dynamodb.ScanInput{TableName: &s.pluginsTable}, func(item map[string]types.AttributeValue) error {
		row, err := decodeRow(item)
		entries[row.ID] = &Entry{Row: row, State: row.state()}
		return err
	})
	return entries, err
}

// scan reads a whole table, consistently.
func (s *Store) scan(ctx context.Context, in *dynamodb.ScanInput, each func(map[string]types.AttributeValue) error) error {
	in.ConsistentRead = aws.Bool(true)
	pages := dynamodb.NewScanPaginator(s.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("scan table %s: %w", *in.TableName, err)
		}
		for _, item := range page.Items {
			if err := each(item); err != nil {
				return err
			}
		}
	}
	return nil
}
