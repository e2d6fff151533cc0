package provider

import (
	"context"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// fields makes the data sources and the resolvers of the plugin's fields. They wait for
// the connection: before it, the fields do not exist.
func (x *pluginExpansion) fields(invocation *lambda.Invocation) error {
	statements := x.fieldStatements()
	if len(statements) == 0 {
		return nil
	}
	role, err := iam.NewRole(x.ctx, x.owner, "api", graph.Trust(x.checked.platform.apiARN("")), statements...)
	if err != nil {
		return err
	}
	hook, err := x.hook(x.ctx, x.component, x.free)
	if err != nil {
		return err
	}
	name := x.checked.plugin.Name
	builder := graph.Builder{
		Owner: x.owner,
		API:   x.checked.platform.api,
		Role:  role.ARN,
		Gate:  connection.Gate(invocation, name, "Fields of plugin "+name),
		Hook:  hook,
		Ready: role.Ready,
	}
	for _, step := range []func(graph.Builder) error{x.mutations, x.queries, x.customQueries, x.feeds} {
		if err := step(builder); err != nil {
			return err
		}
	}
	return nil
}

// free asks the platform to give up the resolver of a field. It attaches resolvers for a
// plugin that an operator brings back; a stack that was refreshed while they were away does
// not know of them. Its error is shown beside AppSync's, which ends the deployment.
func (x *pluginExpansion) free(_ context.Context, field string) bool {
	function, _, err := await[string](x.ctx, x.checked.platform.connect.ToStringOutput())
	if err == nil {
		err = connection.Release(x.ctx, function, x.checked.plugin.Name, stackName(x.ctx), field, pulumi.Parent(x.component))
	}
	if err != nil {
		_ = x.ctx.Log.Error(err.Error(), &pulumi.LogArgs{Resource: x.component})
	}
	return err == nil
}

// fieldStatements is what AppSync may do for the plugin's fields.
func (x *pluginExpansion) fieldStatements() []iam.Statement {
	var functions []pulumi.StringInput
	for _, g := range append(commandGroups(x.checked.plugin), queryGroups(x.checked.plugin)...) {
		functions = append(functions, x.functions[g.part(g.purpose)].ARN)
	}
	var statements []iam.Statement
	if len(functions) > 0 {
		statements = append(statements, iam.Allow(functions, "lambda:InvokeFunction"))
	}
	for _, name := range sortedKeys(x.rows) {
		statements = append(statements, x.rowStatements(name)...)
	}
	return statements
}

// rowStatements allows exactly the reads that the queries of a table of rows make.
func (x *pluginExpansion) rowStatements(component string) []iam.Statement {
	actions, indexed := map[string]bool{}, false
	owned := ownerOf(x.checked.plugin, component) != nil
	for _, query := range x.checked.plugin.RowQueries()[component] {
		switch {
		case query.Get != nil:
			actions["dynamodb:GetItem"] = true
		case query.ByIndex != nil:
			indexed = true
		default:
			actions["dynamodb:Scan"] = true
			indexed = indexed || owned // an owner's rows are found by index or key
		}
	}
	var statements []iam.Statement
	if len(actions) > 0 {
		statements = append(statements, x.rows[component].Allow(sortedKeys(actions)...))
	}
	if indexed {
		statements = append(statements, x.rows[component].AllowIndexes("dynamodb:Query"))
	}
	return statements
}

// mutations makes the resolvers of commands and of inbound translations.
func (x *pluginExpansion) mutations(builder graph.Builder) error {
	plugin := x.checked.plugin
	for _, g := range commandGroups(plugin) {
		var fields []string
		for _, name := range g.members {
			fields = append(append(fields, sortedKeys(plugin.Aggregates[name].Commands)...), sortedKeys(plugin.Slices()[name].Commands)...)
		}
		if g.component == "" {
			for _, name := range sortedKeys(plugin.Inbound()) {
				fields = append(fields, plugin.Inbound()[name].Field)
			}
		}
		if err := x.functionResolvers(builder, g, "Mutation", fields); err != nil {
			return err
		}
	}
	return nil
}

// customQueries makes the resolvers of the queries that the handler answers.
func (x *pluginExpansion) customQueries(builder graph.Builder) error {
	for _, g := range queryGroups(x.checked.plugin) {
		if err := x.functionResolvers(builder, g, "Query", g.members); err != nil {
			return err
		}
	}
	return nil
}

// functionResolvers makes the resolvers of fields that a group's function answers.
func (x *pluginExpansion) functionResolvers(builder graph.Builder, g group, rootType string, fields []string) error {
	if len(fields) == 0 {
		return nil
	}
	part := g.part(g.purpose)
	source, err := builder.Function(x.ctx, part, naming.FunctionDataSource(x.checked.plugin.Name, part), x.functions[part].ARN)
	if err != nil {
		return err
	}
	for _, field := range fields {
		if err := builder.Resolver(x.ctx, rootType, field, source, graph.InvokeCode()); err != nil {
			return err
		}
	}
	return nil
}

// feeds makes the resolvers of the mutations that trigger subscriptions of rows.
func (x *pluginExpansion) feeds(builder graph.Builder) error {
	var mutations []string
	for _, model := range x.checked.plugin.Models() {
		for field := range model.Subscriptions {
			mutations = append(mutations, schema.FeedMutation(x.checked.plugin.Name, field))
		}
	}
	if len(mutations) == 0 {
		return nil
	}
	slices.Sort(mutations)
	source, err := builder.None(x.ctx, feedsPart, naming.FunctionDataSource(x.checked.plugin.Name, feedsPart))
	if err != nil {
		return err
	}
	for _, mutation := range mutations {
		if err := builder.Resolver(x.ctx, "Mutation", mutation, source, graph.FeedCode("row")); err != nil {
			return err
		}
	}
	return nil
}

// queries makes the resolvers that read rows.
func (x *pluginExpansion) queries(builder graph.Builder) error {
	all := x.checked.plugin.RowQueries()
	for _, name := range sortedKeys(all) {
		if len(all[name]) == 0 {
			continue
		}
		source, err := builder.Table(x.ctx, name, naming.DataSource(x.checked.plugin.Name, name), x.rows[name].Name)
		if err != nil {
			return err
		}
		if err := x.rowResolvers(builder, source, all[name], ownerOf(x.checked.plugin, name)); err != nil {
			return err
		}
	}
	return nil
}

func (x *pluginExpansion) rowResolvers(builder graph.Builder, source *appsync.DataSource, queries map[string]declaration.Query, owner *declaration.Owner) error {
	for _, field := range sortedKeys(queries) {
		if err := builder.Resolver(x.ctx, "Query", field, source, queryCode(queries[field], owner)); err != nil {
			return err
		}
	}
	return nil
}

// ownerOf is whose the rows of a component are, nil where they are everybody's.
func ownerOf(plugin declaration.Plugin, component string) *declaration.Owner {
	if owner, declared := plugin.Owners()[component]; declared {
		return &owner
	}
	return nil
}

func queryCode(query declaration.Query, owner *declaration.Owner) string {
	switch {
	case query.Get != nil:
		return graph.GetCode(*query.Get, owner)
	case query.ByIndex != nil:
		return graph.IndexCode(*query.ByIndex, query.SortBy, owner)
	}
	return graph.ListCode(owner)
}
