package eventlog

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxRemembered is how many commands before it a snapshot remembers.
const maxRemembered = 1000

// The attributes that a commit's item has when it holds a snapshot, too. Readers of
// commits do not look at them.
const (
	attrSnapshot   = "snapshot"
	attrRemembered = "remembered"
)

// WithSnapshots makes [Log.Execute] keep the snapshots that decisions give and begin
// with the newest one instead of the first event. A snapshot is stored in the item of
// the commit that brings the events since the last stored one to at least every; 0 or
// less is never. A snapshot that does not fit into its item is left out, of which the
// logger hears once.
func WithSnapshots(every int, logger *slog.Logger) Option {
	return func(l *Log) { l.snapshotEvery, l.logger = every, logger }
}

// snapshot is a state of an aggregate and the commands that led to it.
type snapshot struct {
	state json.RawMessage
	// remembered are the last commands before the commit that holds the snapshot, oldest
	// first, so that they are known when they come again.
	remembered []remembered
}

// remembered is a command in the history that a snapshot stands for.
type remembered struct {
	commandID string
	// seq is the number of the first event of the command's commit.
	seq int64
}

// encode adds the snapshot to the item of its commit.
func (s *snapshot) encode(item map[string]types.AttributeValue) {
	list := make([]types.AttributeValue, len(s.remembered))
	for i, r := range s.remembered {
		list[i] = &types.AttributeValueMemberL{Value: []types.AttributeValue{text(r.commandID), number(r.seq)}}
	}
	item[attrSnapshot] = text(string(s.state))
	item[attrRemembered] = &types.AttributeValueMemberL{Value: list}
}

// decodeSnapshot reads the snapshot of a commit's item, nil if it has none.
func decodeSnapshot(item map[string]types.AttributeValue) (*snapshot, error) {
	if item[attrSnapshot] == nil {
		return nil, nil
	}
	d := decoder{item: item}
	s := &snapshot{state: json.RawMessage(d.text(attrSnapshot, true))}
	list, ok := item[attrRemembered].(*types.AttributeValueMemberL)
	if !ok {
		return nil, fmt.Errorf("the attribute %q must be a list", attrRemembered)
	}
	for _, element := range list.Value {
		pair, ok := element.(*types.AttributeValueMemberL)
		if !ok || len(pair.Value) != 2 {
			return nil, fmt.Errorf("the attribute %q must be a list of pairs", attrRemembered)
		}
		inner := decoder{item: map[string]types.AttributeValue{attrCommandID: pair.Value[0], attrSeq: pair.Value[1]}}
		s.remembered = append(s.remembered, remembered{inner.text(attrCommandID, true), inner.number(attrSeq, 1)})
		d.problems = append(d.problems, inner.problems...)
	}
	if len(d.problems) > 0 || !json.Valid(s.state) {
		return nil, fmt.Errorf("the attributes %q and %q must be JSON text and pairs of a command id and a number", attrSnapshot, attrRemembered)
	}
	return s, nil
}

// snapshotFor is the snapshot to store with the next commit, nil when it is not time for
// one or the decision gave none.
func (l *Log) snapshotFor(stream *Stream, decision Decision) *snapshot {
	after := stream.Version + int64(len(decision.Events))
	if l.snapshotEvery <= 0 || len(decision.Snapshot) == 0 || after-stream.stored < int64(l.snapshotEvery) {
		return nil
	}
	s := &snapshot{state: decision.Snapshot, remembered: slices.Clone(stream.remembered)}
	for _, c := range stream.Commits {
		s.remembered = append(s.remembered, remembered{c.CommandID, c.Seq})
	}
	s.remembered = s.remembered[max(0, len(s.remembered)-maxRemembered):]
	return s
}

