package definition_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

func TestRebuildTable(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]string{
		"shop-alpha-catalog-Products":            "shop-alpha-catalog-Products-rebuild",
		strings.Repeat("x", 247):                 strings.Repeat("x", 247) + "-rebuild",
		strings.Repeat("x", 246) + "-01234567":   strings.Repeat("x", 238) + "-01234567-rebuild",
		"cut" + strings.Repeat("x", 244) + "-01": strings.Repeat("x", 244) + "-01-rebuild",
	} {
		assert.Equal(t, want, definition.RebuildTable(table))
		assert.LessOrEqual(t, len(definition.RebuildTable(table)), 255)
	}
}
