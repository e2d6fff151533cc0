package validate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

const sdl = `type Mutation {
  addProduct(id: ID!, name: String!): CommandResult!
}
type Query {
  product(id: ID!): Product
  products(limit: Int, nextToken: String): ProductPage!
  productsByCategory(categoryId: ID!, limit: Int, nextToken: String): ProductPage!
}
type Product { id: ID! name: String! categoryId: ID! price: Float on: Boolean tags: [String!] }
type ProductPage { items: [Product!]! nextToken: String }
`

func text(value string) *string { return &value }

func yes() *bool {
	value := true
	return &value
}

func valid() declaration.Plugin {
	return declaration.Plugin{
		Name: "catalog", Version: "1.4.0", Schema: sdl, Runtime: "nodejs22.x", Handler: "index.handler",
		Architecture: "arm64", Memory: 512, Timeout: 30,
		Aggregates: map[string]declaration.Aggregate{"Product": {Commands: map[string]string{"addProduct": "AddProduct"}}},
		ReadModels: map[string]declaration.ReadModel{"Products": {
			From: []declaration.Source{{Aggregate: text("Product")}},
			Queries: map[string]declaration.Query{
				"product": {Get: text("id")}, "products": {List: yes()},
				"productsByCategory": {ByIndex: text("categoryId"), SortBy: text("price")},
			},
		}},
	}
}

// check runs all checks of a declaration and its schema.
func check(plugin declaration.Plugin) ([]validate.Problem, validate.Indexes) {
	_, schema, problems := validate.Fragment(plugin)
	declared, indexes := validate.Plugin(plugin, schema)
	return append(problems, declared...), indexes
}

func TestValidPlugin(t *testing.T) {
	t.Parallel()
	problems, indexes := check(valid())
	assert.Empty(t, problems)
	require.Len(t, indexes["Products"], 1)
	index := indexes["Products"][0]
	assert.Equal(t, "by-categoryId-price", index.Name())
	assert.Equal(t, validate.Key{Field: "categoryId", Type: "S"}, index.Hash)
	assert.Equal(t, &validate.Key{Field: "price", Type: "N"}, index.Sort)
	assert.NoError(t, validate.Error("plugin catalog", nil))
}

