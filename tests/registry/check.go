package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// check compares everything with the model when nothing is on its way.
func (c *cloud) check() *model {
	m := c.replay()
	for _, problem := range m.problem {
		c.fail(problem)
	}
	states, _ := c.logged()
	for _, name := range slices.Sorted(maps.Keys(m.plugins)) {
		c.checkPlugin(name, m.plugins[name], states[name])
	}
	c.checkSchema(m)
	for field, source := range c.api.Resolvers() {
		if source == schemapush.ProbeDataSource {
			c.fail("the trial of a resolver on " + field + " was left behind")
		}
	}
	return m
}

// checkPlugin compares a plugin in the log and in its row with the model.
func (c *cloud) checkPlugin(name string, want *owner, state registry.State) {
	row, err := c.store.Row(c.context(), name)
	c.must(err)
	if state.Status != want.status || (want.registered() && (state.Hash != want.hash || state.Stack != want.stack)) {
		c.fail(fmt.Sprintf("plugin %s is %s of stack %s with %q, but should be %s of %s with %q", name, state.Status, state.Stack, state.Hash, want.status, want.stack, want.hash))
	}
	if row.Position[registry.Aggregate] != state.LogVersion || (want.status != "" && row.Status != want.status) {
		c.fail(fmt.Sprintf("the row of plugin %s shows event %d and %s, the log has %d and %s", name, row.Position[registry.Aggregate], row.Status, state.LogVersion, state.Status))
	}
	if want.served() && !slices.Equal(row.Fields, slices.Sorted(slices.Values(want.revision.fields))) {
		c.fail(fmt.Sprintf("the row of plugin %s shows the fields %v, not %v", name, row.Fields, want.revision.fields))
	}
}

// checkSchema compares the live schema with the composition of what the model has.
func (c *cloud) checkSchema(m *model) {
	composer := schema.NewComposer([]schema.AuthMode{schema.APIKey, schema.IAM})
	for _, name := range slices.Sorted(maps.Keys(m.plugins)) {
		if p := m.plugins[name]; p.served() {
			fragment, problems := schema.ParseFragment(name, "", p.revision.sdl())
			if len(problems) == 0 {
				problems = composer.Set(fragment)
			}
			if len(problems) > 0 {
				c.fail("the plugins cannot be composed: " + schema.Join(problems))
			}
		}
	}
	plain, problems := composer.Compose()
	live, err := schema.ParseLive(c.api.SDL())
	c.must(err)
	if len(problems) > 0 || len(plain.Fields) == 0 {
		return
	}
	kept := c.kept(live, plain)
	composition, problems := composer.Compose(kept...)
	if len(problems) > 0 || composition.SDL != c.api.SDL() {
		c.fail(fmt.Sprintf("the live schema is not the composition: it lacks %v\n%s\ninstead of %v\n%v", missing(live, plain), c.api.SDL(), composition, schema.Join(problems)))
	}
}

// missing are the fields that the live schema lacks.
func missing(live *schema.Live, want *schema.Composition) (fields []string) {
	there := live.RootFields()
	for field := range want.Fields {
		if !there[field] {
			fields = append(fields, field)
		}
	}
	return fields
}

// placeholder is the query of a schema that would have none.
const placeholder = "Query.Platform_none"

// kept are the live fields that nobody owns; each must have a resolver.
func (c *cloud) kept(live *schema.Live, plain *schema.Composition) (kept []schema.KeptField) {
	resolvers := c.api.Resolvers()
	for _, field := range slices.Sorted(maps.Keys(live.RootFields())) {
		if plain.Fields[field] != "" || field == placeholder {
			continue
		}
		if resolvers[field] == "" {
			c.fail("the live field " + field + " is nobody's, and has no resolver")
		}
		typeName, fieldName, _ := strings.Cut(field, ".")
		k, err := live.Keep(typeName, fieldName)
		c.must(err)
		kept = append(kept, k)
	}
	return kept
}
