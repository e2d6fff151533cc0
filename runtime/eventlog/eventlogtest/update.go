package eventlogtest

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateItem changes attributes of one item, which it makes if there is none, if its
// condition holds. It understands SET name = value and REMOVE name, each with a list.
func (db *DynamoDB) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	err := db.request("UpdateItem", in.TableName, func(t *table) error {
		key, err := t.key(in.Key)
		if err != nil {
			return err
		}
		old, existed := t.items[key]
		if err := check(in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, old); err != nil {
			return err
		}
		updated := maps.Clone(in.Key)
		maps.Copy(updated, old)
		if err := update(aws.ToString(in.UpdateExpression), in.ExpressionAttributeNames, in.ExpressionAttributeValues, updated); err != nil {
			return err
		}
		eventName := "INSERT"
		if existed {
			eventName = "MODIFY"
		}
		t.items[key] = updated
		db.record(t, eventName, updated)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &dynamodb.UpdateItemOutput{}, nil
}

// update applies an update expression to an item.
func update(expression string, names map[string]string, values map[string]types.AttributeValue, item Item) error {
	set, remove, _ := strings.Cut(expression, "REMOVE ")
	set, isSet := strings.CutPrefix(strings.TrimSpace(set), "SET ")
	if !isSet && set != "" {
		return fmt.Errorf("eventlogtest: cannot apply %q", expression)
	}
	for _, assignment := range list(set) {
		name, value, ok := strings.Cut(assignment, " = ")
		given, known := values[value]
		if !ok || !known {
			return fmt.Errorf("eventlogtest: cannot apply %q", assignment)
		}
		item[nameOf(name, names)] = given
	}
	for _, name := range list(remove) {
		delete(item, nameOf(name, names))
	}
	return nil
}

// list splits a list at its commas.
func list(text string) (elements []string) {
	for _, element := range strings.Split(text, ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// nameOf is the attribute that a name stands for.
func nameOf(name string, names map[string]string) string {
	if given, ok := names[name]; ok {
		return given
	}
	return name
}
