package execution

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// complete turns a resolved value into the response's value for its type. It answers
// false when the type is non-null and the value is not there.
func (f *fieldRun) complete(ctx context.Context, expected *ast.Type, value any, path []any) (any, bool) {
	nullable := *expected
	nullable.NonNull = false
	completed, ok := f.completeNullable(ctx, &nullable, value, path)
	if ok && completed != nil {
		return completed, true
	}
	if !expected.NonNull {
		return nil, true
	}
	if ok { // a null that came from below was reported there
		f.errors.add(Error{Path: path, Message: fmt.Sprintf("Cannot return null for non-nullable type: '%s' within parent '%s' (%s)",
			nullable.String(), f.parent.Name, pathText(path))})
	}
	return nil, false
}

// completeNullable answers false when a null below was non-null.
func (f *fieldRun) completeNullable(ctx context.Context, expected *ast.Type, value any, path []any) (any, bool) {
	if value == nil {
		return nil, true
	}
	if expected.Elem != nil {
		return f.list(ctx, expected.Elem, value, path)
	}
	definition := f.types.Types[expected.NamedType]
	if definition.IsLeafType() {
		return f.leaf(definition, value, path), true
	}
	return f.composite(ctx, definition, value, path)
}

// mismatch reports a value of the wrong shape; it becomes null.
func (f *fieldRun) mismatch(path []any, kind string) (any, bool) {
	f.errors.add(Error{Path: path, Message: fmt.Sprintf("Can't resolve value (%s) : type mismatch error, expected type %s", pathText(path), kind)})
	return nil, true
}

func (f *fieldRun) list(ctx context.Context, element *ast.Type, value any, path []any) (any, bool) {
	values, ok := value.([]any)
	if !ok {
		return f.mismatch(path, "LIST")
	}
	result := make([]any, len(values))
	kept := make([]bool, len(values))
	var wait sync.WaitGroup
	for i := range values {
		complete := func() { result[i], kept[i] = f.complete(ctx, element, values[i], append(slices.Clip(path), i)) }
		if f.types.Types[element.Name()].IsLeafType() {
			complete()
			continue
		}
		wait.Go(complete)
	}
	wait.Wait()
	if slices.Contains(kept, false) {
		return nil, false
	}
	return result, true
}

func (f *fieldRun) leaf(definition *ast.Definition, value any, path []any) any {
	if definition.Kind == ast.Scalar {
		serialized, err := serialize(definition.Name, value)
		if err == nil {
			return serialized
		}
		f.errors.add(Error{Path: path, Message: fmt.Sprintf("Can't serialize value (%s) : %s", pathText(path), err)})
		return nil
	}
	if name, ok := value.(string); ok && definition.EnumValues.ForName(name) != nil {
		return name
	}
	f.errors.add(Error{Path: path, Message: fmt.Sprintf("Can't serialize value (%s) : Invalid input for Enum '%s'. No value found for name '%s'",
		pathText(path), definition.Name, javaText(value))})
	return nil
}

func (f *fieldRun) composite(ctx context.Context, definition *ast.Definition, value any, path []any) (any, bool) {
	switch value.(type) {
	case map[string]any, property:
	default:
		return f.mismatch(path, "OBJECT")
	}
	concrete := definition
	if definition.IsAbstractType() {
		concrete = f.concrete(definition, value)
		if concrete == nil {
			f.errors.add(Error{Path: path, Locations: locate(f.group.first().Position), Message: fmt.Sprintf(
				"Can't resolve '%s'. Abstract type '%s' must resolve to an Object type at runtime for field '%s.%s'. Could not determine the exact type of '%s'",
				pathText(path), definition.Name, f.parent.Name, f.group.first().Name, definition.Name)})
			return nil, true
		}
	}
	return f.object(ctx, concrete, value, f.group.sets(), path, false)
}

// concrete is the object type that the value's __typename names, nil if it names
// none of the abstract type's.
func (f *fieldRun) concrete(abstract *ast.Definition, value any) *ast.Definition {
	fields, _ := value.(map[string]any)
	name, _ := fields["__typename"].(string)
	for _, possible := range f.types.PossibleTypes[abstract.Name] {
		if possible.Name == name {
			return possible
		}
	}
	return nil
}