// addSnapshot adds a snapshot to its commit's item unless the item becomes too large.
func (l *Log) addSnapshot(item map[string]types.AttributeValue, s *snapshot, c Commit) {
	s.encode(item)
	size := ItemSize(item)
	if size <= MaxItemSize {
		return
	}
	delete(item, attrSnapshot)
	delete(item, attrRemembered)
	l.tooLarge.Do(func() {
		l.logger.Warn("a snapshot is left out because it does not fit into an item with its commit; keep less in the snapshot",
			"component", l.component, "id", c.ID, "version", c.Version(), "size", size, "limit", MaxItemSize)
	})
}

// readBack reads the newest snapshot of an id and the commits after it, or all commits
// when there is no snapshot. It reads backwards: as long as the decisions give snapshots
// no more commits follow the newest than the first page is asked for.
func (l *Log) readBack(ctx context.Context, stream *Stream) error {
	query := l.query(stream.ID, 0)
	query.ScanIndexForward, query.Limit = aws.Bool(false), aws.Int32(int32(min(l.snapshotEvery, math.MaxInt32)))
	var commits []Commit // newest first
	for {
		page, err := l.client.Query(ctx, query)
		if err != nil {
			return l.readError(stream.ID, err)
		}
		for _, item := range page.Items {
			commit, found, err := l.decodeBoth(item)
			if err != nil {
				return l.readError(stream.ID, err)
			}
			if found != nil {
				stream.restart(commit, found)
				return l.follow(stream, commits)
			}
			commits = append(commits, commit)
		}
		if len(page.LastEvaluatedKey) == 0 {
			return l.follow(stream, commits)
		}
		query.ExclusiveStartKey, query.Limit = page.LastEvaluatedKey, nil
	}
}

// decodeBoth reads a commit of this log and its snapshot.
func (l *Log) decodeBoth(item map[string]types.AttributeValue) (Commit, *snapshot, error) {
	commit, err := l.decode(item)
	if err != nil {
		return Commit{}, nil, err
	}
	found, err := decodeSnapshot(item)
	return commit, found, err
}

// restart makes a stream begin with the snapshot that a commit holds. It stands for the
// events of that commit, too.
func (s *Stream) restart(c Commit, found *snapshot) {
	s.Snapshot, s.Version, s.stored = found.state, c.Version(), c.Version()
	s.remembered = append(found.remembered, remembered{c.CommandID, c.Seq})
}

// follow extends a stream by commits that were read backwards.
func (l *Log) follow(stream *Stream, newestFirst []Commit) error {
	for _, commit := range slices.Backward(newestFirst) {
		if err := l.next(stream, commit); err != nil {
			return l.readError(stream.ID, err)
		}
	}
	return nil
}

// commitOf finds the commit that a command led to, among those that were read and, by
// one more read, among those that the snapshot remembers.
func (l *Log) commitOf(ctx context.Context, stream *Stream, commandID string) (Commit, bool, error) {
	if commit, ok := stream.CommitOf(commandID); ok {
		return commit, true, nil
	}
	i := slices.IndexFunc(stream.remembered, func(r remembered) bool { return r.commandID == commandID })
	if i < 0 {
		return Commit{}, false, nil
	}
	commit, err := l.readCommit(ctx, stream.ID, stream.remembered[i])
	if err != nil {
		return Commit{}, false, l.readError(stream.ID, err)
	}
	return commit, true, nil
}

// readCommit reads the commit of a command that a snapshot remembers.
func (l *Log) readCommit(ctx context.Context, id string, r remembered) (Commit, error) {
	query := l.query(id, r.seq-1)
	query.Limit = aws.Int32(1)
	page, err := l.client.Query(ctx, query)
	if err != nil {
		return Commit{}, err
	}
	for _, item := range page.Items {
		commit, err := l.decode(item)
		if err != nil || commit.CommandID == r.commandID {
			return commit, err
		}
	}
	return Commit{}, fmt.Errorf("the commit of command %s is missing, which a snapshot remembers at event %d", r.commandID, r.seq)
}
