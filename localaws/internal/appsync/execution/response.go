package execution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// Response is the body of an answer with status 200.
type Response struct {
	// Data is nil when nothing was executed or a null went up to the root.
	Data   any     `json:"data"`
	Errors []Error `json:"errors,omitempty"`
	// Mutations are the answers of a mutation's fields, in the order of their calls;
	// those that are null are left out.
	Mutations []Mutation `json:"-"`
}

// Mutation is the answer of a field of Mutation: what subscribers to it can see.
type Mutation struct {
	Field string
	// Value has what the caller selected, in the types of encoding/json.
	Value any
}

// Location is a place in the request's document.
type Location struct {
	Line       int     `json:"line"`
	Column     int     `json:"column"`
	SourceName *string `json:"sourceName"`
}

// Error is one entry of an answer's errors.
type Error struct {
	// Path names the field: response keys and list indexes.
	Path []any
	// Failure is set for errors of resolvers and of authorization; the others have
	// neither data nor errorType.
	Failure *Failure
	// Locations is null in the JSON when empty.
	Locations []Location
	Message   string
}

// MarshalJSON writes the fields in AppSync's order.
func (e Error) MarshalJSON() ([]byte, error) {
	if e.Failure == nil {
		return json.Marshal(struct {
			Path      []any      `json:"path"`
			Locations []Location `json:"locations"`
			Message   string     `json:"message"`
		}{e.Path, e.Locations, e.Message})
	}
	var kind any
	if e.Failure.Type != "" {
		kind = e.Failure.Type
	}
	return json.Marshal(struct {
		Path      []any      `json:"path"`
		Data      any        `json:"data"`
		Type      any        `json:"errorType"`
		Info      any        `json:"errorInfo"`
		Locations []Location `json:"locations"`
		Message   string     `json:"message"`
	}{e.Path, e.Failure.Data, kind, e.Failure.Info, e.Locations, e.Message})
}

func locate(position *ast.Position) []Location {
	if position == nil {
		return nil
	}
	return []Location{{Line: position.Line, Column: position.Column}}
}

// errorList collects errors of fields that run concurrently.
type errorList struct {
	mutex  sync.Mutex
	errors []Error
}

func (l *errorList) add(e Error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.errors = append(l.errors, e)
}

// sorted orders the errors by place in the document, then path, so that one request
// always gets one answer.
func (l *errorList) sorted() []Error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	slices.SortStableFunc(l.errors, func(a, b Error) int { return strings.Compare(pathText(a.Path), pathText(b.Path)) })
	return l.errors
}

// pathText is a path as in AppSync's messages: /list/items[0]/name.
func pathText(path []any) string {
	var text strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		default:
			fmt.Fprintf(&text, "/%v", step)
		}
	}
	return text.String()
}

// object is a JSON object that keeps the order of the selection.
type object struct {
	keys   []string
	values []any
}

// MarshalJSON writes the fields in the order of the selection.
func (o *object) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			text.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o.values[i])
		if err != nil {
			return nil, err
		}
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}
