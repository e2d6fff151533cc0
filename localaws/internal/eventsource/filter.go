package eventsource

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// filters are a mapping's filter criteria: a record is taken if one of them matches
// it, or if there are none.
type filters []map[string]any

// parseFilters reads patterns in the language of EventBridge.
func parseFilters(criteria *filterCriteria) (filters, error) {
	if criteria == nil {
		return nil, nil
	}
	var all filters
	for _, text := range criteria.Filters {
		var pattern map[string]any
		if err := json.Unmarshal([]byte(text.Pattern), &pattern); err != nil {
			return nil, fmt.Errorf("Invalid filter pattern definition. %w", err) //nolint:staticcheck // AWS's text
		}
		if err := checkPattern(pattern); err != nil {
			return nil, fmt.Errorf("Invalid filter pattern definition. %w", err) //nolint:staticcheck // AWS's text
		}
		all = append(all, pattern)
	}
	return all, nil
}

func checkPattern(pattern map[string]any) error {
	for key, value := range pattern {
		switch value := value.(type) {
		case map[string]any:
			if err := checkPattern(value); err != nil {
				return err
			}
		case []any:
			if err := checkRules(key, value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q must be an object or an array", key)
		}
	}
	return nil
}

func checkRules(key string, rules []any) error {
	if len(rules) == 0 {
		return fmt.Errorf("empty arrays are not allowed, as for %q", key)
	}
	for _, rule := range rules {
		object, isObject := rule.(map[string]any)
		if !isObject {
			continue
		}
		if key == "$or" {
			if err := checkPattern(object); err != nil {
				return err
			}
			continue
		}
		for name := range object {
			if operator(name) == nil {
				return fmt.Errorf("unrecognized match type %q of %q", name, key)
			}
		}
	}
	return nil
}

// match says whether a record is taken. The body of a queue's message is matched as
// JSON where a pattern describes its fields, else as text.
func (f filters) match(record map[string]any) bool {
	if len(f) == 0 {
		return true
	}
	for _, pattern := range f {
		if matchObject(pattern, withParsedBody(pattern, record)) {
			return true
		}
	}
	return false
}

func withParsedBody(pattern, record map[string]any) map[string]any {
	text, isText := record["body"].(string)
	if _, wantsFields := pattern["body"].(map[string]any); !isText || !wantsFields {
		return record
	}
	var body any
	_ = json.Unmarshal([]byte(text), &body) // what is not JSON has no fields
	parsed := map[string]any{}
	for key, value := range record {
		parsed[key] = value
	}
	parsed["body"] = body
	return parsed
}

func matchObject(pattern map[string]any, value any) bool {
	object, _ := value.(map[string]any)
	for key, rule := range pattern {
		if key == "$or" {
			if !matchAny(rule, value) {
				return false
			}
			continue
		}
		field, present := object[key]
		if !matchField(rule, field, present) {
			return false
		}
	}
	return true
}

func matchAny(alternatives any, value any) bool {
	list, _ := alternatives.([]any)
	for _, alternative := range list {
		if pattern, ok := alternative.(map[string]any); ok && matchObject(pattern, value) {
			return true
		}
	}
	return false
}

func matchField(rule, field any, present bool) bool {
	if nested, ok := rule.(map[string]any); ok {
		return matchNested(nested, field)
	}
	rules, _ := rule.([]any)
	for _, one := range rules {
		if matchRule(one, field, present) {
			return true
		}
	}
	return false
}

// matchNested matches an object, or any object of an array.
func matchNested(pattern map[string]any, field any) bool {
	elements, isArray := field.([]any)
	if !isArray {
		return matchObject(pattern, field)
	}
	for _, element := range elements {
		if matchObject(pattern, element) {
			return true
		}
	}
	return false
}

// matchRule matches a value, or any element of an array.
func matchRule(rule, field any, present bool) bool {
	conditions, isOperator := rule.(map[string]any)
	if isOperator {
		if wanted, ok := conditions["exists"]; ok {
			return wanted == present
		}
	}
	if !present {
		return false
	}
	elements, isArray := field.([]any)
	if !isArray {
		elements = []any{field}
	}
	for _, element := range elements {
		if isOperator && matchOperators(conditions, element) || !isOperator && equal(rule, element) {
			return true
		}
	}
	return false
}

// operator is a match type's comparison, nil for an unknown one.
func operator(name string) func(argument, value any) bool {
	switch name {
	case "prefix":
		return func(a, v any) bool { return affix(a, v, strings.HasPrefix) }
	case "suffix":
		return func(a, v any) bool { return affix(a, v, strings.HasSuffix) }
	case "equals-ignore-case":
		return func(a, v any) bool { return text(a, v, strings.EqualFold) }
	case "anything-but":
		return func(a, v any) bool { return !isAnyOf(a, v) }
	case "numeric":
		return matchNumeric
	case "wildcard":
		return func(a, v any) bool { return text(v, a, matchWildcard) }
	case "exists": // handled by matchRule, since the value may be absent
		return func(any, any) bool { return false }
	}
	return nil
}

func matchOperators(rule map[string]any, value any) bool {
	for name, argument := range rule {
		if compare := operator(name); compare == nil || !compare(argument, value) {
			return false
		}
	}
	return true
}

func text(a, b any, compare func(a, b string) bool) bool {
	first, ok1 := a.(string)
	second, ok2 := b.(string)
	return ok1 && ok2 && compare(first, second)
}

// affix compares a prefix or suffix, given as text or as {"equals-ignore-case": …}.
func affix(argument, value any, has func(value, affix string) bool) bool {
	if options, ok := argument.(map[string]any); ok {
		return text(value, options["equals-ignore-case"], func(v, a string) bool { return has(strings.ToLower(v), strings.ToLower(a)) })
	}
	return text(value, argument, has)
}

// isAnyOf is what anything-but negates: a value, a list of values, or an operator
// with one or several arguments.
func isAnyOf(argument, value any) bool {
	conditions, isOperator := argument.(map[string]any)
	if !isOperator {
		return slices.ContainsFunc(list(argument), func(each any) bool { return equal(each, value) })
	}
	for name, inner := range conditions {
		compare := operator(name)
		if compare != nil && slices.ContainsFunc(list(inner), func(each any) bool { return compare(each, value) }) {
			return true
		}
	}
	return false
}

func list(value any) []any {
	if values, ok := value.([]any); ok {
		return values
	}
	return []any{value}
}

// equal compares texts, numbers, booleans and null; lists and objects are never equal.
func equal(a, b any) bool {
	switch a.(type) {
	case nil, string, float64, bool:
		return a == b
	}
	return false
}

// matchNumeric compares with pairs of operator and number: [">", 0, "<=", 5].
func matchNumeric(argument, value any) bool {
	number, isNumber := value.(float64)
	comparisons, _ := argument.([]any)
	if !isNumber || len(comparisons) == 0 || len(comparisons)%2 != 0 {
		return false
	}
	for i := 0; i < len(comparisons); i += 2 {
		bound, ok := comparisons[i+1].(float64)
		if !ok || !compare(comparisons[i], number, bound) {
			return false
		}
	}
	return true
}

func compare(operator any, number, bound float64) bool {
	switch operator {
	case "=":
		return number == bound
	case "<":
		return number < bound
	case "<=":
		return number <= bound
	case ">":
		return number > bound
	case ">=":
		return number >= bound
	}
	return false
}

// matchWildcard matches a pattern in which * stands for any characters.
func matchWildcard(value, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return value == pattern
	}
	if !strings.HasPrefix(value, parts[0]) {
		return false
	}
	value = value[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(value, part)
		if i < 0 {
			return false
		}
		value = value[i+len(part):]
	}
	return strings.HasSuffix(value, parts[len(parts)-1])
}
