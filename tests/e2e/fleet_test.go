package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

const (
	fleetAdmin = "online-shop-platform-alpha-platform-admin"
	fleetQueue = "online-shop-platform-alpha-platform-registry"
	pushes     = "appsync.StartSchemaCreation"
	// mould is in the fragment that AppSync refuses, refusal is what it says then.
	mould, refusal = "mouldy", "There is something mouldy in the schema."
)

// fleetFaults are what goes wrong while the fleet is deployed: AppSync is slow, answers
// 409 while the schema is altered and 429 now and then, and refuses resolvers of new
// fields for a while; the admin function is killed at each third of its invocations, at
// some moment of the push.
var fleetFaults = map[string]any{
	"schema": map[string]any{
		"creationMillis": 1000, "propagationMillis": 2500, "conflictMillisAfter": 500, "falseFailures": 1, "throttleEvery": 9,
		"failWith": refusal, "failContaining": mould,
	},
	"lambda": map[string]any{"crashEvery": 3, "crashFunction": fleetAdmin, "crashMillis": 2500},
}

// fleetProgram is a plugin of the fleet, made of its name, version, query fields, type,
// more fields of that type, and queries.
const fleetProgram = `name: fleet-%[1]s
runtime: yaml
resources:
  %[1]s:
    type: reventless:index:Plugin
    properties:
      version: %[2]s
      code: {fn::fileArchive: ../fleet/src}
      runtime: nodejs22.x
      handler: index.handler
      schema: |
        type Query { %[3]s }
        type %[4]s { id: ID! count: Int! weight: Weight%[5]s }
        type Weight { grams: Int! }
        type Mutation { pick%[4]s(id: ID!): CommandResult! }
      aggregates: {%[4]s: {commands: {pick%[4]s: Pick}}}
      readModels:
        %[4]ss: {from: [{aggregate: %[4]s}], queries: {%[6]s}}
`

// fruit is a plugin of the fleet: its query fields, the version that is deployed, and more
// fields of its type.
type fruit struct {
	name, version, more string
	queries             []string
}

func (f fruit) kind() string    { return strings.ToUpper(f.name[:1]) + f.name[1:] }
func (f fruit) project() string { return "fleet-" + f.name }
func (f fruit) fields() []string {
	return append([]string{"pick" + f.kind()}, f.queries...)
}

// program is the plugin's Pulumi.yaml.
func (f fruit) program() string {
	var fields, queries []string
	for _, query := range f.queries {
		fields = append(fields, query+"(id: ID!): "+f.kind())
		queries = append(queries, query+": {get: id}")
	}
	return fmt.Sprintf(fleetProgram, f.name, f.version, strings.Join(fields, " "), f.kind(), f.more, strings.Join(queries, ", "))
}

// fleet is a platform with small plugins, on an AWS that has a bad day.
type fleet struct {
	*world
	api graphqlclient.Client
	// platform are the root fields that the API has without plugins.
	platform []string
	deploys  int
	// busy is how often a stack had to be destroyed once more.
	busy atomic.Int32
}

