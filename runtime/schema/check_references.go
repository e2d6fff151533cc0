package schema

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkReferences holds each name of a type against the type that it names.
func (c *checker) checkReferences(def *ast.Definition) {
	for _, field := range def.Fields {
		s := subject{"field", def.Name, field.Name, ""}
		if def.Kind == ast.InputObject {
			c.checkInput(s, field.Type, field.DefaultValue)
			continue
		}
		c.checkOutput(s, field)
		for _, arg := range field.Arguments {
			c.checkInput(subject{"argument", def.Name, field.Name, arg.Name}, arg.Type, arg.DefaultValue)
		}
	}
	c.checkMembers(def)
	c.checkInterfaces(def)
}

// find gives the type that a reference names, nil with a problem recorded.
func (c *checker) find(s subject, pos *ast.Position, name string) *ast.Definition {
	if def := c.known(name); def != nil {
		return def
	}
	c.refuse(pos, "%s has the unknown type %s; a fragment must define every type that it uses, or take it from the platform or from AppSync's scalars: a type that another plugin defines could change or go.%s",
		s, name, c.suggest(name, c.typeNames()))
	return nil
}

func (c *checker) typeNames() []string {
	names := slices.Collect(maps.Keys(c.types))
	names = slices.AppendSeq(names, maps.Keys(scalars))
	return slices.AppendSeq(names, maps.Keys(platformTypes()))
}

func (c *checker) checkOutput(s subject, field *ast.FieldDefinition) {
	c.checkListDepth(s, field.Type)
	target := c.find(s, field.Type.Position, field.Type.Name())
	if target != nil && target.Kind == ast.InputObject {
		c.refuse(field.Type.Position, "%s gives the input type %s, which is for arguments only; define a \"type\" with the same fields", s, target.Name)
	}
}

func (c *checker) checkInput(s subject, typ *ast.Type, value *ast.Value) {
	c.checkListDepth(s, typ)
	target := c.find(s, typ.Position, typ.Name())
	if target == nil {
		return
	}
	if !target.IsInputType() {
		c.refuse(typ.Position, "%s has the type %s, which is not for arguments; define an \"input\" with the fields that are needed", s, target.Name)
		return
	}
	if value != nil {
		c.checkDefault(s, typ, value)
	}
}

func (c *checker) checkListDepth(s subject, typ *ast.Type) {
	depth, pos := 0, typ.Position
	for ; typ.Elem != nil; typ = typ.Elem {
		depth++
	}
	if depth > maxListDepth {
		c.refuse(pos, "%s is a list of lists %d deep, at most %d are allowed; use a type of its own", s, depth, maxListDepth)
	}
}

// checkMembers checks the types of a union.
func (c *checker) checkMembers(def *ast.Definition) {
	at := func(i int) (subject, *ast.Position) {
		s := subject{"union member", def.Name, def.Types[i], ""}
		if len(def.TypePositions) != len(def.Types) {
			return s, def.Position
		}
		return s, def.TypePositions[i]
	}
	c.unique(len(def.Types), at)
	for i, name := range def.Types {
		s, pos := at(i)
		if target := c.find(s, pos, name); target != nil && target.Kind != ast.Object {
			c.refuse(pos, "union %s has %s, but only object types can be in a union; remove it", def.Name, name)
		}
	}
}

func (c *checker) checkInterfaces(def *ast.Definition) {
	if len(def.Interfaces) == 0 {
		return
	}
	if def.Kind == ast.Interface {
		c.refuse(def.Position, "interface %s implements another interface, which AppSync does not support; repeat the fields and let the object types implement both", def.Name)
		return
	}
	c.unique(len(def.Interfaces), func(i int) (subject, *ast.Position) {
		return subject{"interface", def.Interfaces[i], "", ""}, def.Position
	})
	// Each once: repeating a name must not repeat the work.
	for _, name := range slices.Compact(slices.Sorted(slices.Values(def.Interfaces))) {
		target := c.find(subject{"type", def.Name, "", ""}, def.Position, name)
		switch {
		case target == nil:
		case target.Kind != ast.Interface:
			c.refuse(def.Position, "type %s implements %s, which is not an interface; remove it", def.Name, name)
		default:
			c.checkImplements(def, target)
		}
	}
}

