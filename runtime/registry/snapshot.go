package registry

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// maxParallelReads bounds the requests to DynamoDB at a time.
const maxParallelReads = 8

// Entry is one plugin in a [Snapshot].
type Entry struct {
	// Row is the plugin's row as it is stored.
	Row Row
	// State is the plugin as the log has it.
	State State
	// Recorded are the ids of requests whose events the row does not contain yet.
	Recorded map[string]bool
}

// Behind says that the log is ahead of the row.
func (e *Entry) Behind() bool { return len(e.Recorded) > 0 }

// Snapshot is the whole registry at one time.
type Snapshot struct {
	// Entries are all plugins that have a row or events, and those that were asked for.
	Entries map[string]*Entry
}

// Served lists the names of the plugins whose fields belong into the API, in order, the
// platform's own included.
func (s *Snapshot) Served() []string { return s.names(State.Served) }

// Plugins lists the names of the plugins that have a stack, in order, without the
// platform's own.
func (s *Snapshot) Plugins() []string {
	return slices.DeleteFunc(s.names(State.Registered), func(name string) bool { return name == protocol.PlatformPlugin })
}

// names lists in order the plugins that are so.
func (s *Snapshot) names(so func(State) bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Entries)) {
		if so(s.Entries[name].State) {
			names = append(names, name)
		}
	}
	return names
}

// Journal is the writer's bookkeeping, empty when there is none yet.
func (s *Snapshot) Journal() Journal {
	if platform := s.Entries[protocol.PlatformPlugin]; platform != nil && platform.Row.Journal != nil {
		return *platform.Row.Journal
	}
	return Journal{}
}

// Unended says that a push, or the writing of rows, was begun and is not ended.
func (s *Snapshot) Unended() bool {
	for _, entry := range s.Entries {
		if entry.Behind() {
			return true
		}
	}
	return s.Journal().Pushing != nil
}

// Load reads the registry. The rows of all plugins are read consistently, and so is
// what the log has beyond them: of the plugins named, and of those that the journal
// says a crash may have left behind. Without a journal the log tells which plugins
// there are. It costs one Scan of the rows and one Query per plugin named.
func (s *Store) Load(ctx context.Context, names ...string) (*Snapshot, error) {
	entries, err := s.rows(ctx)
	if err != nil {
		return nil, err
	}
	snapshot := &Snapshot{Entries: entries}
	behind := map[string]bool{}
	if platform := entries[protocol.PlatformPlugin]; platform == nil || platform.Row.Journal == nil {
		if behind, err = s.logIDs(ctx); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Concat(names, snapshot.Journal().Appending) {
		behind[name] = true
	}
	return snapshot, s.catchUp(ctx, snapshot, behind)
}

// catchUp folds what the log has beyond the rows of the named plugins.
func (s *Store) catchUp(ctx context.Context, snapshot *Snapshot, names map[string]bool) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallelReads)
	for name := range names {
		entry := snapshot.Entries[name]
		if entry == nil {
			entry = &Entry{Row: Row{ID: name}, State: State{Plugin: name}}
			snapshot.Entries[name] = entry
		}
		group.Go(func() error { return s.catchUpOne(ctx, entry) })
	}
	return group.Wait()
}

// catchUpOne folds what the log has beyond one row.
func (s *Store) catchUpOne(ctx context.Context, entry *Entry) error {
	stream, err := s.log.Read(ctx, entry.Row.ID, entry.State.LogVersion)
	if err != nil {
		return err
	}
	for _, commit := range stream.Commits {
		if entry.Recorded == nil {
			entry.Recorded = map[string]bool{}
		}
		entry.Recorded[commit.CommandID] = true
		for _, e := range commit.Recorded(Aggregate) {
			if entry.State, err = entry.State.Apply(e); err != nil {
				return err
			}
		}
	}
	return nil
}
