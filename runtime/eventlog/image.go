package eventlog

import (
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// FromStream turns the image of a stream record, as the Lambda event has it, into an
// item as the DynamoDB client has it.
func FromStream(image map[string]events.DynamoDBAttributeValue) (map[string]types.AttributeValue, error) {
	item := make(map[string]types.AttributeValue, len(image))
	for name, value := range image {
		converted, err := fromStream(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		item[name] = converted
	}
	return item, nil
}

// fromStream converts one value.
func fromStream(value events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	switch value.DataType() {
	case events.DataTypeString:
		return text(value.String()), nil
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: value.Number()}, nil
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: value.Binary()}, nil
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: value.Boolean()}, nil
	case events.DataTypeNull:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case events.DataTypeList:
		return listFromStream(value.List())
	case events.DataTypeMap:
		item, err := FromStream(value.Map())
		return &types.AttributeValueMemberM{Value: item}, err
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: value.StringSet()}, nil
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: value.NumberSet()}, nil
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: value.BinarySet()}, nil
	}
	return nil, fmt.Errorf("unknown data type %d", value.DataType())
}

// listFromStream converts a list.
func listFromStream(list []events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	converted := make([]types.AttributeValue, len(list))
	for i, element := range list {
		value, err := fromStream(element)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		converted[i] = value
	}
	return &types.AttributeValueMemberL{Value: converted}, nil
}
