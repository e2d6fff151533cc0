package eventlogtest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logKey is the key of an item of a log.
func logKey(id string, seq int) Item {
	return Item{"id": &types.AttributeValueMemberS{Value: id}, "seq": &types.AttributeValueMemberN{Value: fmt.Sprint(seq)}}
}

// putNew puts an item that must not be there, absent checks that there is none.
func putNew(id string, seq int) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("log"), Item: logKey(id, seq), ConditionExpression: aws.String("attribute_not_exists(id)")}}
}

func absent(id string, seq int) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String("log"), Key: logKey(id, seq), ConditionExpression: aws.String("attribute_not_exists(id)")}}
}

func TestTransactionsAreAllOrNothing(t *testing.T) {
	t.Parallel()
	db := New(Table{Name: "log", Log: true})
	transact := func(items ...types.TransactWriteItem) error {
		_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}
	require.NoError(t, transact(putNew("a", 1), putNew("b", 1), absent("c", 1)))
	assert.Len(t, db.Records("log"), 2)
	err := transact(putNew("a", 2), absent("b", 1), putNew("b", 2), putNew("a", 1))
	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	var codes []string
	for _, reason := range cancelled.CancellationReasons {
		codes = append(codes, *reason.Code)
	}
	assert.Equal(t, []string{"None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"}, codes)
	assert.Len(t, db.Items("log"), 2)
	assert.Equal(t, 2, db.Requests()["TransactWriteItems"])
}

func TestTransactionsRefuseWhatDynamoDBRefuses(t *testing.T) {
	t.Parallel()
	db := New(Table{Name: "log", Log: true})
	other := putNew("a", 1)
	other.Put.TableName = aws.String("other")
	var many []types.TransactWriteItem
	for i := range maxActions + 1 {
		many = append(many, putNew("a", i))
	}
	unknown := putNew("a", 1)
	unknown.Put.ConditionExpression = aws.String("contains(id, :a)")
	for name, items := range map[string][]types.TransactWriteItem{
		"none": nil, "too many": many, "one item twice": {putNew("a", 1), absent("a", 1)}, "no action": {{}},
		"two tables": {putNew("a", 1), other}, "no table": {other}, "condition": {unknown},
		"no key": {{Put: &types.Put{TableName: aws.String("log"), Item: Item{}}}},
	} {
		_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
		assert.Error(t, err, name)
	}
	assert.Empty(t, db.Items("log"))
}

func TestQueriesRunBackward(t *testing.T) {
	t.Parallel()
	db := New(Table{Name: "log", Log: true})
	for i := range 5 {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("log"), Item: logKey("a", i+1)})
		require.NoError(t, err)
	}
	var got []string
	pages := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{
		TableName: aws.String("log"), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(2),
		KeyConditionExpression: aws.String("id = :id"), ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: "a"}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, item := range page.Items {
			got = append(got, item["seq"].(*types.AttributeValueMemberN).Value)
		}
	}
	assert.Equal(t, []string{"5", "4", "3", "2", "1"}, got)
}
