package eventlogtest

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// check evaluates a condition and returns DynamoDB's error if it does not hold.
func check(expression *string, names map[string]string, values map[string]types.AttributeValue, item Item) error {
	if aws.ToString(expression) == "" {
		return nil
	}
	ok, err := evaluate(*expression, names, values, item)
	if err == nil && !ok {
		err = &types.ConditionalCheckFailedException{Message: aws.String("The conditional request failed")}
	}
	return err
}

// evaluate understands terms joined by AND, or by OR, without parentheses around
// them: attribute_exists(path), attribute_not_exists(path) and path = <> < <= > >= value.
func evaluate(expression string, names map[string]string, values map[string]types.AttributeValue, item Item) (bool, error) {
	separator, decided := " AND ", false
	if strings.Contains(expression, " OR ") {
		separator, decided = " OR ", true
		if strings.Contains(expression, " AND ") {
			return false, fmt.Errorf("eventlogtest: cannot evaluate a mix of AND and OR: %s", expression)
		}
	}
	for _, term := range strings.Split(expression, separator) {
		ok, err := evaluateTerm(strings.TrimSpace(term), names, values, item)
		if err != nil {
			return false, err
		}
		if ok == decided {
			return decided, nil
		}
	}
	return !decided, nil
}

// evaluateTerm evaluates one function or comparison.
func evaluateTerm(term string, names map[string]string, values map[string]types.AttributeValue, item Item) (bool, error) {
	for function, want := range map[string]bool{"attribute_exists(": true, "attribute_not_exists(": false} {
		if path, ok := strings.CutPrefix(term, function); ok {
			_, exists := lookup(item, strings.TrimSuffix(path, ")"), names)
			return exists == want, nil
		}
	}
	parts := strings.Fields(term)
	if len(parts) != 3 {
		return false, fmt.Errorf("eventlogtest: cannot evaluate %q", term)
	}
	want, ok := values[parts[2]]
	if !ok {
		return false, fmt.Errorf("ValidationException: the expression uses %s, which has no value", parts[2])
	}
	got, exists := lookup(item, parts[0], names)
	return exists && compare(got, parts[1], want), nil
}

// lookup follows a path such as #a.#b.
func lookup(item Item, path string, names map[string]string) (types.AttributeValue, bool) {
	var value types.AttributeValue = &types.AttributeValueMemberM{Value: item}
	for _, step := range strings.Split(path, ".") {
		if name, ok := names[step]; ok {
			step = name
		}
		m, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			return nil, false
		}
		if value, ok = m.Value[step]; !ok {
			return nil, false
		}
	}
	return value, true
}

// compare applies an operator; values of different types are only ever unequal.
func compare(got types.AttributeValue, operator string, want types.AttributeValue) bool {
	order, comparable := 0, false
	switch g := got.(type) {
	case *types.AttributeValueMemberN:
		if w, ok := want.(*types.AttributeValueMemberN); ok {
			order, comparable = number(g.Value).Cmp(number(w.Value)), true
		}
	case *types.AttributeValueMemberS:
		if w, ok := want.(*types.AttributeValueMemberS); ok {
			order, comparable = strings.Compare(g.Value, w.Value), true
		}
	}
	equal := reflect.DeepEqual(got, want) || (comparable && order == 0)
	switch operator {
	case "=":
		return equal
	case "<>":
		return !equal
	case "<", "<=":
		return comparable && (order < 0 || (operator == "<=" && equal))
	case ">", ">=":
		return comparable && (order > 0 || (operator == ">=" && equal))
	}
	return false
}

// number is the value of a number attribute.
func number(text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return value
}
