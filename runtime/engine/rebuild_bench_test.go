package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The benchmark's read model: rebuildRows rows of rebuildEvents events each, rebuildBatch
// of which an invocation works on.
const (
	rebuildRows   = 1000
	rebuildEvents = 10
	rebuildBatch  = 100
)

// rebuildTables are one event log and the tables of rows. Conditions always hold: nobody
// else writes. Unlike the one of the tests it finds an item without looking at all others.
type rebuildTables struct {
	DynamoDB
	latency time.Duration
	log     map[string][]map[string]types.AttributeValue
	rows    sync.Map
}

func (d *rebuildTables) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	time.Sleep(d.latency)
	if in.ExpressionAttributeValues[":after"].(*types.AttributeValueMemberN).Value != "0" {
		return &dynamodb.QueryOutput{}, nil
	}
	return &dynamodb.QueryOutput{Items: d.log[in.ExpressionAttributeValues[":id"].(*types.AttributeValueMemberS).Value]}, nil
}

func (d *rebuildTables) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	time.Sleep(d.latency)
	item, _ := d.rows.Load(*in.TableName + "/" + in.Key["id"].(*types.AttributeValueMemberS).Value)
	found, _ := item.(map[string]types.AttributeValue)
	return &dynamodb.GetItemOutput{Item: found}, nil
}

func (d *rebuildTables) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	time.Sleep(d.latency)
	d.rows.Store(*in.TableName+"/"+in.Item["id"].(*types.AttributeValueMemberS).Value, in.Item)
	return &dynamodb.PutItemOutput{}, nil
}

// newRebuildTables makes a log with the histories of all rows.
func newRebuildTables(latency time.Duration) (*rebuildTables, []string) {
	d := &rebuildTables{latency: latency, log: map[string][]map[string]types.AttributeValue{}}
	ids := make([]string, rebuildRows)
	for i := range ids {
		ids[i] = fmt.Sprint("product-", i)
		for n := range rebuildEvents {
			d.log[ids[i]] = append(d.log[ids[i]], eventlog.EncodeItem(eventlog.Commit{
				ID: ids[i], Seq: int64(n + 1), Origin: eventlog.Origin{CommandID: "c", Time: "2026-03-01T10:00:00.000Z"},
				Events: []turn.Event{{Type: "PriceChanged", Data: json.RawMessage(`{"price":5,"reason":"a text of some size, as events have"}`)}},
			}))
		}
	}
	return d, ids
}

// BenchmarkRebuild folds and switches all rows of a read model, each of which is new, with
// one function. A request to DynamoDB takes no time ("memory"), or about as long as on AWS
// ("5ms"); the handler is in the same process.
func BenchmarkRebuild(b *testing.B) {
	for name, latency := range map[string]time.Duration{"memory": 0, "5ms": 5 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			tables, ids := newRebuildTables(latency)
			handler := invokerFunc(func(context.Context, []byte) ([]byte, error) {
				return []byte(`{"row":{"price":5,"name":"a row of some size"}}`), nil
			})
			e, err := New(Config{
				Function: definition.FunctionProjections, Definition: testPlugin, Invoker: handler,
				DynamoDB: tables, Logger: slog.New(slog.DiscardHandler),
			})
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				tables.rows.Clear()
				for _, step := range []protocol.RebuildStep{protocol.RebuildFold, protocol.RebuildSwitch} {
					for first := 0; first < len(ids); first += rebuildBatch {
						request := protocol.RebuildRequest{Reventless: protocol.TriggerRebuild, Step: step, ReadModel: "Products", IDs: ids[first : first+rebuildBatch]}
						payload, err := json.Marshal(request)
						require.NoError(b, err)
						answer, err := e.Handle(b.Context(), payload)
						require.NoError(b, err)
						require.NotContains(b, string(answer), protocol.RebuildFailed)
					}
				}
			}
			rows := float64(b.N*rebuildRows) / b.Elapsed().Seconds()
			b.ReportMetric(rows, "rows/s")
			b.ReportMetric(rows*rebuildEvents, "events/s")
		})
	}
}
