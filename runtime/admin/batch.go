package admin

import (
	"context"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// batch is the work on one batch of requests.
type batch struct {
	*Admin
	requests []registry.Request
	snapshot *registry.Snapshot
	// journal is the journal as it will be stored next, stored as it is now.
	journal, stored registry.Journal
	// refused are the requests that AppSync refused, by id, with the reasons.
	refused map[string][]protocol.Problem
	// failed are the compositions that were refused, by hash.
	failed map[string][]protocol.Problem
	// kept are the root fields that the composition pushed last keeps.
	kept []string
}

// process does everything that a batch asks for, or nothing that cannot be repeated.
func (a *Admin) process(ctx context.Context, requests []registry.Request) error {
	if len(requests) == 0 {
		return nil
	}
	b, err := a.open(ctx, requests)
	if err != nil {
		return err
	}
	p, err := b.settle(ctx)
	if err != nil {
		return err
	}
	if err := b.scheduleSweep(ctx, b.kept); err != nil {
		return err
	}
	return b.commit(ctx, p)
}

// open loads the registry and cleans up after a crash.
func (a *Admin) open(ctx context.Context, requests []registry.Request) (*batch, error) {
	var names []string
	for _, r := range requests {
		if name := r.Plugin(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	snapshot, err := a.Store.Load(ctx, names...)
	if err != nil {
		return nil, err
	}
	b := &batch{
		Admin: a, requests: requests, snapshot: snapshot, journal: snapshot.Journal(), stored: snapshot.Journal(),
		refused: map[string][]protocol.Problem{}, failed: map[string][]protocol.Problem{},
	}
	if typeName, fieldName, ok := splitField(b.journal.Probe); ok {
		_, err = a.API.HasResolver(ctx, typeName, fieldName)
	}
	return b, err
}

// settle decides on the requests and brings the API's schema to what they lead to.
func (b *batch) settle(ctx context.Context) (*plan, error) {
	p, err := b.plan(ctx, b.requests)
	if err != nil {
		return nil, err
	}
	problems, err := b.publish(ctx, p)
	if err != nil || len(problems) == 0 {
		return p, err
	}
	if err := b.blame(ctx); err != nil {
		return nil, err
	}
	if p, err = b.plan(ctx, b.requests); err != nil {
		return nil, err
	}
	if problems, err = b.publish(ctx, p); len(problems) > 0 {
		b.Logger.Error("AppSync refuses even the schema without any of the requests", "problems", registry.Texts(problems))
		p.refuseAll(b.snapshot, problems)
		_, err = b.workspace.Sync(ctx, b.snapshot)
	}
	return p, err
}

// blame pushes the requests one by one to find those that AppSync refuses.
func (b *batch) blame(ctx context.Context) error {
	for i, r := range b.requests {
		p, err := b.plan(ctx, b.requests[:i+1])
		if err != nil {
			return err
		}
		if !p.accepts(r.ID) {
			continue
		}
		problems, err := b.publish(ctx, p)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			b.Logger.Warn("the schema of a plugin was refused", "plugin", r.Plugin(), "request", r.ID, "problems", registry.Texts(problems))
			b.refused[r.ID] = problems
		}
	}
	return nil
}
