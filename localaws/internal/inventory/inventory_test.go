package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSortOrdersByServiceTypeAndID(t *testing.T) {
	t.Parallel()
	items := []Item{{"sqs", "queue", "b"}, {"lambda", "layer", "a"}, {"sqs", "queue", "a"}, {"lambda", "function", "z"}}
	Sort(items)
	assert.Equal(t, []Item{{"lambda", "function", "z"}, {"lambda", "layer", "a"}, {"sqs", "queue", "a"}, {"sqs", "queue", "b"}}, items)
}