func TestPluginProblems(t *testing.T) {
	t.Parallel()
	query := func(name string, query declaration.Query) func(*declaration.Plugin) {
		return func(p *declaration.Plugin) { p.ReadModels["Products"].Queries[name] = query }
	}
	schema := func(old, replacement string) func(*declaration.Plugin) {
		return func(p *declaration.Plugin) { p.Schema = strings.ReplaceAll(p.Schema, old, replacement) }
	}
	tests := map[string]struct {
		change func(*declaration.Plugin)
		// want are texts of "path: reason" lines, one for each problem.
		want []string
	}{
		"name":             {func(p *declaration.Plugin) { p.Name = "my_shop" }, []string{`name: "my_shop" is no name`}},
		"name of platform": {func(p *declaration.Plugin) { p.Name = "platform" }, []string{"name: the name is taken"}},
		"version":          {func(p *declaration.Plugin) { p.Version = "1.4" }, []string{`version: "1.4" is no semantic version`}},
		"runtime":          {func(p *declaration.Plugin) { p.Runtime = "nodejs22" }, []string{`Did you mean "nodejs22.x"`}},
		"handler":          {func(p *declaration.Plugin) { p.Handler = "handler" }, []string{`handler: "handler" is no handler for the runtime nodejs22.x; it looks like index.handler`}},
		"handler missing":  {func(p *declaration.Plugin) { p.Runtime, p.Handler = "java21", "" }, []string{"handler: the runtime java21 has no usual handler"}},
		"custom runtime":   {func(p *declaration.Plugin) { p.Runtime = "provided.al2023" }, []string{"it looks like bootstrap"}},
		"architecture":     {func(p *declaration.Plugin) { p.Architecture = "arm" }, []string{"architecture: "}},
		"memory":           {func(p *declaration.Plugin) { p.Memory = 64 }, []string{"memory: 64 MB"}},
		"timeout":          {func(p *declaration.Plugin) { p.Timeout = 901 }, []string{"timeout: 901 seconds"}},
		"component name": {func(p *declaration.Plugin) {
			p.ExtensionPoints = map[string]declaration.ExtensionPoint{"my-point": {Events: []string{"ProductAdded"}}}
		}, []string{`extensionPoints["my-point"]: "my-point" is no name for a component`}},
		"unknown aggregate": {func(p *declaration.Plugin) {
			p.ReadModels["Products"] = declaration.ReadModel{From: []declaration.Source{{Aggregate: text("Produkt")}}, Queries: p.ReadModels["Products"].Queries}
		}, []string{`readModels.Products.from[0].aggregate: the plugin declares no aggregate "Produkt". Did you mean "Product"?`}},
		"no source": {func(p *declaration.Plugin) {
			p.ReadModels["Products"] = declaration.ReadModel{Queries: p.ReadModels["Products"].Queries}
		}, []string{"readModels.Products.from: it is made from no events"}},
		"extension point of both kinds": {func(p *declaration.Plugin) {
			p.ExtensionPoints = map[string]declaration.ExtensionPoint{"Products": {
				Events: []string{"A", "A"}, From: []declaration.PublishedSource{{Aggregate: text("Product")}},
			}}
		}, []string{"extensionPoints.Products: give only one", `extensionPoints.Products.events[1]: "A" is listed twice`}},
		"extension of itself": {func(p *declaration.Plugin) {
			p.Extensions = map[string]declaration.Extension{"Self": {Plugin: "catalog", ExtensionPoint: "Products"}}
		}, []string{"extensions.Self.plugin: an extension takes messages of another plugin"}},
		"no commands": {func(p *declaration.Plugin) { p.Aggregates["Empty"] = declaration.Aggregate{} },
			[]string{"aggregates.Empty.commands: Empty has no command"}},
		"duplicate command type": {func(p *declaration.Plugin) {
			p.Aggregates["Shelf"] = declaration.Aggregate{Commands: map[string]string{"addProduct": "AddProduct"}}
			p.Aggregates["Product"].Commands["again"] = "AddProduct"
		}, []string{
			`aggregates.Shelf.commands.addProduct: duplicate command: the mutation field "addProduct" belongs to Product already`,
			`duplicate command: the command type "AddProduct" is that of the mutation field addProduct`,
			`the schema has no mutation field "again"`,
		}},
		"no such mutation": {func(p *declaration.Plugin) { p.Aggregates["Product"].Commands["addProdukt"] = "AddProdukt" },
			[]string{`aggregates.Product.commands.addProdukt: the schema has no mutation field "addProdukt": add ` + "`addProdukt(id: ID!): CommandResult!` to `type Mutation`, or correct the name here. Did you mean"}},
		"mutation's type":        {schema("): CommandResult!", "): CommandResult"), []string{"schema:2:3: the mutation addProduct returns CommandResult; the field of a command returns CommandResult!"}},
		"no id argument":         {schema("addProduct(id: ID!,", "addProduct(productId: ID!,"), []string{`schema:2:3: the mutation addProduct has no argument "id"`}},
		"id argument's type":     {schema("addProduct(id: ID!,", "addProduct(id: Int!,"), []string{"the argument id of the mutation addProduct is of type Int!"}},
		"field without owner":    {schema("type Query {", "type Query {\n  shelf(id: ID!): Product"), []string{"schema:5:3: nobody resolves the field Query.shelf"}},
		"mutation without owner": {schema("type Mutation {", "type Mutation {\n  drop(id: ID!): CommandResult!"), []string{"nobody resolves the field Mutation.drop"}},
		"no such query":          {query("produkts", declaration.Query{List: yes()}), []string{`readModels.Products.queries.produkts: the schema has no query field "produkts": add it to ` + "`type Query`, or correct the name here. Did you mean"}},
		"no kind":                {query("product", declaration.Query{}), []string{"readModels.Products.queries.product: give exactly one"}},
		"two kinds":              {query("products", declaration.Query{List: yes(), Get: text("id")}), []string{"give exactly one", `schema:6:3: the query products has no argument "id"`, "there may be no such row"}},
		"sorted list":            {query("products", declaration.Query{List: yes(), SortBy: text("name")}), []string{"`sortBy` goes with `byIndex` only"}},
		"get of many":            {schema("product(id: ID!): Product", "product(id: ID!): [Product!]"), []string{"the query product returns [Product!]; `get` returns one object type"}},
		"get that must be":       {schema("product(id: ID!): Product", "product(id: ID!): Product!"), []string{"there may be no such row"}},
		"get without argument":   {query("product", declaration.Query{Get: text("sku")}), []string{`the query product has no argument "sku"`}},
		"plain list":             {schema("products(limit: Int, nextToken: String): ProductPage!", "products(limit: Int, nextToken: String): [Product!]!"), []string{"a plain list would be cut silently"}},
		"list without paging":    {schema("products(limit: Int, nextToken: String)", "products"), []string{"needs the argument `limit: Int`", "needs the argument `nextToken: String`"}},
		"unknown index field": {query("productsByCategory", declaration.Query{ByIndex: text("categoryID")}),
			[]string{`names the row field "categoryID", which the type Product does not have. Did you mean "categoryId"?`}},
		"index of a Boolean":     {query("productsByCategory", declaration.Query{ByIndex: text("on")}), []string{"names Product.on of type Boolean, which cannot be a key"}},
		"index of a list":        {query("productsByCategory", declaration.Query{ByIndex: text("tags")}), []string{"which cannot be a key"}},
		"index without argument": {query("productsByCategory", declaration.Query{ByIndex: text("name")}), []string{"needs the argument `name: String!`"}},
		"sorted by itself":       {query("productsByCategory", declaration.Query{ByIndex: text("categoryId"), SortBy: text("categoryId")}), []string{"looks for and sorts by the same row field"}},
		"kept row field":         {schema("price: Float", "price: Float _position: String"), []string{`schema:9:67: the row field Product._position begins with "_"`}},
		"syntax":                 {schema("type Query {", "type Query {{"), []string{"schema:4:"}},
		"long mutation": {func(p *declaration.Plugin) {
			long := strings.Repeat("m", 49)
			p.Schema = strings.ReplaceAll(p.Schema, "addProduct", long)
			p.Aggregates["Product"] = declaration.Aggregate{Commands: map[string]string{long: "AddProduct"}}
		}, []string{"schema:2:3: "}},
		"long subscription": {func(p *declaration.Plugin) {
			p.Schema += fmt.Sprintf("type Subscription { %s(id: ID): CommandResult @aws_subscribe(mutations: [\"addProduct\"]) }\n", strings.Repeat("s", 51))
		}, []string{"has 51 characters, AppSync allows 50"}},
		"several at once": {func(p *declaration.Plugin) { p.Version, p.Memory, p.Runtime = "x", 1, "cobol" },
			[]string{"version: ", `runtime: "cobol" is no supported runtime`, "memory: "}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := valid()
			test.change(&plugin)
			problems, _ := check(plugin)
			lines := make([]string, len(problems))
			for i, problem := range problems {
				lines[i] = problem.Path + ": " + problem.Reason
			}
			assert.Len(t, lines, len(test.want), "%s", strings.Join(lines, "\n"))
			for _, want := range test.want {
				assert.Contains(t, strings.Join(lines, "\n"), want)
			}
		})
	}
}

