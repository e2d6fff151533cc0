package declaration

import "github.com/pulumi/pulumi-go-provider/infer"

// DCB is the event log that slices share, and the slices.
type DCB struct {
	Tags                 map[string]Tag                 `pulumi:"tags"`
	Events               map[string][]string            `pulumi:"events"`
	StateChangeSlices    map[string]StateChangeSlice    `pulumi:"stateChangeSlices,optional"`
	StateViewSlices      map[string]ReadModel           `pulumi:"stateViewSlices,optional"`
	Automations          map[string]Automation          `pulumi:"automations,optional"`
	InboundTranslations  map[string]InboundTranslation  `pulumi:"inboundTranslations,optional"`
	OutboundTranslations map[string]OutboundTranslation `pulumi:"outboundTranslations,optional"`
}

// Annotate describes the type in the provider's schema.
func (d *DCB) Annotate(annotator infer.Annotator) {
	annotator.Describe(&d, "One event log for the whole plugin, on which decisions select events by type and tag instead of by the id of "+
		"an aggregate (dynamic consistency boundary, as specified at dcb.events), and the slices that use it.")
	annotator.Describe(&d.Tags, "The tags by name, such as `{productId: {}, categoryId: {}}`. A name is 1 to 40 letters, digits and `_`, beginning with a letter.")
	annotator.Describe(&d.Events, "The event types and the tags that their events have: `{ProductAdded: [productId, categoryId]}`. The first is the event's home: "+
		"each event has exactly one value of it, its events are numbered and keep their order for each value. By the other tags the event can be "+
		"found too. A tag that is added to an event type later finds events recorded since.")
	annotator.Describe(&d.StateChangeSlices, "The decisions by name, such as `AddProduct: {commands: {addProduct: AddProduct}, reads: [{events: [ProductAdded], tags: [productId]}], emits: [ProductAdded]}`. "+
		"A name is 1 to 40 letters and digits, beginning with a capital, and not that of an aggregate.")
	annotator.Describe(&d.StateViewSlices, "The read models that are made from the log, by name: `Products: {from: [{tag: productId}], queries: {product: {get: id}}}`. They take what `readModels` takes.")
	annotator.Describe(&d.Automations, "What the plugin does by itself when something happened, by name: events become to-do rows, and each row becomes commands until an event resolves it.")
	annotator.Describe(&d.InboundTranslations, "Inputs from outside that become commands, by name; each is kept in an audit table.")
	annotator.Describe(&d.OutboundTranslations, "Calls to the outside that events lead to, by name; what came of each is kept in its row.")
}

// Tag says where the values of a tag are found.
type Tag struct {
	Fields []string `pulumi:"fields,optional"`
}

// Annotate describes the type in the provider's schema.
func (t *Tag) Annotate(annotator infer.Annotator) {
	annotator.Describe(&t, "A tag of the events of the DCB log.")
	annotator.Describe(&t.Fields, "Where the tag's values are in the data of events and commands: paths through objects and lists, such as `[productId, lines.productId]`, "+
		"all of which give values. A text or an integer; missing, null and empty values are none. Default: the field of the tag's own name.")
}

// StateChangeSlice is a decision on the DCB log.
type StateChangeSlice struct {
	Commands map[string]string `pulumi:"commands,optional"`
	Reads    []Criterion       `pulumi:"reads,optional"`
	Emits    []string          `pulumi:"emits,optional"`
	Async    *bool             `pulumi:"async,optional"`
	Function *Function         `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (s *StateChangeSlice) Annotate(annotator infer.Annotator) {
	annotator.Describe(&s, "A state change slice: a decision and the events that it must know. Nothing is recorded if any further event that it reads was recorded meanwhile.")
	annotator.Describe(&s.Commands, "The commands: mutation field → command type, such as `addProduct: AddProduct`. None in a slice that only extensions, automations and tasks send commands to.")
	annotator.Describe(&s.Reads, "The events that a decision is given: those that match any of these criteria, such as "+
		"`[{events: [ProductAdded], tags: [productId]}, {events: [CategoryAdded, CategoryArchived], tags: [categoryId]}]`. None: it is given no events.")
	annotator.Describe(&s.Emits, "The event types that a decision may lead to. Default: all of the plugin's.")
	annotator.Describe(&s.Async, "Whether a mutation puts its command on the queue and answers `PENDING` at once. The outcome comes by the subscription `Platform_commandCompleted`. Default: `false`.")
	annotator.SetDefault(&s.Async, false)
	annotator.Describe(&s.Function, functionText)
}

// Criterion selects events of the DCB log.
type Criterion struct {
	Events []string `pulumi:"events"`
	Tags   []string `pulumi:"tags"`
}

// Annotate describes the type in the provider's schema.
func (c *Criterion) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "Selects the events of some types that have, in each of the tags, a value that the command has too.")
	annotator.Describe(&c.Events, "The event types, at least one. Each has all of the tags.")
	annotator.Describe(&c.Tags, "The tags, at least one. The first is the one by which the events are looked up, so take the one with the fewest events.")
}
