package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxActions is the greatest number of actions of a transaction.
const maxActions = 100

// TransactWriteItems writes all items or none. It understands Put and ConditionCheck, all
// on one table.
func (db *DynamoDB) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	actions, err := readActions(in.TransactItems)
	if err != nil {
		return nil, err
	}
	err = db.request("TransactWriteItems", actions[0].table, func(t *table) error { return db.transact(t, actions) })
	if err != nil {
		return nil, err
	}
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

// action is one action of a transaction.
type action struct {
	table, condition *string
	names            map[string]string
	values           map[string]types.AttributeValue
	key, put         Item
}

// readActions reads the actions of a transaction.
func readActions(items []types.TransactWriteItem) ([]action, error) {
	if len(items) == 0 || len(items) > maxActions {
		return nil, fmt.Errorf("ValidationException: %d actions, 1 to %d are possible", len(items), maxActions)
	}
	actions := make([]action, len(items))
	for i, item := range items {
		switch {
		case item.Put != nil:
			p := item.Put
			actions[i] = action{p.TableName, p.ConditionExpression, p.ExpressionAttributeNames, p.ExpressionAttributeValues, p.Item, p.Item}
		case item.ConditionCheck != nil:
			c := item.ConditionCheck
			actions[i] = action{c.TableName, c.ConditionExpression, c.ExpressionAttributeNames, c.ExpressionAttributeValues, c.Key, nil}
		default:
			return nil, errors.New("eventlogtest: a transaction may only have Put and ConditionCheck")
		}
		if aws.ToString(actions[i].table) != aws.ToString(actions[0].table) {
			return nil, errors.New("eventlogtest: a transaction may only have one table")
		}
	}
	return actions, nil
}

// transact checks all conditions and then writes.
func (db *DynamoDB) transact(t *table, actions []action) error {
	keys := map[string]bool{}
	reasons := make([]types.CancellationReason, len(actions))
	cancelled := false
	for i, a := range actions {
		key, err := t.key(a.key)
		if err != nil {
			return err
		}
		if keys[key] {
			return errors.New("ValidationException: Transaction request cannot include multiple operations on one item")
		}
		keys[key] = true
		reasons[i].Code = aws.String("None")
		err = check(a.condition, a.names, a.values, t.items[key])
		var failed *types.ConditionalCheckFailedException
		if errors.As(err, &failed) {
			reasons[i].Code, reasons[i].Message, cancelled = aws.String("ConditionalCheckFailed"), failed.Message, true
		} else if err != nil {
			return err
		}
	}
	if cancelled {
		return &types.TransactionCanceledException{CancellationReasons: reasons, Message: aws.String("Transaction cancelled")}
	}
	return db.write(t, actions)
}

// write puts the items of a transaction whose conditions hold.
func (db *DynamoDB) write(t *table, actions []action) error {
	for _, a := range actions {
		if a.put == nil {
			continue
		}
		key, err := t.key(a.put)
		if err != nil {
			return err
		}
		eventName := "INSERT"
		if _, existed := t.items[key]; existed {
			eventName = "MODIFY"
		}
		t.items[key] = maps.Clone(a.put)
		db.record(t, eventName, a.put)
	}
	return nil
}
