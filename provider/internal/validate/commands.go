package validate

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// commandResult is the type that every mutation field of a command returns.
const commandResult = "CommandResult!"

// commander is what has mutation fields: an aggregate or a slice.
type commander struct {
	path     []string
	commands map[string]string
	// idArgument is the argument that each field must have, "" for slices.
	idArgument string
}

// commanders are the aggregates and the slices, by name.
func commanders(plugin declaration.Plugin) map[string]commander {
	all := map[string]commander{}
	for name, slice := range plugin.Slices() {
		all[name] = commander{[]string{"dcb", "stateChangeSlices", name}, slice.Commands, ""}
	}
	for name, aggregate := range plugin.Aggregates {
		all[name] = commander{[]string{"aggregates", name}, aggregate.Commands, aggregate.IDArgument()}
	}
	return all
}

func (c commander) field(name string) string {
	return Path(append(slices.Clone(c.path), "commands", name)...)
}

// minSnapshotEvery is the least number of events between two snapshots: each is stored
// beside a command's events, and more of them than that cost more than they save.
const minSnapshotEvery = 10

// snapshots checks how often snapshots are kept.
func (f *findings) snapshots(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.Aggregates) {
		if every := plugin.Aggregates[name].SnapshotEvery; every != nil && *every < minSnapshotEvery {
			f.add(Path("aggregates", name, "snapshotEvery"), "a snapshot after %d events is not possible; give at least %d, or leave it out for none", *every, minSnapshotEvery)
		}
	}
}

// commandTypes checks that each mutation field is declared once, and each command type
// once for its aggregate or slice. Without commands something else must be able to send
// some.
func (f *findings) commandTypes(plugin declaration.Plugin) {
	fields := map[string]string{}
	senders := len(plugin.Extensions) + len(plugin.Tasks) + len(plugin.Schedules) + len(plugin.ToDos()) + len(plugin.Inbound()) + len(plugin.ExtensionPoints)
	all := commanders(plugin)
	for _, name := range sorted(all) {
		c, types := all[name], map[string]string{}
		if len(c.commands)+senders == 0 {
			f.add(Path(append(c.path, "commands")...), "%s has no command, and nothing else could send it one; declare at least one, such as `addProduct: AddProduct`", name)
		}
		for _, field := range sorted(c.commands) {
			path, command := c.field(field), c.commands[field]
			if !commandType.MatchString(command) {
				f.add(path, "%q is no command type: use up to 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter", command)
			}
			if other, taken := fields[field]; taken {
				f.add(path, "duplicate command: the mutation field %q belongs to %s already", field, other)
			}
			if other, taken := types[command]; taken {
				f.add(path, "duplicate command: the command type %q is that of the mutation field %s already", command, other)
			}
			fields[field], types[command] = name, field
		}
	}
	for _, name := range sorted(plugin.Inbound()) {
		field := plugin.Inbound()[name].Field
		if other, taken := fields[field]; taken {
			f.add(Path("dcb", "inboundTranslations", name, "field"), "the mutation field %q belongs to %s already", field, other)
		}
		fields[field] = name
	}
}

// commands checks the commands and the inbound translations against the fields of
// Mutation.
func (f *findings) commands(plugin declaration.Plugin, schema Schema) {
	mutations, all := schema.of("Mutation"), commanders(plugin)
	for _, name := range sorted(all) {
		c := all[name]
		for _, field := range sorted(c.commands) {
			if mutation, exists := mutations[field]; exists {
				f.mutation(name, c.idArgument, mutation)
				continue
			}
			f.add(c.field(field), "the schema has no mutation field %q: add `%[1]s(%s: ID!): CommandResult!` to `type Mutation`, or correct the name here.%s",
				field, cmp.Or(c.idArgument, "…"), DidYouMean(field, sorted(mutations)))
		}
	}
	for _, name := range sorted(plugin.Inbound()) {
		field := plugin.Inbound()[name].Field
		if mutation, exists := mutations[field]; exists {
			f.mutation(name, "", mutation)
			continue
		}
		f.add(Path("dcb", "inboundTranslations", name, "field"), "the schema has no mutation field %q: add it to `type Mutation`, or correct the name here.%s",
			field, DidYouMean(field, sorted(mutations)))
	}
}

// mutation checks the type and the id argument of one command's field; a slice has none.
func (f *findings) mutation(aggregate, idArgument string, field RootField) {
	if got := field.Definition.Type.String(); got != commandResult {
		f.add(field.path(), "the mutation %s returns %s; the field of a command returns %s", field.Name, got, commandResult)
	}
	argument := field.Definition.Arguments.ForName(idArgument)
	switch {
	case idArgument == "":
		return
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
	for _, c := range commanders(plugin) {
		for field := range c.commands {
			resolved["Mutation."+field] = true
		}
	}
	for _, translation := range plugin.Inbound() {
		resolved["Mutation."+translation.Field] = true
	}
	for _, queries := range plugin.RowQueries() {
		for field := range queries {
			resolved["Query."+field] = true
		}
	}
	for field := range plugin.Queries {
		resolved["Query."+field] = true
	}
	for _, field := range feeds(plugin) {
		resolved["Mutation."+field.Mutation] = true
	}
	for _, field := range schema.Fields {
		if resolved[field.Type+"."+field.Name] || field.Type == "Subscription" {
			continue
		}
		where := "`commands` of an aggregate or a slice"
		if field.Type == "Query" {
			where = "`queries` of a read model, or in `queries` of the plugin when the handler answers it"
		}
		f.add(field.path(), "nobody resolves the field %s.%s: declare it in %s, or take it out of the schema", field.Type, field.Name, where)
	}
}
