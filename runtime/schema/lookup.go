package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Type gives a type that the fragment may use: its own, in canonical form, the
// platform's, or a scalar. It is nil when there is none. It must not be changed.
func (f *Fragment) Type(name string) *ast.Definition {
	c := checker{types: f.types}
	return c.known(name)
}

// Field gives a field of one of the fragment's own types, nil when there is none. It
// must not be changed.
func (f *Fragment) Field(typ, name string) *ast.FieldDefinition {
	def := f.types[typ]
	if def == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(def.Fields, name, func(field *ast.FieldDefinition, name string) int {
		return strings.Compare(field.Name, name)
	})
	if !ok {
		return nil
	}
	return def.Fields[i]
}

// Argument gives an argument of a field, nil when there is none.
func Argument(field *ast.FieldDefinition, name string) *ast.ArgumentDefinition {
	return field.Arguments.ForName(name)
}

// SuggestField gives a sentence with the names of a type's fields that name may be a
// misspelling of, see [Suggest].
func (f *Fragment) SuggestField(typ, name string) string {
	def := f.types[typ]
	if def == nil {
		return ""
	}
	return Suggest(name, fieldNames(def.Fields))
}

func fieldNames(fields ast.FieldList) []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names
}

// SuggestType gives a sentence with the names of types that name may be a misspelling
// of, see [Suggest].
func (f *Fragment) SuggestType(name string) string {
	return Suggest(name, slices.Collect(maps.Keys(f.types)))
}

// SuggestArgument gives a sentence with the names of a field's arguments that name may
// be a misspelling of, see [Suggest].
func SuggestArgument(field *ast.FieldDefinition, name string) string {
	names := make([]string, len(field.Arguments))
	for i, arg := range field.Arguments {
		names[i] = arg.Name
	}
	return Suggest(name, names)
}

// IsList tells whether a type is a list, which gives no way to ask for the next page.
func IsList(typ *ast.Type) bool { return typ.Elem != nil }

// IsConnection tells whether def is a page of a list, and of which type: an object type
// with "items: [T…]" and "nextToken: String", where other fields, if any, are nullable.
func IsConnection(def *ast.Definition) (itemType string, ok bool) {
	if def == nil || def.Kind != ast.Object {
		return "", false
	}
	token := false
	for _, field := range def.Fields {
		switch {
		case field.Name == "items" && field.Type.Elem != nil && field.Type.Elem.Elem == nil:
			itemType = field.Type.Name()
		case field.Name == "nextToken" && field.Type.String() == "String":
			token = true
		case field.Type.NonNull:
			return "", false
		}
	}
	if !token || itemType == "" {
		return "", false
	}
	return itemType, true
}
