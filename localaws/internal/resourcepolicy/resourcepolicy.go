// Package resourcepolicy says whether a resource's policy lets an AWS service act on it.
//
//  1. A [Request] is allowed when a statement of the document allows it and none denies
//     it.
//  2. A statement counts when principal, action, resource and all its conditions match.
//     Conditions are compared with the request's context; one whose operator is not
//     known here does not match, and the statement does not count.
//
// It knows what such policies are made of, not all of IAM's language.
package resourcepolicy

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Request is what a service wants to do.
type Request struct {
	// Service is the principal: s3.amazonaws.com.
	Service string
	// Action is what it wants to do: sqs:SendMessage.
	Action string
	// Resource is the ARN of what the policy belongs to.
	Resource string
	// Context holds the keys that conditions look at, such as aws:SourceArn.
	Context map[string]string
}

type statement struct {
	Effect    string
	Principal json.RawMessage
	Action    list
	Resource  list
	Condition map[string]map[string]list
}

// list is one text or a list of texts.
type list []string

// UnmarshalJSON reads a text, a boolean or a list of them.
func (l *list) UnmarshalJSON(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	for _, value := range values {
		switch t := value.(type) {
		case string:
			*l = append(*l, t)
		case bool:
			*l = append(*l, map[bool]string{true: "true", false: "false"}[t])
		}
	}
	return nil
}

// Allows says whether the policy document allows the request. A document that cannot be
// read allows nothing.
func Allows(document string, r Request) bool {
	var policy struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(document), &policy) != nil {
		return false
	}
	var statements []statement
	if json.Unmarshal(policy.Statement, &statements) != nil {
		var single statement
		if json.Unmarshal(policy.Statement, &single) != nil {
			return false
		}
		statements = []statement{single}
	}
	matches := func(effect string) bool {
		return slices.ContainsFunc(statements, func(s statement) bool { return s.Effect == effect && s.matches(r) })
	}
	return matches("Allow") && !matches("Deny")
}

func (s statement) matches(r Request) bool {
	if !s.isFor(r.Service) || !s.Action.matchFold(r.Action) || len(s.Resource) > 0 && !s.Resource.match(r.Resource) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !holds(operator, values, valueOf(r.Context, key)) {
				return false
			}
		}
	}
	return true
}

// isFor compares the principal: "*", {"AWS": "*"} or {"Service": …}.
func (s statement) isFor(service string) bool {
	var everybody string
	if json.Unmarshal(s.Principal, &everybody) == nil {
		return everybody == "*"
	}
	var principals map[string]list
	if json.Unmarshal(s.Principal, &principals) != nil {
		return false
	}
	return slices.Contains(principals["AWS"], "*") || slices.Contains(principals["Service"], service) || slices.Contains(principals["Service"], "*")
}

// valueOf looks a condition's key up; their case does not matter.
func valueOf(context map[string]string, key string) *string {
	for name, value := range context {
		if strings.EqualFold(name, key) {
			return &value
		}
	}
	return nil
}

func holds(operator string, wanted list, value *string) bool {
	operator, optional := strings.CutSuffix(operator, "IfExists")
	if value == nil {
		return optional
	}
	switch operator {
	case "StringEquals":
		return slices.Contains(wanted, *value)
	case "Bool", "StringEqualsIgnoreCase":
		return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, *value) })
	case "StringLike", "ArnEquals", "ArnLike":
		return wanted.match(*value)
	case "StringNotEquals":
		return !slices.Contains(wanted, *value)
	}
	return false
}

func (l list) match(value string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool { return matchPattern(pattern, value) })
}

func (l list) matchFold(value string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool { return matchPattern(strings.ToLower(pattern), strings.ToLower(value)) })
}

// matchPattern knows * and ?, which also match the separators of ARNs and paths.
func matchPattern(pattern, value string) bool {
	escape := strings.NewReplacer("/", "\x00", "[", "\\[", "\\", "\\\\")
	matched, err := path.Match(escape.Replace(pattern), strings.ReplaceAll(value, "/", "\x00"))
	return err == nil && matched
}
