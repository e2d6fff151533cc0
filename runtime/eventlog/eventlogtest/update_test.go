package eventlogtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpdateItem(t *testing.T) {
	t.Parallel()
	key, one := Item{"id": &types.AttributeValueMemberS{Value: "a"}}, &types.AttributeValueMemberN{Value: "1"}
	for name, c := range map[string]struct {
		expression, condition string
		want                  Item
		fails                 string
	}{
		"set":       {"SET #n = :one, m = :one", "", Item{"id": key["id"], "n": one, "m": one, "old": one}, ""},
		"remove":    {"REMOVE old, other", "attribute_exists(old)", Item{"id": key["id"]}, ""},
		"both":      {"SET m = :one REMOVE old", "", Item{"id": key["id"], "m": one}, ""},
		"condition": {"SET m = :one", "attribute_not_exists(id)", Item{"id": key["id"], "old": one}, "The conditional request failed"},
		"add":       {"ADD m :one", "", Item{"id": key["id"], "old": one}, "cannot apply"},
		"no value":  {"SET m = :two", "", Item{"id": key["id"], "old": one}, "cannot apply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := New(Table{Name: "t"})
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: Item{"id": key["id"], "old": one}})
			require.NoError(t, err)
			_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: aws.String("t"), Key: key, UpdateExpression: &c.expression, ConditionExpression: &c.condition,
				ExpressionAttributeNames: map[string]string{"#n": "n"}, ExpressionAttributeValues: Item{":one": one},
			})
			if c.fails != "" {
				assert.ErrorContains(t, err, c.fails)
			} else {
				require.NoError(t, err)
				assert.Equal(t, "MODIFY", db.Records("t")[1].EventName)
			}
			assert.Equal(t, []Item{c.want}, db.Items("t"))
		})
	}
	db := New(Table{Name: "t"})
	_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("t"), Key: key, UpdateExpression: aws.String("SET m = :one"), ExpressionAttributeValues: Item{":one": one},
	})
	require.NoError(t, err)
	assert.Equal(t, "INSERT", db.Records("t")[0].EventName)
}
