// Package eventlog keeps the events of one aggregate in a DynamoDB table.
//
// The table has the hash key "id" (S) and the range key "seq" (N), and one item per
// commit: all events that one command led to.
//
//  1. [Log.Read] queries the commits of an id, strongly consistent and page by page.
//     The events of an id are numbered 1, 2, 3, … without gaps; the number of the
//     last one is the version.
//  2. [Log.Append] puts one item whose range key is the number of its first event,
//     version+1, on condition that there is no such item. Of two writers that saw
//     the same version exactly one wins, the other gets [ErrConflict].
//  3. [Log.Execute] holds the loop around both: read, decide, append; on a conflict
//     read what is new, wait a random time and decide again. A command id that the
//     history already has is answered from there, so a command sent twice has one
//     effect.
//  4. A log with snapshots ([WithSnapshots]) does not read from the first event: a commit
//     may hold a snapshot beside its events, and Execute reads backwards to the newest.
//     It is part of the commit's one item, so it can never be without its events.
//  5. [DecodeImage] turns the table's stream records back into commits.
//
// The data of an event is stored as JSON text, so that numbers and the order of
// members come back exactly as the handler wrote them.
package eventlog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// ErrConflict says that another commit was first. [Log.Append] returns it when the
// expected version is no longer the version, [Log.Execute] when that happened at
// every attempt.
var ErrConflict = errors.New("another command on the same id was recorded first")

// Client is the part of the DynamoDB client that a log needs.
type Client interface {
	Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Log is the event log of one aggregate. It is safe for concurrent use.
type Log struct {
	client    Client
	table     string
	component string
	prefix    string
	retry     Retry
	now       func() time.Time
	// snapshotEvery is the least number of events between two snapshots; see [WithSnapshots].
	snapshotEvery int
	logger        *slog.Logger
	tooLarge      sync.Once
}

// Option changes how a [Log] works.
type Option func(*Log)

// WithRetry sets how often and how patiently [Log.Execute] tries again after a
// conflict; the default is [DefaultRetry].
func WithRetry(r Retry) Option { return func(l *Log) { l.retry = r } }

// WithClock sets where the time of commits comes from; the default is [time.Now].
func WithClock(now func() time.Time) Option { return func(l *Log) { l.now = now } }

// WithPrefix makes the log serve one family of the streams that share a table: those
// whose hash key begins with prefix. Ids and the commits of the log are without it.
func WithPrefix(prefix string) Option { return func(l *Log) { l.prefix = prefix } }

// New returns the log of the aggregate named component in the DynamoDB table with
// the physical name table.
func New(client Client, table, component string, options ...Option) *Log {
	l := &Log{client: client, table: table, component: component, retry: DefaultRetry, now: time.Now}
	for _, option := range options {
		option(l)
	}
	return l
}

// FormatTime formats a time as events and turns carry it: RFC 3339 in UTC with
// milliseconds.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
