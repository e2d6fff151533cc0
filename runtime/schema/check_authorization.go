package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// checkResults refuses a root field that lets a mode in whose callers may then see
// nothing of the result: AppSync would run the resolver and answer with errors one level
// below the root. Feeds are left out, what they lead to is opened for them.
func (c *checker) checkResults() {
	fed := c.feeds()
	for _, name := range rootTypes {
		def := c.types[name]
		if def == nil {
			continue
		}
		for _, field := range def.Fields {
			if name == mutation && fed[field.Name] != nil {
				continue
			}
			c.checkResult(name, field)
		}
	}
}

func (c *checker) checkResult(root string, field *ast.FieldDefinition) {
	result := c.known(field.Type.Name())
	if result == nil || result.Kind != ast.Object {
		return
	}
	for _, directive := range field.Directives {
		if authDirectives[directive.Name] == "" || visible(result, directive.Name) {
			continue
		}
		c.refuse(field.Position, "field %s.%s lets in @%s, but those callers may see no field of its type %s, so they would get nothing but errors; add @%s to type %s or to its fields that they may see",
			root, field.Name, directive.Name, result.Name, directive.Name, result.Name)
	}
}

// visible tells whether a type has a field that a directive's callers may see.
func visible(def *ast.Definition, directive string) bool {
	return slices.ContainsFunc(def.Fields, func(field *ast.FieldDefinition) bool {
		list := field.Directives
		if !isAuthorized(list) {
			list = def.Directives
		}
		return !isAuthorized(list) || list.ForName(directive) != nil
	})
}

// CheckAuthorization is the last look at a composition before it is pushed, and does not
// rely on how it was made: it reads the text anew. AppSync opens a root field or an object
// type without a directive to the first mode, and does not tell; in an API with several
// modes it ignores @aws_auth. Either is a problem with the code
// protocol.CodeInvalidSchema, in an API with one mode too: it may get others.
func (c *Composer) CheckAuthorization(composition *Composition) []Problem {
	live, err := ParseLive(composition.SDL)
	if err != nil {
		return []Problem{{Code: protocol.CodeInvalidSchema, Message: err.Error()}}
	}
	found := live.unauthorized(len(c.auth.modes) > 0)
	if len(found) == 0 {
		return nil
	}
	return []Problem{{Code: protocol.CodeInvalidSchema, Message: fmt.Sprintf(
		"nothing was pushed, because AppSync would not guard all of the schema: %s; this is a fault of the platform, not of a plugin: report it with the names above",
		strings.Join(found, ", "))}}
}

// unauthorized lists what has @aws_auth, and, where everything must be stated, the root
// fields and the object types within reach that state nothing.
func (l *Live) unauthorized(all bool) []string {
	found := map[string]bool{}
	for _, def := range l.types {
		if def.Directives.ForName("aws_auth") != nil {
			found[def.Name+" has @aws_auth"] = true
		}
		for _, field := range def.Fields {
			if field.Directives.ForName("aws_auth") != nil {
				found[def.Name+"."+field.Name+" has @aws_auth"] = true
			}
		}
	}
	if all {
		l.reach(l.rootNames, func(def *ast.Definition) { l.unstated(def, found) })
	}
	return slices.Sorted(maps.Keys(found))
}

func (l *Live) unstated(def *ast.Definition, found map[string]bool) {
	root := slices.Contains(l.rootNames, def.Name)
	if !root && def.Kind == ast.Object && !isAuthorized(def.Directives) {
		found[def.Name+" has no authorization directive"] = true
	}
	for _, field := range def.Fields {
		if root && !isAuthorized(field.Directives) {
			found[def.Name+"."+field.Name+" has no authorization directive"] = true
		}
	}
}
