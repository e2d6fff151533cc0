package admin

import (
	"context"
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// plan is what a list of requests leads to. Making it changes the workspace, and
// nothing else.
type plan struct {
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

// step is one event to append.
type step struct {
	request registry.Request
	event   turn.Event
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
	p := &plan{states: map[string]registry.State{}}
	for name, entry := range b.snapshot.Entries {
		p.states[name] = entry.State
	}
	for _, r := range requests {
		if err := b.decide(p, r, broken); err != nil {
			return nil, err
		}
	}
	if len(broken) > 0 {
		b.block(p, broken)
	}
	return p, nil
}

// decide adds what one request leads to.
func (b *batch) decide(p *plan, r registry.Request, broken map[string][]protocol.Problem) error {
	name := r.Plugin()
	if name == "" {
		return nil
	}
	entry := b.snapshot.Entries[name]
	if _, answered := entry.Row.Outcome(r.ID); answered {
		return nil
	}
	if noted, ok := b.stored.Answered(r.ID); ok {
		p.outcomes = append(p.outcomes, outcome{request: r, Outcome: noted})
		return nil
	}
	if entry.Recorded[r.ID] {
		p.answer(r)
		return nil
	}
	if problems := b.refused[r.ID]; len(problems) > 0 {
		p.answer(r, problems...)
		return nil
	}
	event, problem, err := b.Rules.Decide(p.states[name], r)
	if err != nil {
		return err
	}
	if problem != nil {
		p.answer(r, *problem)
		return nil
	}
	if event != nil {
		if problems := b.try(r); len(problems) > 0 {
			p.answer(r, problems...)
			return nil
		}
		delete(broken, name)
		if p.states[name], err = p.foresee(name, *event, b.now()); err != nil {
			return err
		}
		p.steps = append(p.steps, step{request: r, event: *event})
	}
	p.answer(r)
	return nil
}

// try changes the workspace as a request wants it.
func (b *batch) try(r registry.Request) []protocol.Problem {
	if r.Connect == nil {
		b.workspace.Remove(r.Plugin())
		return nil
	}
	sdl, err := registry.Unpack(r.Connect.Fragment)
	if err != nil {
		return []protocol.Problem{registry.Problem(protocol.CodeInvalidSchema, "%v", err)}
	}
	return b.workspace.Put(r.Connect.Plugin, registry.Revision(r.Connect.Hash, r.Connect.Nonce), sdl)
}

// foresee is the state of a plugin after an event that is not appended yet.
func (p *plan) foresee(name string, e turn.Event, now string) (registry.State, error) {
	state := p.states[name]
	return state.Apply(turn.RecordedEvent{Type: e.Type, Data: e.Data, ID: name, Number: state.LogVersion + 1, Time: now})
}

// answer adds the outcome of a request; problems refuse it.
func (p *plan) answer(r registry.Request, problems ...protocol.Problem) {
	o := registry.Outcome{Request: r.ID, OK: true}
	if len(problems) > 0 {
		o = registry.Refused(r.ID, problems...)
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

// refuseAll refuses everything that was accepted.
func (p *plan) refuseAll(snapshot *registry.Snapshot, problems []protocol.Problem) {
	for i, o := range p.outcomes {
		if p.accepts(o.request.ID) {
			p.outcomes[i].Outcome = registry.Refused(o.request.ID, problems...)
		}
	}
	p.steps = nil
	for name, entry := range snapshot.Entries {
		p.states[name] = entry.State
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
