// Package policy evaluates IAM policy documents: those of resources, which name who may do
// something, and those of roles, which do not.
//
//  1. [Parse] reads a document, [Judge] asks several for one [Request].
//  2. A statement counts when principal, action, resource and all its conditions match. One
//     that denies wins over all that allow.
//  3. Conditions are compared with the request's context. One whose operator is not known
//     here never lets anything through: in a statement that allows it does not match, in one
//     that denies it does, and the answer says so.
//
// It knows what such policies are made of, not all of IAM's language: a statement with
// NotAction, NotResource or NotPrincipal is an error.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Request is what a service wants to do.
type Request struct {
	// Service is the principal: s3.amazonaws.com. Empty is for the documents of roles.
	Service string
	// Action is what it wants to do: sqs:SendMessage.
	Action string
	// Resource is the ARN of what the policy belongs to.
	Resource string
	// Context holds the keys that conditions look at, such as aws:SourceArn.
	Context map[string]string
}

// Document is a policy document.
type Document struct{ statements []statement }

type statement struct {
	Effect    string
	Principal json.RawMessage
	Action    list
	Resource  list
	Condition map[string]map[string]list

	NotAction, NotResource, NotPrincipal json.RawMessage
}

// Verdict is what documents say to a request.
type Verdict struct {
	// Allowed says that a statement allows and none denies, Denied that one denies.
	Allowed, Denied bool
	// Unknown are the condition operators that are not known here and decided.
	Unknown []string
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

// Parse reads a document.
func Parse(text string) (Document, error) {
	var content struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(text), &content); err != nil {
		return Document{}, fmt.Errorf("the policy cannot be read: %w", err)
	}
	var statements []statement
	if json.Unmarshal(content.Statement, &statements) != nil {
		var single statement
		if err := json.Unmarshal(content.Statement, &single); err != nil {
			return Document{}, fmt.Errorf("the policy's statements cannot be read: %w", err)
		}
		statements = []statement{single}
	}
	for _, s := range statements {
		if s.NotAction != nil || s.NotResource != nil || s.NotPrincipal != nil {
			return Document{}, errors.New("the local AWS does not evaluate NotAction, NotResource and NotPrincipal")
		}
	}
	return Document{statements}, nil
}

// Allows says whether the policy document allows the request. A document that cannot be
// read allows nothing.
func Allows(document string, r Request) bool {
	parsed, err := Parse(document)
	return err == nil && Judge(r, parsed).Allowed
}

// Judge says what documents say to a request together.
func Judge(r Request, documents ...Document) Verdict {
	var verdict Verdict
	for _, document := range documents {
		for _, s := range document.statements {
			if !s.isAbout(r) {
				continue
			}
			holds, unknown := s.conditionsHold(r.Context)
			verdict.Unknown = append(verdict.Unknown, unknown...)
			switch {
			case s.Effect == "Deny" && (holds || len(unknown) > 0):
				verdict.Denied = true
			case s.Effect == "Allow" && holds && len(unknown) == 0:
				verdict.Allowed = true
			}
		}
	}
	verdict.Allowed = verdict.Allowed && !verdict.Denied
	return verdict
}

func (s statement) isAbout(r Request) bool {
	return s.isFor(r.Service) && s.Action.matchFold(r.Action) && (len(s.Resource) == 0 || s.Resource.match(r.Resource))
}

// conditionsHold says whether all conditions whose operators are known hold, and which are
// not known.
func (s statement) conditionsHold(context map[string]string) (holds bool, unknown []string) {
	holds = true
	for operator, keys := range s.Condition {
		for key, values := range keys {
			held, known := compare(operator, values, valueOf(context, key))
			if !known {
				unknown = append(unknown, operator)
			}
			holds = holds && (held || !known)
		}
	}
	return holds, unknown
}

// isFor compares the principal: "*", {"AWS": "*"} or {"Service": …}.
func (s statement) isFor(service string) bool {
	if service == "" || s.Principal == nil {
		return service == "" && s.Principal == nil
	}
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

// compare applies an operator; known is false for one that is not known here.
func compare(operator string, wanted list, value *string) (holds, known bool) {
	operator, optional := strings.CutSuffix(operator, "IfExists")
	if operator == "Null" {
		return wanted.matchFold(strconv.FormatBool(value == nil)), true
	}
	test, known := operators[operator]
	switch {
	case !known:
		return false, false
	case value == nil:
		return optional || strings.Contains(operator, "Not"), true
	}
	return test(wanted, *value), true
}

// operators are the condition operators that are known, for a key that is there.
var operators = map[string]func(wanted list, value string) bool{
	"StringEquals":           func(wanted list, value string) bool { return slices.Contains(wanted, value) },
	"StringNotEquals":        func(wanted list, value string) bool { return !slices.Contains(wanted, value) },
	"StringEqualsIgnoreCase": list.equalFold,
	"Bool":                   list.equalFold,
	"StringLike":             list.match,
	"StringNotLike":          func(wanted list, value string) bool { return !wanted.match(value) },
	"ArnEquals":              list.match,
	"ArnLike":                list.match,
	"ArnNotEquals":           func(wanted list, value string) bool { return !wanted.match(value) },
	"ArnNotLike":             func(wanted list, value string) bool { return !wanted.match(value) },
}

func (l list) equalFold(value string) bool {
	return slices.ContainsFunc(l, func(wanted string) bool { return strings.EqualFold(wanted, value) })
}

func (l list) match(value string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool { return matchPattern(pattern, value) })
}

func (l list) matchFold(value string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool { return matchPattern(strings.ToLower(pattern), strings.ToLower(value)) })
}

// matchPattern knows * and ?, which also match the separators of ARNs and paths. It goes on
// from the last * when what follows does not match.
func matchPattern(pattern, value string) bool {
	star, retry, p := -1, 0, 0
	for v := 0; v < len(value); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, v
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == value[v]):
			p, v = p+1, v+1
		case star >= 0:
			retry++
			p, v = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
