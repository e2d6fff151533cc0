package admin

import (
	"context"
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// plan is what a list of requests leads to. Making it changes the workspace, and
// nothing else.
type plan struct {
	// requests are what the plan is for.
	requests []registry.Request
	// steps are the events to append, in order.
	steps []step
	// outcomes are those of requests that have none yet, in the order of requests.
	outcomes []outcome
	// states are the plugins after the steps.
	states map[string]registry.State
	// blocked says that a connected plugin cannot be composed any more, so that
	// nothing may be pushed.
	blocked bool
}

// step is what is appended for one request.
type step struct {
	request registry.Request
	events  []turn.Event
}

// outcome is the outcome of one request.
type outcome struct {
	request registry.Request
	registry.Outcome
}

// plan decides on requests in order.
func (b *batch) plan(ctx context.Context, requests []registry.Request) (*plan, error) {
	broken, err := b.workspace.Sync(ctx, b.snapshot)
	if err != nil {
		return nil, err
	}
	p := &plan{requests: requests, states: map[string]registry.State{}}
	for name, entry := range b.snapshot.Entries {
		p.states[name] = entry.State
	}
	for _, r := range requests {
		if err := b.decide(ctx, p, r, broken); err != nil {
			return nil, err
		}
	}
	if len(broken) > 0 {
		b.block(p, broken)
	}
	return p, nil
}

// decide adds what one request leads to.
func (b *batch) decide(ctx context.Context, p *plan, r registry.Request, broken map[string][]protocol.Problem) error {
	name := r.Plugin()
	if name == "" || b.decided(p, r) {
		return nil
	}
	if r.Expired(b.began) {
		p.answer(r, expired(r))
		return nil
	}
	if b.vacant[r.ID] {
		p.answer(r)
		return nil
	}
	events, problem, err := b.Rules.Decide(p.states[name], b.meant(p.states[name], r))
	if err != nil {
		return err
	}
	if problem != nil {
		p.answer(r, *problem)
		return nil
	}
	if len(events) > 0 {
		problems, err := b.try(ctx, p.states[name], r)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			p.answer(r, problems...)
			return nil
		}
		if r.ChangesFields() {
			delete(broken, name)
		}
		if p.states[name], err = p.foresee(name, events, b.now()); err != nil {
			return err
		}
		p.steps = append(p.steps, step{request: r, events: events})
	}
	p.answer(r)
	return nil
}

// decided says that a request needs no decision any more: it is answered, what it led to
// is recorded, or it is in the batch twice.
func (b *batch) decided(p *plan, r registry.Request) bool {
	if slices.ContainsFunc(p.outcomes, func(o outcome) bool { return o.request.ID == r.ID }) {
		return true
	}
	entry := b.snapshot.Entries[r.Plugin()]
	if _, answered := entry.Row.Outcome(r.ID); answered {
		return true
	}
	if noted, ok := b.stored.Answered(r.ID); ok {
		p.outcomes = append(p.outcomes, outcome{request: r, Outcome: noted})
		return true
	}
	if entry.Recorded[r.ID] {
		p.answer(r)
		return true
	}
	return false
}

// expired is why a request is refused that nobody waits for any more.
func expired(r registry.Request) protocol.Problem {
	return registry.Problem(protocol.CodeExpired, "the request to %s plugin %q is of %s, more than %s ago, and nobody waits for it any more; run the deployment again",
		r.Type, r.Plugin(), r.Time, registry.MaxRequestAge)
}

// try changes the workspace as a request wants it.
func (b *batch) try(ctx context.Context, s registry.State, r registry.Request) ([]protocol.Problem, error) {
	name := r.Plugin()
	switch {
	case r.Connect != nil:
		return b.tryConnect(s, *r.Connect), nil
	case r.Activate != nil:
		sdl, err := b.Store.Fragment(ctx, s)
		if err != nil {
			return nil, err
		}
		return b.workspace.Put(name, registry.Revision(s.Hash, s.Nonce), sdl), nil
	case r.ChangesFields():
		b.workspace.Remove(name)
	}
	return nil, nil
}

