package cloud

import (
	"encoding/binary"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Items that nobody uses are kept as bytes: millions of them as maps would take several
// times the memory, through all of which the garbage collector would have to go again and
// again.

// The kinds of values that the engine writes.
const (
	packedText = iota + 1
	packedNumber
	packedTrue
	packedFalse
	packedNull
	packedMap
	packedList
)

// pack appends an item: the number of its attributes, then name and value of each.
func pack(buffer []byte, item Item) []byte {
	buffer = binary.AppendUvarint(buffer, uint64(len(item)))
	for name, value := range item {
		buffer = packValue(packText(buffer, name), value)
	}
	return buffer
}

// packText appends the length of a text and the text.
func packText(buffer []byte, text string) []byte {
	return append(binary.AppendUvarint(buffer, uint64(len(text))), text...)
}

// packValue appends a value after its kind.
func packValue(buffer []byte, value types.AttributeValue) []byte {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return packText(append(buffer, packedText), v.Value)
	case *types.AttributeValueMemberN:
		return packText(append(buffer, packedNumber), v.Value)
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return append(buffer, packedTrue)
		}
		return append(buffer, packedFalse)
	case *types.AttributeValueMemberNULL:
		return append(buffer, packedNull)
	case *types.AttributeValueMemberM:
		return pack(append(buffer, packedMap), v.Value)
	case *types.AttributeValueMemberL:
		buffer = binary.AppendUvarint(append(buffer, packedList), uint64(len(v.Value)))
		for _, element := range v.Value {
			buffer = packValue(buffer, element)
		}
		return buffer
	}
	panic(fmt.Sprintf("cloud: the engine is not expected to write a %T", value))
}

// unpacker reads what pack wrote.
type unpacker struct{ rest []byte }

// number reads a number.
func (u *unpacker) number() int {
	n, size := binary.Uvarint(u.rest)
	u.rest = u.rest[size:]
	return int(n)
}

// text reads a text.
func (u *unpacker) text() string {
	length := u.number()
	text := string(u.rest[:length])
	u.rest = u.rest[length:]
	return text
}

// item reads an item.
func (u *unpacker) item() Item {
	count := u.number()
	item := make(Item, count)
	for range count {
		name := u.text()
		item[name] = u.value()
	}
	return item
}

// value reads a value.
func (u *unpacker) value() types.AttributeValue {
	kind := u.rest[0]
	u.rest = u.rest[1:]
	switch kind {
	case packedText:
		return &types.AttributeValueMemberS{Value: u.text()}
	case packedNumber:
		return &types.AttributeValueMemberN{Value: u.text()}
	case packedTrue, packedFalse:
		return &types.AttributeValueMemberBOOL{Value: kind == packedTrue}
	case packedMap:
		return &types.AttributeValueMemberM{Value: u.item()}
	case packedList:
		list := make([]types.AttributeValue, u.number())
		for i := range list {
			list[i] = u.value()
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}
