package ci

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPlain keeps Markdown from reading signs, tables and mentions in a text.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"it's <b> & more":            "it's &lt;b&gt; &amp; more",
		"a|b\nc\\|d":                 `a\|b c\\\|d`,
		"@team *x* _y_ `z` [l](u) #": "&#64;team \\*x\\* \\_y\\_ \\`z\\` \\[l\\](u) \\#",
	} {
		assert.Equal(t, want, plain(text))
	}
}
