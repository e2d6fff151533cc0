package registry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// pair is a registry in which ordering extends catalog, with these statuses.
func pair(catalog, ordering string) *registry.Snapshot {
	return &registry.Snapshot{Entries: map[string]*registry.Entry{
		"catalog": {State: registry.State{Plugin: "catalog", Status: catalog, Topics: map[string]string{"Products": "arn:products"}}},
		"ordering": {State: registry.State{Plugin: "ordering", Status: ordering, Subscriptions: []protocol.Subscription{
			{Extension: "CatalogProducts", Plugin: "catalog", ExtensionPoint: "Products", QueueARN: "arn:queue", FilterPolicy: "{}"},
			{Extension: "Missing", Plugin: "catalog", ExtensionPoint: "Nothing", QueueARN: "arn:nothing"},
			{Extension: "Nobody", Plugin: "nobody", ExtensionPoint: "Products", QueueARN: "arn:nobody"},
		}}},
	}}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	one := map[string][]registry.Wired{"ordering": {{
		Extension: "CatalogProducts", Topic: "arn:products", Queue: "arn:queue", Filter: "{}", Scope: protocol.ScopeMessageAttributes,
	}}}
	none := map[string][]registry.Wired{}
	for ends, want := range map[[2]string]map[string][]registry.Wired{
		{registry.StatusConnected, registry.StatusConnected}:       one,
		{registry.StatusDisconnected, registry.StatusDisconnected}: one,
		{registry.StatusInactive, registry.StatusConnected}:        one,
		{registry.StatusConnected, registry.StatusInactive}:        one,
		{registry.StatusRetired, registry.StatusConnected}:         none,
		{"", registry.StatusConnected}:                             none,
	} {
		assert.Equal(t, want, pair(ends[0], ends[1]).Wanted(), "%v", ends)
	}
}

func TestUnwired(t *testing.T) {
	t.Parallel()
	made := registry.Wired{Extension: "CatalogProducts", Topic: "arn:products", Queue: "arn:queue", Filter: "{}", Scope: protocol.ScopeMessageAttributes, ARN: "arn:1"}
	for name, c := range map[string]struct {
		change func(row *registry.Row)
		want   bool
	}{
		"as it should be":      {func(*registry.Row) {}, false},
		"somebody else's":      {func(row *registry.Row) { row.Wires[0].ARN, row.Wires[0].Foreign = "", true }, false},
		"not made":             {func(row *registry.Row) { row.Wires = nil }, true},
		"only intended":        {func(row *registry.Row) { row.Wires[0].ARN = "" }, true},
		"another filter":       {func(row *registry.Row) { row.Wires[0].Filter = "" }, true},
		"another topic":        {func(row *registry.Row) { row.Wires[0].Topic = "arn:old" }, true},
		"one too many":         {func(row *registry.Row) { row.Wires = append(row.Wires, registry.Wired{Topic: "arn:old", ARN: "arn:2"}) }, true},
		"failed the last time": {func(row *registry.Row) { row.Wiring = "no" }, true},
	} {
		snapshot := pair(registry.StatusConnected, registry.StatusConnected)
		snapshot.Entries["ordering"].Row.Wires = []registry.Wired{made}
		c.change(&snapshot.Entries["ordering"].Row)
		assert.Equal(t, c.want, len(snapshot.Unwired()) > 0, name)
	}
}