// TestFleet deploys, changes and destroys six plugins at the same time while AppSync and
// the admin function fail in every way. Two of the plugins want the same field, and
// AppSync refuses the fragment of another. Whatever happens, each stack ends with success
// or with a reason of its own, and the API is what the connected plugins are made of.
func TestFleet(t *testing.T) {
	t.Parallel()
	began := time.Now()
	f := newFleet(t)
	empty := f.inventory()
	f.disposable(platform)
	f.up(platform)
	f.api = f.client(platform)
	f.platform = f.rootFields(f.api)
	f.faults(fleetFaults)

	plum := fruit{name: "plum", version: "1.0.0", queries: []string{"plum"}}
	date := fruit{name: "date", version: "1.0.0", queries: []string{"date"}}
	fig := fruit{name: "fig", version: "1.0.0", queries: []string{"fig", "dried"}}
	grape := fruit{name: "grape", version: "1.0.0", queries: []string{"harvest"}}
	vine := fruit{name: "vine", version: "1.0.0", queries: []string{"harvest"}}
	lemon := fruit{name: "lemon", version: "1.0.0", queries: []string{"lemon"}, more: " " + mould + ": Int"}

	var first int
	var winner, loser fruit
	require.True(t, f.step("all are deployed at once", func(t *testing.T) {
		before, crashed := f.requests(pushes), f.injected("crash")
		ended := f.deploy(plum, date, fig, grape, vine, lemon)
		first = f.requests(pushes) - before
		for _, good := range []fruit{plum, date, fig} {
			assert.NoError(t, ended[good.name])
		}
		reason(t, ended[lemon.name], "lemon", refusal)
		winner, loser = grape, vine
		if ended[grape.name] != nil {
			winner, loser = vine, grape
		}
		assert.NoError(t, ended[winner.name], "one of the two has the field")
		reason(t, ended[loser.name], "Query.harvest", "grape", "vine")
		f.composed(plum, date, fig, winner)
		// At worst each request has a push of its own, and the mouldy one takes the others'
		// along once, after which each is tried alone. A push that was killed may be repeated.
		assert.LessOrEqual(t, first, 6+2+f.injected("crash")-crashed, "pushes")
	}))

	require.True(t, f.step("one is destroyed while the others are changed", func(t *testing.T) {
		fig.queries, date.version, lemon.more = []string{"fig", "fresh"}, "1.1.0", ""
		loser.queries = []string{loser.name}
		gone := make(chan error, 1)
		go func() {
			gone <- f.remove(plum)
		}()
		for name, err := range f.deploy(date, fig, loser, lemon, winner) {
			assert.NoError(t, err, name)
		}
		assert.NoError(t, <-gone)
		f.composed(date, fig, winner, loser, lemon)
	}))
	left := []fruit{date, fig, winner, loser, lemon}

	f.step("every field answers, and each deployment is in the log once", func(t *testing.T) {
		for _, plugin := range left {
			f.answer(plugin)
			assert.Equal(t, "CONNECTED", f.plugin(f.api, plugin.name).Status, plugin.name)
		}
		assert.Equal(t, "RETIRED", f.plugin(f.api, plum.name).Status)
		assert.Equal(t, []string{"PluginSuperseded", "PluginConnected", "PluginConnected"}, f.pluginEvents(f.api, date.name))
		assert.Equal(t, []string{"PluginConnected"}, f.pluginEvents(f.api, winner.name))
	})

	f.step("deploying all anew changes nothing", func(t *testing.T) {
		before := f.requests(pushes)
		for name, err := range atOnce(left, func(plugin fruit) error {
			_, err := f.stack(plugin.project()).Up(t.Context(), "--expect-no-changes")
			return err
		}) {
			assert.NoError(t, err, name)
		}
		assert.Equal(t, before, f.requests(pushes), "schema pushes")
	})

	f.step("what is destroyed leaves nothing behind", func(t *testing.T) {
		require.NoError(t, f.queued(fleetQueue+"-dead-letter.fifo", 0), "no request was given up")
		for name, err := range atOnce(left, f.remove) {
			assert.NoError(t, err, name)
		}
		f.destroy(platform)
		assert.Equal(t, empty, f.inventory())
	})
	t.Logf("%d deploys and 6 destroys, begun again %d times: %d pushes, %d of them by the first six; the admin function was killed %d times; "+
		"AppSync answered 429 %d times and 409 after a push %d times, and was asked %d times for resolvers; %.0f s",
		f.deploys, f.busy.Load(), f.requests(pushes), first, f.injected("crash"), f.injected("throttled"), f.injected("conflict"),
		f.requests("appsync.CreateResolver"), time.Since(began).Seconds())
}

