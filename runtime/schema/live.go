package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// Live is the schema that an API has now.
type Live struct {
	// types are all types by name, scalars and introspection left out.
	types map[string]*ast.Definition
	// rootNames are the names of the root types.
	rootNames []string
	roots     map[string]bool
}

// ParseLive reads the SDL that AppSync's GetIntrospectionSchema gives, with or without
// directives: it may hold a schema block, definitions of directives and scalars,
// descriptions, and interfaces separated by commas. Empty text is an empty schema.
func ParseLive(sdl string) (*Live, error) {
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: "live schema", Input: sdl}, 0)
	if err != nil {
		again, errAgain := parser.ParseSchema(&ast.Source{Name: "live schema", Input: joinInterfaces(sdl)})
		if errAgain != nil {
			return nil, fmt.Errorf("reading the schema that the API has now: %w", err)
		}
		doc = again
	}
	c := &checker{types: make(map[string]*ast.Definition, len(doc.Definitions))}
	for _, def := range doc.Definitions {
		if def.Kind != ast.Scalar && !strings.HasPrefix(def.Name, "__") {
			c.types[def.Name] = def
		}
	}
	for _, ext := range doc.Extensions {
		if base := c.types[ext.Name]; base != nil {
			merge(base, ext)
		} else {
			c.types[ext.Name] = ext
		}
	}
	return newLive(c.types, liveRoots(doc)), nil
}

func newLive(types map[string]*ast.Definition, rootNames []string) *Live {
	l := &Live{types: types, rootNames: rootNames, roots: map[string]bool{}}
	for _, def := range types {
		normalise(def)
	}
	for _, name := range rootNames {
		if def := types[name]; def != nil {
			for _, field := range def.Fields {
				l.roots[name+"."+field.Name] = true
			}
		}
	}
	return l
}

// liveRoots gives the names of the root types, which a schema block may change.
func liveRoots(doc *ast.SchemaDocument) []string {
	var names []string
	for _, def := range slices.Concat(doc.Schema, doc.SchemaExtension) {
		for _, op := range def.OperationTypes {
			names = append(names, op.Type)
		}
	}
	if len(doc.Schema) == 0 {
		names = append(names, rootTypes[:]...)
	}
	return names
}

// joinInterfaces puts "&" between the interfaces of a type where the old syntax has a
// comma or a space: "implements A, B".
func joinInterfaces(sdl string) string {
	source := &ast.Source{Input: sdl}
	lex := lexer.New(source)
	text := []rune(sdl)
	var out []rune
	done, inList, afterName := 0, false, false
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return string(append(out, text[done:]...))
		}
		isName := token.Kind == lexer.Name
		switch {
		case isName && token.Value == "implements":
			inList, afterName = true, false
		case inList && isName && afterName:
			out = append(append(out, text[done:token.Pos.Start]...), '&', ' ')
			done = token.Pos.Start
		case inList && isName:
			afterName = true
		case inList && token.Kind == lexer.Amp:
			afterName = false
		default:
			inList = false
		}
	}
}

// RootFields gives the root fields that the API has: "Query.product". The map is a copy.
func (l *Live) RootFields() map[string]bool { return maps.Clone(l.roots) }

// Types are the types of the API by name, without scalars and those of introspection. They
// must not be changed.
func (l *Live) Types() map[string]*ast.Definition { return l.types }

// Matches tells whether the API already has what a composition says: the same root
// fields with the same types below them. Order, descriptions, directives and types that
// no root field leads to do not count; see [Live.Equals].
func (l *Live) Matches(c *Composition) bool { return l.same(c, true) }

// Equals tells whether the API already has what a composition says, directives included.
// That it does not proves nothing: AppSync may write directives differently.
func (l *Live) Equals(c *Composition) bool { return l.same(c, false) }

func (l *Live) same(c *Composition, bare bool) bool {
	wanted, err := ParseLive(c.SDL)
	return err == nil && maps.Equal(l.structure(bare), wanted.structure(bare))
}

// structure gives the texts of all types that callers can reach; bare ones are without
// directives.
func (l *Live) structure(bare bool) map[string]string {
	texts := map[string]string{}
	l.reach(l.rootNames, func(def *ast.Definition) {
		p := printer{bare: bare}
		p.definition(def)
		texts[def.Name] = string(p.out)
	})
	return texts
}

// reach calls visit once with each type that names lead to. An interface leads to the
// types that implement it.
func (l *Live) reach(names []string, visit func(*ast.Definition)) {
	seen := map[string]bool{}
	implementations := implementations(l.types)
	queue := slices.Clone(names)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		def := l.types[name]
		if def == nil || seen[name] {
			continue
		}
		seen[name] = true
		visit(def)
		references(def, func(name string) { queue = append(queue, name) })
		queue = append(queue, implementations[name]...)
	}
}

// implementations maps each interface to the types that implement it.
func implementations(types map[string]*ast.Definition) map[string][]string {
	found := map[string][]string{}
	for _, def := range types {
		for _, name := range def.Interfaces {
			found[name] = append(found[name], def.Name)
		}
	}
	return found
}
