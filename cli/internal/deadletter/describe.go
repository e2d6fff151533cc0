package deadletter

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/reventless/pulumi-reventless/cli/internal/streamfailure"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Kinds of messages.
const (
	KindCommand       = "command"
	KindExtension     = "extension message"
	KindToDo          = "to-do row"
	KindObject        = "task object"
	KindTask          = "scheduled task"
	KindSchedule      = "scheduled command"
	KindStreamFailure = "stream failure"
	KindRegistry      = "registry request"
	KindUnknown       = "unknown"
)

// errorCode is the message attribute in which EventBridge Scheduler says why it could not
// send.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
const errorCode = "ERROR_CODE"

// Letter is a message of a dead-letter queue in the domain's words. It has no payload
// unless that was asked for: payloads hold personal data. Empty fields are not known, or do
// not apply.
type Letter struct {
	MessageID string `json:"messageId"`
	Kind      string `json:"kind"`
	// To is what the message was for: a component, task, extension, table.
	To   string `json:"to,omitempty"`
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"`
	// From is the plugin and extension point of another plugin's message.
	From          string `json:"from,omitempty"`
	CommandID     string `json:"commandId,omitempty"`
	CorrelationID string `json:"correlationId,omitempty"`
	CausationID   string `json:"causationId,omitempty"`
	// Time is when what the message says happened, Sent when the message was sent.
	Time string `json:"time,omitempty"`
	Sent string `json:"sent,omitempty"`
	// Receives is how often SQS handed the message out, looks at it included.
	Receives int    `json:"receives,omitempty"`
	Attempt  int    `json:"attempt,omitempty"`
	Group    string `json:"group,omitempty"`
	// Function is the function that failed; its log has the reason under the message id.
	Function string `json:"function,omitempty"`
	// Error is the kind of the error, where the message tells it.
	Error string `json:"error,omitempty"`
	// Stream is where the records of a stream failure were.
	Stream *streamfailure.Failure `json:"stream,omitempty"`
	Body   string                 `json:"body,omitempty"`
}

// body is any of the messages: what is set tells which one.
type body struct {
	protocol.Trigger
	// Unsent is what a schedule could not send: the dead letter is its request to SQS.
	Unsent  string            `json:"MessageBody"`
	Records []json.RawMessage `json:"Records"`
	Rest    *object           `json:"rest"`

	Component      string                  `json:"component"`
	ExtensionPoint string                  `json:"extensionPoint"`
	Plugin         string                  `json:"plugin"`
	Source         protocol.EventReference `json:"source"`
	ID             string                  `json:"id"`
	Type           string                  `json:"type"`
	CommandID      string                  `json:"commandId"`
	CorrelationID  string                  `json:"correlationId"`
	CausationID    string                  `json:"causationId"`

	ToDo    string `json:"toDo"`
	Attempt int    `json:"attempt"`
	Due     string `json:"due"`

	Format int             `json:"format"`
	Stream json.RawMessage `json:"DDBStreamBatchInfo"`
}

// object names an object that a task works on.
type object struct {
	Task   string `json:"task"`
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// Describe says what a message of a queue was.
func Describe(q Queue, message types.Message) Letter {
	l := Letter{
		MessageID: aws.ToString(message.MessageId),
		Kind:      KindUnknown,
		Group:     message.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		Function:  q.Function(),
		Error:     aws.ToString(message.MessageAttributes[errorCode].StringValue),
	}
	l.Receives, _ = strconv.Atoi(message.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if sent := SentAt(message); !sent.IsZero() {
		l.Sent = sent.Format("2006-01-02T15:04:05Z")
	}
	if b, err := read(aws.ToString(message.Body)); err == nil {
		l.describe(b, aws.ToString(message.Body))
	}
	return l
}

// read reads a message; of a request that a schedule could not send, what it has in it.
func read(text string) (b body, err error) {
	if err = json.Unmarshal([]byte(text), &b); err == nil && b.Unsent != "" {
		unsent := b.Unsent
		b = body{}
		err = json.Unmarshal([]byte(unsent), &b)
	}
	return b, err
}

// describe recognises the message by what only its kind has.
func (l *Letter) describe(b body, text string) {
	switch {
	case b.Stream != nil:
		l.streamFailure(text)
	case b.Reventless == protocol.TriggerTask:
		l.Kind, l.To, l.Time = KindTask, b.Task, b.Time
	case b.Reventless == protocol.TriggerCommand && b.Command != nil:
		l.command(KindSchedule, *b.Command)
		l.From, l.Time = "schedule "+b.Schedule+" of "+b.Key, b.Time
	case b.Rest != nil:
		l.Kind, l.To, l.ID = KindObject, b.Rest.Task, b.Rest.Bucket+"/"+b.Rest.Key
	case len(b.Records) > 0:
		l.notification(b.Records[0])
	case b.ToDo != "":
		l.Kind, l.To, l.ID, l.Attempt, l.Time = KindToDo, b.ToDo, b.ID, b.Attempt, b.Due
	case b.CommandID != "":
		l.command(KindCommand, protocol.Command{
			Component: b.Component, ExtensionPoint: b.ExtensionPoint, ID: b.ID, Type: b.Type,
			CommandID: b.CommandID, CorrelationID: b.CorrelationID, CausationID: b.CausationID,
		})
	case b.ExtensionPoint != "":
		l.Kind, l.From, l.ID, l.Type = KindExtension, b.Plugin+"."+b.ExtensionPoint, cmp.Or(b.Key, b.Source.ID), b.Type
		l.CorrelationID, l.CausationID, l.Time = b.CorrelationID, b.CausationID, b.Time
	case b.Format != 0:
		l.Kind, l.ID, l.Type, l.Time = KindRegistry, b.ID, b.Type, b.Time
	}
}

func (l *Letter) command(kind string, command protocol.Command) {
	l.Kind, l.To, l.ID, l.Type = kind, cmp.Or(command.Component, command.ExtensionPoint), command.ID, command.Type
	l.CommandID, l.CorrelationID, l.CausationID = command.CommandID, command.CorrelationID, command.CausationID
}

// notification describes S3's message about an object.
func (l *Letter) notification(record json.RawMessage) {
	var r struct {
		Time string `json:"eventTime"`
		Name string `json:"eventName"`
		S3   struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object object `json:"object"`
		} `json:"s3"`
	}
	if json.Unmarshal(record, &r) == nil {
		l.Kind, l.Type, l.ID, l.Time = KindObject, r.Name, r.S3.Bucket.Name+"/"+r.S3.Object.Key, r.Time
	}
}

func (l *Letter) streamFailure(text string) {
	failure, err := streamfailure.Parse(text)
	if err != nil {
		return
	}
	l.Kind, l.To, l.Stream = KindStreamFailure, failure.Table(), &failure
	l.Function, l.Time = failure.Function(), failure.Timestamp
	l.Error = strings.TrimSuffix(failure.Condition+", "+failure.FunctionError, ", ")
}
