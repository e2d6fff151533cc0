package eventlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// MaxIDLength is the greatest length of an aggregate id in bytes: DynamoDB's limit
// for the value of a hash key.
const MaxIDLength = 2048

// Append records events as the commit that follows expectedVersion, with one
// conditional PutItem. It returns [ErrConflict] when the id has another version. It
// refuses, before anything is written, a commit without events or without command
// id, and with a [*SizeError] one that is larger than [MaxItemSize].
func (l *Log) Append(ctx context.Context, id string, expectedVersion int64, origin Origin, events []turn.Event) (Commit, error) {
	return l.append(ctx, id, expectedVersion, origin, events, nil)
}

// append is [Log.Append] with a snapshot, which is nil when there is none to store.
func (l *Log) append(ctx context.Context, id string, expectedVersion int64, origin Origin, events []turn.Event, s *snapshot) (Commit, error) {
	if origin.Time == "" {
		origin.Time = FormatTime(l.now())
	}
	commit := Commit{Origin: origin, ID: id, Seq: expectedVersion + 1, Events: events}
	item, err := l.checkedItem(commit)
	if err != nil {
		return Commit{}, fmt.Errorf("append to %s %q in table %s: %w", l.component, id, l.table, err)
	}
	if s != nil {
		l.addSnapshot(item, s, commit)
	}
	_, err = l.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &l.table, Item: item,
		ConditionExpression: aws.String("attribute_not_exists(id)"),
	})
	var lost *types.ConditionalCheckFailedException
	if errors.As(err, &lost) {
		return Commit{}, fmt.Errorf("append to %s %q at version %d: %w", l.component, id, expectedVersion, ErrConflict)
	}
	if err != nil {
		return Commit{}, fmt.Errorf("append to %s %q in table %s: %w", l.component, id, l.table, err)
	}
	return commit, nil
}

// checkedItem encodes a commit that can be written.
func (l *Log) checkedItem(c Commit) (map[string]types.AttributeValue, error) {
	if err := l.checkID(c.ID); err != nil {
		return nil, err
	}
	if c.CommandID == "" || len(c.Events) == 0 {
		return nil, errors.New("a commit needs a command id and at least one event")
	}
	c.ID = l.prefix + c.ID
	item := EncodeItem(c)
	if size := ItemSize(item); size > MaxItemSize {
		return nil, &SizeError{CommandID: c.CommandID, Events: len(c.Events), Size: size}
	}
	return item, nil
}

// SizeError says that the events of a command are too large to be recorded.
type SizeError struct {
	CommandID string
	// Events is how many there are, Size how many bytes their item would have.
	Events, Size int
}

// Error says how large they are and may be, and what to do.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the %d events of command %s take %d bytes, but one DynamoDB item holds %d; "+
		"let the command lead to fewer or smaller events, or keep large values elsewhere and record a reference",
		e.Events, e.CommandID, e.Size, MaxItemSize)
}

// checkID says why an id cannot be one of this log, nil if it can.
func (l *Log) checkID(id string) error {
	if id == "" {
		return CheckID(id)
	}
	return CheckID(l.prefix + id)
}

// CheckID says why an id cannot be the id of an aggregate, nil if it can.
func CheckID(id string) error {
	switch {
	case id == "":
		return errors.New("the id is empty")
	case len(id) > MaxIDLength:
		return fmt.Errorf("the id has %d bytes, at most %d are possible", len(id), MaxIDLength)
	}
	return nil
}
