package dcb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// pageSize is after how many bytes a page of DynamoDB ends (1 MB).
const pageSize = 1024 * 1024

// NewMemory returns a store in memory, for tests. It refuses what DynamoDB refuses: more
// than [MaxActions] actions or [MaxTransactionSize] bytes, items that are too large, keys
// that are empty or too long, and two actions on one item.
func NewMemory() Store {
	return &memory{streams: map[string][]entry{}, guards: map[string]Guard{}}
}

// memory is the store in memory.
type memory struct {
	mu      sync.RWMutex
	streams map[string][]entry
	guards  map[string]Guard
}

// entry is a commit with its size as an item.
type entry struct {
	eventlog.Commit
	size int
}

// Read implements [Store].
func (m *memory) Read(ctx context.Context, stream string, after int64, limit int32) ([]eventlog.Commit, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	entries := m.streams[stream]
	start, _ := find(entries, after+1)
	var page []eventlog.Commit
	size := 0
	for _, e := range entries[start:] {
		if size += e.size; len(page) > 0 && size > pageSize || limit > 0 && len(page) == int(limit) {
			return page, true, nil
		}
		page = append(page, e.Commit)
	}
	return page, false, nil
}

// Last implements [Store].
func (m *memory) Last(ctx context.Context, stream string) (Head, error) {
	if err := ctx.Err(); err != nil {
		return Head{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	entries := m.streams[stream]
	if len(entries) == 0 {
		return Head{}, nil
	}
	last := entries[len(entries)-1]
	return Head{Version: last.Version(), Position: last.Position}, nil
}

// Guard implements [Store].
func (m *memory) Guard(ctx context.Context, key string) (Guard, bool, error) {
	if err := ctx.Err(); err != nil {
		return Guard{}, false, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	guard, ok := m.guards[key]
	return guard, ok, nil
}

// Append implements [Store].
func (m *memory) Append(ctx context.Context, t Transaction) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sizes, err := validate(t)
	if err != nil {
		return fmt.Errorf("ValidationException: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if reasons := m.reasons(t); slices.Contains(reasons, ReasonConditionFailed) {
		return &CancelledError{Reasons: reasons}
	}
	for i, c := range t.Puts {
		at, _ := find(m.streams[c.ID], c.Seq)
		m.streams[c.ID] = slices.Insert(m.streams[c.ID], at, entry{Commit: c, size: sizes[i]})
	}
	m.guards[t.Guard.Key] = t.Guard
	return nil
}

// reasons says for each action whether its condition holds.
func (m *memory) reasons(t Transaction) []string {
	reasons := make([]string, 0, t.actions())
	note := func(taken bool) {
		reason := ReasonNone
		if taken {
			reason = ReasonConditionFailed
		}
		reasons = append(reasons, reason)
	}
	for _, c := range t.Puts {
		note(m.taken(c.ID, c.Seq))
	}
	for _, c := range t.Checks {
		note(m.taken(c.Stream, c.Version+1))
	}
	_, guarded := m.guards[t.Guard.Key]
	note(guarded)
	return reasons
}

// taken says whether a stream has an item with a number.
func (m *memory) taken(stream string, seq int64) bool {
	_, ok := find(m.streams[stream], seq)
	return ok
}

// find returns where the item with a number is or would be.
func find(entries []entry, seq int64) (int, bool) {
	return slices.BinarySearchFunc(entries, seq, func(e entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
}

// validate says why DynamoDB would refuse a transaction whatever is stored, and returns
// the sizes of its items.
func validate(t Transaction) (sizes []int, err error) {
	if t.actions() > MaxActions {
		return nil, fmt.Errorf("there are %d actions, at most %d are possible", t.actions(), MaxActions)
	}
	total := eventlog.ItemSize(encodeGuard(t.Guard))
	targets := map[Check]bool{}
	problems := []error{checkTarget(targets, t.Guard.Key, guardSeq)}
	for _, c := range t.Puts {
		size := eventlog.ItemSize(eventlog.EncodeItem(c))
		if size > eventlog.MaxItemSize {
			problems = append(problems, fmt.Errorf("the item of %q has %d bytes, at most %d are possible", c.ID, size, eventlog.MaxItemSize))
		}
		problems = append(problems, checkTarget(targets, c.ID, c.Seq))
		sizes, total = append(sizes, size), total+size
	}
	for _, c := range t.Checks {
		problems = append(problems, checkTarget(targets, c.Stream, c.Version+1))
	}
	if total > MaxTransactionSize {
		problems = append(problems, fmt.Errorf("the transaction has %d bytes, at most %d are possible", total, MaxTransactionSize))
	}
	return sizes, errors.Join(problems...)
}

// checkTarget notes the item of an action, of which there may be one only.
func checkTarget(targets map[Check]bool, id string, seq int64) error {
	target := Check{Stream: id, Version: seq}
	if targets[target] {
		return fmt.Errorf("two actions are on the item %q %d", id, seq)
	}
	targets[target] = true
	return eventlog.CheckID(id)
}
