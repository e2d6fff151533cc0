package engine

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// toAttribute turns a JSON value, decoded with json.Number, into a DynamoDB value.
// The path is for errors.
func toAttribute(path string, value any) (types.AttributeValue, error) {
	switch v := value.(type) {
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case string:
		return &types.AttributeValueMemberS{Value: v}, nil
	case json.Number:
		if err := checkNumber(v); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return &types.AttributeValueMemberN{Value: v.String()}, nil
	case []any:
		return toList(path, v)
	case map[string]any:
		item, err := toItem(path, v)
		return &types.AttributeValueMemberM{Value: item}, err
	}
	return nil, fmt.Errorf("%s: a %T is no JSON value", path, value)
}

// toItem turns a JSON object into DynamoDB attributes.
func toItem(path string, object map[string]any) (map[string]types.AttributeValue, error) {
	item := make(map[string]types.AttributeValue, len(object))
	for name, member := range object {
		value, err := toAttribute(path+"."+name, member)
		if err != nil {
			return nil, err
		}
		item[name] = value
	}
	return item, nil
}

// toList turns a JSON array into a DynamoDB list.
func toList(path string, array []any) (types.AttributeValue, error) {
	list := make([]types.AttributeValue, len(array))
	for i, element := range array {
		value, err := toAttribute(fmt.Sprintf("%s[%d]", path, i), element)
		if err != nil {
			return nil, err
		}
		list[i] = value
	}
	return &types.AttributeValueMemberL{Value: list}, nil
}

// fromAttribute turns a DynamoDB value back into a JSON value. Binary values and
// sets are no JSON; the engine never writes them.
func fromAttribute(path string, value types.AttributeValue) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberBOOL:
		return v.Value, nil
	case *types.AttributeValueMemberS:
		return v.Value, nil
	case *types.AttributeValueMemberN:
		if !json.Valid([]byte(v.Value)) {
			return nil, fmt.Errorf("%s: DynamoDB returned the number %q", path, v.Value)
		}
		return json.Number(v.Value), nil
	case *types.AttributeValueMemberM:
		return fromItem(path, v.Value)
	case *types.AttributeValueMemberL:
		array := make([]any, len(v.Value))
		for i, element := range v.Value {
			member, err := fromAttribute(fmt.Sprintf("%s[%d]", path, i), element)
			if err != nil {
				return nil, err
			}
			array[i] = member
		}
		return array, nil
	}
	return nil, fmt.Errorf("%s: a value of the type %T was not written by the engine", path, value)
}

// fromItem turns DynamoDB attributes back into a JSON object.
func fromItem(path string, item map[string]types.AttributeValue) (map[string]any, error) {
	object := make(map[string]any, len(item))
	for name, value := range item {
		member, err := fromAttribute(path+"."+name, value)
		if err != nil {
			return nil, err
		}
		object[name] = member
	}
	return object, nil
}
