package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// The projects of testdata/whole, which have nothing to do with the example.
const (
	wholePlatform = "whole/platform"
	wholeSource   = "whole/source"
	wholeGuest    = "whole/guest"
	wholePlugin   = "whole/whole"
)

// newWhole is a world with the projects of testdata/whole.
func newWhole(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	require.NoError(t, pulumicli.CopyProjects(filepath.Join("testdata", "whole"), filepath.Join(w.projects, "whole")))
	return w
}

// TestLifecycle lets a plugin fall silent and come back, and an operator take it out of
// the API and put it back.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	w := newWhole(t)
	empty := w.inventory()
	w.up(wholePlatform, wholeSource, wholeGuest)
	client := w.client(wholePlatform)
	fields := w.rootFields(client)

	w.step("a log of the API that AppSync made itself is adopted", func(t *testing.T) {
		group := w.apiLog(client)
		w.forgetRetention(group)
		require.Equal(t, map[string]int{group: 0}, w.apiLogs())
		w.edit(wholePlatform+"/Pulumi.yaml", "authenticationModes: [API_KEY]\n", "authenticationModes: [API_KEY]\n      logLevel: ALL\n")
		w.up(wholePlatform)
		w.advance(time.Minute)
		w.keeps(group, 30)
		w.permitted(wholePlatform)
		printed, err := w.stack(wholePlatform).Refresh(t.Context(), "--expect-no-changes")
		require.NoError(t, err, printed)
	})

	w.step("a log that is switched off stays as long as it was to be kept", func(t *testing.T) {
		w.edit(wholePlatform+"/Pulumi.yaml", "logLevel: ALL", "logLevel: NONE")
		w.up(wholePlatform)
		w.advance(time.Minute)
		w.keeps(w.apiLog(client), 30)
		printed, err := w.stack(wholePlatform).Refresh(t.Context(), "--expect-no-changes")
		require.NoError(t, err, printed)
	})

	w.step("heartbeats arrive", func(t *testing.T) {
		w.advance(5 * time.Minute)
		for _, plugin := range []string{"source", "guest"} {
			w.shows(client, plugin, func(p platformPlugin) bool { return p.Status == "CONNECTED" && p.LastSeen != "" })
		}
	})

	w.step("heartbeats of others than the connected revision do not count", func(t *testing.T) {
		seen := w.plugin(client, "source").LastSeen
		beat := protocol.ConnectRequest{Action: protocol.ActionHeartbeat, Plugin: "source", Version: "1.0.0", Stack: "organization/whole-source/alpha", Minutes: 5}
		older, another := beat, beat
		older.Version, another.Stack = "0.9.10", "organization/another/alpha"
		for _, ignored := range []protocol.ConnectRequest{older, another} {
			assert.False(t, w.connect("whole-platform-alpha-platform-connect", ignored).OK)
		}
		assert.Equal(t, seen, w.plugin(client, "source").LastSeen)
		assert.True(t, w.connect("whole-platform-alpha-platform-connect", beat).OK)
		assert.Less(t, seen, w.plugin(client, "source").LastSeen)
	})

	w.step("a silent plugin is DISCONNECTED, and answers all the same", func(t *testing.T) {
		w.silence("source", time.Hour)
		w.advance(time.Minute) // the platform's watch; the plugin's next heartbeat is later
		w.shows(client, "source", func(p platformPlugin) bool { return p.Status == "DISCONNECTED" && len(p.Fields) == 2 })
		assert.Equal(t, "CONNECTED", w.plugin(client, "guest").Status)
		assert.Equal(t, fields, w.rootFields(client))
		w.answers(client, "silent")
	})

	w.step("its next heartbeat makes it CONNECTED", func(t *testing.T) {
		before := w.plugin(client, "source").LastSeen
		w.advance(5 * time.Minute)
		w.shows(client, "source", func(p platformPlugin) bool { return p.LastSeen > before })
		w.advance(time.Minute)
		w.shows(client, "source", func(p platformPlugin) bool { return p.Status == "CONNECTED" })
		assert.Equal(t, []string{"PluginHeartbeatResumed", "PluginHeartbeatMissed", "PluginConnected"}, w.pluginEvents(client, "source"))
		w.unchanged(wholeSource)
	})

	w.step("an operator takes its fields out of the API", func(t *testing.T) {
		w.operated(client, `Platform_deactivatePlugin(id: "source", reason: "costs too much")`)
		shown := w.plugin(client, "source")
		assert.Equal(t, "INACTIVE", shown.Status)
		assert.Equal(t, "costs too much", shown.Reason)
		assert.Empty(t, shown.Fields)
		require.NoError(t, missing(w.rootFields(client), "tell", "note"))
		assert.Subset(t, w.rootFields(client), []string{"come", "visit"})
		w.ask(client, `mutation { come(id: "me") { status } }`)
		w.eventually(client, `{ visit(id: "me") { count } }`, present("visit"))
	})

	w.step("an INACTIVE plugin is deployed anew, with a warning", func(t *testing.T) {
		printed, err := w.stack(wholeSource).Up(t.Context())
		require.NoError(t, err)
		assert.Contains(t, printed, "warning: ")
		assert.Contains(t, printed, "INACTIVE")
		assert.Contains(t, printed, "costs too much")
		w.edit(wholeSource+"/Pulumi.yaml", "version: 1.0.0", "version: 1.1.0")
		printed, err = w.stack(wholeSource).Up(t.Context())
		require.NoError(t, err)
		assert.Contains(t, printed, "INACTIVE")
		shown := w.plugin(client, "source")
		assert.Equal(t, "INACTIVE", shown.Status)
		assert.Equal(t, "1.1.0", shown.Version)
		require.NoError(t, missing(w.rootFields(client), "tell", "note"))
	})

	w.step("an INACTIVE plugin gets no new field", func(t *testing.T) {
		program := w.read(wholeSource + "/Pulumi.yaml")
		w.edit(wholeSource+"/Pulumi.yaml", "note(id: ID!): Note", "noted(id: ID!): Note", "queries: {note: {get: id}}", "queries: {noted: {get: id}}")
		_, err := w.stack(wholeSource).Preview(t.Context())
		require.Error(t, err)
		assert.Contains(t, err.Error(), "Query.noted is a new field")
		assert.Contains(t, err.Error(), `Platform_activatePlugin(id: "source")`)
		w.write(wholeSource+"/Pulumi.yaml", program)
	})

	w.step("an operator brings them back, and the stack finds no difference", func(t *testing.T) {
		w.operated(client, `Platform_activatePlugin(id: "source")`)
		assert.Equal(t, "CONNECTED", w.plugin(client, "source").Status)
		assert.ElementsMatch(t, fields, w.rootFields(client))
		w.answers(client, "back")
		w.unchanged(wholeSource, wholeGuest, wholePlatform)
		printed, err := w.stack(wholeSource).Refresh(t.Context(), "--expect-no-changes")
		require.NoError(t, err, printed)
	})

	w.step("a field is dropped while the plugin is INACTIVE", func(t *testing.T) {
		program := w.read(wholeSource + "/Pulumi.yaml")
		w.operated(client, `Platform_deactivatePlugin(id: "source")`)
		w.edit(wholeSource+"/Pulumi.yaml", "type Query { note(id: ID!): Note }", "", "type Note { id: ID! count: Int! }", "", "queries: {note: {get: id}}", "queries: {}")
		w.up(wholeSource)
		w.operated(client, `Platform_activatePlugin(id: "source")`)
		require.NoError(t, missing(w.rootFields(client), "note"))
		w.ask(client, `mutation { tell(id: "dropped", how: "nothing") { status } }`)
		w.unchanged(wholeSource)
		for _, item := range w.inventory() {
			assert.False(t, strings.HasSuffix(item, "Query.note"), "orphaned resolver: %s", item)
		}

		w.write(wholeSource+"/Pulumi.yaml", program)
		w.up(wholeSource)
		assert.ElementsMatch(t, fields, w.rootFields(client))
		w.answers(client, "there again")
	})

	w.step("versions go up and down", func(t *testing.T) {
		w.edit(wholeSource+"/Pulumi.yaml", "version: 1.1.0", "version: 1.1.0-rc.1")
		w.up(wholeSource)
		w.edit(wholeSource+"/Pulumi.yaml", "version: 1.1.0-rc.1", "version: 1.10.0")
		w.up(wholeSource)
		shown := w.plugin(client, "source")
		assert.Equal(t, "1.10.0", shown.Version)
		assert.Equal(t, "1.1.0-rc.1", shown.PreviousVersion)
		w.answers(client, "up and down")
	})

	w.step("what connects is not retired", func(t *testing.T) {
		refusals := map[string]string{
			`Platform_retirePlugin(id: "source")`:       protocol.CodeWrongStatus,
			`Platform_retirePlugin(id: "nobody")`:       protocol.CodeUnknownPlugin,
			`Platform_deactivatePlugin(id: "Platform")`: protocol.CodeWrongStatus,
			`Platform_activatePlugin(id: "nobody")`:     protocol.CodeUnknownPlugin,
		}
		for mutation, code := range refusals {
			answer := w.operate(client, mutation)
			assert.Equal(t, "REJECTED", answer["status"], mutation)
			assert.Equal(t, code, answer["code"], mutation)
		}
		w.operated(client, `Platform_activatePlugin(id: "source")`) // it is
	})

	w.step("a retired plugin is connected again by its stack", func(t *testing.T) {
		w.operated(client, `Platform_deactivatePlugin(id: "source")`)
		w.operated(client, `Platform_retirePlugin(id: "source")`)
		assert.Equal(t, "RETIRED", w.plugin(client, "source").Status)
		assert.Equal(t, "REJECTED", w.operate(client, `Platform_activatePlugin(id: "source")`)["status"])
		w.up(wholeSource)
		assert.Equal(t, "CONNECTED", w.plugin(client, "source").Status)
		w.answers(client, "reconnected")
		w.unchanged(wholeSource)
	})

	w.step("its events tell all of it", func(t *testing.T) {
		assert.Equal(t, []string{
			"PluginReconnected", "PluginConnected", "PluginRetired", "PluginDeactivated",
			"PluginSuperseded", "PluginConnected", "PluginDowngraded", "PluginConnected",
			"PluginConnected", "PluginActivated", "PluginConnected", "PluginDeactivated",
			"PluginActivated", "PluginSuperseded", "PluginConnected", "PluginDeactivated",
			"PluginHeartbeatResumed", "PluginHeartbeatMissed", "PluginConnected",
		}, w.pluginEvents(client, "source"))
		assert.Equal(t, []string{"PluginConnected"}, w.pluginEvents(client, "guest"))
	})

	w.step("what is destroyed leaves nothing behind", func(t *testing.T) {
		w.operated(client, `Platform_deactivatePlugin(id: "source")`)
		w.operated(client, `Platform_deactivatePlugin(id: "guest")`)
		w.operated(client, `Platform_retirePlugin(id: "guest")`)
		w.destroy(wholeGuest, wholeSource, wholePlatform)
		assert.Equal(t, empty, w.inventory())
	})
}

