package schema

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkSubscription holds a subscription against the mutations that trigger it.
// https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
func (c *checker) checkSubscription(field *ast.FieldDefinition) {
	if field.Type.NonNull {
		c.refuse(field.Type.Position, "subscription %s gives %s, but AppSync answers null when a subscriber starts, which a required type does not allow; write %s", field.Name, field.Type, nullable(field.Type))
	}
	for _, argument := range field.Arguments {
		c.checkFilter(field, argument)
	}
	directive := field.Directives.ForName("aws_subscribe")
	if directive == nil {
		c.refuse(field.Position, "subscription %s has no @aws_subscribe, so nothing would ever trigger it; add @aws_subscribe(mutations: [\"…\"]), or declare the subscription at the read model whose rows it gives", field.Name)
		return
	}
	argument := directive.Arguments.ForName("mutations")
	if argument == nil {
		return
	}
	for _, child := range argument.Value.Children {
		c.checkTrigger(field, child.Value)
	}
}

func (c *checker) checkTrigger(field *ast.FieldDefinition, name *ast.Value) {
	trigger := c.mutations()[name.Raw]
	switch {
	case !isString(name):
	case trigger == nil:
		c.refuse(name.Position, "subscription %s names mutation %q, which this fragment does not define; a fragment can subscribe only to its own mutations.%s", field.Name, name.Raw, c.suggest(name.Raw, slices.Collect(maps.Keys(c.mutations()))))
	case nullable(trigger.Type) != nullable(field.Type):
		c.refuse(name.Position, "subscription %s gives %s, but mutation %s gives %s; AppSync hands the mutation's result to the subscriber, so let the subscription give %s", field.Name, field.Type, trigger.Name, trigger.Type, nullable(trigger.Type))
	}
}

// checkFilter holds an argument of a subscription against the field that AppSync
// compares it with: the one of the same name in the mutation's result.
func (c *checker) checkFilter(field *ast.FieldDefinition, argument *ast.ArgumentDefinition) {
	result := c.known(field.Type.Name())
	if result == nil || len(c.problems) == maxProblems {
		return // an unknown type is told elsewhere
	}
	s := subject{"argument", subscription, field.Name, argument.Name}
	if field.Type.Elem != nil || len(result.Fields) == 0 {
		c.refuse(argument.Position, "%s filters by a field of what the subscription gives, but %s has no fields; remove the argument", s, field.Type)
		return
	}
	target := c.shape(result).fields[argument.Name]
	switch {
	case target == nil:
		c.refuse(argument.Position, "%s filters by the field of that name, which %s does not have; correct the name or remove the argument.%s", s, result.Name, c.suggest(argument.Name, fieldNames(result.Fields)))
	case target.Type.Elem != nil || !c.isLeaf(target.Type.Name()):
		c.refuse(argument.Position, "%s filters by %s.%s, which is %s, but AppSync compares single scalars and enum values only; remove the argument", s, result.Name, target.Name, target.Type)
	case nullable(argument.Type) != nullable(target.Type):
		c.refuse(argument.Type.Position, "%s has the type %s, but it is compared with field %s.%s of type %s; make it %s", s, argument.Type, result.Name, target.Name, target.Type, nullable(target.Type))
	}
}

func (c *checker) isLeaf(name string) bool {
	def := c.known(name)
	return def != nil && def.IsLeafType()
}

// nullable is a type's text without "!" at its end.
func nullable(t *ast.Type) string {
	copied := *t
	copied.NonNull = false
	return copied.String()
}

// mutations gives the fragment's mutations by their names.
func (c *checker) mutations() map[string]*ast.FieldDefinition {
	if c.triggers == nil {
		c.triggers = map[string]*ast.FieldDefinition{}
		if def := c.types[mutation]; def != nil {
			for _, field := range def.Fields {
				c.triggers[field.Name] = field
			}
		}
	}
	return c.triggers
}
