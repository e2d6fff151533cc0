package pulumi

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOrganizations stands in for a login that sees two organizations, which the file backend
// of the other tests has not.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stacks, answers string
		own             string
		problem         string
	}{
		"the default":       {`[{"name": "acme/shop/alpha"}, {"name": "me/shop/alpha"}]`, `"org get-default") echo acme;;`, "acme/shop/alpha", ""},
		"no default":        {`[{"name": "acme/shop/alpha"}, {"name": "me/shop/alpha"}]`, `"org get-default") echo No Default Org Specified;; "whoami --"*) echo me;;`, "me/shop/alpha", ""},
		"only in another":   {`[{"name": "acme/shop/alpha"}, {"name": "me/other/alpha"}]`, `"org get-default") echo me;;`, "", ""},
		"one organization":  {`[{"name": "acme/shop/alpha"}, {"name": "acme/other/alpha"}]`, "", "acme/shop/alpha", ""},
		"none can be found": {`[{"name": "acme/shop/alpha"}, {"name": "me/shop/alpha"}]`, `"org get-default") echo down >&2; exit 1;;`, "", "down"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "pulumi")
			script := "#!/bin/sh\ncase \"$1 $2\" in \"stack ls\") echo '" + test.stacks + "';; " + test.answers + " *) exit 1;; esac\n"
			require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
			stacks, err := (&Command{program: program}).Stacks(t.Context(), t.TempDir())
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			own := ""
			for _, info := range stacks {
				if info.Is("shop", "alpha") {
					own += info.Name
				}
			}
			assert.Equal(t, test.own, own)
		})
	}
}
