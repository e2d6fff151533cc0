package admin

import (
	"context"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// release gives up resolvers that the platform attached when a plugin came back. Its stack
// asks for that when it cannot make them, because a refresh in the meantime made it forget
// them.
//
//  1. The resolver becomes a trial resolver, which everybody knows for a leftover.
//  2. The event says that it is not the platform's any more.
//  3. The leftover is deleted.
//
// Whatever comes again after a crash, the resolver that the stack makes afterwards is
// never taken for the one that was given up: before the event the field is occupied, and
// after it only a trial resolver is deleted.
func (b *batch) release(ctx context.Context) error {
	for _, r := range b.requests {
		if r.Release == nil {
			continue
		}
		if err := b.giveUp(ctx, r); err != nil {
			return err
		}
		typeName, fieldName, _ := splitField(r.Release.Field)
		occupied, err := b.API.HasResolver(ctx, typeName, fieldName)
		if err != nil {
			return err
		}
		b.vacant[r.ID] = !occupied
	}
	return nil
}

// giveUp takes the first two steps, unless they are done or the request is refused.
func (b *batch) giveUp(ctx context.Context, r registry.Request) error {
	if b.decided(&plan{}, r) || r.Expired(b.began) {
		return nil
	}
	events, problem, err := b.Rules.Decide(b.snapshot.Entries[r.Plugin()].State, r)
	if err != nil || problem != nil {
		return err
	}
	typeName, fieldName, _ := splitField(r.Release.Field)
	if err := b.API.Vacate(ctx, typeName, fieldName); err != nil {
		return err
	}
	return b.record(ctx, r, events)
}
