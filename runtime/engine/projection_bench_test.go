package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// projectionBatch is the number of records of a stream's batch, Lambda's default.
const projectionBatch = 100

// newStreamBatch is a batch with the first events of so many new ids, in turn.
func newStreamBatch(b *testing.B, round, ids int) []byte {
	db := eventlogtest.New(eventlogtest.Table{Name: "product-log", Log: true})
	for i := range projectionBatch {
		_, err := db.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String("product-log"), Item: eventlog.EncodeItem(eventlog.Commit{
			ID: fmt.Sprintf("product-%d-%d", round, i%ids), Seq: int64(i/ids + 1), Origin: eventlog.Origin{CommandID: "c", Time: "2026-03-01T10:00:00.000Z"},
			Events: []turn.Event{{Type: "PriceChanged", Data: json.RawMessage(`{"price":5,"reason":"a text of some size, as events have"}`)}},
		})})
		require.NoError(b, err)
	}
	payload, err := json.Marshal(events.DynamoDBEvent{Records: db.Records("product-log")})
	require.NoError(b, err)
	return payload
}

// BenchmarkProjection makes the rows of one read model from batches of a stream, with one
// function: of 100 ids, each with one event in a batch, or of one id with all of them. A
// request to DynamoDB takes no time ("memory"), or about as long as on AWS ("5ms"); the
// handler is in the same process.
func BenchmarkProjection(b *testing.B) {
	for name, latency := range map[string]time.Duration{"memory": 0, "5ms": 5 * time.Millisecond} {
		for _, ids := range []int{projectionBatch, 1} {
			b.Run(fmt.Sprintf("%s/%d_ids", name, ids), func(b *testing.B) {
				handler := invokerFunc(func(context.Context, []byte) ([]byte, error) {
					return []byte(`{"row":{"price":5,"name":"a row of some size"}}`), nil
				})
				e, err := New(Config{
					Function: definition.FunctionProjections, Invoker: handler, DynamoDB: &rebuildTables{latency: latency}, Logger: slog.New(slog.DiscardHandler),
					Definition: definition.Definition{
						FormatVersion: definition.FormatVersion, Plugin: "catalog",
						Aggregates: map[string]definition.Aggregate{"Product": {Table: "product-log", IDArgument: "id"}},
						ReadModels: map[string]definition.ReadModel{"Products": {Table: "products", From: []definition.Source{{Aggregate: "Product"}}}},
					},
				})
				require.NoError(b, err)
				n := 0
				for b.Loop() {
					b.StopTimer()
					payload := newStreamBatch(b, n, ids)
					n++
					b.StartTimer()
					answer, err := e.Handle(b.Context(), payload)
					require.NoError(b, err)
					require.JSONEq(b, `{"batchItemFailures":[]}`, string(answer))
				}
				b.ReportMetric(float64(n*projectionBatch)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
