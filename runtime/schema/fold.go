package schema

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// checker looks for everything that is wrong with the types of one fragment.
type checker struct {
	owner, file string
	// code is the code of the problems found.
	code string
	// types are the fragment's own types after folding.
	types map[string]*ast.Definition
	// outside finds types that come from elsewhere; nil stands for the platform's.
	outside  func(name string) *ast.Definition
	problems []Problem
	// triggers are the mutations by name, see [checker.mutations].
	triggers map[string]*ast.FieldDefinition
	// shapes are what default values are checked against, see [checker.shape].
	shapes map[*ast.Definition]*shape
}

// maxProblems bounds how many problems of one fragment are told: enough for a person,
// and a text of nothing but problems does not take long.
const maxProblems = 100

func (c *checker) refuse(pos *ast.Position, format string, args ...any) {
	if len(c.problems) == maxProblems {
		return
	}
	line, column := lineColumn(pos)
	c.problems = append(c.problems, Problem{
		Code: c.code, File: c.file, Line: line, Column: column, Message: fmt.Sprintf(format, args...),
	})
}

// fold gathers a document's definitions, extensions folded into them, and refuses what
// a fragment may not hold.
func (c *checker) fold(doc *ast.SchemaDocument) {
	c.refuseSchemaBlocks(doc)
	for _, def := range doc.Directives {
		c.refuse(def.Position, "directive @%s is defined here, but AppSync supports no directive definitions; remove it. AppSync's own directives (%s) need none", def.Name, directiveNames())
	}
	for _, def := range doc.DirectiveExtensions {
		c.refuse(def.Position, "directive @%s is extended here, but AppSync supports no directive definitions; remove it", def.Name)
	}
	c.types = make(map[string]*ast.Definition, len(doc.Definitions))
	for _, def := range doc.Definitions {
		c.define(def)
	}
	for _, ext := range doc.Extensions {
		c.extend(ext)
	}
}

// refuseSchemaBlocks lets a schema block pass that names the root types as usual: it
// says nothing new.
func (c *checker) refuseSchemaBlocks(doc *ast.SchemaDocument) {
	for _, def := range doc.Schema {
		for _, op := range def.OperationTypes {
			if usual := strings.ToUpper(string(op.Operation[:1])) + string(op.Operation[1:]); op.Type != usual {
				c.refuse(op.Position, "the schema block makes %s the %s type, but all plugins share one API, whose root types are Query, Mutation and Subscription; rename the type to %s and remove the schema block", op.Type, op.Operation, usual)
			}
		}
		for _, directive := range def.Directives {
			c.refuse(directive.Position, "directive @%s stands on the schema block, which belongs to no plugin; remove it", directive.Name)
		}
	}
	for _, ext := range doc.SchemaExtension {
		c.refuse(ext.Position, "AppSync does not support schema extensions; remove it and put root fields into type Query, Mutation or Subscription")
	}
}

func (c *checker) define(def *ast.Definition) {
	if def.Kind == ast.Scalar {
		c.refuseScalar(def)
		return
	}
	if first, ok := c.types[def.Name]; ok {
		c.refuse(def.Position, "%s is defined a second time, the first time is on line %d; make it one definition or write \"extend %s %s\"", def.Name, first.Position.Line, keywords[first.Kind], def.Name)
		return
	}
	c.types[def.Name] = def
}

// refuseScalar lets declarations of AppSync's scalars pass, which editors want to see.
func (c *checker) refuseScalar(def *ast.Definition) {
	if _, ok := scalars[def.Name]; !ok {
		c.refuse(def.Position, "scalar %s is not one of AppSync's, which supports no custom scalars; use %s", def.Name, nearest(def.Name, scalars, "String or AWSJSON"))
		return
	}
	for _, directive := range def.Directives {
		c.refuse(directive.Position, "directive @%s stands on scalar %s, which is AppSync's; remove it", directive.Name, def.Name)
	}
}

// extend folds an extension into its type. A root type needs no definition to extend.
func (c *checker) extend(ext *ast.Definition) {
	base, ok := c.types[ext.Name]
	switch {
	case !ok && isRoot(ext.Name) && ext.Kind == ast.Object:
		c.types[ext.Name] = ext
	case !ok && c.known(ext.Name) != nil:
		c.refuse(ext.Position, "%s is extended here, but it is not this fragment's: AppSync has no extensions, and a fragment may extend only what it defines; define a type of your own", ext.Name)
	case !ok:
		c.refuse(ext.Position, "%s is extended here, but the fragment does not define it: AppSync has no extensions, and a fragment may extend only what it defines; write \"%s %s\"", ext.Name, keywords[ext.Kind], ext.Name)
	case base.Kind != ext.Kind:
		c.refuse(ext.Position, "%s is extended as %s, but line %d defines it as %s; make both the same", ext.Name, keywords[ext.Kind], base.Position.Line, keywords[base.Kind])
	default:
		merge(base, ext)
	}
}

func merge(base, ext *ast.Definition) {
	base.Directives = append(base.Directives, ext.Directives...)
	base.Interfaces = append(base.Interfaces, ext.Interfaces...)
	base.Fields = append(base.Fields, ext.Fields...)
	base.Types = append(base.Types, ext.Types...)
	base.TypePositions = append(base.TypePositions, ext.TypePositions...)
	base.EnumValues = append(base.EnumValues, ext.EnumValues...)
}

// known finds a type that the fragment may use: its own, the platform's or a scalar.
func (c *checker) known(name string) *ast.Definition {
	if def := c.types[name]; def != nil {
		return def
	}
	if def := scalars[name]; def != nil {
		return def
	}
	if c.outside != nil {
		return c.outside(name)
	}
	return platformTypes()[name]
}

// suggest is [Suggest], unless so many problems or candidates are there that nobody is
// helped.
func (c *checker) suggest(name string, candidates []string) string {
	const many = 2000
	if len(c.problems) == maxProblems || len(candidates) > many {
		return ""
	}
	return Suggest(name, candidates)
}

func (c *checker) isPlatform() bool { return c.owner == protocol.PlatformPlugin }
