package skeleton_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
)

func TestRelease(t *testing.T) {
	t.Parallel()
	tests := map[skeleton.Release]struct {
		npm, pypi, module string
		fromSource        bool
	}{
		"1.2.3":               {"^1.2.3", ">=1.2.3", "v1.2.3", false},
		"0.1.0-alpha.0+dev":   {"^0.1.0-alpha.0", ">=0.1.0a0", "v0.1.0-alpha.0", true},
		"1.0.0-beta.2":        {"^1.0.0-beta.2", ">=1.0.0b2", "v1.0.0-beta.2", false},
		"0.0.0-dev":           {"^0.0.0-dev", ">=0.0.0.dev0", "v0.0.0-dev", true},
		"2.0.0-rc.1+20260101": {"^2.0.0-rc.1", ">=2.0.0rc1", "v2.0.0-rc.1", true},
	}
	for release, test := range tests {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.npm, release.NPM())
			assert.Equal(t, test.pypi, release.PyPI())
			assert.Equal(t, test.module, release.Go())
			assert.Equal(t, test.fromSource, release.FromSource())
		})
	}
}

func TestPascal(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "OrderEntry2", skeleton.Pascal("order-entry-2"))
}
