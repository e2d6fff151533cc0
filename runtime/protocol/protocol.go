// Package protocol holds the messages that cross the borders between functions and
// stacks: commands on a command queue, messages on an extension point's topic, and
// the conversation between a plugin's stack and the platform's connect function.
// The JSON names are the wire format.
package protocol

import "encoding/json"

// Command is one message on a plugin's command queue.
type Command struct {
	// Component and ID name the aggregate instance. For a slice ID orders the commands of
	// one entity and has no other meaning. Both are empty when ExtensionPoint is set.
	Component string `json:"component,omitempty"`
	ID        string `json:"id,omitempty"`
	// ExtensionPoint is set by another plugin: the extension point of this plugin whose
	// declaration says which component the command is for.
	ExtensionPoint string `json:"extensionPoint,omitempty"`
	// Notify says that the outcome is awaited: it is published on the API's subscription
	// for completed commands.
	Notify bool            `json:"notify,omitempty"`
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
	// CommandID makes the command idempotent.
	CommandID     string          `json:"commandId"`
	CorrelationID string          `json:"correlationId,omitempty"`
	CausationID   string          `json:"causationId,omitempty"`
	Actor         json.RawMessage `json:"actor,omitempty"`
}

// FieldInvocation is what the resolver of a mutation field sends to the commands
// function, and that of a custom query field to the queries function.
type FieldInvocation struct {
	// Field is the mutation field, Arguments its arguments.
	Field     string          `json:"field"`
	Arguments json.RawMessage `json:"arguments"`
	// Identity is AppSync's identity object, null for API keys.
	Identity json.RawMessage `json:"identity,omitempty"`
}

// FieldFailure is the answer to a [FieldInvocation] that failed. It is an answer and no
// error of the function, because AppSync gives the resolver the same type for every
// error of a function; the resolver makes a GraphQL error of it.
type FieldFailure struct {
	Error FieldError `json:"__error"`
}

// FieldError is what the GraphQL caller sees as errorType and message.
type FieldError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// CommandStatus is the outcome of a command.
type CommandStatus string

// The outcomes of a command; values of the GraphQL enum CommandStatus.
const (
	Accepted CommandStatus = "ACCEPTED"
	Rejected CommandStatus = "REJECTED"
	Pending  CommandStatus = "PENDING"
)

// CodeConflict is the code of a command that was given up because other commands
// on the same aggregate kept coming first.
const CodeConflict = "CONFLICT"

// CommandResult is the answer of a mutation; the GraphQL type CommandResult.
type CommandResult struct {
	Status CommandStatus `json:"status"`
	ID     string        `json:"id"`
	// Version is the number of the aggregate's events after the command.
	Version       int64  `json:"version"`
	CommandID     string `json:"commandId"`
	CorrelationID string `json:"correlationId"`
	// Code, Message and Details say why a command was rejected. Details is JSON
	// text, as the scalar AWSJSON wants it.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Details string `json:"details,omitempty"`
}

// ExtensionMessage is one message on an extension point's topic.
type ExtensionMessage struct {
	Plugin         string          `json:"plugin"`
	ExtensionPoint string          `json:"extensionPoint"`
	Type           string          `json:"type"`
	Key            string          `json:"key"`
	Data           json.RawMessage `json:"data"`
	// Source is the event that the message was made from, Index the message's place
	// among the event's messages of the same type and key. Together they identify the
	// message, also when another version of the handler makes more or fewer of them.
	Source        EventReference `json:"source"`
	Index         int            `json:"index"`
	Time          string         `json:"time"`
	CorrelationID string         `json:"correlationId,omitempty"`
	CausationID   string         `json:"causationId,omitempty"`
}

// EventReference names one event in a plugin's event logs.
type EventReference struct {
	Component string `json:"component"`
	ID        string `json:"id"`
	Number    int64  `json:"number"`
}

// Trigger is the payload of an invocation or a queue message that a schedule sends.
type Trigger struct {
	// Reventless is one of the Trigger… constants.
	Reventless string `json:"reventless"`
	// Task is the task to run (TriggerTask).
	Task string `json:"task,omitempty"`
	// Schedule, Key and Command are what a turn scheduled (TriggerCommand).
	Schedule string   `json:"schedule,omitempty"`
	Key      string   `json:"key,omitempty"`
	Command  *Command `json:"command,omitempty"`
	// Time is the scheduled time, which Scheduler fills in; RFC 3339.
	Time string `json:"time,omitempty"`
}

// Values of [Trigger].Reventless.
const (
	// TriggerHeartbeat makes a function tell the platform that its plugin is alive.
	TriggerHeartbeat = "heartbeat"
	// TriggerTask runs a task, TriggerCommand sends a scheduled command.
	TriggerTask    = "task"
	TriggerCommand = "command"
	// TriggerWatch makes the admin function look after plugins that fell silent.
	TriggerWatch = "watch"
)

// ScheduledTime is replaced by EventBridge Scheduler in a schedule's input.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// PlatformPlugin is the name under which the platform's own schema fragment is
// registered. No plugin may have it.
const PlatformPlugin = "Platform"

// Actions of a request to the connect function. The first three are what the
// Lambda Invocation resource sends as tf.action.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionDelete = "delete"
	// ActionCheck asks for the registry's state and validates the fragment
	// against it without changing anything.
	ActionCheck = "check"
)

