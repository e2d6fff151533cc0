package provider

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// fields makes the data sources and the resolvers of the plugin's fields. They wait for
// the connection: before it, the fields do not exist.
func (x *pluginExpansion) fields(invocation *lambda.Invocation) error {
	statements := x.fieldStatements()
	if len(statements) == 0 {
		return nil
	}
	role, err := iam.NewRole(x.ctx, x.owner, "api", iam.AppSync, x.checked.platform.account, statements...)
	if err != nil {
		return err
	}
	hook, err := x.hook(x.ctx, x.component)
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
	if err := x.mutations(builder); err != nil {
		return err
	}
	return x.queries(builder)
}

// fieldStatements is what AppSync may do for the plugin's fields.
func (x *pluginExpansion) fieldStatements() []iam.Statement {
	var statements []iam.Statement
	if commands := x.functions[definition.FunctionCommands]; commands != nil {
		statements = append(statements, iam.Allow(iam.On(commands.ARN), "lambda:InvokeFunction"))
	}
	for _, name := range sortedKeys(x.rows) {
		statements = append(statements, x.rowStatements(name)...)
	}
	return statements
}

// rowStatements allows exactly the reads that the queries of a read model make.
func (x *pluginExpansion) rowStatements(model string) []iam.Statement {
	actions := map[string]bool{}
	indexed := false
	for _, query := range x.checked.plugin.ReadModels[model].Queries {
		switch {
		case query.Get != nil:
			actions["dynamodb:GetItem"] = true
		case query.ByIndex != nil:
			indexed = true
		default:
			actions["dynamodb:Scan"] = true
		}
	}
	var statements []iam.Statement
	if len(actions) > 0 {
		statements = append(statements, x.rows[model].Allow(sortedKeys(actions)...))
	}
	if indexed {
		statements = append(statements, x.rows[model].AllowIndexes("dynamodb:Query"))
	}
	return statements
}

func (x *pluginExpansion) mutations(builder graph.Builder) error {
	commands := x.functions[definition.FunctionCommands]
	if commands == nil {
		return nil
	}
	source, err := builder.Function(x.ctx, commandsPart, naming.CommandsDataSource(x.checked.plugin.Name), commands.ARN)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(x.checked.plugin.Aggregates) {
		for _, field := range sortedKeys(x.checked.plugin.Aggregates[name].Commands) {
			if err := builder.Resolver(x.ctx, "Mutation", field, source, graph.CommandCode()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *pluginExpansion) queries(builder graph.Builder) error {
	for _, name := range sortedKeys(x.checked.plugin.ReadModels) {
		queries := x.checked.plugin.ReadModels[name].Queries
		if len(queries) == 0 {
			continue
		}
		source, err := builder.Table(x.ctx, name, naming.DataSource(x.checked.plugin.Name, name), x.rows[name].Name)
		if err != nil {
			return err
		}
		if err := x.rowResolvers(builder, source, queries); err != nil {
			return err
		}
	}
	return nil
}

func (x *pluginExpansion) rowResolvers(builder graph.Builder, source *appsync.DataSource, queries map[string]declaration.Query) error {
	for _, field := range sortedKeys(queries) {
		if err := builder.Resolver(x.ctx, "Query", field, source, queryCode(queries[field])); err != nil {
			return err
		}
	}
	return nil
}

func queryCode(query declaration.Query) string {
	switch {
	case query.Get != nil:
		return graph.GetCode(*query.Get)
	case query.ByIndex != nil:
		return graph.IndexCode(*query.ByIndex, query.SortBy)
	}
	return graph.ListCode()
}
