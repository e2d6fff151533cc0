package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
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
	// livenessTable is empty where heartbeats are not recorded.
	livenessTable string
}

// NewStore returns the registry in its tables, given by their physical names. Without a
// liveness table no heartbeats are recorded, and so no plugin misses one.
func NewStore(client DynamoDB, logTable, pluginsTable, livenessTable string) *Store {
	return &Store{
		client: client, log: eventlog.New(client, logTable, Aggregate),
		logTable: logTable, pluginsTable: pluginsTable, livenessTable: livenessTable,
	}
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

// Rows reads a page of the rows that are not hidden, in no order. token is what the page
// before gave, empty for the first one and after the last.
func (s *Store) Rows(ctx context.Context, token string, limit int) (rows []Row, next string, err error) {
	size := int32(limit)
	in := &dynamodb.ScanInput{TableName: &s.pluginsTable, Limit: &size, FilterExpression: aws.String("attribute_not_exists(#deleted)")}
	in.ExpressionAttributeNames = map[string]string{"#deleted": "_deleted"}
	if token != "" {
		in.ExclusiveStartKey = map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: token}}
	}
	page, err := s.client.Scan(ctx, in)
	if err != nil {
		return nil, "", fmt.Errorf("scan table %s: %w", s.pluginsTable, err)
	}
	for _, item := range page.Items {
		row, err := decodeRow(item)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, row)
	}
	if id, ok := page.LastEvaluatedKey["id"].(*types.AttributeValueMemberS); ok {
		next = id.Value
	}
	return rows, next, nil
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

// Append records the events that a request led to, as one commit of the time now.
func (s *Store) Append(ctx context.Context, state State, request Request, now string, events ...turn.Event) (State, error) {
	origin := eventlog.Origin{CommandID: request.ID, CorrelationID: request.ID, Actor: request.Actor, Time: now}
	commit, err := s.log.Append(ctx, request.Plugin(), state.LogVersion, origin, events)
	if err != nil {
		return state, err
	}
	for _, e := range commit.Recorded(Aggregate) {
		if state, err = state.Apply(e); err != nil {
			return state, err
		}
	}
	return state, nil
}

// Fragment reads the fragment of a plugin's latest revision from the log.
func (s *Store) Fragment(ctx context.Context, state State) (string, error) {
	var data PluginConnected
	if err := s.event(ctx, state.Plugin, state.ConnectedEvent, &data); err != nil {
		return "", err
	}
	return Unpack(data.Fragment)
}

// Resolvers reads from the log the resolvers that were recorded when they were taken
// away; none if there are none.
func (s *Store) Resolvers(ctx context.Context, state State) ([]schemapush.Resolver, error) {
	if state.DetachedEvent == 0 {
		return nil, nil
	}
	var data Operated
	if err := s.event(ctx, state.Plugin, state.DetachedEvent, &data); err != nil {
		return nil, err
	}
	return UnpackResolvers(data.Resolvers)
}

// event reads the data of one event, which is the first of its commit.
func (s *Store) event(ctx context.Context, plugin string, number int64, data any) error {
	stream, _, err := s.log.ReadPage(ctx, plugin, number-1)
	if err != nil {
		return err
	}
	for _, e := range stream.Events {
		if e.Number == number {
			if err := json.Unmarshal(e.Data, data); err != nil {
				return fmt.Errorf("event %d of plugin %q: %w", number, plugin, err)
			}
			return nil
		}
	}
	return fmt.Errorf("plugin %q: event %d is not in table %s", plugin, number, s.logTable)
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
		entries[row.ID] = &Entry{Row: row, State: row.Shown()}
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
