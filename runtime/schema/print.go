package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// printer writes definitions in the canonical form: no descriptions, no comments, and
// what has no order in GraphQL in the order of its names. Equal structures have equal
// texts. Definitions are put in order first, see [normalise].
type printer struct {
	out []byte
	// bare leaves out directives and default values of null, for comparing with what
	// AppSync says that it has.
	bare bool
}

func (p *printer) add(parts ...string) {
	for _, part := range parts {
		p.out = append(p.out, part...)
	}
}

// keywords are the words that definitions start with.
var keywords = map[ast.DefinitionKind]string{
	ast.Scalar: "scalar", ast.Object: "type", ast.Interface: "interface",
	ast.Union: "union", ast.Enum: "enum", ast.InputObject: "input",
}

// definition writes a definition and returns the offset in out just behind its header,
// where further directives can be put.
func (p *printer) definition(def *ast.Definition) (head int) {
	p.add(keywords[def.Kind], " ", def.Name)
	for i, name := range def.Interfaces {
		p.add(separator(i, " implements ", " & "), name)
	}
	p.directives(def.Directives)
	head = len(p.out)
	for i, name := range def.Types {
		p.add(separator(i, " = ", " | "), name)
	}
	p.body(def)
	p.add("\n")
	return head
}

// separator gives what stands before the element i of a list.
func separator(i int, first, others string) string {
	if i == 0 {
		return first
	}
	return others
}

func (p *printer) body(def *ast.Definition) {
	if len(def.Fields)+len(def.EnumValues) == 0 {
		return
	}
	p.add(" {\n")
	for _, field := range def.Fields {
		p.field(field)
	}
	for _, value := range def.EnumValues {
		p.add("  ", value.Name)
		p.directives(value.Directives)
		p.add("\n")
	}
	p.add("}")
}

// field writes one line: a field of an object or interface, or one of an input object.
func (p *printer) field(field *ast.FieldDefinition) {
	p.add("  ", field.Name)
	for i, arg := range field.Arguments {
		p.add(separator(i, "(", ", "), arg.Name, ": ")
		p.typ(arg.Type)
		p.defaultValue(arg.DefaultValue)
		p.directives(arg.Directives)
	}
	if len(field.Arguments) > 0 {
		p.add(")")
	}
	p.add(": ")
	p.typ(field.Type)
	p.defaultValue(field.DefaultValue)
	p.directives(field.Directives)
	p.add("\n")
}

func (p *printer) typ(t *ast.Type) {
	if t.Elem != nil {
		p.add("[")
		p.typ(t.Elem)
		p.add("]")
	} else {
		p.add(t.NamedType)
	}
	if t.NonNull {
		p.add("!")
	}
}

func (p *printer) defaultValue(value *ast.Value) {
	if value == nil || p.bare && value.Kind == ast.NullValue {
		return
	}
	p.add(" = ", value.String())
}

func (p *printer) directives(list ast.DirectiveList) {
	if p.bare {
		return
	}
	for _, directive := range list {
		p.add(" ")
		p.directive(directive)
	}
}

func (p *printer) directive(directive *ast.Directive) {
	p.add("@", directive.Name)
	for i, arg := range directive.Arguments {
		p.add(separator(i, "(", ", "), arg.Name, ": ", arg.Value.String())
	}
	if len(directive.Arguments) > 0 {
		p.add(")")
	}
}

// printed gives a definition's canonical text.
func printed(def *ast.Definition) string {
	var p printer
	p.definition(def)
	return string(p.out)
}

// normalise strips a definition of descriptions and comments and puts everything that
// GraphQL gives no order to in the order of its names. It changes def.
func normalise(def *ast.Definition) {
	def.Description = ""
	def.BeforeDescriptionComment, def.AfterDescriptionComment, def.EndOfDefinitionComment = nil, nil, nil
	slices.Sort(def.Interfaces)
	slices.Sort(def.Types)
	// The positions belong to the order that the types had.
	def.TypePositions = nil
	normaliseDirectives(def.Directives)
	for _, field := range def.Fields {
		normaliseField(field)
	}
	for _, value := range def.EnumValues {
		value.Description, value.BeforeDescriptionComment, value.AfterDescriptionComment = "", nil, nil
		normaliseDirectives(value.Directives)
	}
	slices.SortFunc(def.Fields, func(a, b *ast.FieldDefinition) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(def.EnumValues, func(a, b *ast.EnumValueDefinition) int { return cmp.Compare(a.Name, b.Name) })
}

func normaliseField(field *ast.FieldDefinition) {
	field.Description, field.BeforeDescriptionComment, field.AfterDescriptionComment = "", nil, nil
	normaliseDirectives(field.Directives)
	normaliseValue(field.DefaultValue)
	for _, arg := range field.Arguments {
		arg.Description, arg.BeforeDescriptionComment, arg.AfterDescriptionComment = "", nil, nil
		normaliseDirectives(arg.Directives)
		normaliseValue(arg.DefaultValue)
	}
	slices.SortFunc(field.Arguments, func(a, b *ast.ArgumentDefinition) int { return cmp.Compare(a.Name, b.Name) })
}

// normaliseDirectives orders directives and their arguments, and the groups and names
// that they list.
func normaliseDirectives(list ast.DirectiveList) {
	for _, directive := range list {
		slices.SortFunc(directive.Arguments, func(a, b *ast.Argument) int { return cmp.Compare(a.Name, b.Name) })
		for _, arg := range directive.Arguments {
			normaliseValue(arg.Value)
			slices.SortStableFunc(arg.Value.Children, func(a, b *ast.ChildValue) int {
				return strings.Compare(a.Value.Raw, b.Value.Raw)
			})
		}
	}
	slices.SortStableFunc(list, func(a, b *ast.Directive) int { return cmp.Compare(a.Name, b.Name) })
}

// normaliseValue orders the fields of input objects; lists keep their order.
func normaliseValue(value *ast.Value) {
	if value == nil {
		return
	}
	value.Comment = nil
	for _, child := range value.Children {
		child.Comment = nil
		normaliseValue(child.Value)
	}
	if value.Kind == ast.ObjectValue {
		slices.SortStableFunc(value.Children, func(a, b *ast.ChildValue) int { return cmp.Compare(a.Name, b.Name) })
	}
}
