package validate

import (
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// customQueries checks the queries that the handler answers.
func (f *findings) customQueries(plugin declaration.Plugin, schema Schema) {
	fields, models := schema.of("Query"), plugin.Models()
	for _, field := range sorted(plugin.Queries) {
		definition, exists := fields[field]
		if !exists {
			f.add(Path("queries", field), "the schema has no query field %q: add it to `type Query`, or correct the name here.%s",
				field, DidYouMean(field, sorted(fields)))
		}
		loads := plugin.Queries[field].Loads
		for _, name := range sorted(loads) {
			if _, known := models[loads[name].ReadModel]; !known {
				f.add(Path("queries", field, "loads", name, "readModel"), "the plugin declares no read model and no state view slice %q.%s",
					loads[name].ReadModel, DidYouMean(loads[name].ReadModel, sorted(models)))
			}
			if exists {
				f.loadArgument(Path("queries", field, "loads", name, "argument"), loads[name].Argument, definition)
			}
		}
	}
}

// loadArgument checks the argument that holds the key, or the keys, of rows.
func (f *findings) loadArgument(path, name string, field RootField) {
	argument := field.Definition.Arguments.ForName(name)
	if argument == nil {
		f.add(path, "the query %s has no argument %q.%s", field.Name, name, DidYouMean(name, argumentNames(field.Definition)))
		return
	}
	element := argument.Type
	if element.Elem != nil {
		element = element.Elem
	}
	if !isText(element) {
		f.add(path, "the argument %s of the query %s is of type %s; keys of rows are ID or String, or a list of them", name, field.Name, argument.Type.String())
	}
}

// subscriptions checks the subscriptions that read models feed. That the schema has them,
// and that nothing else triggers them, was checked when it was parsed.
func (f *findings) subscriptions(plugin declaration.Plugin, schema Schema) {
	fields, fed, models := schema.of("Subscription"), map[string]string{}, plugin.Models()
	for _, name := range sorted(models) {
		for _, field := range sorted(models[name].Subscriptions) {
			if other, taken := fed[field]; taken {
				f.add(subscriptionPath(plugin, name, field), "the subscription field %q is fed by %s already", field, other)
			}
			fed[field] = name
			f.fedType(fields[field], schema)
			f.ownedSubscription(plugin, name, fields[field])
		}
	}
}

// fedType checks that subscribers get a row, or nothing.
func (f *findings) fedType(field RootField, schema Schema) {
	if schema.object(field.Definition.Type) == nil {
		f.add(field.path(), "the subscription %s returns %s; what a read model feeds returns one object type", field.Name, field.Definition.Type.String())
	}
}

// subscriptionPath is where a fed subscription is declared.
func subscriptionPath(plugin declaration.Plugin, model, field string) string {
	return rowsPath(plugin, model, "subscriptions", field)
}

// feeds are the subscriptions that read models feed, as the schema needs them, each once:
// one that two read models feed is found by [findings.subscriptions].
func feeds(plugin declaration.Plugin) []schema.Feed {
	fed := map[string]bool{}
	for _, model := range plugin.Models() {
		for field := range model.Subscriptions {
			fed[field] = true
		}
	}
	var all []schema.Feed
	for _, field := range sorted(fed) {
		all = append(all, schema.Feed{Subscription: field, Mutation: schema.FeedMutation(plugin.Name, field)})
	}
	return all
}
