// Package declaration holds the types in which a user declares the components of a
// plugin. They are arguments of the Plugin component and therefore part of the schema
// of the provider; all of them are plain values, because the number of resources
// depends on them.
package declaration

import "github.com/pulumi/pulumi-go-provider/infer"

// DefaultIDArgument is the mutation argument that names the aggregate id unless the
// aggregate says otherwise.
const DefaultIDArgument = "id"

// Aggregate is an aggregate with an event log of its own.
type Aggregate struct {
	Commands      map[string]string `pulumi:"commands,optional"`
	ID            *string           `pulumi:"id,optional"`
	Async         *bool             `pulumi:"async,optional"`
	SnapshotEvery *int              `pulumi:"snapshotEvery,optional"`
	Function      *Function         `pulumi:"function,optional"`
}

// IDArgument is the mutation argument that names the aggregate id.
func (a Aggregate) IDArgument() string {
	if a.ID == nil || *a.ID == "" {
		return DefaultIDArgument
	}
	return *a.ID
}

// Annotate describes the type in the provider's schema.
func (a *Aggregate) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a, "An aggregate: it decides on commands and has an event log of its own.")
	annotator.Describe(&a.Commands, "The commands: mutation field → command type, such as "+
		"`addProduct: AddProduct`. Each field must be a field of `Mutation` in the plugin's schema that "+
		"returns `CommandResult!`; the command type is what the handler is given, up to 128 letters, digits, `_`, `.` and `-`. "+
		"None in an aggregate that only extensions send commands to.")
	annotator.Describe(&a.ID, "The mutation argument that names the aggregate's id, such as `productId`. Each of the "+
		"aggregate's mutation fields must have it as a non-null `ID` or `String`. Default: `id`.")
	annotator.SetDefault(&a.ID, DefaultIDArgument)
	annotator.Describe(&a.Async, "Whether a mutation puts its command on the queue and answers `PENDING` at once. The outcome comes by the subscription `Platform_commandCompleted`. Default: `false`.")
	annotator.SetDefault(&a.Async, false)
	annotator.Describe(&a.SnapshotEvery, "After how many events the snapshot that the handler's answer has is kept, so that later decisions are given it and the events since, "+
		"instead of all events; at least 10. Default: never.")
	annotator.Describe(&a.Function, functionText)
}

// ReadModel is a table of rows made from events.
type ReadModel struct {
	From          []Source                `pulumi:"from"`
	Queries       map[string]Query        `pulumi:"queries,optional"`
	Owner         *Owner                  `pulumi:"owner,optional"`
	Subscriptions map[string]Subscription `pulumi:"subscriptions,optional"`
	Function      *Function               `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (r *ReadModel) Annotate(annotator infer.Annotator) {
	annotator.Describe(&r, "A read model: a table of rows that the handler projects from events.")
	annotator.Describe(&r.From, "The events that the read model is made from: of aggregates, `[{aggregate: Product}]`, of the DCB log, `[{tag: productId}]`, or of both; each source once.")
	annotator.Describe(&r.Queries, "The queries: field of `Query` in the plugin's schema → how it is answered. "+
		"They read the table directly, without a function. Example: `{product: {get: id}, products: {list: true}, "+
		"productsByCategory: {byIndex: categoryId, sortBy: name}}`. A table has at most 20 indexes.")
	annotator.Describe(&r.Owner, ownerText)
	annotator.Describe(&r.Subscriptions, "The subscriptions that are fed with changed rows: field of `Subscription` in the plugin's schema, such as `{productChanged: {}}` for "+
		"`productChanged(id: ID): Product`. Its arguments are fields of the row, and filter on the server. Deleted rows are not announced. Where rows have an `owner`, "+
		"the field's directives let in nobody but `elevatedGroups` and `AWS_IAM`.")
	annotator.Describe(&r.Function, functionText+" Not together with an extension point that publishes the same events: a stream has two readers at most.")
}

// Subscription is a subscription field that is fed with changed rows.
type Subscription struct{}

// Annotate describes the type in the provider's schema.
func (s *Subscription) Annotate(annotator infer.Annotator) {
	annotator.Describe(&s, "A subscription that is fed with changed rows. It has no settings yet.")
}

// Source selects events: of one aggregate, or of the DCB log.
type Source struct {
	Aggregate *string  `pulumi:"aggregate,optional"`
	Tag       *string  `pulumi:"tag,optional"`
	Events    []string `pulumi:"events,optional"`
}

// Annotate describes the type in the provider's schema.
func (s *Source) Annotate(annotator infer.Annotator) {
	annotator.Describe(&s, "Selects events of the same plugin: of an aggregate, or of the DCB log.")
	annotator.Describe(&s.Aggregate, "The name under which the plugin declares the aggregate. The row's key is the aggregate's id.")
	annotator.Describe(&s.Tag, "The tag of the DCB log whose value is the row's key, instead of `aggregate`.")
	annotator.Describe(&s.Events, "The event types taken, such as `[ProductAdded]`. None means all of the aggregate, or all that have the tag.")
}

// Query says how a query field is answered: exactly one of Get, List and ByIndex.
type Query struct {
	Get     *string `pulumi:"get,optional"`
	List    *bool   `pulumi:"list,optional"`
	ByIndex *string `pulumi:"byIndex,optional"`
	SortBy  *string `pulumi:"sortBy,optional"`
}

