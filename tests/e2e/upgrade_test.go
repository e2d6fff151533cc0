package e2e

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/provider"
	"github.com/reventless/pulumi-reventless/tests/upgrade"
)

var (
	formerSource = flag.String("former", "", "folder of a former version's source with its provider built: upgrade what it deploys, see make upgrade")
	recordFormer = flag.Bool("record", false, "record what the former version deploys in testdata/upgrade")
)

// retired are the resources that a version's upgrade takes out of the shop's deployment.
var retired = upgrade.Retired{
	"urn:pulumi:alpha::online-shop-platform::reventless:index:Platform$aws:iam/role:Role::platform-schedules":               "no plugin of that version made schedules; each has a role of its own now",
	"urn:pulumi:alpha::online-shop-platform::reventless:index:Platform$aws:appsync/dataSource:DataSource::platform-plugins": "its resolvers are kept, and have the data source platform-registry now",
}

// TestUpgrade lets the provider of now take over what former versions have deployed, in the
// state that they left, with the programs of then.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	if *formerSource != "" {
		w := newWorld(t)
		w.deployFormer(*formerSource)
		w.upgraded()
		return
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*.json.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for i, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json.gz"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.restoreFormer(path)
			if i == 0 {
				w.step("what would be replaced is found", func(t *testing.T) { w.replacementsAreFound(t) })
			}
			w.upgraded()
		})
	}
}

// formerProjects are the projects of the shop that a version has, in the order of their
// deployment.
func (w *world) formerProjects() []string {
	w.t.Helper()
	return slices.DeleteFunc([]string{platform, catalog, ordering, shipping}, func(project string) bool {
		_, err := os.Stat(filepath.Join(w.projects, project))
		return os.IsNotExist(err)
	})
}

// deployFormer deploys the shop of a former version with its provider, and uses it.
func (w *world) deployFormer(source string) {
	w.t.Helper()
	version := "0.0.0-g" + filepath.Base(source)
	require.NoError(w.t, os.RemoveAll(w.projects))
	require.NoError(w.t, pulumicli.CopyProjects(filepath.Join(source, "examples", "online-shop"), w.projects))
	w.install(version, filepath.Join(source, "bin"))
	projects := w.formerProjects()
	w.up(projects...)
	client := w.client(platform)
	w.ask(client, addLamp)
	w.eventually(client, lampArrived, present("catalogProduct"))
	w.ask(client, orderLamp)
	w.eventually(client, lampOrder, present("order"))
	if slices.Contains(projects, shipping) {
		w.eventually(client, lampShipment, present("shipment"))
		w.eventually(client, lampDemand, present("productDemand"))
	}
	if *recordFormer {
		w.recordFormer(filepath.Base(source), projects)
	}
	w.install(provider.Version, filepath.Join(moduleRoot(w.t), "bin"))
}

// recordFormer writes what is deployed, and the programs, to testdata.
func (w *world) recordFormer(version string, projects []string) {
	w.t.Helper()
	var stacks []upgrade.Stack
	for _, project := range projects {
		text, err := w.stack(project).Export(w.t.Context())
		require.NoError(w.t, err)
		stack := upgrade.Stack{Project: project}
		require.NoError(w.t, json.Unmarshal([]byte(text), &stack.State))
		stacks = append(stacks, stack)
	}
	snapshot, err := upgrade.Take(w.t.Context(), w.aws(), version, stacks)
	require.NoError(w.t, err)
	snapshot.Programs = w.programs(projects)
	require.NoError(w.t, snapshot.Write(filepath.Join("testdata", "upgrade", version+".json.gz")))
}

// programs are the files of projects and of the code beside them that is deployed as it is.
// A program in Go is built from the source of now: the engine is a library in it.
func (w *world) programs(projects []string) map[string]string {
	w.t.Helper()
	files := map[string]string{}
	require.NoError(w.t, filepath.WalkDir(w.projects, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(w.projects, path)
		if err != nil {
			return err
		}
		folder, inside, _ := strings.Cut(name, string(filepath.Separator))
		code := strings.HasPrefix(inside, "src") || inside == "schema.graphql"
		if !slices.Contains(projects, folder) && (!code || !slices.Contains(projects, folder+"-aws")) {
			return nil
		}
		content, err := os.ReadFile(path)
		files[name] = string(content)
		return err
	}))
	return files
}

