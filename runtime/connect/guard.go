package connect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// guard lets the platform's destroy go on when no plugin is connected. Plugins of the
// guard's own stack are being destroyed in the same run, so it waits for them.
func (c *Connect) guard(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	for attempt := 0; ; attempt++ {
		snapshot, err := c.Store.Load(ctx)
		if err != nil {
			return nil, err
		}
		own, others := c.connected(snapshot, r.Stack)
		if len(others) > 0 {
			return nil, stillConnected(others, "destroy the stacks of these plugins first, then the platform's")
		}
		if len(own) == 0 {
			return &protocol.ConnectResult{OK: true}, nil
		}
		if c.pause(ctx, attempt) != nil {
			return nil, stillConnected(own, "they belong to this stack and should have been disconnected before; destroy them first, or run destroy again")
		}
	}
}

// connected lists the connected plugins of a stack, and those of other stacks, with
// their stacks.
func (c *Connect) connected(snapshot *registry.Snapshot, stack string) (own, others []string) {
	for _, name := range snapshot.Plugins() {
		entry := snapshot.Entries[name]
		text := fmt.Sprintf("%s (stack %s)", name, entry.State.Stack)
		if entry.State.Stack == stack {
			own = append(own, text)
		} else {
			others = append(others, text)
		}
	}
	return own, others
}

// stillConnected is the error that stops the platform's destroy.
func stillConnected(plugins []string, fix string) error {
	slices.Sort(plugins)
	return fmt.Errorf("%s: the platform cannot be destroyed while plugins are connected: %s; %s",
		protocol.CodeStillConnected, strings.Join(plugins, ", "), fix)
}