func TestErrorNamesEverything(t *testing.T) {
	t.Parallel()
	err := validate.Error("plugin catalog", []validate.Problem{{Path: "name", Reason: "wrong"}, {Path: "version", Reason: "wrong too"}})
	require.ErrorContains(t, err, "plugin catalog: 2 problems, nothing was changed")
	assert.ErrorContains(t, err, "`name`: wrong")
	assert.ErrorContains(t, err, "`version`: wrong too")
}

func TestPath(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "readModels.Products.from[0].aggregate", validate.Path("readModels", "Products", "from", "[0]", "aggregate"))
	assert.Equal(t, `extensions["a-b"].plugin`, validate.Path("extensions", "a-b", "plugin"))
}

func TestCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "index.js")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.Mkdir(empty, 0o700))
	tests := map[string]struct {
		code pulumi.AssetOrArchiveInput
		want string
	}{
		"folder":       {pulumi.NewFileArchive(dir), ""},
		"map":          {pulumi.NewAssetArchive(map[string]any{"index.js": pulumi.NewFileAsset(file)}), ""},
		"text":         {pulumi.NewAssetArchive(map[string]any{"index.js": pulumi.NewStringAsset("x")}), ""},
		"output":       {pulumi.NewFileArchive(dir).ToAssetOrArchiveOutput(), ""},
		"none":         {nil, "the plugin has no code"},
		"missing":      {pulumi.NewFileArchive("../nowhere"), "../nowhere does not exist (/"},
		"missing part": {pulumi.NewAssetArchive(map[string]any{"a": pulumi.NewFileAsset(dir + "/no.js")}), "no.js does not exist"},
		"empty":        {pulumi.NewFileArchive(empty), "is empty"},
		"single file":  {pulumi.NewFileAsset(file), "give an archive"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := validate.Code("code", test.code)
			if test.want == "" {
				assert.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0].Reason, test.want)
		})
	}
}

// TestEnvironment also checks that no problem says a value, which could be a secret.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	known := func(input pulumi.StringInput) (string, bool) {
		value, ok := input.(pulumi.String)
		return string(value), ok
	}
	tests := map[string]struct {
		variables map[string]pulumi.StringInput
		want      []string
	}{
		"fine":     {map[string]pulumi.StringInput{"SHOP": pulumi.String("alpha")}, nil},
		"reserved": {map[string]pulumi.StringInput{"AWS_REGION": pulumi.String("x"), "REVENTLESS_X": pulumi.String("x")}, []string{"environment.AWS_REGION: the variable is kept", "environment.REVENTLESS_X: the variable is kept"}},
		"short":    {map[string]pulumi.StringInput{"A": pulumi.String("x")}, []string{`environment.A: "A" is no name`}},
		"too much": {map[string]pulumi.StringInput{"BIG": pulumi.String(strings.Repeat("hunter2", 600))}, []string{"environment: names and values take 4203 bytes, 2560 are possible"}},
		"unknown":  {map[string]pulumi.StringInput{"URL": pulumi.String("x").ToStringOutput()}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := validate.Environment(test.variables, known)
			require.Len(t, problems, len(test.want))
			for i, want := range test.want {
				assert.Contains(t, problems[i].Path+": "+problems[i].Reason, want)
				assert.NotContains(t, problems[i].Reason, "hunter2")
			}
		})
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	many := map[string]pulumi.StringInput{}
	for i := range validate.MaxTags + 1 {
		many[fmt.Sprintf("tag%d", i)] = pulumi.String("x")
	}
	assert.Empty(t, validate.Tags(map[string]pulumi.StringInput{"cost-centre": pulumi.String("shop")}))
	assert.Len(t, validate.Tags(map[string]pulumi.StringInput{"aws:x": pulumi.String("x"), "a*": pulumi.String("x")}), 2)
	assert.Len(t, validate.Tags(many), 1)
}
