package admin

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// publish brings the API's schema to what the workspace holds. Problems mean that it is
// refused: by AppSync, or since it lacks a field which its plugin did not give up or says
// of one not who may use it.
func (b *batch) publish(ctx context.Context, p *plan) ([]protocol.Problem, error) {
	if p.blocked {
		return nil, nil
	}
	if err := b.API.Settle(ctx); err != nil {
		return nil, err
	}
	live, err := b.API.Live(ctx)
	if err != nil {
		return nil, err
	}
	c, problems, err := b.compose(ctx, p, live)
	if err != nil || len(problems) > 0 {
		return problems, err
	}
	if problems := b.guard(p, c.Fields); len(problems) > 0 {
		return problems, nil
	}
	failed := b.journal.HasFailed(c.Hash, b.began)
	switch {
	case len(c.Fields) == 0:
		// AppSync has no empty schema. The last plugin is gone, and the API will go.
		return nil, nil
	case len(failed) > 0:
		return failed, nil
	case b.isLive(c, live):
		return nil, b.finish(ctx, c, live, "")
	}
	if problems, err := b.refused(ctx, c); err != nil || len(problems) > 0 {
		return problems, err
	}
	if problems := b.workspace.CheckAuthorization(c); len(problems) > 0 {
		return problems, nil
	}
	return b.push(ctx, p, c, live)
}

// guard makes sure that every field of a plugin that is served is in the composition.
// What a plugin that is not changed had before is taken from its row, not from the
// fragment that was composed, so that a mistake in either shows.
func (b *batch) guard(p *plan, owners map[string]string) []protocol.Problem {
	changed := p.changesFields()
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(p.states)) {
		if !p.states[name].Served() {
			continue
		}
		fields := b.workspace.Fields(name)
		if entry := b.snapshot.Entries[name]; !changed[name] && !entry.Behind() {
			fields = slices.Concat(fields, entry.Row.Fields)
		}
		for _, field := range fields {
			if owners[field] != name {
				missing = append(missing, name+" "+field)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return []protocol.Problem{registry.Problem(protocol.CodeWouldDrop,
		"the composed schema lacks root fields that their plugins did not give up, so nothing was pushed: %s; deploy these plugins again",
		strings.Join(slices.Compact(missing), ", "))}
}

// isLive says that the composition needs no push. A text that is another one than after
// the push was written by somebody else, who may have changed nothing but directives.
func (b *batch) isLive(c *schema.Composition, live *schemapush.Live) bool {
	switch pushing := b.journal.Pushing; {
	case pushing != nil:
		return pushing.Hash == c.Hash && (live.Equals(c) || pushing.Structural && live.Matches(c))
	case b.journal.Pushed != c.Hash:
		return false
	case b.journal.Live != "":
		return b.journal.Live == live.Digest || live.Equals(c)
	}
	return live.Matches(c)
}

// refused recognises that AppSync refused a push which outlasted the function.
func (b *batch) refused(ctx context.Context, c *schema.Composition) ([]protocol.Problem, error) {
	if pushing := b.journal.Pushing; pushing == nil || pushing.Hash != c.Hash || !pushing.Begun {
		return nil, nil
	}
	refusal, err := b.API.Outcome(ctx)
	if err != nil || refusal == nil {
		return nil, err
	}
	problems := refusedBy(refusal)
	return problems, b.takeBack(ctx, registry.Journal{}, "", problems)
}

func refusedBy(refusal *schemapush.Refusal) []protocol.Problem {
	return []protocol.Problem{registry.Problem(protocol.CodeSchemaRefused, "AppSync refuses the composed schema: %s", orUnknown(refusal.Text))}
}

// push pushes a composition.
func (b *batch) push(ctx context.Context, p *plan, c *schema.Composition, live *schemapush.Live) ([]protocol.Problem, error) {
	before, structural := b.journal, !live.Matches(c)
	b.journal.Pushed, b.journal.Live = "", ""
	b.journal.Pushing = &registry.Push{Hash: c.Hash, Structural: structural, Requests: p.ids()}
	b.journal.Probe = newField(c, live.RootFields())
	b.announce(p)
	if err := b.saveJournal(ctx); err != nil {
		return nil, err
	}
	b.Logger.Info("pushing the schema", "hash", c.Hash, "fields", len(c.Fields), "bytes", len(c.SDL), "kept", b.kept)
	refusal, err := b.API.Push(ctx, c.SDL)
	switch {
	case errors.Is(err, schemapush.ErrUnfinished):
		return nil, errors.Join(err, b.begun(ctx))
	case err != nil:
		return nil, err
	case refusal == nil && structural:
		return nil, b.finish(ctx, c, live, "")
	case refusal == nil:
		return nil, b.finish(ctx, c, live, live.Digest)
	}
	problems := refusedBy(refusal)
	return problems, b.takeBack(ctx, before, live.Digest, problems)
}

// begun stores that AppSync has begun with the push, so that how it ended is about it.
func (b *batch) begun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), visibilityTimeout)
	defer cancel()
	pushing := *b.journal.Pushing
	pushing.Begun, b.journal.Pushing = true, &pushing
	return b.saveJournal(ctx)
}

// takeBack notes and stores that a push was refused. If the API's schema is what it was
// before, so is the journal; otherwise the next composition is pushed whatever it is.
func (b *batch) takeBack(ctx context.Context, before registry.Journal, digest string, problems []protocol.Problem) error {
	live, err := b.API.Live(ctx)
	if err != nil {
		return err
	}
	b.journal.Fail(b.journal.Pushing.Hash, problems, b.Clock.Now())
	b.journal.Probe, b.journal.Pushing = "", &registry.Push{Hash: b.journal.Pushing.Hash}
	if live.Digest == digest {
		b.journal.Pushed, b.journal.Live, b.journal.Probe, b.journal.Pushing = before.Pushed, before.Live, before.Probe, before.Pushing
	}
	return b.saveJournal(ctx)
}

// finish waits until others can use what was pushed. old is the digest of a live text that
// the push replaces but that differs in directives only, empty for none.
func (b *batch) finish(ctx context.Context, c *schema.Composition, live *schemapush.Live, old string) error {
	if b.journal.Pushing == nil {
		b.journal.Live = live.Digest
		return nil
	}
	fields := map[string]bool{}
	for field := range c.Fields {
		fields[field] = true
	}
	for _, field := range b.kept {
		fields[field] = true
	}
	live, shown, err := b.API.Await(ctx, c, fields, old)
	if err != nil {
		return err
	}
	if typeName, fieldName, ok := splitField(b.journal.Probe); ok && fields[b.journal.Probe] {
		if err := b.API.Probe(ctx, typeName, fieldName); err != nil {
			return err
		}
	}
	b.journal.Pushed, b.journal.Live, b.journal.Pushing, b.journal.Probe = c.Hash, "", nil, ""
	if shown {
		b.journal.Live = live.Digest
	}
	return nil
}

// newField is a root field that the live schema does not have, empty when there is
// none. A query or mutation is preferred.
func newField(c *schema.Composition, live map[string]bool) string {
	chosen := ""
	for _, field := range slices.Sorted(maps.Keys(c.Fields)) {
		if !live[field] && (chosen == "" || strings.HasPrefix(chosen, "Subscription.")) {
			chosen = field
		}
	}
	return chosen
}

// splitField splits "Query.product".
func splitField(field string) (typeName, fieldName string, ok bool) {
	return strings.Cut(field, ".")
}

func orUnknown(text string) string {
	if text == "" {
		return "it gives no reason"
	}
	return text
}