// newFleet is a world with the handler of the fleet.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{world: newWorld(t)}
	require.NoError(t, pulumicli.CopyProjects(filepath.Join("testdata", "fleet"), filepath.Join(f.projects, "fleet")))
	return f
}

// deploy deploys plugins at the same time and returns how each deployment ended.
func (f *fleet) deploy(plugins ...fruit) map[string]error {
	f.t.Helper()
	for _, plugin := range plugins {
		f.write(plugin.project()+"/Pulumi.yaml", plugin.program())
		f.write(plugin.project()+"/Pulumi.alpha.yaml", rivalConfig)
	}
	f.deploys += len(plugins)
	return atOnce(plugins, func(plugin fruit) error { return f.upUntilRead(plugin.project()) })
}

// remove destroys a plugin's stack, and begins again when AppSync was busy with the schema of
// others as a data source was to go: the aws provider does not repeat that, and Pulumi calls
// no error hooks when it destroys.
func (f *fleet) remove(plugin fruit) error {
	for began := time.Now(); ; f.busy.Add(1) {
		_, err := f.stack(plugin.project()).Destroy(f.t.Context())
		if err == nil || !onlyBusy(err, "deleting AppSync Data Source") || time.Since(began) > persistence {
			return err
		}
	}
}

// atOnce does something with all plugins at the same time, and returns how each ended.
func atOnce(plugins []fruit, do func(fruit) error) map[string]error {
	ended := map[string]error{}
	var mutex sync.Mutex
	var group sync.WaitGroup
	for _, plugin := range plugins {
		group.Go(func() {
			err := do(plugin)
			mutex.Lock()
			defer mutex.Unlock()
			ended[plugin.name] = err
		})
	}
	group.Wait()
	return ended
}

// reason requires that a deployment failed with one error, which says all of the texts.
func reason(t *testing.T, err error, texts ...string) {
	t.Helper()
	var failed *pulumicli.CommandError
	if !assert.True(t, errors.As(err, &failed), "it is refused: %v", err) {
		return
	}
	_, diagnostics, _ := strings.Cut(failed.Output, "Diagnostics:")
	assert.Len(t, errorLine.FindAllString(diagnostics, -1), 1, "one error, not several:\n%s", failed.Output)
	for _, text := range texts {
		assert.Contains(t, diagnostics, text)
	}
}

// composed waits until the API has the fields of the platform and of these plugins, and no
// others: dropped ones stay until their resolvers are gone.
func (f *fleet) composed(plugins ...fruit) {
	f.t.Helper()
	want := slices.Clone(f.platform)
	for _, plugin := range plugins {
		want = append(want, plugin.fields()...)
	}
	slices.Sort(want)
	until(f.t, func() error {
		if have := f.rootFields(f.api); !slices.Equal(want, slices.Sorted(slices.Values(have))) {
			return fmt.Errorf("the API's fields are %v, not %v", have, want)
		}
		return nil
	})
}

// answer uses all fields of a plugin.
func (f *fleet) answer(plugin fruit) {
	f.t.Helper()
	f.ask(f.api, fmt.Sprintf(`mutation { pick%s(id: "one") { status } }`, plugin.kind()))
	for _, query := range plugin.queries {
		data := f.eventually(f.api, fmt.Sprintf(`{ %s(id: "one") { count weight { grams } } }`, query), present(query))
		assert.Equal(f.t, map[string]any{"count": 1.0, "weight": map[string]any{"grams": 100.0}}, data[query], query)
	}
}

// injected is how often the local AWS's log tells of a fault.
func (w *world) injected(fault string) int {
	w.t.Helper()
	text, err := os.ReadFile(w.log)
	require.NoError(w.t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		var entry struct{ Msg, Fault string }
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue
		}
		if strings.Contains(entry.Msg, "fault") && strings.Contains(entry.Msg+entry.Fault, fault) {
			count++
		}
	}
	return count
}