// tryConnect puts a revision into the workspace. That of an inactive plugin is kept for
// its activation, and only has to be good in itself.
func (b *batch) tryConnect(s registry.State, c registry.Connect) []protocol.Problem {
	sdl, err := registry.Unpack(c.Fragment)
	if err != nil {
		return []protocol.Problem{registry.Problem(protocol.CodeInvalidSchema, "%v", err)}
	}
	if s.Status == registry.StatusInactive {
		_, problems := schema.ParseFragment(c.Plugin, "", sdl)
		return registry.Problems(problems)
	}
	return b.workspace.Put(c.Plugin, registry.Revision(c.Hash, c.Nonce), sdl)
}

// foresee is the state of a plugin after events that are not appended yet.
func (p *plan) foresee(name string, events []turn.Event, now string) (registry.State, error) {
	state := p.states[name]
	for _, e := range events {
		var err error
		state, err = state.Apply(turn.RecordedEvent{Type: e.Type, Data: e.Data, ID: name, Number: state.LogVersion + 1, Time: now})
		if err != nil {
			return state, err
		}
	}
	return state, nil
}

// answer adds the outcome of a request; problems refuse it.
func (p *plan) answer(r registry.Request, problems ...protocol.Problem) {
	o := registry.Outcome{Request: r.ID, OK: true}
	if len(problems) > 0 {
		o = registry.Refused(r.ID, problems...)
	}
	if o.OK && r.Connect != nil {
		o.Notice(p.states[r.Plugin()].Notices()...)
	}
	p.outcomes = append(p.outcomes, outcome{request: r, Outcome: o})
}

// accepts says whether a request led to an event.
func (p *plan) accepts(request string) bool {
	return slices.ContainsFunc(p.steps, func(s step) bool { return s.request.ID == request })
}

// changes are the plugins that the steps change.
func (p *plan) changes() map[string]bool {
	changed := map[string]bool{}
	for _, s := range p.steps {
		changed[s.request.Plugin()] = true
	}
	return changed
}

// changesFields are the plugins whose fields the steps may change.
func (p *plan) changesFields() map[string]bool {
	changed := map[string]bool{}
	for _, s := range p.steps {
		if s.request.ChangesFields() {
			changed[s.request.Plugin()] = true
		}
	}
	return changed
}

// ids are the ids of the requests.
func (p *plan) ids() []string {
	ids := make([]string, len(p.requests))
	for i, r := range p.requests {
		ids[i] = r.ID
	}
	return ids
}

// refuseAll refuses everything that was accepted and that fields depend on.
func (p *plan) refuseAll(snapshot *registry.Snapshot, problems []protocol.Problem) {
	for i, o := range p.outcomes {
		if p.accepts(o.request.ID) && o.request.ChangesFields() {
			p.outcomes[i].Outcome = registry.Refused(o.request.ID, problems...)
		}
	}
	p.steps = slices.DeleteFunc(p.steps, func(s step) bool { return s.request.ChangesFields() })
	for name, entry := range snapshot.Entries {
		p.states[name] = entry.State
	}
}

// notice tells operators whose requests are recorded already that the schema does not
// follow yet.
func (p *plan) notice(problems []protocol.Problem) {
	for i, o := range p.outcomes {
		if o.OK && o.request.Operates() {
			p.outcomes[i].Notice("the API keeps its schema for now: " + registry.Texts(problems))
		}
	}
}

// block refuses everything, since a connected plugin cannot be composed any more. The
// request that replaces or removes that plugin is the way out.
func (b *batch) block(p *plan, broken map[string][]protocol.Problem) {
	var problems []protocol.Problem
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		problems = append(problems, registry.Problem(protocol.CodeSchemaRefused,
			"the connected revision of plugin %q cannot be composed by this release of the platform (%s); deploy plugin %q again with a corrected schema, or destroy it",
			name, registry.Texts(broken[name]), name))
	}
	b.Logger.Error("connected plugins cannot be composed; nothing is pushed", "problems", registry.Texts(problems))
	p.blocked = true
	p.refuseAll(b.snapshot, problems)
}

// now is the time as events carry it.
func (b *batch) now() string { return eventlog.FormatTime(b.Clock.Now()) }
