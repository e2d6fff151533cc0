package dcb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// Limits of DynamoDB's transactions (API reference, TransactWriteItems).
const (
	// MaxActions is the greatest number of items that a transaction writes or checks.
	MaxActions = 100
	// MaxTransactionSize is the greatest size of all its items, in bytes (4 MB).
	MaxTransactionSize = 4 * 1024 * 1024
)

// Store keeps the streams and the guards. All its reads are strongly consistent. It has
// no rules of its own beside those of DynamoDB; the rules are the [Log]'s.
type Store interface {
	// Read returns the commits of a stream that follow a version, oldest first: one
	// page of at most 1 MB, and of at most limit commits where limit is not 0. more says
	// that there may be further ones. The ID of a commit is the stream's key.
	Read(ctx context.Context, stream string, after int64, limit int32) (commits []eventlog.Commit, more bool, err error)
	// Last returns the head of a stream, the zero Head when it has no events.
	Last(ctx context.Context, stream string) (Head, error)
	// Append writes all of a transaction or nothing of it. When a condition does not
	// hold or another transaction holds an item, the error is a [*CancelledError]; when
	// the store has no capacity it wraps [ErrThrottled]; nothing was written then. After
	// any other error it is unknown whether the transaction was written.
	Append(ctx context.Context, t Transaction) error
	// Guard returns the guard with a key, false when there is none.
	Guard(ctx context.Context, key string) (Guard, bool, error)
}

// Head is where a stream ends.
type Head struct {
	// Version is the number of the last event, Position the position of its commit.
	Version, Position int64
}

// Transaction is what one command writes. The order of its actions is: Puts, Checks, Guard.
type Transaction struct {
	// Puts are the commits, on condition that their streams have no item with the same
	// number. The ID of each is its stream's key.
	Puts []eventlog.Commit
	// Checks are the streams that were read and are not written.
	Checks []Check
	// Guard is written on condition that there is none with its key.
	Guard Guard
}

// actions is how many items the transaction writes or checks.
func (t Transaction) actions() int { return len(t.Puts) + len(t.Checks) + 1 }

// Check is the condition that a stream has no item for the event after Version.
type Check struct {
	Stream  string
	Version int64
}

// Guard says that a command was recorded, and where.
type Guard struct {
	// Key is [GuardKey].
	Key                            string
	CommandID, CorrelationID, Time string
	// Tag, ID and Version are those of the [Result].
	Tag, ID string
	Version int64
	// Streams are the streams that the command wrote to.
	Streams []Written
}

// Written is the part of a stream that a command wrote.
type Written struct {
	Stream string
	// Seq and Version are the numbers of the first and of the last event.
	Seq, Version int64
}

// The reasons why a transaction is cancelled (API reference, CancellationReason). There
// are further ones, which say that the request itself was wrong.
const (
	ReasonNone              = "None"
	ReasonConditionFailed   = "ConditionalCheckFailed"
	ReasonConflict          = "TransactionConflict"
	ReasonThrottled         = "ThrottlingError"
	ReasonProvisionExceeded = "ProvisionedThroughputExceeded"
)

// CancelledError says that a transaction was not written.
type CancelledError struct {
	// Reasons has one code per action, in the order of the actions.
	Reasons []string
}

// Error lists the reasons.
func (e *CancelledError) Error() string {
	return fmt.Sprintf("the transaction was cancelled, reasons [%s]", strings.Join(e.Reasons, ", "))
}

// ErrThrottled says that the store had no capacity for a request.
var ErrThrottled = errors.New("the event log's table has no capacity at the moment")