// Annotate describes the type in the provider's schema.
func (q *Query) Annotate(annotator infer.Annotator) {
	annotator.Describe(&q, "How a query field is answered: exactly one of `get`, `list` and `byIndex`.")
	annotator.Describe(&q.Get, "One row by its key: the name of the argument that holds the key, such as `id`, "+
		"a non-null `ID` or `String`. The field returns a nullable object type.")
	annotator.Describe(&q.List, "All rows, page by page and in no order. The field takes `limit: Int` (default 100, at most 1000) and "+
		"`nextToken: String`, and returns an object type such as `{ items: [Product!]! nextToken: String }`.")
	annotator.Describe(&q.ByIndex, "The rows with one value in one row field, page by page: the name of the row "+
		"field, which is also the name of the query's argument, such as `categoryId`. Takes and returns the same as a list.")
	annotator.Describe(&q.SortBy, "With `byIndex`: the row field by which the rows are sorted, ascending, such as `name`. "+
		"A row without the field is not found by this query.")
}

// ExtensionPoint publishes events of the plugin, at most one of Events and From, and takes
// commands.
type ExtensionPoint struct {
	Events   []string                `pulumi:"events,optional"`
	From     []PublishedSource       `pulumi:"from,optional"`
	Commands map[string]PointCommand `pulumi:"commands,optional"`
}

// Annotate describes the type in the provider's schema.
func (e *ExtensionPoint) Annotate(annotator infer.Annotator) {
	annotator.Describe(&e, "An extension point: what the plugin publishes to other plugins. "+
		"At most one of `events` and `from`.")
	annotator.Describe(&e.Events, "The event types that are published as they are, whichever aggregate or tag they are of, such as `[ProductAdded]`.")
	annotator.Describe(&e.From, "The events that the handler turns into messages (`publish` turns), such as `[{aggregate: Product}]`; events of the DCB log by type, `[{events: [ProductAdded]}]`.")
	annotator.Describe(&e.Commands, "The commands that other plugins may send, by type: `{ReserveStock: {to: Stock, id: productId}}`.")
}

// PublishedSource selects events to publish.
type PublishedSource struct {
	Aggregate *string  `pulumi:"aggregate,optional"`
	Events    []string `pulumi:"events,optional"`
}

// Annotate describes the type in the provider's schema.
func (p *PublishedSource) Annotate(annotator infer.Annotator) {
	annotator.Describe(&p, "Selects events of the same plugin to publish: of an aggregate, or of the DCB log.")
	annotator.Describe(&p.Aggregate, "The name under which the plugin declares the aggregate. None means the DCB log.")
	annotator.Describe(&p.Events, "The event types taken. None means all.")
}

// PointCommand is a command that other plugins may send.
type PointCommand struct {
	To string  `pulumi:"to"`
	ID *string `pulumi:"id,optional"`
}

// Annotate describes the type in the provider's schema.
func (p *PointCommand) Annotate(annotator infer.Annotator) {
	annotator.Describe(&p, "The addressee of a command that another plugin sends.")
	annotator.Describe(&p.To, "The aggregate or slice that decides on it.")
	annotator.Describe(&p.ID, "The field of the command's data that has the aggregate's id. A slice needs none.")
}

// Extension receives the messages of another plugin's extension point.
type Extension struct {
	Plugin         string   `pulumi:"plugin"`
	ExtensionPoint string   `pulumi:"extensionPoint"`
	Events         []string `pulumi:"events,optional"`
	// Where filters by fields of the messages' data.
	Where       map[string][]string `pulumi:"where,optional"`
	ViaPlatform *bool               `pulumi:"viaPlatform,optional"`
	Function    *Function           `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (e *Extension) Annotate(annotator infer.Annotator) {
	annotator.Describe(&e, "An extension: it receives the messages of another plugin's extension point, and the "+
		"handler answers each with commands (`react` turns).")
	annotator.Describe(&e.Plugin, "The name of the plugin that publishes, such as `catalog`. It is found in `dependencies`, `interstack:dependencies` or `interop`.")
	annotator.Describe(&e.ExtensionPoint, "The name under which that plugin declares the extension point, such as `Products`.")
	annotator.Describe(&e.Events, "The message types received, such as `[ProductAdded]`. SNS filters the others out. None means all.")
	annotator.Describe(&e.Where, "Only messages whose data have one of these texts in the field, for each field: `{currency: [EUR, CHF]}`. SNS filters the others out. Default: all.")
	annotator.Describe(&e.ViaPlatform, "Whether the platform subscribes the extension as soon as both plugins are connected, instead of this stack. For plugins that extend each other: neither can be deployed first. Default: `false`.")
	annotator.SetDefault(&e.ViaPlatform, false)
	annotator.Describe(&e.Function, functionText)
}

// Plugin is everything that a user declares about a plugin, with defaults filled in.
type Plugin struct {
	Name, Version string
	// Schema is the plugin's schema fragment in SDL.
	Schema           string
	Runtime, Handler string
	Architecture     string
	// Memory is in MB, Timeout in seconds.
	Memory, Timeout int
	Aggregates      map[string]Aggregate
	ReadModels      map[string]ReadModel
	ExtensionPoints map[string]ExtensionPoint
	Extensions      map[string]Extension
	DCB             *DCB
	Tasks           map[string]Task
	Schedules       map[string]Schedule
	Queries         map[string]CustomQuery
	// Archives are the names of further code.
	Archives []string
	// HeartbeatMinutes is how often the plugin says that it is alive, 0 for never.
	HeartbeatMinutes int
	// UIBundleURL is where the plugin's part of the host UI is, empty for none.
	UIBundleURL string
}
