package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestARowInTheHandsOfALiveTurnIsNotWrittenBack(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"a row": true, "no row": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			version := "old"
			keep := marks(&version)[turn.Project]
			asked, goOn := make(chan struct{}, 8), make(chan struct{})
			var block bool
			b := newRebuildBench(t, script{turn.Project: func(ctx context.Context, t turn.Turn) (any, error) {
				if block && t.Component == "Products" && t.Event.Number == 3 {
					block = false
					asked <- struct{}{}
					<-goOn
				}
				return keep(ctx, t)
			}})
			b.append("Product", "a", ev("Added", `{}`))
			b.append("Product", "a", ev("Added", `{}`))
			if known {
				assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
			}
			version = "new"
			b.rows(protocol.RebuildFold, "Products", "a")
			b.append("Product", "a", ev("Added", `{}`))
			block = true
			ended := make(chan []string)
			go func() { ended <- b.stream(t.Context(), b.db.Records("product-log")[2]) }()
			<-asked
			assert.True(t, b.rows(protocol.RebuildSwitch, "Products", "a")[0].Differs)
			close(goOn)
			assert.Empty(t, <-ended)
			assert.Equal(t, "n1 n2 n3", b.seen("products", "a"))
		})
	}
}

func TestARowThatIsBehindCatchesUp(t *testing.T) {
	t.Parallel()
	version := "old"
	b := newRebuildBench(t, marks(&version))
	b.append("Product", "a", ev("Added", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	b.rows(protocol.RebuildFold, "Products", "a")
	for range 3 {
		b.append("Product", "a", ev("Added", `{}`))
	}
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	version = "new"
	assert.Equal(t, 3, b.rows(protocol.RebuildSwitch, "Products", "a")[0].Events)
	assert.Equal(t, "o1 n2 n3 n4", b.seen("products", "a"))
}

func TestARowThatIsRightByChanceCountsNoEventTwice(t *testing.T) {
	t.Parallel()
	step := 2
	b := newRebuildBench(t, script{turn.Project: func(_ context.Context, t turn.Turn) (any, error) {
		var row struct{ Count int }
		if err := json.Unmarshal(t.Row, &row); err != nil {
			return nil, err
		}
		return fmt.Sprintf(`{"row":{"count":%d}}`, row.Count+step), nil
	}})
	count := func(table string) types.AttributeValue { return b.db.Items(table)[0]["count"] }
	b.append("Product", "a", ev("Priced", `{}`))
	b.append("Product", "a", ev("Priced", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	assert.Equal(t, &types.AttributeValueMemberN{Value: "4"}, count("products"), "the old version counts twice")
	step = 1
	b.append("Product", "a", ev("Priced", `{}`))
	b.append("Product", "a", ev("Priced", `{}`))
	b.append("Product", "a", ev("Added", `{}`))
	for _, model := range []string{"Products", "Prices"} {
		b.rows(protocol.RebuildFold, model, "a")
	}
	assert.True(t, b.rows(protocol.RebuildSwitch, "Products", "a")[0].Differs)
	assert.False(t, b.rows(protocol.RebuildSwitch, "Prices", "a")[0].Differs, "4 was counted by accident")
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")...))
	assert.Equal(t, &types.AttributeValueMemberN{Value: "5"}, count("products"))
	assert.Equal(t, &types.AttributeValueMemberN{Value: "4"}, count("prices"))

	b.append("Product", "a", ev("Added", `{}`))
	b.rows(protocol.RebuildFold, "Prices", "a")
	before := len(b.db.Records("prices"))
	b.rows(protocol.RebuildSwitch, "Prices", "a")
	assert.Len(t, b.db.Records("prices"), before, "events that are not taken are no reason to write")
}

func TestAfterALogWasRestoredToAnEarlierState(t *testing.T) {
	t.Parallel()
	b := newRebuildBench(t, folds(nil))
	work, cancel := b.engine.newBatch(t.Context())
	defer cancel()
	b.append("Product", "a", ev("Added", `{}`))
	ahead := map[string]int64{"Product": 9}
	require.NoError(t, work.saveRow(testPlugin.ReadModels["Products"], &row{id: "a", data: []byte(`{"seen":["P1"],"last":{}}`), positions: ahead}))
	require.NoError(t, work.saveRow(testPlugin.ReadModels["Products"], &row{id: "b", data: []byte(`null`), positions: ahead}))
	b.rows(protocol.RebuildFold, "Products", "a")
	for _, row := range b.rows(protocol.RebuildSwitch, "Products", "a", "b") {
		assert.False(t, row.Differs)
	}
	b.append("Product", "a", ev("Added", `{}`))
	b.append("Product", "b", ev("Added", `{}`))
	assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")[1:]...))
	assert.Equal(t, "P1 P2", b.seen("products", "a"), "the next event counts")
	assert.Equal(t, "P1", b.seen("products", "b"))
}

func TestSubscribersHearOfARebuildWhenAsked(t *testing.T) {
	t.Parallel()
	for name, announce := range map[string]bool{"quiet": false, "announced": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newRebuildBench(t, folds(nil))
			b.append("Product", "a", ev("Added", `{}`))
			var answer protocol.RebuildAnswer
			request := protocol.RebuildRequest{
				Reventless: protocol.TriggerRebuild, Step: protocol.RebuildSwitch, ReadModel: "Products", IDs: []string{"a"}, Announce: announce,
			}
			require.NoError(t, b.handle(t.Context(), request, &answer))
			b.append("Product", "a", ev("Added", `{}`))
			assert.Empty(t, b.stream(t.Context(), b.db.Records("product-log")[1]))
			api := &mutations{}
			feeds := newFeedBench(t, api)
			records := b.db.Records("products")
			require.Len(t, records, 2)
			assert.Empty(t, feeds.stream(t.Context(), records[0]))
			assert.Equal(t, announce, len(api.ran) == 1)
			assert.Empty(t, feeds.stream(t.Context(), records[1]))
			assert.Contains(t, api.rows[len(api.rows)-1], `"P2"`, "a live change is announced")
		})
	}
}
