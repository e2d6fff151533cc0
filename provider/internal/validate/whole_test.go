package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

func number(value int) *int { return &value }

// whole is a declaration without problems that has a component of every kind.
func whole() declaration.Plugin {
	plugin := valid()
	plugin.Schema = `type Product { id: ID! name: String! categoryId: ID! }
type Import { id: ID! status: String! }
type ToDo { id: ID! _status: String! }
type Query {
  product(id: ID!): Product
  import(id: ID!): Import
  mail(id: ID!): ToDo
  basket(productIds: [ID!]!): Product
}
type Mutation {
  addProduct(productId: ID!): CommandResult!
  importProduct(sku: String!): CommandResult!
}
type Subscription {
  productChanged(id: ID): Product
}`
	plugin.Aggregates, plugin.ReadModels = nil, nil
	plugin.Archives = []string{"imports"}
	plugin.DCB = &declaration.DCB{
		Tags:   map[string]declaration.Tag{"productId": {Fields: []string{"lines.productId"}}, "categoryId": {}},
		Events: map[string][]string{"ProductAdded": {"productId", "categoryId"}, "ProductRenamed": {"productId"}},
		StateChangeSlices: map[string]declaration.StateChangeSlice{"AddProduct": {
			Commands: map[string]string{"addProduct": "AddProduct"}, Emits: []string{"ProductAdded"},
			Reads: []declaration.Criterion{{Events: []string{"ProductAdded"}, Tags: []string{"productId", "categoryId"}}},
		}},
		StateViewSlices: map[string]declaration.ReadModel{"Products": {
			From: []declaration.Source{{Tag: text("productId")}}, Queries: map[string]declaration.Query{"product": {Get: text("id")}},
			Subscriptions: map[string]declaration.Subscription{"productChanged": {}},
		}},
		Automations:          map[string]declaration.Automation{"Restock": {From: []declaration.Source{{Tag: text("productId")}}}},
		OutboundTranslations: map[string]declaration.OutboundTranslation{"Mail": {From: []declaration.Source{{Tag: text("productId")}}, Queries: map[string]declaration.Query{"mail": {Get: text("id")}}}},
		InboundTranslations:  map[string]declaration.InboundTranslation{"ImportProduct": {Field: "importProduct", Queries: map[string]declaration.Query{"import": {Get: text("id")}}}},
	}
	plugin.Tasks = map[string]declaration.Task{"Imports": {
		Bucket: &declaration.Bucket{Content: new(declaration.BucketContent("lines"))}, Schedule: &declaration.Recurrence{Every: text("15 minutes")}, Function: &declaration.Function{Archive: text("imports")},
	}}
	plugin.Schedules = map[string]declaration.Schedule{"Reminder": {To: "AddProduct", Command: "Remind"}}
	plugin.Queries = map[string]declaration.CustomQuery{"basket": {Loads: map[string]declaration.Load{"products": {ReadModel: "Products", Argument: "productIds"}}}}
	plugin.ExtensionPoints = map[string]declaration.ExtensionPoint{"Products": {
		From: []declaration.PublishedSource{{Events: []string{"ProductAdded"}}}, Commands: map[string]declaration.PointCommand{"Reserve": {To: "AddProduct"}},
	}}
	plugin.Extensions = map[string]declaration.Extension{"Orders": {Plugin: "ordering", ExtensionPoint: "Orders", Where: map[string][]string{"currency": {"EUR"}}}}
	return plugin
}

func TestWholePluginHasNoProblem(t *testing.T) {
	t.Parallel()
	problems, _ := check(whole())
	assert.Empty(t, problems)
}

