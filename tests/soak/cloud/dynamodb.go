package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
)

// onTable carries out a request on a table.
func (e *Environment) onTable(ctx context.Context, name *string, effect func(*table) error) error {
	t, err := e.cloud.table(name)
	if err != nil {
		return err
	}
	return e.request(ctx, e.noCapacity, func() error { return effect(t) })
}

// GetItem reads one item; one that need not be consistent may be stale.
func (e *Environment) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out := &dynamodb.GetItemOutput{}
	stale := !aws.ToBool(in.ConsistentRead) && e.dice.chance(e.cloud.Faults.StaleReads)
	if stale {
		e.cloud.Figures.StaleReads.Add(1)
	}
	err := e.onTable(ctx, in.TableName, func(t *table) (err error) {
		out.Item, err = t.get(in.Key, stale)
		return err
	})
	return answer(out, err)
}

// PutItem writes one item if its condition holds.
func (e *Environment) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	w := write{in.Item, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, put(in.Item)}
	return answer(&dynamodb.PutItemOutput{}, e.onTable(ctx, in.TableName, func(t *table) error { return t.writeOne(w) }))
}

// UpdateItem changes attributes of one item if its condition holds.
func (e *Environment) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	w := write{in.Key, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, func(old Item) (Item, error) {
		item := maps.Clone(in.Key)
		maps.Copy(item, old)
		return item, eventlogtest.Update(aws.ToString(in.UpdateExpression), in.ExpressionAttributeNames, in.ExpressionAttributeValues, item)
	}}
	return answer(&dynamodb.UpdateItemOutput{}, e.onTable(ctx, in.TableName, func(t *table) error { return t.writeOne(w) }))
}

// Query reads the commits of one partition after a number, which is all that logs ask.
func (e *Environment) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	id, after, err := keyCondition(in)
	if err != nil {
		return nil, err
	}
	before, backward := int64(math.MaxInt64), in.ScanIndexForward != nil && !*in.ScanIndexForward
	start, _ := in.ExclusiveStartKey["seq"].(*types.AttributeValueMemberN)
	switch {
	case start != nil && backward:
		before, err = strconv.ParseInt(start.Value, 10, 64)
	case start != nil:
		after, err = strconv.ParseInt(start.Value, 10, 64)
	}
	if err != nil {
		return nil, err
	}
	out, more := &dynamodb.QueryOutput{}, false
	err = e.onTable(ctx, in.TableName, func(t *table) error {
		out.Items, more = t.page(id, after, before, min(pageSize, int(aws.ToInt32(cmp.Or(in.Limit, aws.Int32(pageSize))))), backward)
		return nil
	})
	if more {
		last := out.Items[len(out.Items)-1]
		out.LastEvaluatedKey = Item{"id": last["id"], "seq": last["seq"]}
	}
	out.Count = int32(len(out.Items))
	return answer(out, err)
}

// keyCondition reads the key condition of a Query.
func keyCondition(in *dynamodb.QueryInput) (id string, after int64, err error) {
	given, isText := in.ExpressionAttributeValues[":id"].(*types.AttributeValueMemberS)
	number, isNumber := in.ExpressionAttributeValues[":after"].(*types.AttributeValueMemberN)
	if aws.ToString(in.KeyConditionExpression) != "id = :id AND seq > :after" || !isText || !isNumber ||
		in.FilterExpression != nil || !aws.ToBool(in.ConsistentRead) {
		return "", 0, fmt.Errorf("cloud: cannot answer the Query %q", aws.ToString(in.KeyConditionExpression))
	}
	after, err = strconv.ParseInt(number.Value, 10, 64)
	return given.Value, after, err
}

// TransactWriteItems writes all items of one table or none. The SDK gives a transaction a
// token, so a repetition by the SDK of one that took effect is answered without effect.
func (e *Environment) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	name, writes, err := readTransaction(in.TransactItems)
	if err != nil {
		return nil, err
	}
	t, err := e.cloud.table(name)
	if err != nil {
		return nil, err
	}
	recorded := false
	err = e.request(ctx, func() error { return e.refuseTransaction(len(writes)) }, func() error {
		if recorded {
			return nil
		}
		if e.dice.chance(e.cloud.Faults.Conflicts) {
			return e.cancelled(len(writes), "TransactionConflict")
		}
		err := t.writeAll(writes, e.order(len(writes)))
		recorded = err == nil
		if !recorded {
			e.cloud.Figures.Cancelled.Add(1)
		}
		return err
	})
	return answer(&dynamodb.TransactWriteItemsOutput{}, err)
}

// readTransaction reads the actions of a transaction.
func readTransaction(items []types.TransactWriteItem) (name *string, writes []write, err error) {
	if len(items) == 0 || len(items) > 100 {
		return nil, nil, fmt.Errorf("ValidationException: %d actions, 1 to 100 are possible", len(items))
	}
	for _, item := range items {
		action := write{}
		table := name
		switch {
		case item.Put != nil:
			p := item.Put
			table, action = p.TableName, write{p.Item, p.ConditionExpression, p.ExpressionAttributeNames, p.ExpressionAttributeValues, put(p.Item)}
		case item.ConditionCheck != nil:
			c := item.ConditionCheck
			table, action = c.TableName, write{c.Key, c.ConditionExpression, c.ExpressionAttributeNames, c.ExpressionAttributeValues, nil}
		default:
			return nil, nil, errors.New("cloud: a transaction may only have Put and ConditionCheck")
		}
		if name != nil && *table != *name {
			return nil, nil, errors.New("cloud: a transaction may only have one table")
		}
		name, writes = table, append(writes, action)
	}
	return name, writes, nil
}

// refuseTransaction is one of the errors with which DynamoDB throttles a transaction.
func (e *Environment) refuseTransaction(actions int) error {
	switch e.dice.number(4) {
	case 0:
		return e.cancelled(actions, "ThrottlingError")
	case 1:
		return e.cancelled(actions, "ProvisionedThroughputExceeded")
	case 2:
		return &types.TransactionInProgressException{}
	}
	return e.noCapacity()
}

// cancelled is the error of a transaction in which one action could not be done.
func (e *Environment) cancelled(actions int, code string) error {
	e.cloud.Figures.Cancelled.Add(1)
	reasons := make([]types.CancellationReason, actions)
	for i := range reasons {
		reasons[i].Code = aws.String("None")
	}
	reasons[e.dice.number(actions)].Code = &code
	return &types.TransactionCanceledException{CancellationReasons: reasons, Message: aws.String("Transaction cancelled")}
}

// order draws an order of n things.
func (e *Environment) order(n int) []int {
	e.dice.mu.Lock()
	defer e.dice.mu.Unlock()
	return e.dice.random.Perm(n)
}

// BatchGetItem is for query fields, which no plugin here has.
func (e *Environment) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return nil, errors.New("cloud: there is no BatchGetItem")
}

// answer is an output or an error.
func answer[T any](out *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}
