package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxText is the greatest size in bytes of an object that a task gets as one text.
const maxText = 4 << 20

// triggerRest marks a message of the engine to itself: the rest of an object.
const triggerRest = "rest"

// retryDelay is when the rest of an object is tried again after a failure, in seconds.
const retryDelay = 60

// byteOrderMark may be at the beginning of texts in UTF-8.
const byteOrderMark = "\uFEFF"

// objectVersion is one version of an object, which a task works on.
type objectVersion struct {
	Task      string `json:"task"`
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`
	VersionID string `json:"versionId"`
}

// cause identifies what a turn about the object is about: the whole object, or the lines
// from a first one.
func (v objectVersion) cause(firstLine int) string {
	return hash("object", v.Task, v.Bucket, v.Key, v.VersionID, strconv.Itoa(firstLine))
}

// objectRest is an object from a line on, which begins at an offset in bytes.
type objectRest struct {
	objectVersion
	Offset int64 `json:"offset"`
	Line   int   `json:"line"`
}

// object is a version of an object that a task works on in one invocation.
type object struct {
	*batch
	objectVersion
	task        definition.Task
	size        int64
	contentType string
	// modified is when the version was written, in the format of turns.
	modified string
}

// restOfObject goes on where an earlier invocation stopped.
func (b *batch) restOfObject(rest objectRest, queue string) error {
	task, known := b.Definition.Tasks[rest.Task]
	if !known || task.Bucket != rest.Bucket {
		return fmt.Errorf("the rest of the object %q in the bucket %q is left, but the plugin has no task %q that reads it", rest.Key, rest.Bucket, rest.Task)
	}
	return b.runObject(rest.objectVersion, task, &rest, queue)
}

// runObject gives an object to its task in the way that the task declares.
func (b *batch) runObject(version objectVersion, task definition.Task, rest *objectRest, queue string) error {
	o, err := b.openObject(version, task)
	if err == nil {
		switch task.Content {
		case definition.ContentLines:
			err = o.runLines(rest, queue)
		case definition.ContentNone:
			err = o.run(0, turn.Object{})
		default:
			err = o.runText()
		}
	}
	if err != nil {
		return fmt.Errorf("task %s, object %q, version %s, in the bucket %s: %w", version.Task, version.Key, version.VersionID, version.Bucket, err)
	}
	return nil
}

// openObject looks the version up.
func (b *batch) openObject(version objectVersion, task definition.Task) (*object, error) {
	head, err := b.S3.HeadObject(b.aws, &s3.HeadObjectInput{Bucket: &version.Bucket, Key: &version.Key, VersionId: &version.VersionID})
	if err != nil {
		return nil, fmt.Errorf("look the object up: %w", err)
	}
	return &object{
		batch: b, objectVersion: version, task: task, size: aws.ToInt64(head.ContentLength),
		contentType: aws.ToString(head.ContentType), modified: eventlog.FormatTime(aws.ToTime(head.LastModified)),
	}, nil
}

// run gives the task one turn about the object. Whenever it comes again for the same
// first line, what it leads to has the same ids.
func (o *object) run(firstLine int, content turn.Object) error {
	content.Key, content.VersionID, content.Size, content.ContentType = o.Key, o.VersionID, o.size, o.contentType
	return o.runTask(o.Task, o.task, o.cause(firstLine), turn.Turn{
		Object: &content,
		Meta:   turn.Meta{CorrelationID: o.cause(0), CausationID: o.cause(firstLine), Time: o.modified},
	})
}

// runText gives the task the whole object as text.
func (o *object) runText() error {
	if o.size > maxText {
		return fmt.Errorf("the object has %d bytes, a task with content: text takes %d; declare content: lines to get it line by line", o.size, maxText)
	}
	content, err := io.ReadAll(o.from(0))
	if err != nil {
		return err
	}
	if !utf8.Valid(content) {
		return errors.New("the object is no text in UTF-8; write it in UTF-8, or declare content: none")
	}
	text := strings.TrimPrefix(string(content), byteOrderMark)
	return o.run(0, turn.Object{Text: &text})
}

// runLines gives the task the lines of the object, from the first one or from the rest
// on. When half of the time is over, so that a further turn might not get the time that
// turns may have, or when a turn fails, it leaves the rest to a further message. So what
// is done need not be done again. If not even the first turn succeeded the message fails,
// and comes again as often as its queue allows.
func (o *object) runLines(rest *objectRest, queue string) error {
	lines := o.linesFrom(0, 1)
	header, err := lines.header()
	if err != nil {
		return err
	}
	if rest != nil {
		lines = o.linesFrom(rest.Offset, rest.Line)
	}
	for first := true; ; first = false {
		at := objectRest{objectVersion: o.objectVersion, Offset: lines.offset(), Line: lines.number}
		if !first && o.late() {
			return o.leave(at, queue, 0)
		}
		last, err := o.runChunk(lines, header)
		switch {
		case err != nil && first:
			return err
		case errors.Is(err, errUnprocessed):
			return o.leave(at, queue, 0)
		case err != nil:
			o.Logger.ErrorContext(o.ctx, "lines of an object failed; they are tried again", failure(o.ctx, err, "component", o.Task, "key", o.Key, "versionId", o.VersionID, "line", at.Line)...)
			return o.leave(at, queue, retryDelay)
		case last:
			return nil
		}
	}
}

// runChunk gives the task its next lines.
func (o *object) runChunk(lines *lineReader, header string) (last bool, err error) {
	firstLine := lines.number
	chunk, err := lines.chunk(max(1, o.task.Lines))
	if err != nil {
		return false, err
	}
	return lines.done(), o.run(firstLine, turn.Object{Header: header, Lines: chunk, FirstLine: firstLine, Last: lines.done()})
}

// leave sends the rest of the object to the task queue, to be worked on after a delay in
// seconds.
func (o *object) leave(rest objectRest, queue string, delay int32) error {
	body, err := json.Marshal(map[string]any{"reventless": triggerRest, "rest": rest})
	if err != nil {
		return err
	}
	_, err = o.SQS.SendMessage(o.aws, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String(queueText(body)), DelaySeconds: delay})
	if err != nil {
		return fmt.Errorf("leave the rest from line %d on to the queue %s: %w", rest.Line, queue, err)
	}
	return nil
}