// advance puts the time of schedules forward.
func (w *world) advance(by time.Duration) {
	w.t.Helper()
	w.admin("POST", "clock", map[string]any{"advance": by.String()}, nil)
}

// silence makes the registry's tables look as if a plugin had given its last sign of life
// some time ago: functions have the computer's time, which cannot be put forward.
func (w *world) silence(plugin string, ago time.Duration) {
	w.t.Helper()
	const tables = "whole-platform-alpha-platform-"
	client := dynamodb.NewFromConfig(w.aws())
	past := time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z")
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: plugin}}
	set := func(table, attribute, value string) {
		_, err := client.UpdateItem(w.t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(tables + table), Key: key, UpdateExpression: aws.String("SET #a = :v"),
			ExpressionAttributeNames:  map[string]string{"#a": attribute},
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: value}},
		})
		require.NoError(w.t, err)
	}
	row, err := client.GetItem(w.t.Context(), &dynamodb.GetItemInput{TableName: aws.String(tables + "Plugins-rows"), Key: key})
	require.NoError(w.t, err)
	state := map[string]any{}
	require.NoError(w.t, json.Unmarshal([]byte(row.Item["_state"].(*types.AttributeValueMemberS).Value), &state))
	state["connectedAt"], state["statusChangedAt"] = past, past
	text, err := json.Marshal(state)
	require.NoError(w.t, err)
	set("Plugins-rows", "_state", string(text))
	set("liveness", "lastSeen", past)
}

