package moto

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newTable(t *testing.T, client *dynamodb.Client, name string, keys ...string) {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest,
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage}}
	for i, key := range keys {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS})
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &key, KeyType: types.KeyType("").Values()[i]})
	}
	_, err := client.CreateTable(t.Context(), in)
	require.NoError(t, err)
}

// TestCancelledTransactionsChangeNothing holds for our transactions and for those that are
// left to moto.
func TestCancelledTransactionsChangeNothing(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{Command: command, AccountID: "123456789012", Region: "eu-central-1"})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	client := dynamodb.NewFromConfig(aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("x", "x", "")})
	item := func(id, value string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}, "sort": &types.AttributeValueMemberS{Value: "s"},
			"value": &types.AttributeValueMemberS{Value: value}}
	}
	for table, keys := range map[string][]string{"simple": {"id"}, "composite": {"id", "sort"}} {
		newTable(t, client, table, keys...)
		put := func(id, value string) types.TransactWriteItem {
			return types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: item(id, value)}}
		}
		key := func(id string) map[string]types.AttributeValue {
			whole := item(id, "")
			delete(whole, "value")
			if len(keys) == 1 {
				delete(whole, "sort")
			}
			return whole
		}
		wrong := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: &table, Key: key("nobody"), ConditionExpression: aws.String("attribute_exists(id)")}}
		update := types.TransactWriteItem{Update: &types.Update{TableName: &table, Key: key("a"), UpdateExpression: aws.String("SET #v = :v"),
			ExpressionAttributeNames: map[string]string{"#v": "value"}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: "updated"}}}}
		remove := types.TransactWriteItem{Delete: &types.Delete{TableName: &table, Key: key("a")}}
		transact := func(items ...types.TransactWriteItem) error {
			_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
			return err
		}
		require.NoError(t, transact(put("a", "1")))
		for name, items := range map[string][]types.TransactWriteItem{
			"put": {put("b", "2"), put("a", "3"), wrong}, "delete": {remove, wrong}, "update": {put("b", "2"), update, wrong},
		} {
			var cancelled *types.TransactionCanceledException
			require.ErrorAs(t, transact(items...), &cancelled, name)
			all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
			require.NoError(t, err)
			assert.Equal(t, []map[string]types.AttributeValue{item("a", "1")}, all.Items, "%s of %s", name, table)
		}
		require.NoError(t, transact(put("b", "2"), update))
		all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		require.NoError(t, err)
		assert.ElementsMatch(t, []map[string]types.AttributeValue{item("a", "updated"), item("b", "2")}, all.Items)
	}
}
