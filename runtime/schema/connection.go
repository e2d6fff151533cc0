package schema

import "github.com/vektah/gqlparser/v2/ast"

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
