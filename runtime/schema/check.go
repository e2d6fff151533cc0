package schema

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
)

// check refuses everything that is wrong with the folded types.
func (c *checker) check() {
	hasRootField := len(c.types) == 0
	for _, def := range c.ordered() {
		c.checkName(def)
		c.checkContent(def)
		c.checkReferences(def)
		c.checkDirectives(def)
		hasRootField = hasRootField || isRoot(def.Name) && len(def.Fields) > 0
	}
	if !hasRootField {
		c.refuse(nil, "the fragment defines types, but no field of Query, Mutation or Subscription, so nobody could use them; add \"type Query { … }\" with the fields that the plugin answers")
	}
	c.checkCycles()
	c.checkRoots()
}

// ordered gives the types in the order of the text, so that scratch space and messages
// do not depend on the order of a map.
func (c *checker) ordered() ast.DefinitionList {
	defs := make(ast.DefinitionList, 0, len(c.types))
	for _, def := range c.types {
		defs = append(defs, def)
	}
	slices.SortFunc(defs, func(a, b *ast.Definition) int {
		aLine, aColumn := lineColumn(a.Position)
		bLine, bColumn := lineColumn(b.Position)
		return cmp.Or(cmp.Compare(aLine, bLine), cmp.Compare(aColumn, bColumn), cmp.Compare(a.Name, b.Name))
	})
	return defs
}

func (c *checker) checkName(def *ast.Definition) {
	c.checkAnyName(def.Position, def.Name)
	switch {
	case scalars[def.Name] != nil:
		c.refuse(def.Position, "%s is the name of a scalar of AppSync; choose another name", def.Name)
	case strings.HasPrefix(def.Name, "AWS"):
		c.refuse(def.Position, "the name %s starts with AWS, which AppSync keeps for itself; choose another name", def.Name)
	case c.isPlatform() || c.outside != nil:
	case platformTypes()[def.Name] != nil:
		c.checkPlatformType(def)
	default:
		c.checkReserved(def.Position, def.Name)
	}
}

// checkPlatformType lets a fragment repeat one of the platform's types as it is.
func (c *checker) checkPlatformType(def *ast.Definition) {
	own := platformTypes()[def.Name]
	if difference := difference(own, def); difference != "" {
		c.refuse(def.Position, "%s is a type of the platform and differs from it: %s; remove the definition, a fragment may use the platform's types without it", def.Name, difference)
	}
}

func (c *checker) checkReserved(pos *ast.Position, name string) {
	if strings.HasPrefix(name, reservedPrefix) {
		c.refuse(pos, "the name %s starts with %s, which is kept for the platform; choose another name", name, reservedPrefix)
	}
}

// checkAnyName refuses what no name may be.
func (c *checker) checkAnyName(pos *ast.Position, name string) {
	if len(name) > maxName {
		c.refuse(pos, "the name that starts with %s has %d characters, AppSync allows %d; choose a shorter name", name[:40], len(name), maxName)
	}
	if strings.HasPrefix(name, "__") {
		c.refuse(pos, "the name %s starts with \"__\", which GraphQL keeps for introspection; choose another name", name)
	}
}

// checkContent refuses empty types and names used twice.
func (c *checker) checkContent(def *ast.Definition) {
	switch def.Kind {
	case ast.Object, ast.Interface, ast.InputObject:
		c.checkEmpty(def, len(def.Fields), "fields")
	case ast.Enum:
		c.checkEmpty(def, len(def.EnumValues), "values")
	case ast.Union:
		c.checkEmpty(def, len(def.Types), "types")
	}
	c.checkFieldNames(def)
	c.checkEnumValues(def)
}

func (c *checker) checkEmpty(def *ast.Definition, n int, what string) {
	if n == 0 {
		c.refuse(def.Position, "%s %s has no %s; add one or remove it", keywords[def.Kind], def.Name, what)
	}
}

