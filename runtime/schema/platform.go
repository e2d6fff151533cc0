package schema

import (
	_ "embed"
	"maps"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// PlatformSDL is the platform's own fragment. Its owner is protocol.PlatformPlugin.
//
//go:embed platform.graphql
var PlatformSDL string

// reservedPrefix starts the names that only the platform's own fragment may define.
const reservedPrefix = "Platform_"

// platformTypes are the types that every fragment may use without defining them: those
// of the platform's fragment but its root types, in canonical form.
var platformTypes = sync.OnceValue(func() map[string]*ast.Definition {
	doc, err := parser.ParseSchema(&ast.Source{Name: "platform.graphql", Input: PlatformSDL})
	if err != nil {
		panic("runtime/schema: platform.graphql, which is embedded in this program, does not parse: " + err.Error())
	}
	types := map[string]*ast.Definition{}
	for _, def := range doc.Definitions {
		if !isRoot(def.Name) {
			normalise(def)
			types[def.Name] = def
		}
	}
	return types
})

// platformPieces are the printed [platformTypes].
var platformPieces = sync.OnceValue(func() map[string]piece {
	pieces := map[string]piece{}
	for name, def := range platformTypes() {
		pieces[name] = newPiece(def)
	}
	return pieces
})

func newPiece(def *ast.Definition) piece {
	var p printer
	head := p.definition(def)
	return piece{text: string(p.out), def: def, head: head}
}

// taken gives the platform's types that defs need and types does not have, in the order
// of their names.
func taken(defs ast.DefinitionList, types map[string]*ast.Definition) ast.DefinitionList {
	found := map[string]*ast.Definition{}
	var visit func(name string)
	visit = func(name string) {
		def := platformTypes()[name]
		if def == nil || types[name] != nil || found[name] != nil {
			return
		}
		found[name] = def
		references(def, visit)
	}
	for _, def := range defs {
		references(def, visit)
	}
	list := slices.Collect(maps.Values(found))
	slices.SortFunc(list, compareDefinitions)
	return list
}

// references calls visit with each name of a type that def mentions.
func references(def *ast.Definition, visit func(name string)) {
	for _, name := range def.Interfaces {
		visit(name)
	}
	for _, name := range def.Types {
		visit(name)
	}
	for _, field := range def.Fields {
		fieldReferences(field, visit)
	}
}

func fieldReferences(field *ast.FieldDefinition, visit func(name string)) {
	visit(field.Type.Name())
	for _, arg := range field.Arguments {
		visit(arg.Type.Name())
	}
}