// restoreFormer makes a recorded deployment, and gives Pulumi the states.
func (w *world) restoreFormer(path string) {
	w.t.Helper()
	snapshot, err := upgrade.Read(path)
	require.NoError(w.t, err)
	root := moduleRoot(w.t)
	require.NoError(w.t, os.RemoveAll(w.projects))
	for name, content := range snapshot.Programs {
		w.write(name, content)
	}
	built := filepath.Join("shipping", "dist")
	require.NoError(w.t, pulumicli.CopyProjects(filepath.Join(root, "examples", "online-shop", built), filepath.Join(w.projects, built)))
	began := time.Now()
	stacks, err := snapshot.Restore(w.t.Context(), w.aws(), filepath.Join(root, "bin", "pulumi-resource-aws"))
	require.NoError(w.t, err)
	w.t.Logf("restored in %s", time.Since(began).Round(time.Millisecond))
	for _, stack := range stacks {
		state, err := json.Marshal(stack.State)
		require.NoError(w.t, err)
		require.NoError(w.t, w.stack(stack.Project).Import(w.t.Context(), state))
	}
}

// upgraded upgrades what is deployed, and requires that nothing is replaced and nothing lost.
func (w *world) upgraded() {
	projects := w.formerProjects()
	before := w.items()

	for i, project := range projects {
		require.True(w.t, w.step(project+" is upgraded in place", func(*testing.T) { w.upgrade(project) }))
		if i == 0 {
			w.step("plugins of then go on with the platform of now", func(*testing.T) { w.goesOnMeanwhile() })
		}
	}

	w.step("what was written is there", func(t *testing.T) {
		now := w.items()
		logs := func(table string) bool { return strings.HasSuffix(table, "-events") }
		assert.Empty(t, upgrade.Missing(before, now, logs), "events")
		plugins := func(table string) bool { return !logs(table) && !strings.HasPrefix(table, "online-shop-platform-") }
		assert.Empty(t, upgrade.Missing(before, now, plugins), "rows")
	})

	client := w.client(platform)
	w.step("the shop goes on", func(t *testing.T) { w.goesOn(client, projects) })

	w.step("another up changes nothing", func(*testing.T) { w.unchanged(projects...) })

	w.step("a refresh finds no drift", func(t *testing.T) {
		for _, project := range projects {
			printed, err := w.stack(project).Refresh(t.Context(), "--expect-no-changes")
			require.NoError(t, err, printed)
		}
	})
}

// replacementsAreFound changes the state of the platform as if the version of then had
// registered some of its resources otherwise, so that the plan of the version of now is one
// that no upgrade may have.
func (w *world) replacementsAreFound(t *testing.T) {
	stack := w.stack(platform)
	recorded, err := stack.Export(t.Context())
	require.NoError(t, err)
	changed, want := recorded, []string{}
	for _, change := range []struct{ then, now, want string }{
		{`::platform-Plugin-events"`, `::platform-Plugin-log"`, "aws:dynamodb/table:Table platform-Plugin-log would be deleted: keep it, or give what takes its place an alias"},
		{`"hashKey": "id"`, `"hashKey": "plugin"`, "aws:dynamodb/table:Table platform-Plugins-rows would be replaced, because these inputs differ: hashKey"},
		{`"fifoQueue": true`, `"fifoQueue": false`, "aws:sqs/queue:Queue platform-registry would be replaced, because these inputs differ: fifoQueue"},
		{`"visibility": "GLOBAL"`, `"visibility": "PRIVATE"`, "aws:appsync/graphQLApi:GraphQLApi platform-api would be replaced, because these inputs differ: visibility"},
	} {
		require.Contains(t, recorded, change.then)
		changed, want = strings.ReplaceAll(changed, change.then, change.now), append(want, change.want)
	}
	require.NoError(t, stack.Import(t.Context(), []byte(changed)))
	plan, err := stack.Plan(t.Context())
	require.NoError(t, err)
	assert.Subset(t, upgrade.Violations(plan, retired), want)
	require.NoError(t, stack.Import(t.Context(), []byte(recorded)))
}

