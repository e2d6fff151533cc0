package admin

import (
	"context"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// batch is the work on requests that go together.
type batch struct {
	*Admin
	requests []registry.Request
	snapshot *registry.Snapshot
	// began is when the work began; requests are old or not by this time.
	began time.Time
	// journal is the journal as it will be stored next, stored as it is now.
	journal, stored registry.Journal
	// kept are the root fields that the composition pushed last keeps.
	kept []string
	// vacant are the ids of requests to give up a resolver whose field has none now.
	vacant map[string]bool
	// abandoned are the versions of the log at which disconnects of stacks that are gone
	// were looked into, by the request's id.
	abandoned map[string]int64
}

// process does everything that the requests ask for, or nothing that cannot be repeated.
// It returns how many of the requests, from the first one on, are done.
func (a *Admin) process(ctx context.Context, requests []registry.Request) (done int, err error) {
	for done < len(requests) {
		b, err := a.open(ctx, requests[done:])
		if err != nil {
			return done, err
		}
		if err := b.run(ctx); err != nil {
			return done, err
		}
		done += len(b.requests)
	}
	a.wire(ctx, requests)
	return done, nil
}

// run does what the requests of a batch ask for.
func (b *batch) run(ctx context.Context) error {
	if err := b.detach(ctx); err != nil {
		return err
	}
	if err := b.release(ctx); err != nil {
		return err
	}
	if err := b.abandon(ctx); err != nil {
		return err
	}
	p, err := b.settle(ctx)
	if err != nil {
		return err
	}
	if err := b.attach(ctx, p); err != nil {
		return err
	}
	if err := b.scheduleSweep(ctx, b.kept); err != nil {
		return err
	}
	return b.commit(ctx, p)
}

// open loads the registry, takes the requests that go together, and cleans up after a
// crash.
func (a *Admin) open(ctx context.Context, requests []registry.Request) (*batch, error) {
	var names []string
	for _, r := range requests {
		if name := r.Plugin(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	snapshot, err := a.Store.Load(ctx, names...)
	if err != nil {
		return nil, err
	}
	b := &batch{
		Admin: a, requests: together(requests, snapshot.Journal()), snapshot: snapshot, began: a.Clock.Now(),
		journal: snapshot.Journal(), stored: snapshot.Journal(), vacant: map[string]bool{}, abandoned: map[string]int64{},
	}
	if typeName, fieldName, ok := splitField(b.journal.Probe); ok {
		_, err = a.API.HasResolver(ctx, typeName, fieldName)
	}
	return b, err
}

// together are the first ones of the requests that are handled together. Those whose
// push was begun go first: with newcomers the composition would be another one, and a
// slow push would begin anew at each delivery. An operator's request goes alone, since
// resolvers go with it. So does what follows a connect request of the same plugin and
// takes the plugin away: what is there to take away shows when the plugin is connected.
func together(requests []registry.Request, journal registry.Journal) []registry.Request {
	if journal.Pushing != nil {
		begun := slices.IndexFunc(requests, func(r registry.Request) bool { return !slices.Contains(journal.Pushing.Requests, r.ID) })
		if begun > 0 {
			requests = requests[:begun]
		}
	}
	if len(requests) > 0 && requests[0].Operates() {
		return requests[:1]
	}
	connects := map[string]bool{}
	for i, r := range requests {
		if r.Operates() || (r.Disconnect != nil && connects[r.Plugin()]) {
			return requests[:i]
		}
		connects[r.Plugin()] = connects[r.Plugin()] || r.Connect != nil
	}
	return requests
}

// settle decides on the requests and brings the API's schema to what they lead to.
func (b *batch) settle(ctx context.Context) (*plan, error) {
	p, err := b.plan(ctx, b.requests)
	if err != nil {
		return nil, err
	}
	problems, err := b.publish(ctx, p)
	if err != nil || len(problems) == 0 {
		return p, err
	}
	if err := b.blame(ctx); err != nil {
		return nil, err
	}
	if p, err = b.plan(ctx, b.requests); err != nil {
		return nil, err
	}
	if problems, err = b.publish(ctx, p); len(problems) > 0 {
		b.Logger.Error("even the schema without any of the requests is refused", "problems", registry.Texts(problems))
		p.refuseAll(b.snapshot, problems)
		p.notice(problems)
		_, err = b.workspace.Sync(ctx, b.snapshot)
	}
	return p, err
}

// blame pushes the requests one by one to find those that are refused. A verdict is
// stored before the next push: together they may take longer than the function has.
func (b *batch) blame(ctx context.Context) error {
	for i, r := range b.requests {
		p, err := b.plan(ctx, b.requests[:i+1])
		if err != nil {
			return err
		}
		if !p.accepts(r.ID) || !r.ChangesFields() {
			continue
		}
		problems, err := b.publish(ctx, p)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			b.Logger.Warn("the schema of a plugin was refused", "plugin", r.Plugin(), "request", r.ID, "problems", registry.Texts(problems))
			b.journal.Answer(registry.Refused(r.ID, problems...))
			if err := b.saveJournal(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
