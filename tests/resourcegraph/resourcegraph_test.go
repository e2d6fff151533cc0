package resourcegraph

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// event is what the engine tells of a table with these inputs.
func event(name, parent, inputs string) string {
	return fmt.Sprintf(`{"resourcePreEvent": {"metadata": {"op": "same", "urn": %q, "type": "aws:dynamodb/table:Table",
		"new": {"urn": %q, "parent": %q, "inputs": %s}}}}`, name, name, parent, inputs)
}

func read(t *testing.T, events ...string) Graph {
	t.Helper()
	graph, err := Read(strings.NewReader(strings.Join(events, "\n")))
	require.NoError(t, err)
	return graph
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	wanted := event("rows", "plugin", `{"name": "rows", "keys": ["id"], "tags": {"team": "shop"}}`)
	tests := map[string]struct {
		got  []string
		want []string
	}{
		"none":               {got: []string{wanted}},
		"a resource is gone": {want: []string{"rows: is missing"}},
		"a resource more": {
			got:  []string{wanted, event("spare", "plugin", `{}`)},
			want: []string{"spare: is not wanted"},
		},
		"another parent": {
			got:  []string{event("rows", "stack", `{"name": "rows", "keys": ["id"], "tags": {"team": "shop"}}`)},
			want: []string{`rows: parent is "stack", want "plugin"`},
		},
		"properties": {
			got: []string{event("rows", "plugin", `{"keys": ["key"], "tags": {"team": 1, "owner": null}}`)},
			want: []string{
				`rows: inputs.keys[0] is "key", want "id"`,
				`rows: inputs.name is missing, want "rows"`,
				`rows: inputs.tags.owner is null, want none`,
				`rows: inputs.tags.team is 1, want "shop"`,
			},
		},
		"another length": {
			got:  []string{event("rows", "plugin", `{"name": "rows", "keys": ["id", "at"], "tags": {"team": "shop"}}`)},
			want: []string{`rows: inputs.keys is ["id","at"], want ["id"]`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, Differences(read(t, test.got...), read(t, wanted)))
		})
	}
}

func TestArchivesAreTheirContent(t *testing.T) {
	t.Parallel()
	archive := func(hash, path string) string {
		return event("handler", "plugin", fmt.Sprintf(
			`{"code": {"4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", "hash": %q, "path": %q}}`, hash, path))
	}
	assert.Empty(t, Differences(read(t, archive("1", "../a")), read(t, archive("1", "../../b"))))
	assert.Equal(t, []string{`handler: inputs.code.hash is "1", want "2"`},
		Differences(read(t, archive("1", "../a")), read(t, archive("2", "../a"))))
}

func TestReadRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader("error: no stack"))
	require.ErrorContains(t, err, "reading an event of the engine")
}
