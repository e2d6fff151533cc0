package eventlog

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

var testCommit = Commit{
	ID: "p1", Seq: 3, Events: []turn.Event{{Type: "A", Data: json.RawMessage(`{"n":1.10}`)}, {Type: "B", Data: json.RawMessage(`{}`)}},
	Origin: Origin{CommandID: "c", CorrelationID: "k", CausationID: "m", Actor: json.RawMessage(`{"sub":"u"}`), Time: "2026-03-01T10:00:00.000Z"},
}

func TestItemsRoundTrip(t *testing.T) {
	t.Parallel()
	least := testCommit
	least.Origin = Origin{CommandID: "c", Time: testCommit.Time}
	for name, want := range map[string]Commit{"full": testCommit, "least": least} {
		got, err := DecodeItem(EncodeItem(want))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
		assert.Equal(t, int64(4), got.Version())
	}
}

func TestImagesAreDecodedFromTheLambdaEvent(t *testing.T) {
	t.Parallel()
	var image map[string]events.DynamoDBAttributeValue
	require.NoError(t, json.Unmarshal([]byte(`{
		"id": {"S": "p1"}, "seq": {"N": "3"}, "commandId": {"S": "c"}, "correlationId": {"S": "k"}, "causationId": {"S": "m"},
		"actor": {"S": "{\"sub\":\"u\"}"}, "time": {"S": "2026-03-01T10:00:00.000Z"},
		"events": {"L": [{"M": {"type": {"S": "A"}, "data": {"S": "{\"n\":1.10}"}}}, {"M": {"type": {"S": "B"}, "data": {"S": "{}"}}}]}
	}`), &image))
	got, err := DecodeImage(image)
	require.NoError(t, err)
	assert.Equal(t, testCommit, got)
}

func TestFromStreamKnowsEveryType(t *testing.T) {
	t.Parallel()
	item, err := FromStream(map[string]events.DynamoDBAttributeValue{
		"b": events.NewBinaryAttribute([]byte{1}), "t": events.NewBooleanAttribute(true), "z": events.NewNullAttribute(),
		"ss": events.NewStringSetAttribute([]string{"a"}), "ns": events.NewNumberSetAttribute([]string{"1"}), "bs": events.NewBinarySetAttribute([][]byte{{1}}),
		"l": events.NewListAttribute([]events.DynamoDBAttributeValue{events.NewNumberAttribute("1")}),
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]types.AttributeValue{
		"b": &types.AttributeValueMemberB{Value: []byte{1}}, "t": &types.AttributeValueMemberBOOL{Value: true}, "z": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1"}}, "bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "1"}}},
	}, item)
	assert.Equal(t, 1+1+1+1+1+1+2+5+2+6+2+5+1+3+1+2, ItemSize(item))
}

func TestDecodeItemNamesEveryProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(item map[string]types.AttributeValue)
		want   []string
	}{
		"empty":       {func(item map[string]types.AttributeValue) { clear(item) }, []string{`"id"`, `"seq"`, `"commandId"`, `"time"`, `"events"`}},
		"wrong types": {func(item map[string]types.AttributeValue) { item["seq"], item["actor"] = text("3"), item["seq"] }, []string{`"seq"`, `"actor"`}},
		"seq 0":       {func(item map[string]types.AttributeValue) { item["seq"] = &types.AttributeValueMemberN{Value: "0"} }, []string{`"seq"`}},
		"no events":   {func(item map[string]types.AttributeValue) { item["events"] = &types.AttributeValueMemberL{} }, []string{`"events"`}},
		"event a text": {func(item map[string]types.AttributeValue) {
			item["events"].(*types.AttributeValueMemberL).Value[1] = text("x")
		}, []string{`"events[1]"`}},
		"data no JSON": {func(item map[string]types.AttributeValue) {
			item["events"].(*types.AttributeValueMemberL).Value[0].(*types.AttributeValueMemberM).Value["data"] = text("{")
		}, []string{`"events[0]"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item := EncodeItem(testCommit)
			c.change(item)
			_, err := DecodeItem(item)
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}
