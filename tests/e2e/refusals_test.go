package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rival is a plugin that wants a field of the catalog.
const rival = `name: online-shop-rival
runtime: yaml
resources:
  rival:
    type: reventless:index:Plugin
    properties:
      version: 1.0.0
      code: {fn::fileArchive: ../catalog/src}
      runtime: nodejs22.x
      handler: index.handler
      schema: |
        type Query { product(id: ID!): Rival }
        type Rival { id: ID! }
        type Mutation { addRival(id: ID!): CommandResult! }
      aggregates: {Rival: {commands: {addRival: Add}}}
      readModels:
        Rivals: {from: [{aggregate: Rival}], queries: {product: {get: id}}}
`

const rivalConfig = "config:\n  aws:region: eu-west-1\n  platform:stack: organization/online-shop-platform/alpha\n"

// errorLine is how Pulumi begins an error.
var errorLine = regexp.MustCompile(`(?m)^ +error: `)

// TestRefusals deploys wrong programs: each is refused with one error that says what
// to do, and nothing is created.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.up(platform, catalog)
	const project = "rival-aws"
	w.write(project+"/Pulumi.yaml", rival)
	w.write(project+"/Pulumi.alpha.yaml", rivalConfig)
	before := w.inventory()

	cases := map[string]struct {
		config  string
		program []string // pairs of old and new text
		want    []string
	}{
		"a field of another plugin": {
			want: []string{"Query.product", "catalog", "rival"},
		},
		"no platform:stack": {
			config: "config:\n  aws:region: eu-west-1\n",
			want:   []string{"Missing required configuration variable 'platform:stack'", "pulumi config set platform:stack"},
		},
		"an unknown platform": {
			config: strings.ReplaceAll(rivalConfig, "online-shop-platform", "no-such-platform"),
			want:   []string{"organization/no-such-platform/alpha", "deploy"},
		},
		"a stack that is no platform": {
			config: strings.ReplaceAll(rivalConfig, "online-shop-platform", "online-shop-catalog"),
			want:   []string{"organization/online-shop-catalog/alpha", "platform", "connection"},
		},
		"malformed SDL": {
			program: []string{"type Rival { id: ID! }", "type Rival { id ID! }"},
			want:    []string{"schema", "2:"},
		},
		"an unknown field in a query of a read model": {
			program: []string{"{product: {get: id}}", "{produkt: {get: id}}"},
			want:    []string{"readModels.Rivals.queries.produkt", "product"},
		},
		"a command twice": {
			program: []string{"{Rival: {commands: {addRival: Add}}}", "{Rival: {commands: {addRival: Add}}, Other: {commands: {addRival: Add}}}"},
			want:    []string{"aggregates.Rival.commands.addRival", "duplicate command", "Other"},
		},
		"a subscription name of 51 characters": {
			program: []string{"addRival", strings.Repeat("m", 49)},
			want:    []string{strings.Repeat("m", 49), "50"},
		},
		"an unknown component": {
			program: []string{"from: [{aggregate: Rival}]", "from: [{aggregate: Rivall}]"},
			want:    []string{"readModels.Rivals.from[0].aggregate", `no aggregate "Rivall"`, `Did you mean "Rival"?`},
		},
		"a plugin that extends itself": {
			program: []string{"      readModels:", "      extensions: {Own: {plugin: rival, extensionPoint: Rivals}}\n      readModels:"},
			want:    []string{"extensions.Own.plugin", "another plugin"},
		},
		"a tag that the event does not have": {
			program: []string{"      readModels:", "      dcb:\n        tags: {rivalId: {}, shelfId: {}}\n        events: {RivalSeen: [rivalId], ShelfMoved: [shelfId]}\n" +
				"        stateChangeSlices: {See: {reads: [{events: [ShelfMoved], tags: [rivalId]}]}}\n      tasks: {Look: {schedule: {every: 1 day}}}\n      readModels:"},
			want: []string{"dcb.stateChangeSlices.See.reads[0].events[0]", "ShelfMoved", `"rivalId"`, "they have: shelfId"},
		},
		"several mistakes at once": {
			program: []string{"version: 1.0.0", "version: one", "      readModels:",
				"      dcb:\n        tags: {rivalId: {}}\n        events: {RivalSeen: [rivalid]}\n      schedules: {Later: {to: Nobody, command: Go}}\n      readModels:"},
			want: []string{"5 problems", "property `version`", "dcb.events.RivalSeen[0]", "dcb.tags.rivalId", "dcb.stateChangeSlices", "schedules.Later.to"},
		},
		"a name too long for queues": {
			program: []string{"      version:", "      name: " + strings.Repeat("r", 41) + "\n      version:"},
			want:    []string{"name", strings.Repeat("r", 41), "1 to 40"},
		},
		"a plugin of another release": {
			program: []string{"      readModels:", "      interop: [{formatVersion: 99, plugin: catalog, version: 1.0.0}]\n" +
				"      extensions: {Products: {plugin: catalog, extensionPoint: Products}}\n      readModels:"},
			want: []string{"interop[0]", "99", "release"},
		},
		"an unsupported runtime": {
			program: []string{"nodejs22.x", "nodejs12.x"},
			want:    []string{"runtime", "nodejs12.x", "nodejs22.x"},
		},
		"a missing archive": {
			program: []string{"../catalog/src", "../catalogue/src"},
			want:    []string{"catalogue/src", "no such file or directory"},
		},
	}
	for name, c := range cases {
		w.step(name, func(t *testing.T) {
			program := strings.NewReplacer(c.program...).Replace(rival)
			require.Equal(t, len(c.program) > 0, program != rival)
			w.write(project+"/Pulumi.yaml", program)
			if c.config == "" {
				c.config = rivalConfig
			}
			w.write(project+"/Pulumi.alpha.yaml", c.config)
			for _, command := range []string{"preview", "up"} {
				text := w.refusal(project, command)
				for _, want := range c.want {
					assert.Contains(t, text, want, command)
				}
				assert.NotContains(t, text, "panic")
				assert.NotContains(t, text, "goroutine")
				_, diagnostics, _ := strings.Cut(text, "Diagnostics:")
				assert.Len(t, errorLine.FindAllString(diagnostics, -1), 1, "one error, not several:\n%s", diagnostics)
			}
			assert.Equal(t, before, w.inventory(), "nothing is created")
		})
	}
}

// refusal is the text of a preview or an up that must fail.
func (w *world) refusal(project, command string) string {
	w.t.Helper()
	var text string
	var err error
	if command == "preview" {
		text, err = w.stack(project).Preview(w.t.Context())
	} else {
		text, err = w.stack(project).Up(w.t.Context())
	}
	require.Error(w.t, err, text)
	return text
}