// checkImplements follows https://spec.graphql.org/October2021/#IsValidImplementation().
func (c *checker) checkImplements(def, target *ast.Definition) {
	fields := make(map[string]*ast.FieldDefinition, len(def.Fields))
	for _, field := range def.Fields {
		fields[field.Name] = field
	}
	for _, want := range target.Fields {
		have := fields[want.Name]
		if have == nil {
			c.refuse(def.Position, "type %s implements %s, but lacks its field %s: %s; add it", def.Name, target.Name, want.Name, want.Type)
			continue
		}
		if !c.covariant(want.Type, have.Type) {
			c.refuse(have.Position, "field %s.%s has the type %s, but interface %s asks for %s; change one of them", def.Name, have.Name, have.Type, target.Name, want.Type)
		}
		c.checkArguments(def, target, want, have)
	}
}

func (c *checker) checkArguments(def, target *ast.Definition, want, have *ast.FieldDefinition) {
	wanted, owned := byName(want.Arguments), byName(have.Arguments)
	for _, arg := range want.Arguments {
		own := owned[arg.Name]
		if own == nil {
			c.refuse(have.Position, "field %s.%s lacks the argument %s: %s that interface %s asks for; add it", def.Name, have.Name, arg.Name, arg.Type, target.Name)
		} else if own.Type.String() != arg.Type.String() {
			c.refuse(own.Position, "argument %s.%s(%s:) has the type %s, but interface %s asks for %s; make them the same", def.Name, have.Name, arg.Name, own.Type, target.Name, arg.Type)
		}
	}
	for _, own := range have.Arguments {
		if own.Type.NonNull && own.DefaultValue == nil && wanted[own.Name] == nil {
			c.refuse(own.Position, "argument %s.%s(%s:) is required, but interface %s does not have it; make it nullable or give it a default", def.Name, have.Name, own.Name, target.Name)
		}
	}
}

func byName(arguments ast.ArgumentDefinitionList) map[string]*ast.ArgumentDefinition {
	named := make(map[string]*ast.ArgumentDefinition, len(arguments))
	for _, arg := range arguments {
		named[arg.Name] = arg
	}
	return named
}

// covariant tells whether a field of type have may stand for one of type want.
func (c *checker) covariant(want, have *ast.Type) bool {
	if want.NonNull && !have.NonNull || (want.Elem == nil) != (have.Elem == nil) {
		return false
	}
	if want.Elem != nil {
		return c.covariant(want.Elem, have.Elem)
	}
	if want.NamedType == have.NamedType {
		return true
	}
	abstract, concrete := c.known(want.NamedType), c.known(have.NamedType)
	if abstract == nil || concrete == nil {
		return false
	}
	return slices.Contains(abstract.Types, concrete.Name) ||
		abstract.Kind == ast.Interface && slices.Contains(concrete.Interfaces, abstract.Name)
}

// checkCycles refuses input types that no value could ever satisfy: a chain of required
// fields that comes back to its start.
func (c *checker) checkCycles() {
	const onPath, done = 1, 2
	state := map[string]int{}
	var visit func(def *ast.Definition)
	visit = func(def *ast.Definition) {
		state[def.Name] = onPath
		for _, field := range def.Fields {
			next := c.types[field.Type.NamedType]
			switch {
			case next == nil || !field.Type.NonNull || next.Kind != ast.InputObject:
			case state[next.Name] == onPath:
				c.refuse(field.Position, "field %s.%s makes input %s contain itself through required fields, so no value can be given for it; make one of the fields nullable", def.Name, field.Name, next.Name)
			case state[next.Name] != done:
				visit(next)
			}
		}
		state[def.Name] = done
	}
	for _, def := range c.ordered() {
		if def.Kind == ast.InputObject && state[def.Name] != done {
			visit(def)
		}
	}
}