func (w *world) items() map[string][]json.RawMessage {
	w.t.Helper()
	tables, err := upgrade.Tables(w.t.Context(), w.aws())
	require.NoError(w.t, err)
	return tables
}

// upgrade deploys a project and requires that neither the plan nor what came of it
// replaces anything.
func (w *world) upgrade(project string) {
	w.t.Helper()
	stack := w.stack(project)
	before, _, err := stack.State(w.t.Context())
	require.NoError(w.t, err)
	plan, err := stack.Plan(w.t.Context())
	require.NoError(w.t, err)
	require.Empty(w.t, upgrade.Violations(plan, retired))
	w.up(project)
	after, _, err := stack.State(w.t.Context())
	require.NoError(w.t, err)
	assert.Empty(w.t, upgrade.Replaced(before, after, retired))
}

const (
	lampShipment = `{ shipment(id: "order-1") { status } }`
	lampDemand   = `{ productDemand(id: "lamp") { orderCount } }`
	// changeLamp needs the events of before: without them there is no such product.
	changeLamp = `mutation { changeProductPrice(productId: "lamp", price: {amount: 5990, currency: "EUR"}) { status } }`
	againLamp  = `mutation { addProduct(productId: "lamp", name: "x", description: "x", price: {amount: 1, currency: "EUR"}, categoryId: "lighting") { status code } }`
	reorder    = `mutation { placeOrder(orderId: "order-2", customerId: "ada", lineItems: [{productId: "lamp"}]) { status } }`
)

// goesOnMeanwhile uses plugins that are not upgraded yet. Commands need the code of then,
// which a restored deployment does not have.
func (w *world) goesOnMeanwhile() {
	w.t.Helper()
	client := w.client(platform)
	assert.NotNil(w.t, w.ask(client, lampOrder)["order"])
	if *formerSource != "" {
		w.ask(client, `mutation { addCategory(categoryId: "outdoor", name: "Outdoor") { status } }`)
		w.eventually(client, `{ category(id: "outdoor") { name } }`, present("category"))
	}
}

// goesOn uses what was written before the upgrade.
func (w *world) goesOn(client graphqlclient.Client, projects []string) {
	w.t.Helper()
	order := map[string]any{
		"lifecycle": "PLACED", "itemCount": 2.0, "lines": []any{map[string]any{"productId": "lamp", "quantity": 2.0}},
	}
	assert.Equal(w.t, order, w.ask(client, lampOrder)["order"])
	refused := w.ask(client, againLamp)["addProduct"].(map[string]any)
	assert.Equal(w.t, map[string]any{"status": "REJECTED", "code": "ProductAlreadyExists"}, refused)
	assert.NotEqual(w.t, "REJECTED", w.ask(client, changeLamp)["changeProductPrice"].(map[string]any)["status"])
	w.eventually(client, lampArrived, func(data map[string]any) bool {
		product := data["catalogProduct"].(map[string]any)
		return product["price"].(map[string]any)["amount"] == 5990.0
	})
	assert.NotEqual(w.t, "REJECTED", w.ask(client, reorder)["placeOrder"].(map[string]any)["status"])
	w.eventually(client, `{ order(id: "order-2") { lifecycle } }`, present("order"))
	if slices.Contains(projects, shipping) {
		assert.NotNil(w.t, w.ask(client, lampShipment)["shipment"])
		w.eventually(client, lampDemand, func(data map[string]any) bool {
			return data["productDemand"].(map[string]any)["orderCount"] == 2.0
		})
	}
}
