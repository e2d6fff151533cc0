package schema

import (
	"cmp"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Fragment is one owner's part of the schema, checked and in canonical form. It is not
// changed after [ParseFragment], so goroutines may share it.
type Fragment struct {
	owner, file string
	sdl         string
	document    *ast.SchemaDocument
	types       map[string]*ast.Definition
	roots       []RootField
	// lines are the printed root fields in the order of roots.
	lines []string
	// pieces are the printed definitions of all types but the root types, those taken
	// from the platform's fragment included.
	pieces []piece
	// feeds maps each mutation that is a feed to the subscription that it feeds.
	feeds map[string]*ast.FieldDefinition
}

// RootField is a field of Query, Mutation or Subscription.
type RootField struct {
	// Type is the root type's name, Name the field's.
	Type, Name string
	// Line and Column are the place in the fragment as it was given.
	Line, Column int
	// Definition is the field, in canonical form. It must not be changed.
	Definition *ast.FieldDefinition
}

// piece is one printed definition.
type piece struct {
	text string
	def  *ast.Definition
	// head is the offset in text behind the header.
	head int
}

// Owner is the name of the plugin that the fragment belongs to.
func (f *Fragment) Owner() string { return f.owner }

// File is the fragment's file as it was given to [ParseFragment].
func (f *Fragment) File() string { return f.file }

// SDL is the fragment in canonical form: extensions folded, no descriptions, no
// comments, everything in the order of names, root types first. Parsing it again gives
// the same text. It is empty for an empty fragment.
func (f *Fragment) SDL() string { return f.sdl }

// RootFields are the fragment's root fields: of Query, Mutation and Subscription in
// this order, by name. The slice must not be changed.
func (f *Fragment) RootFields() []RootField { return f.roots }

// Document is the fragment in canonical form. Its positions are those of the text that
// was parsed. It must not be changed.
func (f *Fragment) Document() *ast.SchemaDocument { return f.document }

// FragmentOption adds to what [ParseFragment] reads.
type FragmentOption func(*fragmentSettings)

type fragmentSettings struct{ feeds []Feed }

// ParseFragment parses and checks owner's fragment. The file's name is used in problems
// only. A fragment with nothing but comments is valid and empty: its owner has no API.
//
// There is either a fragment or at least one problem, each with the code
// protocol.CodeInvalidSchema. A syntax error hides what comes after it; all other
// problems are reported together, in the order of their places.
func ParseFragment(owner, file, sdl string, options ...FragmentOption) (*Fragment, []Problem) {
	c := &checker{owner: owner, file: file, code: protocol.CodeInvalidSchema}
	var settings fragmentSettings
	for _, option := range options {
		option(&settings)
	}
	doc := c.parse(sdl)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	c.fold(doc)
	c.feed(settings.feeds)
	c.check()
	if len(c.problems) == 0 {
		c.authorize()
	}
	if len(c.problems) > 0 {
		sortProblems(c.problems)
		return nil, c.problems
	}
	return c.fragment(), nil
}

// parse gives the document as it was written, nil with a problem recorded.
func (c *checker) parse(sdl string) *ast.SchemaDocument {
	if len(sdl) > MaxBytes {
		c.refuse(nil, "the fragment has %d bytes, AppSync accepts a schema of at most %d bytes for all plugins together; make the fragment smaller", len(sdl), MaxBytes)
		return nil
	}
	if !utf8.ValidString(sdl) {
		c.refuse(nil, "the fragment is not UTF-8 text; save the file in UTF-8")
		return nil
	}
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: c.file, Input: sdl}, maxTokens)
	if err != nil {
		c.syntax(err)
		return nil
	}
	return doc
}

func (c *checker) syntax(err error) {
	p := Problem{Code: c.code, File: c.file, Message: "syntax error: " + err.Error()}
	if e := (*gqlerror.Error)(nil); errors.As(err, &e) {
		p.Message = "syntax error: " + e.Message
		if len(e.Locations) > 0 {
			p.Line, p.Column = e.Locations[0].Line, e.Locations[0].Column
		}
	}
	p.Message += "; the text is not valid GraphQL SDL, and AppSync would refuse it without saying where"
	c.problems = append(c.problems, p)
}

// authorize gives root fields the directives of their types, and holds them against those
// of their results.
func (c *checker) authorize() {
	for _, root := range rootTypes {
		if def := c.types[root]; def != nil {
			pushDownAuthorization(def)
		}
	}
	c.checkResults()
}

// fragment prints the checked definitions.
func (c *checker) fragment() *Fragment {
	f := &Fragment{owner: c.owner, file: c.file, types: c.types, document: &ast.SchemaDocument{}}
	f.feeds = c.openFeeds()
	own := make(ast.DefinitionList, 0, len(c.types))
	for _, def := range c.types {
		normalise(def)
		own = append(own, def)
	}
	slices.SortFunc(own, compareDefinitions)
	f.document.Definitions = own
	f.print(own)
	for _, def := range taken(own, c.types) {
		f.pieces = append(f.pieces, platformPieces()[def.Name])
	}
	return f
}

// compareDefinitions puts root types first, in the order of rootTypes, the others in
// the order of their names.
func compareDefinitions(a, b *ast.Definition) int {
	return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), cmp.Compare(a.Name, b.Name))
}

func rank(name string) int {
	if i := slices.Index(rootTypes[:], name); i >= 0 {
		return i
	}
	return len(rootTypes)
}

// print writes the canonical text and cuts it into pieces and lines, which share its
// memory.
func (f *Fragment) print(defs ast.DefinitionList) {
	type span struct{ start, head, end int }
	var p printer
	spans := make([]span, 0, len(defs))
	var lines []span
	for _, def := range defs {
		start := len(p.out)
		if isRoot(def.Name) {
			p.add(keywords[def.Kind], " ", def.Name, " {\n")
			for _, field := range def.Fields {
				line := len(p.out)
				p.field(field)
				lines = append(lines, span{start: line, end: len(p.out)})
				f.roots = append(f.roots, rootField(def.Name, field))
			}
			p.add("}\n")
			continue
		}
		head := p.definition(def)
		spans = append(spans, span{start, head - start, len(p.out)})
	}
	f.sdl = string(p.out)
	for _, s := range lines {
		f.lines = append(f.lines, f.sdl[s.start:s.end])
	}
	for i, def := range defs[len(defs)-len(spans):] {
		f.pieces = append(f.pieces, piece{text: f.sdl[spans[i].start:spans[i].end], def: def, head: spans[i].head})
	}
}

func rootField(typ string, field *ast.FieldDefinition) RootField {
	line, column := lineColumn(field.Position)
	return RootField{Type: typ, Name: field.Name, Line: line, Column: column, Definition: field}
}
