package admin

import (
	"context"
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// keepable is a root field that could be kept.
type keepable struct {
	name  string
	field schema.KeptField
}

// compose composes what the workspace holds, and keeps live root fields that nobody
// owns any more while resolvers are attached to them: AppSync leaves the resolver of
// a vanished field in an undefined state, where it can neither be deleted nor made
// anew.
func (b *batch) compose(ctx context.Context, p *plan, live *schemapush.Live) (*schema.Composition, []protocol.Problem, error) {
	b.kept = nil
	c, problems := b.workspace.Compose()
	if len(problems) > 0 || len(c.Fields) == 0 {
		return c, problems, nil
	}
	orphans, err := b.orphans(ctx, p.detached(), live, c.Fields)
	if err != nil || len(orphans) == 0 {
		return c, nil, err
	}
	if all, problems := b.workspace.Compose(fieldsOf(orphans)...); len(problems) == 0 {
		b.kept = namesOf(orphans)
		return all, nil, nil
	}
	return b.keepWhatFits(c, orphans), nil, nil
}

// keepWhatFits keeps the fields that can be composed with what the plugins want now;
// what the plugins want goes first.
func (b *batch) keepWhatFits(c *schema.Composition, orphans []keepable) *schema.Composition {
	var fitting []keepable
	for _, orphan := range orphans {
		more, problems := b.workspace.Compose(fieldsOf(append(slices.Clone(fitting), orphan))...)
		if len(problems) > 0 {
			b.Logger.Warn("a root field without owner is dropped although a resolver is attached to it, since it does not fit the new schema",
				"field", orphan.name, "problem", problems[0].Message)
			continue
		}
		c, fitting = more, append(fitting, orphan)
	}
	b.kept = namesOf(fitting)
	return c
}

// orphans are the live root fields that nobody owns and that have a resolver. One that was
// recorded when its plugin was taken out of the API, or that the platform attached when it
// came back, is deleted, and keeps nothing.
func (b *batch) orphans(ctx context.Context, detached map[string]bool, live *schemapush.Live, owners map[string]string) ([]keepable, error) {
	var orphans []keepable
	for _, name := range slices.Sorted(maps.Keys(live.RootFields())) {
		if owners[name] != "" {
			continue
		}
		typeName, fieldName, _ := splitField(name)
		attached, err := b.API.HasResolver(ctx, typeName, fieldName)
		if err == nil && attached && detached[name] {
			attached, err = false, b.API.Detach(ctx, typeName, fieldName)
		}
		if err != nil {
			return nil, err
		}
		if !attached {
			continue
		}
		field, err := live.Keep(typeName, fieldName)
		if err != nil {
			return nil, err
		}
		orphans = append(orphans, keepable{name: name, field: field})
	}
	return orphans, nil
}

func fieldsOf(orphans []keepable) []schema.KeptField {
	fields := make([]schema.KeptField, len(orphans))
	for i, o := range orphans {
		fields[i] = o.field
	}
	return fields
}

func namesOf(orphans []keepable) []string {
	names := make([]string, len(orphans))
	for i, o := range orphans {
		names[i] = o.name
	}
	return names
}
