package execution

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// property is a value that computes its properties; introspection uses it.
type property interface {
	property(name string, arguments map[string]any) any
}

// object executes the selection on a value of an object type. It answers false when
// a null has to go up to the parent.
func (r *run) object(ctx context.Context, parent *ast.Definition, source any, sets []ast.SelectionSet, path []any, serial bool) (any, bool) {
	groups := r.collect(parent, sets)
	result := &object{keys: make([]string, len(groups)), values: make([]any, len(groups))}
	kept := make([]bool, len(groups))
	var wait sync.WaitGroup
	for i, group := range groups {
		result.keys[i] = group.key
		field := fieldRun{run: r, parent: parent, group: group, source: source, path: append(slices.Clip(path), group.key)}
		field.resolver = r.host.Resolver(parent.Name, group.first().Name)
		execute := func() { result.values[i], kept[i] = field.execute(ctx) }
		if serial || field.resolver == nil {
			execute()
			continue
		}
		wait.Go(execute)
	}
	wait.Wait()
	if slices.Contains(kept, false) {
		return nil, false
	}
	return result, true
}

// fieldRun is the execution of one field on one value.
type fieldRun struct {
	*run
	parent   *ast.Definition
	group    fieldGroup
	source   any
	path     []any
	resolver Resolver
}

func (f *fieldRun) execute(ctx context.Context) (any, bool) {
	field := f.group.first()
	if field.Name == "__typename" {
		return f.parent.Name, true
	}
	definition := field.Definition
	if !f.host.Authorized(f.parent, definition) {
		f.fail(Failure{Type: "Unauthorized", Message: fmt.Sprintf("Not Authorized to access %s on type %s", field.Name, f.parent.Name)})
		return f.complete(ctx, definition.Type, nil, f.path)
	}
	value := f.value(ctx, field)
	return f.complete(ctx, definition.Type, value, f.path)
}

// value is the field's value before it is completed.
func (f *fieldRun) value(ctx context.Context, field *ast.Field) any {
	arguments, err := f.arguments(field.Definition.Arguments, field.Arguments)
	if err != nil {
		f.errors.add(Error{Path: f.path, Locations: locate(field.Position), Message: err.Error()})
		return nil
	}
	if f.resolver == nil {
		return f.property(field.Name, arguments)
	}
	if f.resolvers.Add(1) > MaxResolvers {
		f.fail(Failure{Type: "ResolverExecutionLimitReached", Message: fmt.Sprintf("Resolver invocation limit reached: %d.", MaxResolvers)})
		return nil
	}
	outcome := f.resolver(ctx, f.call(field, arguments))
	for _, failure := range outcome.Errors {
		f.fail(failure)
	}
	return outcome.Value
}

func (f *fieldRun) call(field *ast.Field, arguments map[string]any) Call {
	sets := f.group.sets()
	return Call{
		TypeName: f.parent.Name, FieldName: field.Name, Arguments: arguments, Variables: f.variables, Source: f.source,
		Selections: f.selections(sets, ""), SelectionSet: selectionText(sets),
	}
}

func (f *fieldRun) property(name string, arguments map[string]any) any {
	switch source := f.source.(type) {
	case property:
		return source.property(name, arguments)
	case map[string]any:
		return source[name]
	case nil:
		if f.parent == f.types.Query {
			return (&introspector{f.types}).property(name, arguments)
		}
	}
	return nil
}

func (f *fieldRun) fail(failure Failure) {
	f.errors.add(Error{Path: f.path, Failure: &failure, Locations: locate(f.group.first().Position), Message: failure.Message})
}
