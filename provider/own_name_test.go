package provider

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func formerly(names ...string) pulumi.ResourceOption {
	var aliases []pulumi.Alias
	for _, name := range names {
		aliases = append(aliases, pulumi.Alias{URN: pulumi.URN("urn:pulumi:alpha::shop-catalog::reventless:index:Plugin::" + name)})
	}
	return pulumi.Aliases(aliases)
}

// physical are the names of tables, queues and functions.
func (e *engine) physical() []string {
	var names []string
	for _, made := range e.made {
		for _, kind := range []string{":Table", ":Queue", ":Function", ":Role", ":LogGroup", ":DataSource"} {
			if strings.HasSuffix(made.TypeToken, kind) {
				names = append(names, made.Inputs["name"].StringValue())
			}
		}
	}
	return names
}

// TestRename renames a plugin's resource: nothing that is named in AWS may be named anew.
func TestRename(t *testing.T) {
	t.Parallel()
	run := func(resource string, name *string, options ...pulumi.ResourceOption) (*engine, error) {
		e, args := newEngine(), catalog(t)
		args.Name = name
		return e, e.run(configured(), func(ctx *pulumi.Context) error {
			_, err := testEnvironment(t).newPlugin(ctx, resource, args, options...)
			return err
		})
	}
	before, err := run("catalog", nil)
	require.NoError(t, err)
	for title, renamed := range map[string]struct {
		name    *string
		aliases []string
	}{
		"by its alias":         {nil, []string{"catalog"}},
		"of the same name too": {nil, []string{"catalogue", "catalog"}},
		"by its argument":      {text("catalog"), nil},
		"by both":              {text("catalog"), []string{"shelf", "books"}},
	} {
		after, err := run("catalogue", renamed.name, formerly(renamed.aliases...))
		require.NoError(t, err, title)
		assert.ElementsMatch(t, before.physical(), after.physical(), title)
		assert.Equal(t, before.checks, after.checks, title)
	}
	_, err = run("catalogue", nil, formerly("shelf", "books"))
	assert.ErrorContains(t, err, "`name`: the aliases tell of several former names (shelf, books)")
}

func TestRenamePlatform(t *testing.T) {
	t.Parallel()
	run := func(resource string, options ...pulumi.ResourceOption) *engine {
		e := newEngine()
		require.NoError(t, e.run(nil, func(ctx *pulumi.Context) error {
			_, err := testEnvironment(t).newPlatform(ctx, resource, PlatformArgs{}, options...)
			return err
		}))
		return e
	}
	assert.ElementsMatch(t, run("platform").physical(), run("stage", formerly("platform")).physical())
}
