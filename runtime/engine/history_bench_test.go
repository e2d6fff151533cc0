package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// historyLength is how many events an aggregate of the benchmark has, snapshotEvery how
// many of them a snapshot is made after.
const (
	historyLength = 10_000
	snapshotEvery = 100
)

// wire is a DynamoDB value as the protocol has it.
func wire(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]string{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]string{"N": v.Value}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, element := range v.Value {
			list[i] = wire(element)
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": wireItem(v.Value)}
	}
	return nil
}

// wireItem is an item as the protocol has it.
func wireItem(item map[string]types.AttributeValue) map[string]any {
	encoded := make(map[string]any, len(item))
	for name, value := range item {
		encoded[name] = wire(value)
	}
	return encoded
}

// historyItem is the commit of one event; with a snapshot when it is time for one.
func historyItem(n int64, snapshots bool) map[string]types.AttributeValue {
	item := eventlog.EncodeItem(eventlog.Commit{
		ID: "p1", Seq: n,
		Origin: eventlog.Origin{CommandID: fmt.Sprintf("%064d", n), CorrelationID: fmt.Sprintf("%064d", n), Time: "2026-03-01T10:00:00.000Z"},
		Events: []turn.Event{{Type: "PriceChanged", Data: json.RawMessage(fmt.Sprintf(`{"price":%d,"reason":%q}`, n, strings.Repeat("x", 150)))}},
	})
	if !snapshots || n%snapshotEvery != 0 {
		return item
	}
	item["snapshot"] = &types.AttributeValueMemberS{Value: fmt.Sprintf(`{"count":%d}`, n)}
	remembered := &types.AttributeValueMemberL{}
	for i := max(1, n-1000); i < n; i++ {
		remembered.Value = append(remembered.Value, &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberS{Value: fmt.Sprintf("%064d", i)}, &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
		}})
	}
	item["remembered"] = remembered
	return item
}

// historyServer answers queries with the pages of one history, as DynamoDB pages it, and
// takes all writes. It counts the requests.
type historyServer struct {
	// forward and backward are the pages' answers by the sequence number that they begin
	// after, "" for the first.
	forward, backward map[string][]byte
	queries, puts     int
}

// pages makes the answers of queries in one direction, at most most items on the first.
func pages(t testing.TB, items []map[string]types.AttributeValue, most int) map[string][]byte {
	made := map[string][]byte{}
	for start := ""; len(items) > 0; most = len(items) {
		var page []any
		size := 0
		for size < 1<<20 && len(page) < min(most, len(items)) {
			size += eventlog.ItemSize(items[len(page)])
			page = append(page, wireItem(items[len(page)]))
		}
		answer := map[string]any{"Items": page, "Count": len(page)}
		last := items[len(page)-1]["seq"]
		if items = items[len(page):]; len(items) > 0 {
			answer["LastEvaluatedKey"] = wireItem(map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "p1"}, "seq": last})
		}
		encoded, err := json.Marshal(answer)
		require.NoError(t, err)
		made[start] = encoded
		start = last.(*types.AttributeValueMemberN).Value
	}
	return made
}

// serverTime is how long an answer takes. One that comes at once may find the client
// still busy with the end of its request, and the client then gives up the connection.
const serverTime = time.Millisecond

// ServeHTTP answers a request with the checksum that the client expects of DynamoDB.
func (h *historyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	time.Sleep(serverTime)
	answer := h.answer(r.Header.Get("X-Amz-Target"), body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer)), 10))
	_, _ = w.Write(answer)
}

// answer is the answer to a request.
func (h *historyServer) answer(target string, body []byte) []byte {
	if strings.HasSuffix(target, ".PutItem") {
		h.puts++
		return []byte("{}")
	}
	h.queries++
	var query struct {
		ScanIndexForward  *bool
		ExclusiveStartKey struct{ Seq struct{ N string } }
	}
	_ = json.Unmarshal(body, &query)
	if query.ScanIndexForward != nil && !*query.ScanIndexForward {
		return h.backward[query.ExclusiveStartKey.Seq.N]
	}
	return h.forward[query.ExclusiveStartKey.Seq.N]
}

// newHistoryServer makes a history and a client that reads it over HTTP: the memory for
// decoding DynamoDB's answers is a great part of the whole.
func newHistoryServer(t testing.TB, snapshots bool) (*historyServer, *dynamodb.Client) {
	items := make([]map[string]types.AttributeValue, historyLength)
	backward := make([]map[string]types.AttributeValue, historyLength)
	for i := range items {
		items[i] = historyItem(int64(i+1), snapshots)
		backward[historyLength-1-i] = items[i]
	}
	h := &historyServer{forward: pages(t, items, historyLength), backward: pages(t, backward, snapshotEvery)}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return h, dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), HTTPClient: awshttp.NewBuildableClient(),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	})
}

// BenchmarkLongHistory carries out a command on an aggregate of 10,000 events. B/op is
// all memory that one command takes, peak-MB how much of the heap is in use when the
// handler is asked, beyond what was before the command.
func BenchmarkLongHistory(b *testing.B) {
	for name, every := range map[string]int{"whole": 0, "snapshots": snapshotEvery} {
		b.Run(name, func(b *testing.B) {
			server, client := newHistoryServer(b, every > 0)
			var peak, before uint64
			handler := func(_ context.Context, encoded []byte) ([]byte, error) {
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc-min(before, now.HeapAlloc))
				return []byte(`{"events":[{"type":"PriceChanged","data":{}}],"snapshot":{"count":1}}`), nil
			}
			e, err := New(Config{
				Function: definition.FunctionCommands, Invoker: invokerFunc(handler), DynamoDB: client, Logger: slog.New(slog.DiscardHandler),
				Definition: definition.Definition{
					FormatVersion: definition.FormatVersion, Plugin: "catalog",
					Aggregates: map[string]definition.Aggregate{"Product": {
						Table: "product-log", IDArgument: "id", Commands: map[string]string{"changePrice": "ChangePrice"}, SnapshotEvery: every,
					}},
				},
			})
			require.NoError(b, err)
			payload, err := json.Marshal(field("changePrice", `{"id":"p1","price":5}`, ``))
			require.NoError(b, err)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				b.StopTimer()
				var start runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&start)
				before = start.HeapAlloc
				b.StartTimer()
				answer, err := e.Handle(b.Context(), payload)
				require.NoError(b, err)
				require.Contains(b, string(answer), `"ACCEPTED"`)
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
			b.ReportMetric(float64(server.queries)/float64(n), "queries/command")
			b.ReportMetric(float64(server.puts)/float64(n), "puts/command")
		})
	}
}

// invokerFunc is a handler that is a function.
type invokerFunc func(ctx context.Context, encoded []byte) ([]byte, error)

// Invoke calls the function.
func (f invokerFunc) Invoke(ctx context.Context, encoded []byte) ([]byte, error) {
	return f(ctx, encoded)
}
