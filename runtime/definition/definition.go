// Package definition is what a plugin's functions know about their plugin.
//
//  1. The provider writes a [Definition] from the arguments of a Plugin, with the
//     physical names of the tables, queues and topics that it creates.
//  2. It ships it as reventless/plugin.json in a Lambda layer of the plugin's
//     stack, so it is not bound by the 4 KB that a function's environment may have.
//  3. The engine reads it once, when the function starts.
//
// Physical names are fixed before anything is created, therefore a definition holds
// no value that only AWS knows. ARNs are put together from the ARN of the event
// source or of the function.
package definition

// FormatVersion is the version of the file's format.
const FormatVersion = 1

// Environment variables that the provider sets on every function of ours.
const (
	// EnvFunction says which function this is: one of the Function… constants.
	EnvFunction = "REVENTLESS_FUNCTION"
	// EnvDefinition is the path of the definition file.
	EnvDefinition = "REVENTLESS_DEFINITION"
	// EnvComponent is the component whose own function this is; empty in a function that
	// the components of its kind share.
	EnvComponent = "REVENTLESS_COMPONENT"
	// EnvCommandQueueURL is the URL of the plugin's command queue (functions that send
	// commands). The queues of components with a function of their own are beside it.
	EnvCommandQueueURL = "REVENTLESS_COMMAND_QUEUE_URL"
	// EnvTaskQueueARN is the ARN of the plugin's task queue, the target of schedules that
	// are made at run time; EnvScheduleGroup the group that they are in, EnvScheduleRole
	// the ARN of the role that sends for them, and EnvScheduleFailures the ARN of the queue
	// for what could not be sent (functions that may answer with schedules).
	EnvTaskQueueARN     = "REVENTLESS_TASK_QUEUE_ARN"
	EnvScheduleGroup    = "REVENTLESS_SCHEDULE_GROUP"
	EnvScheduleRole     = "REVENTLESS_SCHEDULE_ROLE_ARN"
	EnvScheduleFailures = "REVENTLESS_SCHEDULE_FAILURES_ARN"
	// EnvToDoQueueURL is the URL of the queue of to-do rows to look at again (automations).
	EnvToDoQueueURL = "REVENTLESS_TODO_QUEUE_URL"
	// EnvExtensionQueues is a JSON object: extension → URL of the command queue of the
	// plugin that owns the extension point (reactions, automations, tasks).
	EnvExtensionQueues = "REVENTLESS_EXTENSION_QUEUES"
	// EnvGraphQLURL is the URL of the platform's GraphQL API (feeds; commands in a plugin
	// with asynchronous commands).
	EnvGraphQLURL = "REVENTLESS_GRAPHQL_URL"
	// EnvConnectFunction is the name of the platform's connect function (the function that
	// sends the plugin's heartbeats).
	EnvConnectFunction = "REVENTLESS_CONNECT_FUNCTION"
	// EnvEngine is the path of the engine's launcher; the bootstrap of functions
	// without a handler starts it.
	EnvEngine = "REVENTLESS_ENGINE"

	// DefaultPath is where the layer puts the definition file.
	DefaultPath = "/opt/reventless/plugin.json"
	// EnginePath is where the runtime layer puts the launcher of the engine. It is
	// the AWS_LAMBDA_EXEC_WRAPPER of functions in managed runtimes.
	EnginePath = "/opt/reventless/engine"
)

// The functions of a plugin and of the platform.
const (
	FunctionCommands    = "commands"
	FunctionProjections = "projections"
	FunctionRelay       = "relay"
	FunctionReactions   = "reactions"
	FunctionAutomations = "automations"
	FunctionTasks       = "tasks"
	FunctionQueries     = "queries"
	FunctionFeeds       = "feeds"
	FunctionAdmin       = "admin"
	FunctionConnect     = "connect"
)

