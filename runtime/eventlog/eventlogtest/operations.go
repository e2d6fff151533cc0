package eventlogtest

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// GetItem reads one item.
func (db *DynamoDB) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out := &dynamodb.GetItemOutput{}
	err := db.request("GetItem", in.TableName, func(t *table) error {
		key, err := t.key(in.Key)
		out.Item = maps.Clone(t.items[key])
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// BatchGetItem reads items of several tables. After [DynamoDB].PageSize of them it leaves
// the rest unprocessed. It is counted as one request of each table.
func (db *DynamoDB) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]Item{}, UnprocessedKeys: map[string]types.KeysAndAttributes{}}
	count := 0
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		asked := in.RequestItems[name].Keys
		if count += len(asked); count > 100 {
			return nil, errors.New("ValidationException: Too many items requested for the BatchGetItem call")
		}
		err := db.request("BatchGetItem", &name, func(t *table) error { return db.batch(t, asked, out) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// batch adds the items of one table to the answer of a BatchGetItem.
func (db *DynamoDB) batch(t *table, asked []Item, out *dynamodb.BatchGetItemOutput) error {
	seen := map[string]bool{}
	for i, of := range asked {
		key, err := t.key(of)
		if err != nil {
			return err
		}
		if seen[key] {
			return errors.New("ValidationException: Provided list of item keys contains duplicates")
		}
		seen[key] = true
		if db.PageSize > 0 && i >= db.PageSize {
			out.UnprocessedKeys[t.Name] = types.KeysAndAttributes{Keys: asked[i:]}
			return nil
		}
		if item, ok := t.items[key]; ok {
			out.Responses[t.Name] = append(out.Responses[t.Name], maps.Clone(item))
		}
	}
	return nil
}

// PutItem writes one item if its condition holds.
func (db *DynamoDB) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	err := db.request("PutItem", in.TableName, func(t *table) error {
		key, err := t.key(in.Item)
		if err != nil {
			return err
		}
		old, existed := t.items[key]
		if err := check(in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, old); err != nil {
			return err
		}
		eventName := "INSERT"
		if existed {
			eventName = "MODIFY"
		}
		t.items[key] = maps.Clone(in.Item)
		db.record(t, eventName, in.Item)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &dynamodb.PutItemOutput{}, nil
}

// DeleteItem removes one item if its condition holds.
func (db *DynamoDB) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	err := db.request("DeleteItem", in.TableName, func(t *table) error {
		key, err := t.key(in.Key)
		if err != nil {
			return err
		}
		if err := check(in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, t.items[key]); err != nil {
			return err
		}
		delete(t.items, key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &dynamodb.DeleteItemOutput{}, nil
}

// Query reads the items whose keys fulfil a condition, in the order of the keys.
func (db *DynamoDB) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out := &dynamodb.QueryOutput{}
	err := db.request("Query", in.TableName, func(t *table) error {
		var err error
		backward := in.ScanIndexForward != nil && !*in.ScanIndexForward
		out.Items, out.LastEvaluatedKey, err = db.page(t, in.ExclusiveStartKey, in.Limit, backward, filter{
			in.ExpressionAttributeNames, in.ExpressionAttributeValues,
			[]*string{in.KeyConditionExpression, in.FilterExpression},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Count = int32(len(out.Items))
	return out, nil
}

// Scan reads the items that fulfil a condition.
func (db *DynamoDB) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	out := &dynamodb.ScanOutput{}
	err := db.request("Scan", in.TableName, func(t *table) error {
		var err error
		out.Items, out.LastEvaluatedKey, err = db.page(t, in.ExclusiveStartKey, in.Limit, false, filter{
			in.ExpressionAttributeNames, in.ExpressionAttributeValues, []*string{in.FilterExpression},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Count = int32(len(out.Items))
	return out, nil
}

// filter is what the items of a page must fulfil.
type filter struct {
	names       map[string]string
	values      map[string]types.AttributeValue
	expressions []*string
}

// page collects the items of one page and the key after which the next one starts.
func (db *DynamoDB) page(t *table, start Item, limit *int32, backward bool, f filter) (items []Item, next Item, err error) {
	after := ""
	if start != nil {
		if after, err = t.key(start); err != nil {
			return nil, nil, err
		}
	}
	size := db.PageSize
	if limit != nil && (size == 0 || int(*limit) < size) {
		size = int(*limit)
	}
	keys := slices.Sorted(maps.Keys(t.items))
	if backward {
		slices.Reverse(keys)
	}
	for _, key := range keys {
		if start != nil && (key == after || (key < after) != backward) {
			continue
		}
		if size > 0 && len(items) == size {
			return items, t.keyOf(items[size-1]), nil
		}
		ok, err := f.holds(t.items[key])
		if err != nil {
			return nil, nil, err
		}
		if ok {
			items = append(items, maps.Clone(t.items[key]))
		}
	}
	return items, nil, nil
}

// holds says whether an item fulfils all expressions.
func (f filter) holds(item Item) (bool, error) {
	for _, expression := range f.expressions {
		if aws.ToString(expression) == "" {
			continue
		}
		ok, err := evaluate(*expression, f.names, f.values, item)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// keyOf are the key attributes of an item.
func (t *table) keyOf(item Item) Item {
	key := Item{"id": item["id"]}
	if t.Log {
		key["seq"] = item["seq"]
	}
	return key
}