// ConnectRequest is what a stack sends to the platform's connect function.
type ConnectRequest struct {
	// Action is set for ActionCheck, ActionHeartbeat and ActionRelease; otherwise
	// Lifecycle says what to do.
	Action string `json:"action,omitempty"`
	// Guard marks the request of the platform's guard: its delete is refused while
	// plugins are connected, its create and update do nothing.
	Guard   bool   `json:"guard,omitempty"`
	Plugin  string `json:"plugin,omitempty"`
	Version string `json:"version,omitempty"`
	// Stack is organization/project/stack of the stack that connects.
	Stack string `json:"stack,omitempty"`
	// Fragment is the plugin's schema in SDL, Hash its content hash (see
	// runtime/schema), which also covers Version and ExtensionPoints.
	Fragment string `json:"fragment,omitempty"`
	Hash     string `json:"hash,omitempty"`
	// Nonce is a value from the answer to a check. A new nonce makes the resource
	// connect again although nothing else changed.
	Nonce string `json:"nonce,omitempty"`
	// Applying marks a check that belongs to an update, not to a preview: the nonce
	// that it hands out is not handed out again, so that the next run tries again
	// whatever becomes of this one.
	Applying bool `json:"applying,omitempty"`
	// ExtensionPoints are the names that the plugin publishes.
	ExtensionPoints []string `json:"extensionPoints,omitempty"`
	// HeartbeatMinutes is how often the plugin tells that it is alive, 0 if it does not.
	HeartbeatMinutes int `json:"heartbeatMinutes,omitempty"`
	// Minutes is the same, sent with each [ActionHeartbeat].
	Minutes int `json:"minutes,omitempty"`
	// DeadLetters says what is in the plugin's dead-letter queues, sent with an
	// [ActionHeartbeat]; nil from a release that does not count.
	DeadLetters *DeadLetterReport `json:"deadLetters,omitempty"`
	// Topics are the ARNs of the extension points' topics, by extension point.
	Topics map[string]string `json:"topics,omitempty"`
	// Subscriptions are what the platform shall subscribe to other plugins' topics.
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	// UIBundleURL is where the plugin's part of the host UI is, empty for none.
	UIBundleURL string `json:"uiBundleUrl,omitempty"`
	// RootField is the field ("Query.product") of an [ActionRelease]. The member field
	// would make a [FieldInvocation] of the request.
	RootField string `json:"rootField,omitempty"`
	// Lifecycle is added by the Lambda Invocation resource (lifecycle scope CRUD).
	Lifecycle *Lifecycle `json:"tf,omitempty"`
}

// Lifecycle is what the Lambda Invocation resource adds to its input.
type Lifecycle struct {
	Action        string          `json:"action"`
	PreviousInput json.RawMessage `json:"prev_input"`
}

// ConnectResult is the connect function's answer. A refusal is an answer, not a
// function error: the Invocation resource would store a failed update as applied.
type ConnectResult struct {
	OK bool `json:"ok"`
	// Problems say why not, each with its code, all at once.
	Problems []Problem `json:"problems,omitempty"`
	// Connected says whether the registry has exactly this hash connected now.
	Connected bool `json:"connected"`
	// Nonce is the value to put into the next connect request: the one that the
	// registry recorded when Connected, else a new one.
	Nonce string `json:"nonce,omitempty"`
	// Hash is the hash that is connected now, empty when none is.
	Hash string `json:"hash,omitempty"`
	// Plugins are the names of all connected plugins, the platform's own excluded.
	Plugins []string `json:"plugins,omitempty"`
	// Status is the plugin's status (see registry.State), empty when it has none.
	Status string `json:"status,omitempty"`
	// Notices say what the operator of the stack should know although all went well.
	Notices []string `json:"notices,omitempty"`
}

// Codes of problems.
const (
	CodeFieldConflict  = "FIELD_CONFLICT"
	CodeTypeConflict   = "TYPE_CONFLICT"
	CodeInvalidSchema  = "INVALID_SCHEMA"
	CodeSchemaRefused  = "SCHEMA_REFUSED"
	CodeStillConnected = "PLUGINS_STILL_CONNECTED"
	CodeNameTaken      = "PLUGIN_NAME_TAKEN"
	CodeInvalidRequest = "INVALID_REQUEST"
)

// Problem is one reason for a refusal.
type Problem struct {
	Code string `json:"code"`
	// Message says what is wrong and names the other plugin where there is one.
	Message string `json:"message"`
	// Line and Column are the place in the fragment, 0 where there is none.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// InteropMeta is what a plugin's stack exports as _interopMeta.
type InteropMeta struct {
	FormatVersion   int                           `json:"formatVersion"`
	Plugin          string                        `json:"plugin"`
	Version         string                        `json:"version"`
	ExtensionPoints map[string]InteropExtensionPt `json:"extensionPoints"`
}

// InteropExtensionPt is one extension point in an [InteropMeta].
type InteropExtensionPt struct {
	TopicARN string `json:"topicArn"`
	// Commands are the types of the commands that other plugins may send.
	Commands []string `json:"commands,omitempty"`
	// CommandQueueARN and CommandQueueURL are the queue that takes them.
	CommandQueueARN string `json:"commandQueueArn,omitempty"`
	CommandQueueURL string `json:"commandQueueUrl,omitempty"`
}

// InteropFormatVersion is the version of [InteropMeta] that this release writes; see
// [DecodeInterop]. Version 2 added the commands of extension points.
const InteropFormatVersion = 2