func (c *checker) checkEnumValues(def *ast.Definition) {
	c.unique(len(def.EnumValues), func(i int) (subject, *ast.Position) {
		return subject{"enum value", def.Name, def.EnumValues[i].Name, ""}, def.EnumValues[i].Position
	})
	for _, value := range def.EnumValues {
		c.checkAnyName(value.Position, value.Name)
		if value.Name == "true" || value.Name == "false" || value.Name == "null" {
			c.refuse(value.Position, "%s cannot be a value of enum %s, GraphQL has another meaning for it; choose another name", value.Name, def.Name)
		}
	}
}

func (c *checker) checkFieldNames(def *ast.Definition) {
	c.unique(len(def.Fields), func(i int) (subject, *ast.Position) {
		return subject{"field", def.Name, def.Fields[i].Name, ""}, def.Fields[i].Position
	})
	for _, field := range def.Fields {
		c.checkAnyName(field.Position, field.Name)
		c.unique(len(field.Arguments), func(i int) (subject, *ast.Position) {
			return subject{"argument", def.Name, field.Name, field.Arguments[i].Name}, field.Arguments[i].Position
		})
		for _, arg := range field.Arguments {
			c.checkAnyName(arg.Position, arg.Name)
		}
	}
}

// subject is what a problem is about. It becomes text only when there is a problem.
type subject struct{ kind, typ, field, argument string }

func (s subject) String() string {
	text := s.kind + " " + s.typ
	if s.field != "" {
		text += "." + s.field
	}
	if s.argument != "" {
		text += "(" + s.argument + ":)"
	}
	return text
}

// unique refuses each of n subjects that equals an earlier one.
func (c *checker) unique(n int, at func(i int) (subject, *ast.Position)) {
	// A map costs more than it saves for the few fields that types usually have.
	const few = 12
	var first map[subject]int
	if n > few {
		first = make(map[subject]int, n)
	}
	for i := range n {
		s, pos := at(i)
		j, ok := first[s]
		for k := 0; n <= few && !ok && k < i; k++ {
			earlier, _ := at(k)
			j, ok = k, earlier == s
		}
		if !ok && first != nil {
			first[s] = i
		}
		if ok {
			_, before := at(j)
			line, _ := lineColumn(before)
			c.refuse(pos, "%s is defined a second time, the first time is on line %d; remove one of them", s, line)
		}
	}
}

// checkRoots refuses what AppSync or other plugins' fragments do not allow in root
// types.
func (c *checker) checkRoots() {
	fed := c.feeds()
	for _, name := range rootTypes {
		def := c.types[name]
		if def == nil {
			continue
		}
		if def.Kind != ast.Object {
			c.refuse(def.Position, "%s is a root type and must be an object type, not %s; write \"type %s\"", name, keywords[def.Kind], name)
			continue
		}
		if len(def.Interfaces) > 0 {
			c.refuse(def.Position, "%s implements an interface, but it is put together from the fields of all plugins; remove \"implements\"", name)
		}
		for _, field := range def.Fields {
			c.checkRootField(name, field, fed[field.Name] != nil)
		}
	}
}

func (c *checker) checkRootField(root string, field *ast.FieldDefinition, feeds bool) {
	if !c.isPlatform() {
		c.checkReserved(field.Position, field.Name)
	}
	length := utf8.RuneCountInString(field.Name)
	switch {
	case root == subscription && length > MaxSubscriptionName:
		c.refuse(field.Position, "the name of subscription %s has %d characters, AppSync allows %d; choose a shorter name", field.Name, length, MaxSubscriptionName)
	case root == mutation && length > MaxMutationName && !feeds:
		c.refuse(field.Position, "the name of mutation %s has %d characters; its subscription on%s would have more than the %d that AppSync allows; choose a name of at most %d characters",
			field.Name, length, strings.ToUpper(field.Name[:1])+field.Name[1:], MaxSubscriptionName, MaxMutationName)
	}
	if root == subscription {
		c.checkSubscription(field)
	}
}
