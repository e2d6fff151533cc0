package eventlogtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpressions(t *testing.T) {
	t.Parallel()
	item := Item{
		"id": &types.AttributeValueMemberS{Value: "a"}, "n": &types.AttributeValueMemberN{Value: "2.0"},
		"m": &types.AttributeValueMemberM{Value: Item{"x": &types.AttributeValueMemberN{Value: "1"}}},
	}
	names := map[string]string{"#m": "m"}
	values := map[string]types.AttributeValue{
		":one": &types.AttributeValueMemberN{Value: "1"}, ":two": &types.AttributeValueMemberN{Value: "2"},
		":a": &types.AttributeValueMemberS{Value: "a"}, ":m": item["m"],
	}
	for expression, want := range map[string]bool{
		"attribute_exists(#m.x)": true, "attribute_not_exists(#m.x)": false, "attribute_not_exists(#m.y)": true,
		"n = :two": true, "n <> :one": true, "n > :one": true, "n >= :two": true, "n < :two": false, "n <= :two": true,
		"id = :a AND n > :two": false, "id = :a OR n > :two": true, "#m = :m": true, "id > :one": false, "other = :a": false,
	} {
		got, err := evaluate(expression, names, values, item)
		require.NoError(t, err, expression)
		assert.Equal(t, want, got, expression)
	}
	for _, expression := range []string{"contains(id, :a)", "a = :missing", "a = :a AND b = :a OR c = :a", "NOT a = :a"} {
		_, err := evaluate(expression, names, values, item)
		assert.Error(t, err, expression)
	}
}

func TestTablesRefuseWhatDynamoDBRefuses(t *testing.T) {
	t.Parallel()
	db := New(Table{Name: "t"}, Table{Name: "log", Log: true})
	for name, put := range map[string]*dynamodb.PutItemInput{
		"no table": {TableName: aws.String("x"), Item: Item{"id": &types.AttributeValueMemberS{Value: "a"}}},
		"no key":   {TableName: aws.String("t"), Item: Item{}},
		"no range": {TableName: aws.String("log"), Item: Item{"id": &types.AttributeValueMemberS{Value: "a"}}},
	} {
		_, err := db.PutItem(t.Context(), put)
		assert.Error(t, err, name)
	}
	item := Item{"id": &types.AttributeValueMemberS{Value: "a"}}
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: item})
	require.NoError(t, err)
	page, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("t")})
	require.NoError(t, err)
	assert.Equal(t, []Item{item}, page.Items)
	_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("t"), Key: item})
	require.NoError(t, err)
	assert.Empty(t, db.Items("t"))
}
