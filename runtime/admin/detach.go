package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// detach takes a plugin out of the API that an operator deactivates or gives up. Pulumi
// does not know of it, so what it attached has to come back one day as it was:
//
//  1. Read the resolvers of the plugin's root fields.
//  2. Append the event with them to the log. From here on the request is decided, and
//     everything after it is what a batch does anyway after a crash.
//  3. Composing without the plugin's fragment finds fields that nobody owns. Since their
//     resolvers are recorded, these are deleted, and the schema is pushed without them.
func (b *batch) detach(ctx context.Context) error {
	r := b.requests[0]
	if (r.Deactivate == nil && r.Retire == nil) || b.decided(&plan{}, r) || r.Expired(b.began) {
		return nil
	}
	name := r.Plugin()
	state := b.snapshot.Entries[name].State
	events, problem, err := b.Rules.Decide(state, r)
	if err != nil || problem != nil || len(events) == 0 || !state.Served() {
		return err
	}
	broken, err := b.workspace.Sync(ctx, b.snapshot)
	if err != nil {
		return err
	}
	if delete(broken, name); len(broken) > 0 {
		return nil // nothing can be pushed, so the request is refused
	}
	resolvers, err := b.attached(ctx, name)
	if err != nil {
		return err
	}
	if events[0], err = withResolvers(events[0], resolvers); err != nil {
		b.journal.Answer(registry.Refused(r.ID, registry.Problem(protocol.CodeNotRecordable, "%v", err)))
		return b.saveJournal(ctx)
	}
	return b.record(ctx, r, events)
}

// attached reads the resolvers of a plugin's root fields: of those that it has, and of
// those that its row shows, should the fragment not be readable any more.
func (b *batch) attached(ctx context.Context, name string) ([]schemapush.Resolver, error) {
	fields := slices.Concat(b.workspace.Fields(name), b.snapshot.Entries[name].Row.Fields)
	slices.Sort(fields)
	var resolvers []schemapush.Resolver
	for _, field := range slices.Compact(fields) {
		typeName, fieldName, _ := splitField(field)
		resolver, err := b.API.Attached(ctx, typeName, fieldName)
		if err != nil {
			return nil, err
		}
		if resolver != nil {
			resolvers = append(resolvers, *resolver)
		}
	}
	return resolvers, nil
}

// withResolvers puts resolvers into an operator's event.
func withResolvers(e turn.Event, resolvers []schemapush.Resolver) (turn.Event, error) {
	var data registry.Operated
	if err := json.Unmarshal(e.Data, &data); err != nil || len(resolvers) == 0 {
		return e, err
	}
	var err error
	if data.Resolvers, err = registry.PackResolvers(resolvers); err != nil {
		return e, err
	}
	for _, r := range resolvers {
		data.Fields = append(data.Fields, r.Name())
	}
	e.Data, err = json.Marshal(data)
	return e, err
}

// record appends events before anything is pushed. The plugin's row is behind then, as
// after a crash.
func (b *batch) record(ctx context.Context, r registry.Request, events []turn.Event) error {
	name := r.Plugin()
	entry := b.snapshot.Entries[name]
	b.announce(&plan{steps: []step{{request: r, events: events}}})
	if err := b.saveJournal(ctx); err != nil {
		return err
	}
	state, err := b.Store.Append(ctx, entry.State, r, b.now(), events...)
	if err != nil {
		return err
	}
	if entry.Recorded == nil {
		entry.Recorded = map[string]bool{}
	}
	entry.State, entry.Recorded[r.ID] = state, true
	return nil
}

// detached are the root fields whose resolvers are the platform's to delete when nobody
// owns the fields: they are recorded, or the platform attached them. Those of a plugin
// that the plan changes stay for now: AppSync may refuse what it is changed to.
func (p *plan) detached() map[string]bool {
	detached, changed := map[string]bool{}, p.changesFields()
	for name, state := range p.states {
		var fields []string
		if !changed[name] {
			fields = state.Attached
		}
		if !state.Served() {
			fields = slices.Concat(fields, state.Detached)
		}
		for _, field := range fields {
			detached[field] = true
		}
	}
	return detached
}

// attach brings back the recorded resolvers of plugins that come back, before the events
// that say so are appended: a crash in between attaches them once more.
func (b *batch) attach(ctx context.Context, p *plan) error {
	for i := range p.outcomes {
		o := &p.outcomes[i]
		if !p.accepts(o.request.ID) {
			continue
		}
		name := o.request.Plugin()
		before, after := b.snapshot.Entries[name].State, p.states[name]
		if before.Served() || !after.Served() || before.Stack != after.Stack {
			continue
		}
		notices, err := b.attachAll(ctx, before, b.workspace.Fields(name))
		if err != nil {
			return err
		}
		o.Notice(notices...)
	}
	return nil
}

// attachAll attaches recorded resolvers to the fields that the plugin still has.
func (b *batch) attachAll(ctx context.Context, state registry.State, fields []string) (notices []string, err error) {
	resolvers, err := b.Store.Resolvers(ctx, state)
	if err != nil {
		return nil, err
	}
	for _, r := range resolvers {
		if !slices.Contains(fields, r.Name()) {
			continue
		}
		refusal, err := b.API.Attach(ctx, r)
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			notices = append(notices, fmt.Sprintf("the resolver of %s could not be attached again, so the field gives null: %s; run `pulumi refresh` and then `pulumi up` in stack %s",
				r.Name(), refusal.Text, state.Stack))
			b.Logger.Error("a recorded resolver could not be attached again", "plugin", state.Plugin, "field", r.Name(), "reason", refusal.Text)
		}
	}
	return notices, nil
}
