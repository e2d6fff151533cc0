package doctor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// heartbeatFix is what to do about a plugin that missed its heartbeats.
const heartbeatFix = "see in the log groups /reventless/<function> of the plugin why its functions do not run, and that its EventBridge schedules are enabled; it becomes CONNECTED by itself with the next heartbeat"

// connection checks what the platform's registry says of the stack's plugins.
func (e *examination) connection(ctx context.Context, p *patient) {
	if p.Platform && (p.state == nil || len(p.state.Plugins) == 0) {
		return
	}
	switch {
	case p.state == nil || len(p.state.Plugins) == 0:
		e.unchecked(checkConnection, p.Name, "no plugin is deployed, or the state cannot be read")
		return
	case p.home == nil:
		e.unchecked(checkConnection, p.Name, "its platform is not known")
		return
	}
	known, err := e.AWS.Registry(ctx, *p.home)
	if err != nil {
		e.add(checkConnection, p.Name, Unchecked, "use credentials that may read the table "+p.home.PluginsTable, "not checked, because the platform's registry cannot be read: %s", oneLine(err.Error()))
		return
	}
	for _, plugin := range p.state.Plugins {
		e.connected(p, plugin, known.Rows[plugin.Name], known.Beats[plugin.Name])
	}
}

// connected says what a row means.
func (e *examination) connected(p *patient, plugin stack.Plugin, row registry.Row, beat registry.Beat) {
	add := func(status Status, fix, format string, arguments ...any) {
		e.add(checkConnection, p.Name, status, fix, "the plugin "+plugin.Name+" "+format, arguments...)
	}
	again := e.inFolder(p, "pulumi up")
	switch {
	case row.Status == "":
		add(Problem, again+"; if it stays so, look at the platform's dead letters with `reventless dlq list`", "is deployed, but the registry does not know it: its fields are not in the API")
	case plugin.Connection != nil && row.Stack != "" && row.Stack != plugin.Connection.Stack:
		add(Problem, "give one of them another name, with the argument `name`", "is that of the stack %s in the registry, not of this one", row.Stack)
	case row.Status == registry.StatusConnected:
		e.current(p, plugin, row, beat)
	case row.Status == registry.StatusDisconnected:
		add(Problem, heartbeatFix, "is DISCONNECTED since %s: it missed its heartbeats%s. Its fields are still in the API, its functions may not answer", row.StatusChangedAt, lastSeen(beat, e.Now()))
	case row.Status == registry.StatusInactive:
		add(Problem, fmt.Sprintf("an operator brings them back with `mutation { Platform_activatePlugin(id: %q) { status } }`", plugin.Name),
			"is INACTIVE since %s: an operator took its fields out of the API (%s)", row.StatusChangedAt, cmp.Or(row.Reason, "no reason given"))
	default: // RETIRED, REFUSED
		add(Problem, again, "is %s in the registry: its fields are not in the API. %s", row.Status, cmp.Or(row.Message, row.Reason))
	}
}

// current checks a plugin that is connected.
func (e *examination) current(p *patient, plugin stack.Plugin, row registry.Row, beat registry.Beat) {
	switch {
	case row.Version != plugin.Version:
		e.add(checkConnection, p.Name, Warning, e.inFolder(p, "pulumi up"), "the plugin %s is deployed in version %s, the registry has %s", plugin.Name, plugin.Version, row.Version)
	case row.Message != "":
		e.add(checkConnection, p.Name, Warning, e.inFolder(p, "pulumi up"), "the plugin %s is CONNECTED, but: %s", plugin.Name, row.Message)
	default:
		e.ok(checkConnection, p.Name, "the plugin %s is CONNECTED in version %s%s", plugin.Name, row.Version, lastSeen(beat, e.Now()))
	}
}

func lastSeen(beat registry.Beat, now time.Time) string {
	seen, err := time.Parse(time.RFC3339, beat.LastSeen)
	if err != nil {
		return ", no heartbeat yet"
	}
	return fmt.Sprintf(", last heartbeat %s ago", now.Sub(seen).Round(time.Second))
}
