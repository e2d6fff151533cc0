// Package eventlogtest is the part of DynamoDB that event logs and read models use,
// in memory, for tests.
//
//  1. [New] makes a database with tables of the hash key "id" (S) and, if said so,
//     the range key "seq" (N).
//  2. [DynamoDB] has the methods of the AWS client: GetItem, PutItem, DeleteItem,
//     Query, Scan, UpdateItem and TransactWriteItems, with conditions, filters and
//     pages. What it does not understand is an error, never ignored.
//  3. Every request is counted, may be delayed, and may be made to fail by a hook.
//  4. Every write is kept as a stream record, so that a test can hand the records to
//     a function as Lambda would.
package eventlogtest

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is an item as the AWS client has it.
type Item = map[string]types.AttributeValue

// Table describes one table.
type Table struct {
	Name string
	// Log says that the table is an event log: it has the range key "seq".
	Log bool
}

// DynamoDB is a database in memory. It is safe for concurrent use. Set the fields
// before the first request.
type DynamoDB struct {
	// PageSize is the number of items after which a page of Query or Scan ends; 0
	// means that there is one page only.
	PageSize int
	// Latency is how long each request takes, half of it before its effect.
	Latency time.Duration
	// Before is called at the start of each request; its error is the request's.
	Before func(operation, table string) error
	// After is called when a request has had its effect; its error is the request's,
	// as if the answer had been lost.
	After func(operation, table string) error

	mu       sync.Mutex
	tables   map[string]*table
	requests map[string]int
	writes   int
}

// table holds the items of a table by key and its stream.
type table struct {
	Table
	items   map[string]Item
	records []events.DynamoDBEventRecord
}

// New returns a database with empty tables.
func New(tables ...Table) *DynamoDB {
	db := &DynamoDB{tables: map[string]*table{}, requests: map[string]int{}}
	for _, t := range tables {
		db.tables[t.Name] = &table{Table: t, items: map[string]Item{}}
	}
	return db
}

// Requests counts the requests so far, by operation.
func (db *DynamoDB) Requests() map[string]int {
	db.mu.Lock()
	defer db.mu.Unlock()
	return maps.Clone(db.requests)
}

// Items returns all items of a table in the order of their keys.
func (db *DynamoDB) Items(name string) []Item {
	db.mu.Lock()
	defer db.mu.Unlock()
	t := db.tables[name]
	items := make([]Item, 0, len(t.items))
	for _, key := range slices.Sorted(maps.Keys(t.items)) {
		items = append(items, maps.Clone(t.items[key]))
	}
	return items
}

// Records returns the stream records of a table, oldest first, with new images only.
func (db *DynamoDB) Records(name string) []events.DynamoDBEventRecord {
	db.mu.Lock()
	defer db.mu.Unlock()
	return slices.Clone(db.tables[name].records)
}

// StreamARN is the ARN of a table's stream.
func StreamARN(name string) string {
	return "arn:aws:dynamodb:eu-central-1:123456789012:table/" + name + "/stream/2026-01-01T00:00:00.000"
}

// request does what every request begins with and ends with.
func (db *DynamoDB) request(operation string, name *string, effect func(t *table) error) error {
	table := aws.ToString(name)
	if db.Before != nil {
		if err := db.Before(operation, table); err != nil {
			return err
		}
	}
	time.Sleep(db.Latency / 2)
	err := db.effect(operation, table, effect)
	time.Sleep(db.Latency / 2)
	if err == nil && db.After != nil {
		err = db.After(operation, table)
	}
	return err
}

// effect counts the request and applies it.
func (db *DynamoDB) effect(operation, name string, effect func(t *table) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.requests[operation]++
	t, ok := db.tables[name]
	if !ok {
		return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Table: " + name + " not found")}
	}
	return effect(t)
}

// key is the text under which an item is kept; keys sort as DynamoDB sorts them.
func (t *table) key(item Item) (string, error) {
	id, ok := item["id"].(*types.AttributeValueMemberS)
	if !ok || id.Value == "" {
		return "", fmt.Errorf("ValidationException: table %s: the key attribute id must be a non-empty string", t.Name)
	}
	if !t.Log {
		return id.Value, nil
	}
	seq, ok := item["seq"].(*types.AttributeValueMemberN)
	if !ok {
		return "", fmt.Errorf("ValidationException: table %s: the key attribute seq must be a number", t.Name)
	}
	return fmt.Sprintf("%s\x00%020s", id.Value, seq.Value), nil
}

// record adds a stream record.
func (db *DynamoDB) record(t *table, eventName string, image Item) {
	db.writes++
	record := events.DynamoDBEventRecord{
		EventID: fmt.Sprintf("event-%d", db.writes), EventName: eventName, EventSource: "aws:dynamodb",
		EventVersion: "1.1", AWSRegion: "eu-central-1", EventSourceArn: StreamARN(t.Name),
	}
	record.Change.SequenceNumber = fmt.Sprintf("%021d", db.writes)
	record.Change.StreamViewType = "NEW_IMAGE"
	record.Change.NewImage = toStream(image)
	t.records = append(t.records, record)
}
