package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	var c Counts
	assert.Equal(t, map[string]int{}, c.Snapshot())
	c.Add("dynamodb", "PutItem")
	c.Add("dynamodb", "PutItem")
	c.Add("lambda", "Invoke")
	snapshot := c.Snapshot()
	c.Add("lambda", "Invoke")
	assert.Equal(t, map[string]int{"dynamodb.PutItem": 2, "lambda.Invoke": 1}, snapshot)
	c.Reset()
	assert.Empty(t, c.Snapshot())
}