// platformPlugin is a plugin as the platform shows it.
type platformPlugin struct {
	Status, Version, PreviousVersion, LastSeen, Reason string
	Fields                                             []string
}

func (w *world) plugin(client graphqlclient.Client, id string) platformPlugin {
	w.t.Helper()
	var data struct {
		Plugin *platformPlugin `json:"Platform_plugin"`
	}
	query := fmt.Sprintf(`{ Platform_plugin(id: %q) { status version previousVersion lastSeen reason fields } }`, id)
	require.NoError(w.t, client.Data(w.t.Context(), &data, query, nil))
	require.NotNil(w.t, data.Plugin, id)
	return *data.Plugin
}

// shows waits until the platform shows a plugin as wanted.
func (w *world) shows(client graphqlclient.Client, id string, wanted func(platformPlugin) bool) {
	w.t.Helper()
	until(w.t, func() error {
		if shown := w.plugin(client, id); !wanted(shown) {
			return fmt.Errorf("%s is still %+v", id, shown)
		}
		return nil
	})
}

// pluginEvents are the types of a plugin's events, newest first, read page by page.
func (w *world) pluginEvents(client graphqlclient.Client, id string) []string {
	w.t.Helper()
	var names []string
	for token := any(nil); ; {
		var data struct {
			Page struct {
				Items     []struct{ Type, Time string }
				NextToken any
			} `json:"Platform_pluginEvents"`
		}
		query := `query ($id: ID!, $token: String) { Platform_pluginEvents(id: $id, limit: 4, nextToken: $token) { items { type time } nextToken } }`
		require.NoError(w.t, client.Data(w.t.Context(), &data, query, map[string]any{"id": id, "token": token}))
		for _, event := range data.Page.Items {
			names = append(names, event.Type)
		}
		if token = data.Page.NextToken; token == nil {
			return names
		}
	}
}

// operate sends an operator's mutation, which needs more than an API key.
func (w *world) operate(client graphqlclient.Client, mutation string) map[string]any {
	w.t.Helper()
	client.Key, client.Region, client.Credentials = "", "eu-west-1", w.aws().Credentials
	return w.ask(client, "mutation { answer: "+mutation+" { status code message } }")["answer"].(map[string]any)
}

// operated sends an operator's mutation that must be accepted.
func (w *world) operated(client graphqlclient.Client, mutation string) {
	w.t.Helper()
	answer := w.operate(client, mutation)
	require.Equal(w.t, "ACCEPTED", answer["status"], "%s: %v", mutation, answer)
}

// answers requires that the fields of the plugin source do.
func (w *world) answers(client graphqlclient.Client, id string) {
	w.t.Helper()
	w.ask(client, fmt.Sprintf(`mutation { tell(id: %q, how: "nothing") { status } }`, id))
	w.eventually(client, fmt.Sprintf(`{ note(id: %q) { count } }`, id), present("note"))
}
