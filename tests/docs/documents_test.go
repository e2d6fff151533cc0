package docs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// TestSnippets checks every fenced code block of every document.
func TestSnippets(t *testing.T) {
	t.Parallel()
	documents, err := snippet.Documents()
	require.NoError(t, err)
	for _, document := range documents {
		blocks, err := snippet.Read(document)
		require.NoError(t, err)
		for _, block := range blocks {
			t.Run(block.String(), func(t *testing.T) {
				t.Parallel()
				assert.NoError(t, check(t.Context(), block, blocks, t.TempDir()))
			})
		}
	}
}
