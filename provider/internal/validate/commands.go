package validate

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// commandResult is the type that every mutation field of a command returns.
const commandResult = "CommandResult!"

// commandTypes checks that each mutation field is declared once, and each command type
// once for its aggregate. An aggregate without commands can get some from extensions
// only.
func (f *findings) commandTypes(plugin declaration.Plugin) {
	fields := map[string]string{}
	for _, name := range sorted(plugin.Aggregates) {
		commands, types := plugin.Aggregates[name].Commands, map[string]string{}
		if len(commands)+len(plugin.Extensions) == 0 {
			f.add(Path("aggregates", name, "commands"), "the aggregate has no command, and no extension could send it one; declare at least one, such as `addProduct: AddProduct`")
		}
		for _, field := range sorted(commands) {
			path, command := Path("aggregates", name, "commands", field), commands[field]
			if !commandType.MatchString(command) {
				f.add(path, "%q is no command type: use up to 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter", command)
			}
			if other, taken := fields[field]; taken {
				f.add(path, "duplicate command: the mutation field %q belongs to the aggregate %s already", field, other)
			}
			if other, taken := types[command]; taken {
				f.add(path, "duplicate command: the command type %q is that of the mutation field %s already", command, other)
			}
			fields[field], types[command] = name, field
		}
	}
}

// commands checks the commands against the fields of Mutation.
func (f *findings) commands(plugin declaration.Plugin, schema Schema) {
	mutations := schema.of("Mutation")
	for _, name := range sorted(plugin.Aggregates) {
		aggregate := plugin.Aggregates[name]
		for _, field := range sorted(aggregate.Commands) {
			mutation, exists := mutations[field]
			if !exists {
				f.add(Path("aggregates", name, "commands", field), "the schema has no mutation field %q: add `%[1]s(%s: ID!): CommandResult!` to `type Mutation`, or correct the name here.%s",
					field, aggregate.IDArgument(), DidYouMean(field, sorted(mutations)))
				continue
			}
			f.mutation(name, aggregate.IDArgument(), mutation)
		}
	}
}

// mutation checks the type and the id argument of one command's field.
func (f *findings) mutation(aggregate, idArgument string, field RootField) {
	if got := field.Definition.Type.String(); got != commandResult {
		f.add(field.path(), "the mutation %s returns %s; the field of a command returns %s", field.Name, got, commandResult)
	}
	argument := field.Definition.Arguments.ForName(idArgument)
	switch {
	case argument == nil:
		f.add(field.path(), "the mutation %s has no argument %q, which names the id of the aggregate %s; add it, or set `id` of the aggregate.%s",
			field.Name, idArgument, aggregate, DidYouMean(idArgument, argumentNames(field.Definition)))
	case !isText(argument.Type) || !argument.Type.NonNull:
		f.add(field.path(), "the argument %s of the mutation %s is of type %s; the argument that names an id is ID! or String!",
			idArgument, field.Name, argument.Type.String())
	}
}

// isText says whether a type is ID or String.
func isText(t *ast.Type) bool {
	return t.Elem == nil && (t.NamedType == "ID" || t.NamedType == "String")
}

// unresolved finds fields of Query and Mutation that no declaration answers.
func (f *findings) unresolved(plugin declaration.Plugin, schema Schema) {
	resolved := map[string]bool{}
	for _, aggregate := range plugin.Aggregates {
		for field := range aggregate.Commands {
			resolved["Mutation."+field] = true
		}
	}
	for _, model := range plugin.ReadModels {
		for field := range model.Queries {
			resolved["Query."+field] = true
		}
	}
	for _, field := range schema.Fields {
		if resolved[field.Type+"."+field.Name] || field.Type == "Subscription" {
			continue
		}
		where := "`commands` of an aggregate"
		if field.Type == "Query" {
			where = "`queries` of a read model"
		}
		f.add(field.path(), "nobody resolves the field %s.%s: declare it in %s, or take it out of the schema", field.Type, field.Name, where)
	}
}
