package eventlogtest

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Check evaluates a condition expression on an item, nil where there is none, and returns
// DynamoDB's error if it does not hold. It is for databases that keep their items in
// another way than [DynamoDB] does.
func Check(expression *string, names map[string]string, values map[string]types.AttributeValue, item Item) error {
	return check(expression, names, values, item)
}

// Update applies an update expression to an item, as [DynamoDB.UpdateItem] does.
func Update(expression string, names map[string]string, values map[string]types.AttributeValue, item Item) error {
	return update(expression, names, values, item)
}
