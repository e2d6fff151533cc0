package execution

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// queryPaths maps every place of a document to the path of the field around it, as
// validation errors name it: the fields' names joined by "/", below a fragment's
// name if the field is in a fragment.
func queryPaths(document *ast.QueryDocument) map[Location]string {
	finder := pathFinder{}
	for _, operation := range document.Operations {
		finder.selections(operation.SelectionSet, nil)
	}
	for _, fragment := range document.Fragments {
		path := []string{fragment.Name}
		finder.mark(fragment.Position, path)
		finder.selections(fragment.SelectionSet, path)
	}
	return finder
}

type pathFinder map[Location]string

func (f pathFinder) mark(position *ast.Position, path []string) {
	if position != nil {
		f[Location{Line: position.Line, Column: position.Column}] = strings.Join(path, "/")
	}
}

func (f pathFinder) selections(set ast.SelectionSet, path []string) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			f.field(selection, append(path[:len(path):len(path)], selection.Name))
		case *ast.InlineFragment:
			f.mark(selection.Position, path)
			f.directives(selection.Directives, path)
			f.selections(selection.SelectionSet, path)
		case *ast.FragmentSpread:
			f.mark(selection.Position, path)
			f.directives(selection.Directives, path)
		}
	}
}

func (f pathFinder) field(field *ast.Field, path []string) {
	f.mark(field.Position, path)
	f.arguments(field.Arguments, path)
	f.directives(field.Directives, path)
	f.selections(field.SelectionSet, path)
}

func (f pathFinder) directives(directives ast.DirectiveList, path []string) {
	for _, directive := range directives {
		f.mark(directive.Position, path)
		f.arguments(directive.Arguments, path)
	}
}

func (f pathFinder) arguments(arguments ast.ArgumentList, path []string) {
	for _, argument := range arguments {
		f.mark(argument.Position, path)
		f.value(argument.Value, path)
	}
}

func (f pathFinder) value(value *ast.Value, path []string) {
	if value == nil {
		return
	}
	f.mark(value.Position, path)
	for _, child := range value.Children {
		f.mark(child.Position, path)
		f.value(child.Value, path)
	}
}
