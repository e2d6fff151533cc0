package engine

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// newRebuildBench builds a projections function with the tables of rebuilds, and a DCB log.
func newRebuildBench(t testing.TB, handler turn.Invoker, change ...func(*Config)) *bench {
	t.Helper()
	tables := []eventlogtest.Table{
		{Name: "product-log", Log: true}, {Name: "category-log", Log: true}, {Name: "dcb", Log: true}, {Name: "to-do"},
	}
	for _, name := range []string{"products", "prices", "mixed"} {
		tables = append(tables, eventlogtest.Table{Name: name}, eventlogtest.Table{Name: definition.RebuildTable(name)})
	}
	db := eventlogtest.New(tables...)
	b := newBench(t, definition.FunctionProjections, handler, append([]func(*Config){func(c *Config) {
		c.DynamoDB, c.Definition.DCB = db, &testDCB
		c.Definition.ReadModels = maps.Clone(testPlugin.ReadModels)
		c.Definition.ReadModels["Mixed"] = definition.ReadModel{Table: "mixed", From: []definition.Source{
			{Aggregate: "Product"}, {Tag: "productId"},
		}}
	}}, change...)...)
	b.db = db
	return b
}

// rebuild sends one step of a rebuild.
func (b *bench) rebuild(ctx context.Context, step protocol.RebuildStep, model string, ids ...string) protocol.RebuildAnswer {
	b.t.Helper()
	var answer protocol.RebuildAnswer
	require.NoError(b.t, b.handle(ctx, protocol.RebuildRequest{Reventless: protocol.TriggerRebuild, Step: step, ReadModel: model, IDs: ids}, &answer))
	return answer
}

// rows sends one step of a rebuild that no row fails.
func (b *bench) rows(step protocol.RebuildStep, model string, ids ...string) []protocol.RebuiltRow {
	b.t.Helper()
	answer := b.rebuild(b.t.Context(), step, model, ids...)
	require.Empty(b.t, answer.Problem)
	require.Len(b.t, answer.Rows, len(ids))
	for i, row := range answer.Rows {
		require.Equal(b.t, protocol.RebuildDone, row.Outcome, row)
		require.Equal(b.t, ids[i], row.ID)
	}
	return answer.Rows
}

// marks is a handler like that of folds, another version of which leaves its mark on each
// event.
func marks(version *string) script {
	keep := folds(nil)[turn.Project]
	return script{turn.Project: func(ctx context.Context, t turn.Turn) (any, error) {
		component := t.Event.Component
		t.Event.Component = *version
		answer, err := keep(ctx, t)
		t.Event.Component = component
		return answer, err
	}}
}

func TestARebuildMakesRowsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	version := "old"
	b := newRebuildBench(t, marks(&version))
	b.append("Product", "same", ev("Removed", `{}`))
	for _, id := range []string{"a", "gone"} {
		b.append("Product", id, ev("Added", `{}`), ev("Priced", `{}`))
		b.append("Product", id, ev("Added", `{}`))
	}
	b.append("Product", "gone", ev("Removed", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	work, cancel := b.engine.newBatch(t.Context())
	defer cancel()
	require.NoError(t, work.saveRow(testPlugin.ReadModels["Products"], &row{id: "orphan", data: []byte(`{"left":true}`), positions: map[string]int64{"Product": 7}}))
	b.append("Product", "lost", ev("Added", `{}`))
	version = "new"
	before := len(b.db.Records("products"))

	folded := b.rows(protocol.RebuildFold, "Products", "same", "a", "gone", "lost")
	assert.Equal(t, []int{1, 3, 4, 1}, []int{folded[0].Events, folded[1].Events, folded[2].Events, folded[3].Events})
	compared := b.rows(protocol.RebuildCompare, "Products", "same", "a", "gone", "lost", "orphan")
	assert.Len(t, b.db.Records("products"), before, "the read model is as it was")
	switched := b.rows(protocol.RebuildSwitch, "Products", "same", "a", "gone", "lost", "orphan")
	assert.Equal(t, compared, switched)
	for i, want := range []protocol.RebuiltRow{{}, {Differs: true}, {}, {Differs: true}, {Differs: true, Gone: true}} {
		assert.Equal(t, [2]bool{want.Differs, want.Gone}, [2]bool{switched[i].Differs, switched[i].Gone}, switched[i].ID)
	}
	assert.Len(t, b.db.Records("products"), before+3, "only rows that differ are written")
	assert.Equal(t, "n1 n2 n3", b.seen("products", "a"))
	assert.Equal(t, "n1", b.seen("products", "lost"))
	assert.Equal(t, "deleted", b.seen("products", "orphan"))

	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...), "events that come again change nothing")
	assert.Equal(t, "n1 n2 n3", b.seen("products", "a"))
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "orphan", ev("Added", `{}`))
	records := b.db.Records("product-log")
	assert.Empty(t, b.stream(t.Context(), records[len(records)-2:]...))
	assert.Equal(t, "n1 n2 n3 n4", b.seen("products", "a"))
	assert.Equal(t, "n1", b.seen("products", "orphan"), "an id that begins anew")
	for _, row := range b.rows(protocol.RebuildSwitch, "Products", "same", "a", "gone", "lost", "orphan") {
		assert.False(t, row.Differs, row.ID)
	}
}

