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
	// EnvCommandQueueURL is the URL of the plugin's command queue (reactions).
	EnvCommandQueueURL = "REVENTLESS_COMMAND_QUEUE_URL"
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
	FunctionAdmin       = "admin"
	FunctionConnect     = "connect"
)

// Definition describes one plugin.
type Definition struct {
	FormatVersion int    `json:"formatVersion"`
	Plugin        string `json:"plugin"`
	Version       string `json:"version"`
	// CommandQueue is the physical name of the FIFO queue of commands.
	CommandQueue string `json:"commandQueue"`
	// Each map is by the name under which the plugin declared the component.
	Aggregates      map[string]Aggregate      `json:"aggregates,omitempty"`
	ReadModels      map[string]ReadModel      `json:"readModels,omitempty"`
	ExtensionPoints map[string]ExtensionPoint `json:"extensionPoints,omitempty"`
	Extensions      map[string]Extension      `json:"extensions,omitempty"`
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
}

// ReadModel is a table of rows made from events.
type ReadModel struct {
	// Table is the physical name of the table: hash key "id" (S).
	Table string `json:"table"`
	// From lists the aggregates whose events the read model is made from.
	From []Source `json:"from"`
	// Indexes are the row fields that are hash or range keys of an index.
	Indexes []string `json:"indexes,omitempty"`
}

// Source selects events of one aggregate.
type Source struct {
	Aggregate string `json:"aggregate"`
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
}

// Extension receives the messages of another plugin's extension point.
type Extension struct {
	// Queue is the physical name of the FIFO queue that is subscribed to the topic.
	Queue          string `json:"queue"`
	Plugin         string `json:"plugin"`
	ExtensionPoint string `json:"extensionPoint"`
}
