package admin

import (
	"context"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// abandon finds the plugins of stacks that were destroyed while the registry had another
// revision than the stack's state: after an update that was refused, or that was
// interrupted before Pulumi could note it. Their disconnect names the wrong revision, and
// so looks like one of a revision that was replaced.
//
//  1. A stack that is destroyed deletes its resolvers before it disconnects. One that
//     replaced its connection has them still.
//  2. So a disconnect of the plugin's own stack means the plugin as it is, whichever
//     revision it names, when none of the plugin's root fields has a resolver.
func (b *batch) abandon(ctx context.Context) error {
	for _, r := range b.requests {
		if r.Disconnect == nil || b.decided(&plan{}, r) || r.Expired(b.began) {
			continue
		}
		state := b.snapshot.Entries[r.Plugin()].State
		if !state.Served() || state.Stack != r.Disconnect.Stack || state.Hash == r.Disconnect.Hash {
			continue
		}
		occupied, err := b.occupied(ctx, r.Plugin())
		if err != nil {
			return err
		}
		if !occupied {
			b.Logger.Info("a stack is gone whose state had another revision than the registry; its plugin goes with it",
				"plugin", state.Plugin, "stack", state.Stack, "revision", state.Hash, "request", r.ID)
			b.abandoned[r.ID] = state.LogVersion
		}
	}
	return nil
}

// occupied says whether any root field of a plugin has a resolver.
func (b *batch) occupied(ctx context.Context, plugin string) (bool, error) {
	if _, err := b.workspace.Sync(ctx, b.snapshot); err != nil {
		return false, err
	}
	for _, field := range slices.Concat(b.workspace.Fields(plugin), b.snapshot.Entries[plugin].Row.Fields) {
		typeName, fieldName, _ := splitField(field)
		if occupied, err := b.API.HasResolver(ctx, typeName, fieldName); occupied || err != nil {
			return occupied, err
		}
	}
	return false, nil
}

// meant is the request as it is meant: the disconnect of a stack that is gone is about
// whatever revision the plugin has.
func (b *batch) meant(s registry.State, r registry.Request) registry.Request {
	if version, ok := b.abandoned[r.ID]; ok && version == s.LogVersion {
		disconnect := *r.Disconnect
		disconnect.Hash, r.Disconnect = s.Hash, &disconnect
	}
	return r
}
