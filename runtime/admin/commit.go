package admin

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// commit appends the events, looks after the API's log, and writes the rows with the
// outcomes.
func (b *batch) commit(ctx context.Context, p *plan) error {
	b.announce(p)
	b.journal.Failed = nil
	for _, o := range p.outcomes {
		if len(p.steps) > 0 && !p.accepts(o.request.ID) {
			b.journal.Answer(o.Outcome)
		}
	}
	if err := b.saveJournal(ctx); err != nil {
		return err
	}
	states := map[string]registry.State{}
	for name, entry := range b.snapshot.Entries {
		states[name] = entry.State
	}
	for _, s := range p.steps {
		name := s.request.Plugin()
		state, err := b.Store.Append(ctx, states[name], s.request, b.now(), s.events...)
		if err != nil {
			return err
		}
		states[name] = state
	}
	b.lookAfterLog(ctx, states[protocol.PlatformPlugin])
	return b.saveRows(ctx, p, states)
}

// announce notes in the journal which plugins' logs may get ahead of their rows.
// Those that are behind already stay noted until their rows are written.
func (b *batch) announce(p *plan) {
	names := p.changes()
	for name, entry := range b.snapshot.Entries {
		if entry.Behind() {
			names[name] = true
		}
	}
	if len(names) > 0 {
		b.journal.Appending = slices.Sorted(maps.Keys(names))
	}
}

// saveJournal writes the journal, if it changed, into the platform's own row.
func (b *batch) saveJournal(ctx context.Context) error {
	entry := b.snapshot.Entries[protocol.PlatformPlugin]
	if entry == nil {
		entry = &registry.Entry{Row: registry.Row{ID: protocol.PlatformPlugin}, State: registry.State{Plugin: protocol.PlatformPlugin}}
		b.snapshot.Entries[protocol.PlatformPlugin] = entry
	}
	if entry.Row.Journal != nil && reflect.DeepEqual(b.journal, b.stored) {
		return nil
	}
	journal := b.journal
	entry.Row.Journal = &journal
	entry.Row.Deleted = entry.Row.Status == ""
	if err := b.Store.Save(ctx, &entry.Row); err != nil {
		return err
	}
	b.stored = journal
	return nil
}

// saveRows writes the rows of all plugins that have a new outcome, or whose row was
// left behind.
func (b *batch) saveRows(ctx context.Context, p *plan, states map[string]registry.State) error {
	changed, outcomes := p.changes(), map[string][]outcome{}
	for _, o := range p.outcomes {
		outcomes[o.request.Plugin()] = append(outcomes[o.request.Plugin()], o)
	}
	for _, name := range slices.Sorted(maps.Keys(b.snapshot.Entries)) {
		entry := b.snapshot.Entries[name]
		if len(outcomes[name]) == 0 && !entry.Behind() {
			continue
		}
		if changed[name] || entry.Behind() {
			entry.Row.Show(states[name], b.workspace.Fields(name))
		}
		for _, o := range outcomes[name] {
			b.note(&entry.Row, o)
		}
		if err := b.Store.Save(ctx, &entry.Row); err != nil {
			return err
		}
	}
	return nil
}

// note puts an outcome into a row, and what it means for a plugin that was never
// connected.
func (b *batch) note(row *registry.Row, o outcome) {
	o.Time = b.now()
	row.Record(o.Outcome)
	if o.request.ChangesFields() {
		row.Answer = o.Text()
	}
	b.Logger.Info("registry request answered", "plugin", row.ID, "type", o.request.Type, "request", o.request.ID, "outcome", o.String())
	if row.Position[registry.Aggregate] > 0 {
		return
	}
	switch c := o.request.Connect; {
	case c != nil && !o.OK:
		row.Status, row.Version, row.Hash, row.Stack, row.Deleted = registry.StatusRefused, c.Version, c.Hash, c.Stack, false
	default:
		row.Deleted = true
	}
}
