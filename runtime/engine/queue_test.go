package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestWhatIsGivenUpHoldsUpNothing(t *testing.T) {
	t.Parallel()
	for receives, failed := range map[string][]string{
		"1": {"m1", "m2"},
		"4": {"m1", "m2"},
		"5": {"m1"}, // the queue moves it to its dead-letter queue
		"6": {"m1"},
	} {
		t.Run(receives, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, definition.FunctionCommands, decideWith(func(t turn.Turn) (any, error) {
				if t.Meta.CommandID == "poison" {
					return nil, &turn.HandlerError{Kind: turn.Threw, Message: "never"}
				}
				return `{"events":[{"type":"Added","data":{}}]}`, nil
			}))
			poison, behind := message(t, "commands.fifo", "m1", "a", queued("p1", "poison")), message(t, "commands.fifo", "m2", "a", queued("p1", "c2"))
			poison.Attributes[attributeReceives], behind.Attributes[attributeReceives] = receives, receives
			assert.Equal(t, failed, b.queue(t.Context(), poison, behind))
			assert.Len(t, b.db.Items("product-log"), 2-len(failed))
		})
	}
}

func TestAMessageAtItsLastDeliveryIsReportedForEachFailure(t *testing.T) {
	t.Parallel()
	b := newBench(t, definition.FunctionReactions, reactsWith("", errors.New("gone")))
	first, second := message(t, "orders.fifo", "m1", "o1", orderPlaced(1)), message(t, "orders.fifo", "m2", "o1", orderPlaced(2))
	first.Attributes[attributeReceives], second.Attributes[attributeReceives] = "5", "5"
	assert.Equal(t, []string{"m1", "m2"}, b.queue(t.Context(), first, second))
}
