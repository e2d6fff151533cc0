package schema

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkDirectives checks all directives of a type and of what is in it.
func (c *checker) checkDirectives(def *ast.Definition) {
	c.checkDirectiveList(subject{keywords[def.Kind], def.Name, "", ""}, ast.DirectiveLocation(def.Kind), def.Directives)
	location := ast.LocationFieldDefinition
	if def.Kind == ast.InputObject {
		location = ast.LocationInputFieldDefinition
	}
	for _, field := range def.Fields {
		c.checkDirectiveList(subject{"field", def.Name, field.Name, ""}, location, field.Directives)
		for _, arg := range field.Arguments {
			c.checkDirectiveList(subject{"argument", def.Name, field.Name, arg.Name}, ast.LocationArgumentDefinition, arg.Directives)
		}
		if def.Name != subscription {
			c.refuseSubscribe(def, field)
		}
	}
	for _, value := range def.EnumValues {
		c.checkDirectiveList(subject{"enum value", def.Name, value.Name, ""}, ast.LocationEnumValue, value.Directives)
	}
}

func (c *checker) refuseSubscribe(def *ast.Definition, field *ast.FieldDefinition) {
	if directive := field.Directives.ForName("aws_subscribe"); directive != nil {
		c.refuse(directive.Position, "@aws_subscribe stands on %s.%s, but it has a meaning only on fields of Subscription; remove it", def.Name, field.Name)
	}
}

func (c *checker) checkDirectiveList(s subject, location ast.DirectiveLocation, list ast.DirectiveList) {
	c.unique(len(list), func(i int) (subject, *ast.Position) {
		return subject{"directive @" + list[i].Name + " of", s.typ, s.field, s.argument}, list[i].Position
	})
	for _, directive := range list {
		c.checkDirective(s, location, directive)
	}
}

func (c *checker) checkDirective(s subject, location ast.DirectiveLocation, directive *ast.Directive) {
	rule, ok := directiveRules[directive.Name]
	switch {
	case directive.Name == "aws_auth":
		c.refuse(directive.Position, "%s has @aws_auth, which AppSync ignores as soon as the API has a second authorization mode, so anybody could call it; write @aws_cognito_user_pools(cognito_groups: [\"…\"])", s)
	case !ok:
		c.refuse(directive.Position, "%s has the directive @%s, which AppSync does not know; remove it.%s", s, directive.Name, c.suggest(directive.Name, slices.Collect(maps.Keys(directiveRules))))
	case !slices.Contains(rule.locations, location):
		c.refuse(directive.Position, "%s has @%s, which AppSync does not allow there; remove it", s, directive.Name)
	default:
		c.checkDirectiveArguments(rule, directive)
	}
}

func (c *checker) checkDirectiveArguments(rule directiveRule, directive *ast.Directive) {
	if len(directive.Arguments) > 1 {
		c.refuse(directive.Position, "@%s has %d arguments, it takes one at most; remove the others", directive.Name, len(directive.Arguments))
		return
	}
	if len(directive.Arguments) == 0 {
		if rule.required {
			c.refuse(directive.Position, "@%s lacks the argument %s; add @%s(%s: [\"…\"])", directive.Name, rule.argument, directive.Name, rule.argument)
		}
		return
	}
	arg := directive.Arguments[0]
	switch {
	case arg.Name != rule.argument && rule.argument == "":
		c.refuse(arg.Position, "@%s has the argument %s, it takes none; remove it", directive.Name, arg.Name)
	case arg.Name != rule.argument:
		c.refuse(arg.Position, "@%s has the argument %s, it takes only %s; correct the name", directive.Name, arg.Name, rule.argument)
	case rule.list && !isStringList(arg.Value):
		c.refuse(arg.Position, "the argument %s of @%s must be a list of strings that is not empty; write %s: [\"…\"]", arg.Name, directive.Name, arg.Name)
	case !rule.list && !isString(arg.Value):
		c.refuse(arg.Position, "the argument %s of @%s must be a string; write %s: \"…\"", arg.Name, directive.Name, arg.Name)
	}
}

func isString(value *ast.Value) bool {
	return value.Kind == ast.StringValue || value.Kind == ast.BlockValue
}

func isStringList(value *ast.Value) bool {
	return value.Kind == ast.ListValue && len(value.Children) > 0 &&
		!slices.ContainsFunc(value.Children, func(child *ast.ChildValue) bool { return !isString(child.Value) })
}
