package engine

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestNumbersThatDynamoDBHolds(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	for number, want := range map[string]string{
		"0": "", "-0.000": "", "0e999999": "", "9223372036854775807": "", nines: "", "-" + nines: "", "0." + nines: "",
		nines + "000": "", "1.10": "", "9.9e125": "", "1e-130": "", "0.0001E-126": "", "12345678901234567890.123456789012345678": "",
		"1" + nines: "39 significant digits", "1e126": "outside", "10e125": "outside", "1e-131": "outside", "0.1e-130": "outside",
		"1e99999999999999999999": "exponent",
	} {
		err := checkNumber(json.Number(number))
		if want == "" {
			assert.NoError(t, err, number)
		} else {
			assert.ErrorContains(t, err, want, number)
		}
	}
}

func TestRowsRoundTrip(t *testing.T) {
	t.Parallel()
	model := definition.ReadModel{Table: "t", Indexes: []string{"category", "rank", "missing"}}
	const data = `{"a":{"_x":[1,2.50,null,true,{}],"":"e"},"category":"","id":"p1","rank":null,"n":-9223372036854775808}`
	r := row{id: "p1", data: json.RawMessage(data), positions: map[string]int64{"Product": 3}}
	item, err := r.item(model)
	require.NoError(t, err)
	assert.NotContains(t, item, "category", "an index takes no empty text")
	assert.NotContains(t, item, "rank", "and no null")
	assert.Equal(t, &types.AttributeValueMemberN{Value: "-9223372036854775808"}, item["n"])
	back := row{id: "p1", positions: map[string]int64{}}
	require.NoError(t, back.decode(item))
	assert.JSONEq(t, data, string(back.data), "the handler sees what it wrote")
	assert.Equal(t, r.positions, back.positions)
}

func TestRowsOfOthersAreNotMisread(t *testing.T) {
	t.Parallel()
	for name, item := range map[string]map[string]types.AttributeValue{
		"binary":        {"a": &types.AttributeValueMemberB{}},
		"number":        {"a": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "NaN"}}}},
		"position":      {"_position": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"P": &types.AttributeValueMemberS{}}}},
		"position text": {"_position": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"P": &types.AttributeValueMemberN{Value: "x"}}}},
	} {
		r := row{positions: map[string]int64{}}
		assert.Error(t, r.decode(item), name)
	}
}

func TestARowWithoutPositionsIsTakenOver(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil))
	b.append("Product", "a", ev("Added", `{}`))
	work, cancel := b.engine.newBatch(t.Context())
	defer cancel()
	model := testPlugin.ReadModels["Products"]
	require.NoError(t, work.saveRow(model, &row{id: "a", data: json.RawMessage(`{"by":"hand"}`)}))
	existing, err := work.loadRow(model, "a", true)
	require.NoError(t, err)
	existing.stored = nil
	assert.ErrorIs(t, work.saveRow(model, existing), errRowChanged)
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	assert.Equal(t, "P1", b.seen("products", "a"))
}

func TestOnlyThePositionsOfARowAreWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, folds(nil))
	work, cancel := b.engine.newBatch(t.Context())
	defer cancel()
	model := testPlugin.ReadModels["Products"]
	assert.ErrorIs(t, work.savePositions(model, &row{id: "a"}), errRowChanged, "there is no row")
	require.NoError(t, work.saveRow(model, &row{id: "a", data: json.RawMessage(`{"n":1}`), positions: map[string]int64{"Product": 1}}))
	loaded, err := work.loadRow(model, "a", true)
	require.NoError(t, err)
	loaded.data, loaded.positions = json.RawMessage(`{"n":2}`), map[string]int64{"Product": 2}
	require.NoError(t, work.savePositions(model, loaded))
	assert.ErrorIs(t, work.savePositions(model, loaded), errRowChanged, "it has other positions than those that were loaded")
	again, err := work.loadRow(model, "a", true)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"a","n":1}`, string(again.data))
	assert.Equal(t, map[string]int64{"Product": 2}, again.positions)
}

func TestRowsThatCannotBeStoredNameTheReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, want string }{
		"number":       {`{"row":{"a":{"b":[1e200]}}}`, "$.row.a.b[0]: the number 1e200 is outside"},
		"index object": {`{"row":{"categoryId":{}}}`, "$.row.categoryId: an index needs a text or a number"},
		"other id":     {`{"row":{"id":"other"}}`, `$.row.id: expected the row's key \"p1\"`},
		"too large":    {`{"row":{"a":"` + strings.Repeat("x", 410*1024) + `"}}`, "one DynamoDB item holds 409600"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionProjections, script{turn.Project: func(context.Context, turn.Turn) (any, error) { return c.answer, nil }})
			b.append("Product", "p1", ev("Added", `{}`))
			assert.Len(t, b.stream(t.Context(), b.db.Records("product-log")...), 1)
			assert.Contains(t, b.log.String(), c.want)
			assert.Contains(t, b.log.String(), string(turn.InvalidAnswer))
			assert.Empty(t, b.db.Items("products"))
		})
	}
}

func TestARowThatDynamoDBRefusesIsBlamedOnItsCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionProjections, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		if t.Event.Type == "Bad" {
			return `{"row":{"rank":"text where the index wants a number"}}`, nil
		}
		return `{"row":{"rank":1}}`, nil
	}}, func(c *Config) { c.DynamoDB = numberIndex{c.DynamoDB.(*eventlogtest.DynamoDB)} })
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "a", ev("Bad", `{}`))
	b.append("Product", "a", ev("Bad", `{}`))
	r := b.db.Records("product-log")
	assert.Equal(t, []string{sequence(r[1]), sequence(r[2])}, b.stream(t.Context(), r...))
	require.Len(t, b.db.Items("products"), 1)
	b.append("Product", "b", ev("Added", `{}`))
	b.append("Product", "b", ev("Bad", `{}`))
	assert.Len(t, b.stream(t.Context(), b.db.Records("product-log")[4]), 1)
	assert.Len(t, b.db.Items("products"), 2, "also when what came before is read from the log")
	assert.Equal(t, &types.AttributeValueMemberN{Value: "1"}, b.db.Items("products")[0]["rank"])
	assert.Contains(t, b.log.String(), "Type mismatch for Index Key")
}

// numberIndex has an index on the number rank.
type numberIndex struct{ *eventlogtest.DynamoDB }

func (d numberIndex) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, text := in.Item["rank"].(*types.AttributeValueMemberS); text {
		return nil, &smithy.GenericAPIError{Code: codeInvalid, Message: "Type mismatch for Index Key rank Expected: N Actual: S"}
	}
	return d.DynamoDB.PutItem(ctx, in, opts...)
}
