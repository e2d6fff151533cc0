package datasource

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// attributes reads a map of DynamoDB's JSON, such as {"id": {"S": "1"}}. path names
// it in errors.
func attributes(value any, path string) (map[string]types.AttributeValue, error) {
	if value == nil {
		return nil, nil
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("Value for field '%s' is no object of DynamoDB values", path)
	}
	result := map[string]types.AttributeValue{}
	for name, field := range fields {
		attribute, err := attribute(field, path+"."+name)
		if err != nil {
			return nil, err
		}
		result[name] = attribute
	}
	return result, nil
}

func attribute(value any, path string) (types.AttributeValue, error) {
	fields, ok := value.(map[string]any)
	if !ok || len(fields) != 1 {
		return nil, fmt.Errorf("Value for field '%s' is no DynamoDB value such as {\"S\": \"text\"}; use util.dynamodb.toDynamoDB", path)
	}
	for kind, content := range fields {
		result, err := typed(kind, content, path)
		if err != nil {
			return nil, err
		}
		return result, nil
	}
	return nil, nil
}

func typed(kind string, content any, path string) (types.AttributeValue, error) {
	wrong := fmt.Errorf("Value for field '%s' is no DynamoDB value of type %s", path, kind)
	switch kind {
	case "NULL":
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case "BOOL":
		if flag, ok := content.(bool); ok {
			return &types.AttributeValueMemberBOOL{Value: flag}, nil
		}
	case "S", "N", "B":
		return scalar(kind, content, wrong)
	case "SS", "NS", "BS":
		return set(kind, content, wrong)
	case "L":
		return list(content, path, wrong)
	case "M":
		fields, err := attributes(content, path)
		return &types.AttributeValueMemberM{Value: fields}, err
	}
	return nil, wrong
}

func scalar(kind string, content any, wrong error) (types.AttributeValue, error) {
	if number, ok := content.(json.Number); ok {
		content = number.String()
	}
	text, ok := content.(string)
	if !ok {
		return nil, wrong
	}
	switch kind {
	case "S":
		return &types.AttributeValueMemberS{Value: text}, nil
	case "N":
		return &types.AttributeValueMemberN{Value: text}, nil
	}
	binary, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, wrong
	}
	return &types.AttributeValueMemberB{Value: binary}, nil
}

func set(kind string, content any, wrong error) (types.AttributeValue, error) {
	values, ok := content.([]any)
	if !ok {
		return nil, wrong
	}
	var texts []string
	var binaries [][]byte
	for _, value := range values {
		member, err := scalar(kind[:1], value, wrong)
		if err != nil {
			return nil, err
		}
		switch member := member.(type) {
		case *types.AttributeValueMemberS:
			texts = append(texts, member.Value)
		case *types.AttributeValueMemberN:
			texts = append(texts, member.Value)
		case *types.AttributeValueMemberB:
			binaries = append(binaries, member.Value)
		}
	}
	switch kind {
	case "SS":
		return &types.AttributeValueMemberSS{Value: texts}, nil
	case "NS":
		return &types.AttributeValueMemberNS{Value: texts}, nil
	default:
		return &types.AttributeValueMemberBS{Value: binaries}, nil
	}
}

func list(content any, path string, wrong error) (types.AttributeValue, error) {
	values, ok := content.([]any)
	if !ok {
		return nil, wrong
	}
	result := make([]types.AttributeValue, len(values))
	for i, value := range values {
		element, err := attribute(value, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		result[i] = element
	}
	return &types.AttributeValueMemberL{Value: result}, nil
}

// plainItem is an item as resolvers see it; nil for no item.
func plainItem(item map[string]types.AttributeValue) any {
	if item == nil {
		return nil
	}
	result := map[string]any{}
	for name, value := range item {
		result[name] = plain(value)
	}
	return result
}

// plain is a value as resolvers see it: sets are lists, binaries base64.
func plain(value types.AttributeValue) any {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value
	case *types.AttributeValueMemberN:
		return json.Number(value.Value)
	case *types.AttributeValueMemberBOOL:
		return value.Value
	case *types.AttributeValueMemberB:
		return base64.StdEncoding.EncodeToString(value.Value)
	case *types.AttributeValueMemberM:
		return plainItem(value.Value)
	case *types.AttributeValueMemberL:
		return plainList(value.Value, plain)
	case *types.AttributeValueMemberSS:
		return plainList(value.Value, func(text string) any { return text })
	case *types.AttributeValueMemberNS:
		return plainList(value.Value, func(number string) any { return json.Number(number) })
	case *types.AttributeValueMemberBS:
		return plainList(value.Value, func(binary []byte) any { return base64.StdEncoding.EncodeToString(binary) })
	default:
		return nil
	}
}

func plainList[T any](values []T, convert func(T) any) any {
	result := make([]any, len(values))
	for i, value := range values {
		result[i] = convert(value)
	}
	return result
}
