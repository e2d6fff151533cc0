package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// TestEdit makes a manifest entry by entry.
func TestEdit(t *testing.T) {
	t.Parallel()
	text, err := manifest.AddPlatform(nil, "platform-aws", "shop-platform")
	require.NoError(t, err)
	text, err = manifest.AddPlugin(text, "catalog", "catalog-aws", nil)
	require.NoError(t, err)
	text, err = manifest.AddPlugin(text, "ordering", "ordering-aws", []string{"catalog"})
	require.NoError(t, err)
	assert.Equal(t, `# Which stacks there are, and in which order they are deployed.
platform:
  path: platform-aws
  name: shop-platform

plugins:
  - name: catalog
    path: catalog-aws
    depends-on: []

  - name: ordering
    path: ordering-aws
    depends-on:
      - catalog
`, string(text))
	read, err := manifest.Parse(manifest.File, text)
	require.NoError(t, err)
	assert.Equal(t, []string{"platform", "catalog", "ordering"}, read.Names())
}

func TestEditByHand(t *testing.T) {
	t.Parallel()
	_, err := manifest.AddPlugin([]byte("{plugins: []}"), "catalog", "catalog-aws", []string{"stock"})
	assert.ErrorContains(t, err, "plugins:\n  - name: catalog\n    path: catalog-aws\n    depends-on:\n      - stock")
	_, err = manifest.AddPlatform([]byte("{plugins: []}"), "platform-aws", "shop-platform")
	assert.ErrorContains(t, err, "platform:\n  path: platform-aws\n  name: shop-platform")
}