func TestSeveralSourcesAreFoldedInTheOrderOfRecording(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newRebuildBench(t, folds(nil), func(c *Config) { c.Now = nil })
		b.db.PageSize = 2
		var want []string
		for i := range 5 {
			b.append("Product", "p", ev("Added", `{}`))
			time.Sleep(time.Second)
			b.record(fmt.Sprint("add", i), ev("ProductAdded", `{"productId":"p"}`))
			time.Sleep(time.Second)
			b.record(fmt.Sprint("order", i), ev("OrderPlaced", fmt.Sprintf(`{"orderId":"o%d","lines":[{"productId":"p"},{"productId":"q"}]}`, i)))
			time.Sleep(time.Second)
			want = append(want, fmt.Sprint("P", i+1), fmt.Sprint("p", i+1), "o1")
		}
		b.record("both", ev("OrderPlaced", `{"orderId":"both","productId":"p"}`), ev("ProductPriced", `{"productId":"p"}`))
		want = append(want, "o1", "p6")
		b.rows(protocol.RebuildFold, "Mixed", "p", "q")
		b.rows(protocol.RebuildSwitch, "Mixed", "p", "q")
		assert.Equal(t, strings.Join(want, " "), b.seen("mixed", "p"))
		assert.Equal(t, "o1 o1 o1 o1 o1", b.seen("mixed", "q"))
		assert.Empty(t, b.stream(t.Context(), append(b.db.Records("dcb"), b.db.Records("product-log")...)...))
		assert.Equal(t, strings.Join(want, " "), b.seen("mixed", "p"), "the stream brings nothing new")
	})
}

func TestWhatDescribesARebuild(t *testing.T) {
	t.Parallel()
	b := newRebuildBench(t, folds(nil))
	for model, want := range map[string]protocol.RebuildDescription{
		"Products": {Table: "products", Fresh: "products-rebuild", Logs: []protocol.RebuildLog{{Table: "product-log"}}},
		"Prices":   {Table: "prices", Fresh: "prices-rebuild", Logs: []protocol.RebuildLog{{Table: "category-log"}, {Table: "product-log"}}},
		"Mixed": {Table: "mixed", Fresh: "mixed-rebuild", Logs: []protocol.RebuildLog{
			{Table: "product-log"}, {Table: "dcb", Prefixes: []string{"productId=", "productId#OrderPlaced="}},
		}},
	} {
		assert.Equal(t, protocol.RebuildAnswer{Description: &want}, b.rebuild(t.Context(), protocol.RebuildDescribe, model))
	}
	assert.Empty(t, b.db.Requests())
}

func TestWhatCannotBeRebuiltSaysWhy(t *testing.T) {
	t.Parallel()
	change := func(c *Config) {
		own := c.Definition.ReadModels["Prices"]
		own.Own = true
		c.Definition.ReadModels["Prices"] = own
		c.Definition.ToDos = map[string]definition.ToDo{"Ship": {Table: "to-do", From: []definition.Source{{Aggregate: "Product"}}}}
	}
	shared := newRebuildBench(t, folds(nil), change)
	own := newRebuildBench(t, folds(nil), change, func(c *Config) { c.Component = "Prices" })
	for name, c := range map[string]struct {
		bench       *bench
		step, model string
		want        string
	}{
		"own":     {shared, "fold", "Prices", `the read model "Prices" is not made by this function, but by projections-Prices`},
		"shared":  {own, "fold", "Products", `"Products" is not made by this function, but by projections`},
		"to-do":   {shared, "fold", "Ship", `"Ship" is a list of work to do`},
		"unknown": {shared, "switch", "Product", `no read model "Product"; it has Mixed, Prices, Products`},
		"step":    {shared, "burn", "Products", `the step "burn" of a rebuild is not known here`},
	} {
		answer := c.bench.rebuild(t.Context(), protocol.RebuildStep(c.step), c.model, "a")
		assert.Contains(t, answer.Problem, c.want, name)
		assert.Empty(t, answer.Rows, name)
	}
	assert.Empty(t, own.rebuild(t.Context(), protocol.RebuildFold, "Prices").Problem)
	require.Error(t, shared.handle(t.Context(), map[string]any{"reventless": "rebuild", "ids": 1}, nil))
	state := shared.rebuild(t.Context(), protocol.RebuildFold, "Products", protocol.RebuildStateID).Rows[0]
	assert.Contains(t, state.Error, "keeps its own state under this key")
	relay := newBench(t, definition.FunctionRelay, nil, func(c *Config) { c.Definition.ExtensionPoints = nil })
	require.Error(t, relay.handle(t.Context(), protocol.RebuildRequest{Reventless: protocol.TriggerRebuild}, nil), "another function knows of no rebuild")
}

