package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Names in the notifications of S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
const (
	s3TestEvent     = "s3:TestEvent"
	s3ObjectCreated = "ObjectCreated:"
)

// Limits and defaults of objects that a task writes.
const (
	maxObjectKey       = 1024
	defaultContentType = "text/plain; charset=utf-8"
)

// taskMessage is one message of the task queue.
type taskMessage struct {
	// Trigger is what a schedule sends.
	protocol.Trigger
	// Records are what S3 sends, Event is set in its test message.
	Records []events.S3EventRecord `json:"Records"`
	Event   string                 `json:"Event"`
	// Rest is the rest of an object, which the engine left to a later invocation.
	Rest *objectRest `json:"rest"`
}

// task works on one message of the task queue: S3 tells of a new object, a schedule
// fired, or an earlier invocation left the rest of an object.
func (e *Engine) task(b *batch, queued events.SQSMessage) error {
	if b.over() {
		return errUnprocessed
	}
	var message taskMessage
	if err := json.Unmarshal([]byte(queued.Body), &message); err != nil {
		return fmt.Errorf("the message of the task queue cannot be read: %w", err)
	}
	queue := e.taskQueueURL(queued.EventSourceARN)
	switch {
	case message.Reventless == protocol.TriggerTask:
		return b.scheduledTask(message.Trigger)
	case message.Reventless == protocol.TriggerCommand:
		return b.scheduledCommand(message.Trigger)
	case message.Reventless == triggerRest && message.Rest != nil:
		return b.restOfObject(*message.Rest, queue)
	case message.Event == s3TestEvent:
		return nil
	case len(message.Records) == 0:
		return errors.New("the message of the task queue is neither a notification of S3 nor one of a schedule")
	}
	return b.notification(message.Records, queue)
}

// taskQueueURL is the URL of the task queue, which is a neighbour of the command queue.
func (e *Engine) taskQueueURL(arn string) string {
	base := e.CommandQueueURL[:strings.LastIndexByte(e.CommandQueueURL, '/')+1]
	return base + arn[strings.LastIndexByte(arn, ':')+1:]
}

// notification works on the objects that S3 tells of. All are tried when one fails.
func (b *batch) notification(records []events.S3EventRecord, queue string) error {
	var problems []error
	for _, record := range records {
		problems = append(problems, b.newObject(record, queue))
	}
	return errors.Join(problems...)
}

// newObject runs the task that reads the bucket. An object that is none of the task's,
// such as one that it wrote itself, is left alone.
func (b *batch) newObject(record events.S3EventRecord, queue string) error {
	if !strings.HasPrefix(record.EventName, s3ObjectCreated) {
		return nil
	}
	bucket, object := record.S3.Bucket.Name, record.S3.Object
	name, task, found := b.taskOf(bucket)
	if !found {
		return fmt.Errorf("no task of the plugin reads the bucket %q", bucket)
	}
	if !strings.HasPrefix(object.URLDecodedKey, task.Prefix) {
		return nil
	}
	if object.VersionID == "" {
		return fmt.Errorf("the notification of the object %q in the bucket %q names no version; turn on the bucket's versioning", object.URLDecodedKey, bucket)
	}
	return b.runObject(objectVersion{Task: name, Bucket: bucket, Key: object.URLDecodedKey, VersionID: object.VersionID}, task, nil, queue)
}

// taskOf finds the task that reads a bucket.
func (e *Engine) taskOf(bucket string) (string, definition.Task, bool) {
	for name, task := range e.Definition.Tasks {
		if task.Read && task.Bucket == bucket {
			return name, task, true
		}
	}
	return "", definition.Task{}, false
}

// scheduledTask runs a task for the time at which its schedule fired.
func (b *batch) scheduledTask(trigger protocol.Trigger) error {
	task, known := b.Definition.Tasks[trigger.Task]
	if !known {
		return fmt.Errorf("a schedule triggers the task %q, which the plugin does not declare", trigger.Task)
	}
	scheduled, err := scheduledTime(trigger.Time)
	if err != nil {
		return err
	}
	cause := hash("task", trigger.Task, scheduled)
	return b.runTask(trigger.Task, task, cause, turn.Turn{
		Scheduled: scheduled, Meta: turn.Meta{CorrelationID: cause, CausationID: cause, Time: scheduled},
	})
}

// runTask asks a task and does what it answers. Everything is checked before the first
// effect. The objects come first, so that who gets the commands finds them. The same
// cause leads to the same objects, commands and schedules.
func (b *batch) runTask(name string, task definition.Task, cause string, t turn.Turn) error {
	t.Kind, t.Component = turn.RunTask, name
	answer, err := b.ask(t)
	if err != nil {
		return err
	}
	_, schedulesErr := b.planSchedules(answer, t.Meta)
	_, commandsErr := b.sealed(cause, name, answer.Commands, t.Meta)
	if err := errors.Join(checkObjects(task, answer.Objects), commandsErr, schedulesErr); err != nil {
		return fmt.Errorf("task turn of %s: %w", name, err)
	}
	for _, object := range answer.Objects {
		if err := b.writeObject(task.Bucket, object); err != nil {
			return err
		}
	}
	return b.carryOut(cause, name, answer, t.Meta)
}

// checkObjects refuses objects that a task may not write.
func checkObjects(task definition.Task, objects []turn.ObjectToWrite) error {
	var problems []string
	seen := map[string]bool{}
	for i, object := range objects {
		path := fmt.Sprintf("$.objects[%d].key: ", i)
		switch {
		case !task.Write:
			problems = append(problems, fmt.Sprintf("$.objects[%d]: the task is not declared to write", i))
		case len(object.Key) > maxObjectKey:
			problems = append(problems, path+fmt.Sprintf("expected at most %d bytes, got %d", maxObjectKey, len(object.Key)))
		case task.Read && strings.HasPrefix(object.Key, task.Prefix):
			problems = append(problems, path+fmt.Sprintf("%q begins with the prefix %q, which triggers the task; write under another one", object.Key, task.Prefix))
		case seen[object.Key]:
			problems = append(problems, path+fmt.Sprintf("%q is there twice", object.Key))
		}
		seen[object.Key] = true
	}
	if len(problems) == 0 {
		return nil
	}
	return invalidAnswer("%s", strings.Join(problems, "; "))
}

// writeObject writes an object, as a new version if it is there.
func (b *batch) writeObject(bucket string, object turn.ObjectToWrite) error {
	contentType := object.ContentType
	if contentType == "" {
		contentType = defaultContentType
	}
	_, err := b.S3.PutObject(b.aws, &s3.PutObjectInput{
		Bucket: &bucket, Key: &object.Key, ContentType: aws.String(contentType), Body: strings.NewReader(object.Text),
	})
	if err != nil {
		return fmt.Errorf("write the object %q into the bucket %s: %w", object.Key, bucket, err)
	}
	return nil
}
