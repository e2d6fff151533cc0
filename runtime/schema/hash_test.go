package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHash(t *testing.T) {
	t.Parallel()
	base := Hash("1.0.0", "type Query { a: Int }", []string{"A", "B"})
	assert.Equal(t, "0f60722ff0e03496bd059f001a1802fd", base, "hashes are stored: a change of the algorithm would make every plugin connect again")
	assert.Len(t, base, hashLength)
	assert.Equal(t, base, Hash("1.0.0", "type Query { a: Int }", []string{"B", "A"}))
	for name, other := range map[string]string{
		"version":                   Hash("1.0.1", "type Query { a: Int }", []string{"A", "B"}),
		"fragment":                  Hash("1.0.0", "type Query { b: Int }", []string{"A", "B"}),
		"extension points":          Hash("1.0.0", "type Query { a: Int }", []string{"AB"}),
		"borders between the parts": Hash("1.0.0t", "ype Query { a: Int }", []string{"A", "B"}),
	} {
		assert.NotEqual(t, base, other, name)
	}
}
