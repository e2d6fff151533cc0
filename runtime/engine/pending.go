package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// toDoGeneration is the attribute of a to-do row that identifies its content: it is
// another one whenever a turn changes the row, and the same after events that leave the
// row as it is.
const toDoGeneration = "_generation"

// begin makes a to-do row one on which no work has begun yet: what the automation kept
// of the row before is gone.
func (r *row) begin() {
	r.kept = nil
	if string(r.data) == "null" {
		return
	}
	positions := []string{"to-do"}
	for _, component := range slices.Sorted(maps.Keys(r.positions)) {
		positions = append(positions, component, fmt.Sprint(r.positions[component]))
	}
	r.kept = map[string]types.AttributeValue{
		toDoStatus:     &types.AttributeValueMemberS{Value: statusPending},
		toDoGeneration: &types.AttributeValueMemberS{Value: hash(positions...)},
	}
	putTexts(r.kept, map[string]string{toDoCorrelation: r.correlation})
}

// sameRow says whether two rows have the same content. Numbers are compared by their
// value, because DynamoDB gives them back in another notation than they were written in.
func sameRow(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	first, err := decodeRow(a)
	if err != nil {
		return false
	}
	second, err := decodeRow(b)
	return err == nil && (first == nil) == (second == nil) && maps.EqualFunc(first, second, sameValue)
}

// sameValue compares JSON values that were decoded with json.Number.
func sameValue(a, b any) bool {
	switch v := a.(type) {
	case json.Number:
		other, ok := b.(json.Number)
		return ok && sameNumber(v, other)
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(v, other, sameValue)
	case map[string]any:
		other, ok := b.(map[string]any)
		return ok && maps.EqualFunc(v, other, sameValue)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false // these cannot be compared
	}
	return a == b
}

// sameNumber compares numbers that DynamoDB holds, of which none is very long.
func sameNumber(a, b json.Number) bool {
	first, ok := new(big.Rat).SetString(a.String())
	if !ok {
		return a == b
	}
	second, ok := new(big.Rat).SetString(b.String())
	return ok && first.Cmp(second) == 0
}
