package connect

import (
	"context"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// heartbeat records that a plugin is alive: one read of its row, one conditional write.
// No request goes to the registry; the admin function's watch finds out what changed. A
// beat of another stack than the plugin's, of a plugin that nobody connected, or of an
// older version than the connected one is ignored: it comes from what is on its way out.
func (c *Connect) heartbeat(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	if !validName(r.Plugin) || r.Minutes < 1 {
		c.warnOnce(r, "it names no plugin or no minutes")
		return &protocol.ConnectResult{}, nil
	}
	row, err := c.Store.Row(ctx, r.Plugin)
	if err != nil {
		return nil, err
	}
	state := row.Shown()
	switch {
	case !state.Registered():
		c.warnOnce(r, "the plugin is not connected")
	case state.Stack != r.Stack:
		c.warnOnce(r, "the plugin is connected from stack "+state.Stack)
	case registry.Older(r.Version, state.Version):
		c.Logger.Info("a heartbeat of an older version is ignored", "plugin", r.Plugin, "version", r.Version, "connected", state.Version)
	default:
		beat := registry.Beat{Plugin: r.Plugin, LastSeen: c.now(), Minutes: r.Minutes, Version: r.Version, Stack: r.Stack}
		if wrong := checkReport(r.DeadLetters); wrong != "" {
			c.warnOnce(r, wrong)
		} else if r.DeadLetters != nil {
			beat.DeadLetters, beat.DeadLettersAt = r.DeadLetters.Messages, r.DeadLetters.CountedAt
		}
		return &protocol.ConnectResult{OK: true, Status: state.Status}, c.Store.Beat(ctx, beat)
	}
	return &protocol.ConnectResult{Status: state.Status}, nil
}

// warnOnce says once in the life of the process why heartbeats are ignored.
func (c *Connect) warnOnce(r protocol.ConnectRequest, why string) {
	if _, said := c.warned.LoadOrStore([3]string{r.Plugin, r.Stack, why}, true); !said {
		c.Logger.Warn("heartbeats are ignored, or what they say of dead letters", "plugin", r.Plugin, "stack", r.Stack, "reason", why)
	}
}
