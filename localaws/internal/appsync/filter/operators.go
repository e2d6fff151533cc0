package filter

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// operator compares a field's value with a rule's.
type operator struct {
	match func(field, value any) bool
	// list is how many values the rule's list may have, 0 for operators without one.
	list int
}

// operators are all that subscription filters have. A field that is null matches what
// negates only, and "eq" null.
var operators = map[string]operator{
	"eq":          {match: equal},
	"ne":          {match: not(equal)},
	"le":          {match: ordered(func(order int) bool { return order <= 0 })},
	"lt":          {match: ordered(func(order int) bool { return order < 0 })},
	"ge":          {match: ordered(func(order int) bool { return order >= 0 })},
	"gt":          {match: ordered(func(order int) bool { return order > 0 })},
	"contains":    {match: contains},
	"notContains": {match: not(contains)},
	"beginsWith":  {match: beginsWith},
	"in":          {match: in, list: MaxValues},
	"notIn":       {match: not(in), list: MaxValues},
	"between":     {match: between, list: 2},
	"containsAny": {match: containsAny, list: MaxAnyValues},
}

func names() string { return strings.Join(slices.Sorted(maps.Keys(operators)), ", ") }

func not(match func(field, value any) bool) func(field, value any) bool {
	return func(field, value any) bool { return !match(field, value) }
}

func equal(field, value any) bool {
	if order, ok := compare(field, value); ok {
		return order == 0
	}
	left, leftOK := field.(bool)
	right, rightOK := value.(bool)
	return leftOK && rightOK && left == right || field == nil && value == nil
}

// compare orders two numbers or two texts.
func compare(a, b any) (order int, ok bool) {
	switch a := a.(type) {
	case json.Number:
		if b, isNumber := b.(json.Number); isNumber {
			x, xErr := a.Float64()
			y, yErr := b.Float64()
			return cmp.Compare(x, y), xErr == nil && yErr == nil
		}
	case string:
		if b, isText := b.(string); isText {
			return cmp.Compare(a, b), true
		}
	}
	return 0, false
}

func ordered(wanted func(order int) bool) func(field, value any) bool {
	return func(field, value any) bool {
		order, ok := compare(field, value)
		return ok && wanted(order)
	}
}

// contains finds a part of a text, or an element of a list.
func contains(field, value any) bool {
	if list, ok := field.([]any); ok {
		return slices.ContainsFunc(list, func(element any) bool { return equal(element, value) })
	}
	text, isText := field.(string)
	part, ok := value.(string)
	return isText && ok && strings.Contains(text, part)
}

func beginsWith(field, value any) bool {
	text, isText := field.(string)
	start, ok := value.(string)
	return isText && ok && strings.HasPrefix(text, start)
}

func in(field, value any) bool {
	list, _ := value.([]any)
	return slices.ContainsFunc(list, func(element any) bool { return equal(field, element) })
}

func between(field, value any) bool {
	bounds, _ := value.([]any)
	if len(bounds) != 2 {
		return false
	}
	low, lowOK := compare(field, bounds[0])
	high, highOK := compare(field, bounds[1])
	return lowOK && highOK && low >= 0 && high <= 0
}

func containsAny(field, value any) bool {
	list, _ := value.([]any)
	return slices.ContainsFunc(list, func(element any) bool { return contains(field, element) })
}