func TestPoisonIsNamedAndLeavesTheReadModelAlone(t *testing.T) {
	t.Parallel()
	b := newRebuildBench(t, folds(nil))
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "bad", ev("Added", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	b.append("Product", "bad", ev("Added", `{}`))
	b.append("Product", "bad", ev("Poison", `{"secret":"s3cr3t"}`))
	before := b.db.Items("products")
	for _, step := range []protocol.RebuildStep{protocol.RebuildFold, protocol.RebuildFold} {
		rows := b.rebuild(t.Context(), step, "Products", "a", "bad").Rows
		assert.Equal(t, protocol.RebuildDone, rows[0].Outcome)
		assert.Equal(t, protocol.RebuildFailed, rows[1].Outcome)
		assert.Contains(t, rows[1].Error, `event 3 (Poison) of Product "bad": project turn of Products: HandlerError: Error: cannot`)
	}
	assert.Equal(t, "P1 P2", b.seen("products-rebuild", "bad"), "what came before is kept")
	assert.Equal(t, before, b.db.Items("products"))
	assert.NotContains(t, b.log.String(), "s3cr3t")
	assert.Contains(t, b.log.String(), `"rebuild":"Products","id":"bad"`)
}

func TestARowThatTheTableWouldRefuseIsFoundOutBefore(t *testing.T) {
	t.Parallel()
	b := newRebuildBench(t, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		data := strings.Replace(string(t.Event.Data), "large", strings.Repeat("x", 400*1024-60), 1)
		return fmt.Sprintf(`{"row":%s}`, data), nil
	}})
	for id, data := range map[string]string{
		"text": `{"rank":"high"}`, "number": `{"categoryId":1}`, "size": `{"x":"large"}`,
		"good": `{"rank":1,"categoryId":"c"}`, "empty": `{"rank":null,"categoryId":""}`,
	} {
		b.append("Product", id, ev("Added", `{"rank":"bad before"}`), ev("Added", data))
	}
	var answer protocol.RebuildAnswer
	request := protocol.RebuildRequest{
		Reventless: protocol.TriggerRebuild, Step: protocol.RebuildFold, ReadModel: "Products", IDs: []string{"text", "number", "size", "good", "empty"},
		KeyTypes: map[string]string{"rank": "N", "categoryId": "S"},
	}
	for range 2 {
		require.NoError(t, b.handle(t.Context(), request, &answer))
		for i, want := range []string{"$.row.rank: there is a text", "$.row.categoryId: there is a number", "one DynamoDB item holds 409600", "", ""} {
			assert.Equal(t, want != "", answer.Rows[i].Outcome == protocol.RebuildFailed, answer.Rows[i])
			assert.Contains(t, answer.Rows[i].Error, want)
		}
	}
}

func TestALongHistoryGoesOnWhereTheTimeWasOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newRebuildBench(t, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
			time.Sleep(100 * time.Millisecond)
			return fmt.Sprintf(`{"row":{"n":%d}}`, t.Event.Number), nil
		}})
		b.db.PageSize = 4
		for range 60 {
			b.append("Product", "a", ev("Added", `{}`))
		}
		b.append("Product", "b", ev("Added", `{}`))
		invocations, events := 0, 0
		for outcome := protocol.RebuildLeft; outcome == protocol.RebuildLeft; invocations++ {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			row := b.rebuild(ctx, protocol.RebuildFold, "Products", "a").Rows[0]
			cancel()
			require.NotEqual(t, protocol.RebuildFailed, row.Outcome, row.Error)
			require.Positive(t, row.Events, "each invocation gets further")
			outcome, events = row.Outcome, events+row.Events
		}
		assert.Greater(t, invocations, 2)
		assert.Equal(t, 60, events)
		assert.Equal(t, &types.AttributeValueMemberN{Value: "60"}, b.db.Items("products-rebuild")[0]["n"])
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		assert.Equal(t, protocol.RebuildLeft, b.rebuild(ended, protocol.RebuildSwitch, "Products", "a").Rows[0].Outcome)
	})
}

func TestASlowTurnOfARebuildIsBlamedOnItsRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newRebuildBench(t, script{turn.Project: func(ctx context.Context, _ turn.Turn) (any, error) {
			<-ctx.Done()
			return nil, &turn.HandlerError{Kind: turn.TimedOut, Message: "late"}
		}})
		b.append("Product", "a", ev("Added", `{}`))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		row := b.rebuild(ctx, protocol.RebuildFold, "Products", "a").Rows[0]
		assert.Equal(t, protocol.RebuildFailed, row.Outcome)
		assert.Contains(t, row.Error, "late")
	})
}

func TestEventsThatAreNotTakenMakeNoRow(t *testing.T) {
	t.Parallel()
	b := newRebuildBench(t, folds(nil))
	b.append("Product", "a", ev("Added", `{}`))
	assert.Equal(t, 1, b.rows(protocol.RebuildFold, "Prices", "a")[0].Events)
	assert.Empty(t, b.db.Items("prices-rebuild"))
	assert.False(t, b.rows(protocol.RebuildSwitch, "Prices", "a")[0].Differs)
	assert.Empty(t, b.db.Items("prices"))
}
