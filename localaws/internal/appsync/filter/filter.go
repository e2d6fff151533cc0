// Package filter evaluates AppSync's enhanced subscription filters.
//
//  1. [Parse] reads what a resolver gave to extensions.setSubscriptionFilter or
//     setSubscriptionInvalidationFilter: {filterGroup: [{filters: [{fieldName,
//     operator, value}, …]}, …]}, and refuses what is beyond AppSync's limits.
//  2. [Group.Match] holds a value against it: one of the group's entries must match,
//     of an entry every rule (operators.go).
//
// https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-enhanced-filtering.html
package filter

import (
	"encoding/json"
	"fmt"
	"strings"
)

// AppSync's limits of one filter.
const (
	// MaxEntries is how many entries a group may have.
	MaxEntries = 10
	// MaxFields is how many different fields a filter may name.
	MaxFields = 5
	// MaxValues is how many values "in" and "notIn" take, MaxAnyValues "containsAny".
	MaxValues    = 5
	MaxAnyValues = 20
	// MaxDepth is how many names a field's path may have, MaxPath how many characters.
	MaxDepth = 5
	MaxPath  = 256
)

// Group is a filter; an empty one lets everything through.
type Group struct {
	Entries []Entry `json:"filterGroup"`
}

// Entry is one alternative of a group.
type Entry struct {
	Rules []Rule `json:"filters"`
}

// Rule compares one field.
type Rule struct {
	// Field is the path of the field, its names joined by dots.
	Field    string `json:"fieldName"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// Parse reads a filter from the types of encoding/json; a text is read as JSON. The
// error is AppSync's message where it is known.
func Parse(value any) (*Group, error) {
	text, ok := value.(string)
	if !ok {
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		text = string(encoded)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	group := &Group{}
	if err := decoder.Decode(group); err != nil {
		return nil, fmt.Errorf("the filter is not an object with a filterGroup: %w", err)
	}
	return group, group.check()
}

func (g *Group) check() error {
	if len(g.Entries) > MaxEntries {
		return fmt.Errorf("Filters combination exceed maximum limit %d for subscription.", MaxEntries)
	}
	fields := map[string]bool{}
	for _, entry := range g.Entries {
		for _, rule := range entry.Rules {
			if err := rule.check(); err != nil {
				return err
			}
			fields[rule.Field] = true
		}
	}
	if len(fields) > MaxFields {
		return fmt.Errorf("Filters exceed maximum attributes limit %d for subscription.", MaxFields)
	}
	return nil
}

func (r Rule) check() error {
	compare, ok := operators[r.Operator]
	switch {
	case !ok:
		return fmt.Errorf("the operator %q is unknown; subscription filters have %s", r.Operator, names())
	case r.Field == "" || len(r.Field) > MaxPath || strings.Count(r.Field, ".") >= MaxDepth:
		return fmt.Errorf("the field %q is no path of at most %d names and %d characters", r.Field, MaxDepth, MaxPath)
	case compare.list == 0:
		return r.checkValue(r.Value)
	}
	values, ok := r.Value.([]any)
	if !ok {
		return fmt.Errorf("the operator %q of field %s takes a list", r.Operator, r.Field)
	}
	if r.Operator == "between" && len(values) != 2 {
		return fmt.Errorf("the operator \"between\" of field %s takes a list of two values", r.Field)
	}
	if len(values) > compare.list {
		return fmt.Errorf("subscription exceeds maximum value limit %d for operator `%s`.", compare.list, r.Operator)
	}
	for _, value := range values {
		if err := r.checkValue(value); err != nil {
			return err
		}
	}
	return nil
}

// checkValue refuses lists and objects.
func (r Rule) checkValue(value any) error {
	switch value.(type) {
	case []any, map[string]any:
		return fmt.Errorf("the operator %q of field %s takes texts, numbers and booleans", r.Operator, r.Field)
	}
	return nil
}

// Match says whether the filter lets a value through, a mutation's answer in the types
// of encoding/json with numbers as json.Number.
func (g *Group) Match(value any) bool {
	for _, entry := range g.Entries {
		if entry.match(value) {
			return true
		}
	}
	return len(g.Entries) == 0
}

func (e Entry) match(value any) bool {
	for _, rule := range e.Rules {
		if !operators[rule.Operator].match(at(value, rule.Field), rule.Value) {
			return false
		}
	}
	return true
}

// at is the value at a path, nil if there is none.
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	return value
}
