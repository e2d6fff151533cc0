package eventlog

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxItemSize is the greatest size of a DynamoDB item in bytes (400 KB, names of
// attributes included).
const MaxItemSize = 400 * 1024

// ItemSize is the size of an item in bytes as DynamoDB counts it: the UTF-8 length
// of names and strings, at most 21 bytes for a number, 1 byte for null and booleans,
// and for lists and maps 3 bytes and 1 byte per element. Numbers are rounded up.
// Source: DynamoDB developer guide, "Item sizes and formats".
func ItemSize(item map[string]types.AttributeValue) int {
	size := 0
	for name, value := range item {
		size += len(name) + valueSize(value)
	}
	return size
}

// valueSize is the size of one value.
func valueSize(value types.AttributeValue) int {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return min(len(v.Value)/2+2, 21)
	case *types.AttributeValueMemberL:
		size := 3
		for _, element := range v.Value {
			size += 1 + valueSize(element)
		}
		return size
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + ItemSize(v.Value)
	case *types.AttributeValueMemberSS:
		return setSize(v.Value, func(s string) int { return len(s) })
	case *types.AttributeValueMemberNS:
		return setSize(v.Value, func(s string) int { return min(len(s)/2+2, 21) })
	case *types.AttributeValueMemberBS:
		return setSize(v.Value, func(b []byte) int { return len(b) })
	}
	return 1
}

// setSize is the size of a set.
func setSize[T any](elements []T, size func(T) int) int {
	total := 3
	for _, element := range elements {
		total += 1 + size(element)
	}
	return total
}
