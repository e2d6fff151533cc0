package registry

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Workspace holds the fragments of all connected plugins, checked against each other.
// It lives as long as the function's process, so that one changed fragment costs one
// fragment. It is not safe for concurrent use.
//
// Trying a request changes the workspace; the next [Workspace.Sync] brings it back to
// what is really connected.
type Workspace struct {
	store    *Store
	composer *schema.Composer
	// held says which revision of a plugin the composer has.
	held map[string]held
}

// held is a fragment in the composer.
type held struct {
	revision string
	fragment *schema.Fragment
}

// NewWorkspace returns an empty workspace for an API with the given authentication
// modes, the primary one first.
func NewWorkspace(store *Store, modes []string) *Workspace {
	authModes := make([]schema.AuthMode, len(modes))
	for i, mode := range modes {
		authModes[i] = schema.AuthMode(mode)
	}
	return &Workspace{store: store, composer: schema.NewComposer(authModes), held: map[string]held{}}
}

// Revision identifies the content of a connection: the same hash and nonce never come
// with another fragment.
func Revision(hash, nonce string) string { return hash + "@" + nonce }

// Sync makes the workspace hold exactly the plugins that are served. Fragments that it does
// not have yet are read from the log. It returns what is wrong with connected plugins
// that can no longer be composed, by plugin; they are left out.
func (w *Workspace) Sync(ctx context.Context, snapshot *Snapshot) (map[string][]protocol.Problem, error) {
	var missing []State
	for _, name := range slices.Sorted(maps.Keys(w.held)) {
		if entry := snapshot.Entries[name]; entry == nil || !entry.State.Served() {
			w.Remove(name)
		}
	}
	for _, name := range snapshot.Served() {
		state := snapshot.Entries[name].State
		if w.held[name].revision != Revision(state.Hash, state.Nonce) {
			w.Remove(name)
			missing = append(missing, state)
		}
	}
	texts, err := w.read(ctx, missing)
	if err != nil {
		return nil, err
	}
	broken := map[string][]protocol.Problem{}
	for i, state := range missing {
		if problems := w.Put(state.Plugin, Revision(state.Hash, state.Nonce), texts[i]); len(problems) > 0 {
			broken[state.Plugin] = problems
		}
	}
	return broken, nil
}

// read reads fragments from the log.
func (w *Workspace) read(ctx context.Context, states []State) ([]string, error) {
	texts := make([]string, len(states))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallelReads)
	for i, state := range states {
		group.Go(func() (err error) {
			texts[i], err = w.store.Fragment(ctx, state)
			return err
		})
	}
	return texts, group.Wait()
}

// Put puts a revision of a plugin in the place of the one it has. If there are
// problems, nothing has changed.
func (w *Workspace) Put(plugin, revision, sdl string) []protocol.Problem {
	fragment, problems := schema.ParseFragment(plugin, "", sdl)
	if len(problems) == 0 {
		problems = w.composer.Set(fragment)
	}
	if len(problems) > 0 {
		return Problems(problems)
	}
	w.held[plugin] = held{revision: revision, fragment: fragment}
	return nil
}

// Remove takes a plugin away.
func (w *Workspace) Remove(plugin string) {
	w.composer.Remove(plugin)
	delete(w.held, plugin)
}

// Compose composes what the workspace holds, and root fields that are kept although
// nobody owns them any more.
func (w *Workspace) Compose(kept ...schema.KeptField) (*schema.Composition, []protocol.Problem) {
	composition, problems := w.composer.Compose(kept...)
	return composition, Problems(problems)
}

// CheckAuthorization says what of a composition AppSync would not guard.
func (w *Workspace) CheckAuthorization(c *schema.Composition) []protocol.Problem {
	return Problems(w.composer.CheckAuthorization(c))
}

// Fields are the root fields of a plugin ("Query.product"), in order.
func (w *Workspace) Fields(plugin string) []string {
	fields := []string{}
	if h := w.held[plugin]; h.fragment != nil {
		for _, field := range h.fragment.RootFields() {
			fields = append(fields, field.Type+"."+field.Name)
		}
	}
	slices.Sort(fields)
	return fields
}

// Problems turns problems of a schema into those of an answer.
func Problems(problems []schema.Problem) []protocol.Problem {
	converted := make([]protocol.Problem, len(problems))
	for i, p := range problems {
		converted[i] = protocol.Problem{Code: p.Code, Message: p.Message, Line: p.Line, Column: p.Column}
	}
	return converted
}