func TestWholePluginProblems(t *testing.T) {
	t.Parallel()
	type plugin = declaration.Plugin
	slice := func(change func(*declaration.StateChangeSlice)) func(*plugin) {
		return func(p *plugin) {
			s := p.DCB.StateChangeSlices["AddProduct"]
			change(&s)
			p.DCB.StateChangeSlices["AddProduct"] = s
		}
	}
	task := func(change func(*declaration.Task)) func(*plugin) {
		return func(p *plugin) {
			t := p.Tasks["Imports"]
			change(&t)
			p.Tasks["Imports"] = t
		}
	}
	override := func(f declaration.Function) func(*plugin) {
		return task(func(t *declaration.Task) { t.Function = &f })
	}
	view := func(from ...declaration.Source) func(*plugin) {
		return func(p *plugin) {
			m := p.DCB.StateViewSlices["Products"]
			m.From = from
			p.DCB.StateViewSlices["Products"] = m
		}
	}
	for name, test := range map[string]struct {
		change func(*plugin)
		want   []string
	}{
		"tag's name": {func(p *plugin) {
			p.DCB.Tags["a-b"], p.DCB.Events["ProductAdded"] = declaration.Tag{}, []string{"productId", "categoryId", "a-b"}
		},
			[]string{`dcb.tags["a-b"]: "a-b" is no name of a tag`}},
		"tag named like an aggregate": {func(p *plugin) {
			p.DCB.Tags["Stock"], p.DCB.Events["ProductAdded"] = declaration.Tag{}, []string{"productId", "categoryId", "Stock"}
			p.Aggregates = map[string]declaration.Aggregate{"Stock": {}}
		}, []string{"dcb.tags.Stock: an aggregate has the name of the tag; choose another one, such as \"stockId\""}},
		"tag's path":        {func(p *plugin) { p.DCB.Tags["productId"] = declaration.Tag{Fields: []string{"lines[].id"}} }, []string{`dcb.tags.productId.fields[0]: "lines[].id" is no path`}},
		"tag of nobody":     {func(p *plugin) { p.DCB.Tags["shelfId"] = declaration.Tag{} }, []string{`dcb.tags.shelfId: no event type has the tag "shelfId"`}},
		"event's name":      {func(p *plugin) { p.DCB.Events["Product.Gone"] = []string{"productId"} }, []string{`dcb.events["Product.Gone"]: "Product.Gone" is no event type`}},
		"event without tag": {func(p *plugin) { p.DCB.Events["Product"] = nil }, []string{"dcb.events.Product: events of the type Product have no tag"}},
		"event's unknown tag": {func(p *plugin) { p.DCB.Events["ProductRenamed"] = []string{"productld"} },
			[]string{`dcb.events.ProductRenamed[0]: ` + "`dcb.tags` has no tag \"productld\". Did you mean \"productId\"?"}},
		"tag twice": {func(p *plugin) { p.DCB.Events["ProductRenamed"] = []string{"productId", "productId"} }, []string{`the tag "productId" is listed twice`}},
		"no slice": {func(p *plugin) {
			p.DCB.StateChangeSlices = nil
			p.Schedules = nil
			p.Tasks = nil
			p.ExtensionPoints = nil
			p.Extensions = nil
			p.Schema = strings.ReplaceAll(p.Schema, "  addProduct(productId: ID!): CommandResult!\n", "")
		}, []string{"aggregates: the plugin declares no component", "dcb.stateChangeSlices: the DCB log has no slice"}},
		"tag not in event": {slice(func(s *declaration.StateChangeSlice) { s.Reads[0].Events = []string{"ProductRenamed"} }),
			[]string{"dcb.stateChangeSlices.AddProduct.reads[0].events[0]: events of the type ProductRenamed do not have the tag \"categoryId\", so none would ever be found; they have: productId"}},
		"unknown event read":      {slice(func(s *declaration.StateChangeSlice) { s.Reads[0].Events = []string{"ProductAded"} }), []string{"has no event type \"ProductAded\". Did you mean \"ProductAdded\""}},
		"criterion without tag":   {slice(func(s *declaration.StateChangeSlice) { s.Reads[0].Tags = nil }), []string{"reads[0].tags: the criterion names no tag"}},
		"criterion without event": {slice(func(s *declaration.StateChangeSlice) { s.Reads[0].Events = nil }), []string{"reads[0].events: the criterion names no event type"}},
		"unknown event emitted":   {slice(func(s *declaration.StateChangeSlice) { s.Emits = []string{"Gone"} }), []string{`emits[0]: ` + "`dcb.events` has no event type \"Gone\""}},
		"slice's field": {slice(func(s *declaration.StateChangeSlice) {
			s.Commands = map[string]string{"addProduct": "AddProduct", "addThing": "AddThing"}
		}), []string{`dcb.stateChangeSlices.AddProduct.commands.addThing: the schema has no mutation field "addThing"`}},
		"source of both kinds":     {view(declaration.Source{Aggregate: text("Product"), Tag: text("productId")}), []string{"dcb.stateViewSlices.Products.from[0]: give exactly one of `aggregate` and `tag`"}},
		"source of an unknown tag": {view(declaration.Source{Tag: text("productld")}), []string{"dcb.stateViewSlices.Products.from[0].tag: `dcb.tags` has no tag"}},
		"source without the tag":   {view(declaration.Source{Tag: text("categoryId"), Events: []string{"ProductRenamed"}}), []string{`from[0].events[0]: events of the type ProductRenamed do not have the tag "categoryId"`}},
		"source twice":             {view(declaration.Source{Tag: text("productId")}, declaration.Source{Tag: text("productId")}), []string{`from[1]: the source "productId" is named twice`}},
		"attempts": {func(p *plugin) {
			p.DCB.Automations["Restock"] = declaration.Automation{From: p.DCB.Automations["Restock"].From, Attempts: number(0), RetrySeconds: number(901)}
		}, []string{"dcb.automations.Restock.attempts: 0 attempts", "retrySeconds: a pause of 901"}},
		"name of two rows":              {func(p *plugin) { p.DCB.Automations["Mail"] = p.DCB.Automations["Restock"] }, []string{"dcb.outboundTranslations.Mail: the name is that of dcb.automations.Mail"}},
		"slice named like an extension": {func(p *plugin) { p.Extensions["AddProduct"] = p.Extensions["Orders"] }, []string{"extensions.AddProduct: the name is that of dcb.stateChangeSlices.AddProduct"}},
		"task without trigger":          {task(func(t *declaration.Task) { t.Bucket, t.Schedule = nil, nil }), []string{"tasks.Imports: nothing triggers the task"}},
		"writing alone": {task(func(t *declaration.Task) {
			t.Bucket, t.Schedule = &declaration.Bucket{Mode: new(declaration.ModeWrite)}, nil
		}), []string{"a task that only writes is triggered by no object"}},
		"reading what it writes": {task(func(t *declaration.Task) { t.Bucket = &declaration.Bucket{Mode: new(declaration.ModeReadWrite)} }), []string{"tasks.Imports.bucket.prefix: a task that reads and writes needs a `prefix`"}},
		"task's lines":           {task(func(t *declaration.Task) { t.Bucket = &declaration.Bucket{Lines: number(0)} }), []string{"lines: 0 lines"}},
		"period":                 {task(func(t *declaration.Task) { t.Schedule.Every = text("15 minute") }), []string{`tasks.Imports.schedule.every: "15 minute" is no period`}},
		"cron": {task(func(t *declaration.Task) {
			t.Schedule = &declaration.Recurrence{Cron: text("0 3 * * *"), TimeZone: text("Vienna")}
		}), []string{`cron: "0 3 * * *" is no cron expression`, `timeZone: "Vienna" is no time zone`}},
		"no period":             {task(func(t *declaration.Task) { t.Schedule = &declaration.Recurrence{} }), []string{"tasks.Imports.schedule: give exactly one of `every`"}},
		"override":              {override(declaration.Function{Memory: number(1), Timeout: number(1000), Concurrency: number(0), Archive: text("import")}), []string{"tasks.Imports.function.memory: 1 MB", "function.timeout: 1000", "function.concurrency: 0", "`archives` has no \"import\". Did you mean \"imports\"?"}},
		"override without code": {override(declaration.Function{Handler: text("a.b")}), []string{"function.archive: `runtime` and `handler` belong to code"}},
		"override's handler":    {override(declaration.Function{Archive: text("imports"), Runtime: text("provided.al2023"), Handler: text("x")}), []string{`function.handler: "x" is no handler for the runtime provided.al2023`}},
		"schedule to nobody":    {func(p *plugin) { p.Schedules["Reminder"] = declaration.Schedule{To: "AddProdukt", Command: "1"} }, []string{`schedules.Reminder.to: the plugin declares no aggregate and no slice "AddProdukt". Did you mean`, `schedules.Reminder.command: "1" is no command type`}},
		"load of nothing": {func(p *plugin) {
			p.Queries["basket"] = declaration.CustomQuery{Loads: map[string]declaration.Load{"p": {ReadModel: "Produkts", Argument: "ids"}}}
		}, []string{`queries.basket.loads.p.readModel: the plugin declares no read model`, `queries.basket.loads.p.argument: the query basket has no argument "ids"`}},
		"custom query's field": {func(p *plugin) { p.Queries["baskets"] = declaration.CustomQuery{} }, []string{`queries.baskets: the schema has no query field "baskets"`}},
		"fed twice": {func(p *plugin) {
			p.ReadModels = map[string]declaration.ReadModel{"Others": {From: []declaration.Source{{Tag: text("productId")}}, Subscriptions: map[string]declaration.Subscription{"productChanged": {}}}}
		}, []string{`the subscription field "productChanged" is fed by Others already`}},
		"inbound field": {func(p *plugin) {
			p.DCB.InboundTranslations["ImportProduct"] = declaration.InboundTranslation{Field: "addProduct", Queries: p.DCB.InboundTranslations["ImportProduct"].Queries}
		}, []string{`dcb.inboundTranslations.ImportProduct.field: the mutation field "addProduct" belongs to AddProduct already`, "nobody resolves the field Mutation.importProduct"}},
		"extension point idle": {func(p *plugin) { p.ExtensionPoints["Products"] = declaration.ExtensionPoint{} }, []string{"extensionPoints.Products: the extension point does nothing"}},
		"point's command": {func(p *plugin) {
			p.ExtensionPoints["Products"] = declaration.ExtensionPoint{Commands: map[string]declaration.PointCommand{"Reserve": {To: "Stock"}}}
		}, []string{`extensionPoints.Products.commands.Reserve.to: the plugin declares no aggregate and no slice "Stock"`}},
		"published event":      {func(p *plugin) { p.ExtensionPoints["Products"].From[0].Events[0] = "ProductGone" }, []string{"extensionPoints.Products.from[0].events[0]: `dcb.events` has no event type \"ProductGone\""}},
		"filter without texts": {func(p *plugin) { p.Extensions["Orders"].Where["currency"] = nil }, []string{"extensions.Orders.where.currency: the filter lists no text"}},
		"filter too large": {func(p *plugin) {
			texts := make([]string, 25)
			for i := range texts {
				texts[i] = fmt.Sprint("text", i)
			}
			p.Extensions["Orders"] = declaration.Extension{Plugin: "ordering", ExtensionPoint: "Orders",
				Events: []string{"Ordered", "Cancelled", "Reopened", "Shipped"}, Where: map[string][]string{"currency": texts}}
		}, []string{"extensions.Orders.where: the filter has 1 fields, and with the event types 200 combinations of texts, each field counted double; SNS takes 4 fields and 150 combinations"}},
		"snapshots": {func(p *plugin) {
			p.Aggregates = map[string]declaration.Aggregate{"Store": {SnapshotEvery: number(-3)}}
		}, []string{"aggregates.Store.snapshotEvery: a snapshot after -3 events is not possible; give at least 10"}},
		"too many readers": {func(p *plugin) {
			m := p.DCB.StateViewSlices["Products"]
			m.Function = &declaration.Function{}
			p.DCB.StateViewSlices["Products"] = m
		}, []string{"readModels: the events of the DCB log would have 3 readers"}},
		"heartbeat": {func(p *plugin) { p.HeartbeatMinutes = 2000 }, []string{"heartbeatMinutes: 2000 minutes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := whole()
			test.change(&plugin)
			problems, _ := check(plugin)
			var lines []string
			for _, problem := range problems {
				lines = append(lines, problem.Path+": "+problem.Reason)
			}
			require.Len(t, lines, len(test.want), strings.Join(lines, "\n"))
			for _, want := range test.want {
				assert.True(t, slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }), "%q is not in\n%s", want, strings.Join(lines, "\n"))
			}
		})
	}
}
