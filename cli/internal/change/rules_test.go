package change

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDescribed finds all rules and all shared files in the documents.
func TestDescribed(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/orchestrating.md")
	require.NoError(t, err)
	for _, rule := range rules {
		assert.Contains(t, string(document), "\n| `"+string(rule)+"` |")
	}
	for file := range shared {
		assert.Contains(t, string(document), "`"+file+"`")
	}

	var schema struct {
		Properties struct {
			Stacks struct {
				Items struct {
					Properties struct {
						Reasons struct {
							Items struct {
								Properties struct {
									Rule struct{ Enum []Rule }
								}
							}
						}
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(Schema, &schema))
	assert.Equal(t, rules, schema.Properties.Stacks.Items.Properties.Reasons.Items.Properties.Rule.Enum)
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"a-b/c.d_e": "a-b/c.d_e", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		assert.Equal(t, want, quoted(path))
	}
}