// Definition describes one plugin.
type Definition struct {
	FormatVersion int    `json:"formatVersion"`
	Plugin        string `json:"plugin"`
	Version       string `json:"version"`
	// Stack is organization/project/stack of the plugin's stack.
	Stack string `json:"stack,omitempty"`
	// HeartbeatMinutes is how often the plugin tells the platform that it is alive, in
	// minutes; 0 is never.
	HeartbeatMinutes int `json:"heartbeatMinutes,omitempty"`
	// CommandQueue is the physical name of the FIFO queue of commands.
	CommandQueue string `json:"commandQueue"`
	// DeadLetterQueues are the physical names of the plugin's dead-letter queues, by the
	// part that the messages were sent to.
	DeadLetterQueues map[string]string `json:"deadLetterQueues,omitempty"`
	// Each map is by the name under which the plugin declared the component.
	Aggregates      map[string]Aggregate      `json:"aggregates,omitempty"`
	ReadModels      map[string]ReadModel      `json:"readModels,omitempty"`
	ExtensionPoints map[string]ExtensionPoint `json:"extensionPoints,omitempty"`
	Extensions      map[string]Extension      `json:"extensions,omitempty"`
	// DCB is the log that slices share, nil without slices. State view slices are in
	// ReadModels.
	DCB *DCB `json:"dcb,omitempty"`
	// ToDos are automations and outbound translations.
	ToDos               map[string]ToDo               `json:"toDos,omitempty"`
	InboundTranslations map[string]InboundTranslation `json:"inboundTranslations,omitempty"`
	Tasks               map[string]Task               `json:"tasks,omitempty"`
	// Schedules are what turns may schedule.
	Schedules map[string]Schedule `json:"schedules,omitempty"`
	// Queries are the query fields that the handler answers, by field.
	Queries map[string]Query `json:"queries,omitempty"`
}

// Addressee says whether a name is one that commands can be sent to: an aggregate or a
// slice.
func (d Definition) Addressee(name string) bool {
	_, aggregate := d.Aggregates[name]
	if aggregate || d.DCB == nil {
		return aggregate
	}
	_, slice := d.DCB.Slices[name]
	return slice
}

// Aggregate is an aggregate with an event log of its own.
type Aggregate struct {
	// Table is the physical name of the event log's table: hash key "id" (S),
	// range key "seq" (N), stream with new images.
	Table string `json:"table"`
	// IDArgument is the mutation argument that names the aggregate id.
	IDArgument string `json:"idArgument"`
	// Commands maps mutation fields to command types.
	Commands map[string]string `json:"commands"`
	// Async says that a mutation puts its command on the command queue and answers
	// PENDING.
	Async bool `json:"async,omitempty"`
	// SnapshotEvery asks the handler for a snapshot after so many events; 0 is never.
	SnapshotEvery int `json:"snapshotEvery,omitempty"`
	// CommandQueue is the physical name of its own queue of commands, empty when it takes
	// them from the plugin's.
	CommandQueue string `json:"commandQueue,omitempty"`
}

// ReadModel is a table of rows made from events.
type ReadModel struct {
	// Table is the physical name of the table: hash key "id" (S).
	Table string `json:"table"`
	// From lists the aggregates whose events the read model is made from.
	From []Source `json:"from"`
	// Indexes are the row fields that are hash or range keys of an index.
	Indexes []string `json:"indexes,omitempty"`
	// Feeds are the subscriptions that are fed with changed rows.
	Feeds []Feed `json:"feeds,omitempty"`
	// Own says that it has a projections function of its own.
	Own bool `json:"own,omitempty"`
}

// Feed is a subscription field that is fed with changed rows.
type Feed struct {
	// Subscription is the field of Subscription, Mutation the field of Mutation that
	// triggers it.
	Subscription string `json:"subscription"`
	Mutation     string `json:"mutation"`
	// Selection is the selection set of the mutation: what subscribers can select.
	Selection string `json:"selection"`
}

// Source selects events of one aggregate, or of the DCB log when Aggregate is empty.
type Source struct {
	Aggregate string `json:"aggregate,omitempty"`
	// Tag is the tag of the DCB log whose value is the row's key.
	Tag string `json:"tag,omitempty"`
	// Events are the event types taken; none means all.
	Events []string `json:"events,omitempty"`
}

// ExtensionPoint publishes events of the plugin to other plugins.
type ExtensionPoint struct {
	// Topic is the physical name of the FIFO topic.
	Topic string   `json:"topic"`
	From  []Source `json:"from"`
	// Publish says that the handler turns events into messages (publish turns).
	// Otherwise each selected event is published as it is.
	Publish bool `json:"publish,omitempty"`
	// Commands are the commands that other plugins may send, by type.
	Commands map[string]PointCommand `json:"commands,omitempty"`
}

// PointCommand is the addressee of a command that another plugin sends.
type PointCommand struct {
	// To is the aggregate or slice.
	To string `json:"to"`
	// ID is the field of the command's data that names the id; for a slice it may be
	// empty.
	ID string `json:"id,omitempty"`
}

// Extension receives the messages of another plugin's extension point.
type Extension struct {
	// Queue is the physical name of the FIFO queue that is subscribed to the topic.
	Queue          string `json:"queue"`
	Plugin         string `json:"plugin"`
	ExtensionPoint string `json:"extensionPoint"`
}
