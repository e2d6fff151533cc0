package admin

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// wiring makes the subscriptions between plugins what the registry says.
//
//  1. Each plugin's row holds the subscriptions that were made for its extensions. Only
//     these are ever changed or taken away. A subscription of the same topic and queue
//     that somebody else made serves as well, and is left alone.
//  2. What is about to be made is noted in the row first, so that one that was made
//     before a crash is found again.
//  3. All missing ones are made before any other is taken away, so that a queue or a
//     topic that was replaced loses no message between them.
//  4. What fails is noted in the plugin's message and tried again after the next watch.
//     It fails no request: whether plugins are connected does not depend on it.
type wiring struct {
	*Admin
	snapshot *registry.Snapshot
	wanted   map[string][]registry.Wired
	// verify says that what was made is looked for, and made again if it is gone.
	verify bool
	// there are the subscriptions of topics as SNS lists them, by topic and queue.
	there map[string]map[string]string
}

func newWiring(a *Admin, snapshot *registry.Snapshot) *wiring {
	return &wiring{Admin: a, snapshot: snapshot, wanted: snapshot.Wanted(), there: map[string]map[string]string{}}
}

// wire looks after the subscriptions when requests are done.
func (a *Admin) wire(ctx context.Context, requests []registry.Request) {
	verify := slices.ContainsFunc(requests, func(r registry.Request) bool { return r.Wire != nil })
	if !verify && !slices.ContainsFunc(requests, registry.Request.ChangesFields) {
		return
	}
	snapshot, err := a.Store.Load(ctx)
	if err == nil && (verify || len(snapshot.Unwired()) > 0) {
		w := newWiring(a, snapshot)
		w.verify = verify
		err = w.run(ctx)
	}
	if err != nil {
		a.Logger.Error("subscriptions between plugins are not all made; this is tried again within minutes", "error", err)
	}
}

// run makes what is missing of all plugins, then takes away what is not wanted any more.
func (w *wiring) run(ctx context.Context) error {
	failures := map[string][]error{}
	for _, step := range []func(context.Context, string, *registry.Row) error{w.make, w.clear} {
		for _, name := range w.names() {
			if err := step(ctx, name, &w.snapshot.Entries[name].Row); err != nil {
				failures[name] = append(failures[name], err)
			}
		}
	}
	var all []error
	for _, name := range w.names() {
		failure := errors.Join(failures[name]...)
		all = append(all, failure, w.note(ctx, &w.snapshot.Entries[name].Row, failure))
	}
	return errors.Join(all...)
}

// names are the plugins with subscriptions. A row that is behind its log is written by
// the next batch.
func (w *wiring) names() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.snapshot.Entries)) {
		entry := w.snapshot.Entries[name]
		if !entry.Behind() && (len(w.wanted[name]) > 0 || len(entry.Row.Wires) > 0 || entry.Row.Wiring != "") {
			names = append(names, name)
		}
	}
	return names
}

// note shows in a plugin's row what is wrong.
func (w *wiring) note(ctx context.Context, row *registry.Row, failure error) error {
	text := ""
	if failure != nil {
		text = registry.Short("the extensions are not all subscribed: " + failure.Error())
	}
	if row.Wiring == text {
		return nil
	}
	row.Wiring = text
	return w.Store.Save(ctx, row)
}

// make makes the missing subscriptions of a plugin.
func (w *wiring) make(ctx context.Context, name string, row *registry.Row) error {
	before := slices.Clone(row.Wires)
	var failures []error
	for _, wanted := range w.wanted[name] {
		failures = append(failures, w.intend(ctx, row, wanted))
	}
	if err := w.save(ctx, row, before); err != nil {
		return err
	}
	before = slices.Clone(row.Wires)
	for _, wanted := range w.wanted[name] {
		if i := indexOf(row.Wires, wanted); i >= 0 {
			failures = append(failures, w.makeOne(ctx, &row.Wires[i], wanted))
		}
	}
	return errors.Join(append(failures, w.save(ctx, row, before))...)
}

// intend notes that a subscription is about to be made, or that it is somebody else's.
func (w *wiring) intend(ctx context.Context, row *registry.Row, wanted registry.Wired) error {
	i := indexOf(row.Wires, wanted)
	if i >= 0 && !w.verify {
		return nil
	}
	arn, err := w.find(ctx, wanted)
	if err != nil {
		return err
	}
	if i < 0 {
		wanted.Foreign = arn != ""
		row.Wires = append(row.Wires, wanted)
		return nil
	}
	switch made := &row.Wires[i]; {
	case arn == "":
		made.ARN, made.Foreign = "", false
	case made.ARN != "" && made.ARN != arn:
		made.ARN, made.Foreign = "", true // somebody took ours away and made another
	}
	return nil
}

// makeOne makes one subscription that is noted, or gives it the filter that is wanted.
func (w *wiring) makeOne(ctx context.Context, made *registry.Wired, wanted registry.Wired) error {
	made.Extension = wanted.Extension
	if made.Foreign || (made.ARN != "" && made.Delivers(wanted)) {
		made.Filter, made.Scope, made.DeadLetter = wanted.Filter, wanted.Scope, wanted.DeadLetter
		return nil
	}
	next := wanted
	next.ARN = made.ARN
	if next.ARN == "" {
		arn, err := w.find(ctx, wanted)
		if err != nil {
			return err
		}
		next.ARN = arn // made before a crash
	}
	var err error
	if next.ARN != "" {
		err = w.configure(ctx, next)
	} else {
		next.ARN, err = w.subscribe(ctx, next)
	}
	if err != nil {
		return err
	}
	*made = next
	w.Logger.Info("subscribed an extension", "extension", made.Extension, "topic", made.Topic, "queue", made.Queue, "subscription", made.ARN)
	return nil
}

// clear takes away the subscriptions of a plugin that are not wanted any more. One whose
// extension has another one now stays until that is made.
func (w *wiring) clear(ctx context.Context, name string, row *registry.Row) error {
	before, kept := slices.Clone(row.Wires), []registry.Wired{}
	var failures []error
	for _, made := range before {
		if indexOf(w.wanted[name], made) >= 0 || w.replacing(name, row, made) {
			kept = append(kept, made)
			continue
		}
		if err := w.remove(ctx, made); err != nil {
			kept, failures = append(kept, made), append(failures, err)
		}
	}
	row.Wires = kept
	return errors.Join(append(failures, w.save(ctx, row, before))...)
}

// replacing says that what comes in the place of a subscription is not made yet.
func (w *wiring) replacing(name string, row *registry.Row, made registry.Wired) bool {
	return slices.ContainsFunc(w.wanted[name], func(wanted registry.Wired) bool {
		if wanted.Extension != made.Extension {
			return false
		}
		i := indexOf(row.Wires, wanted)
		return i < 0 || !row.Wires[i].Made()
	})
}

// remove takes away one subscription that the platform made.
func (w *wiring) remove(ctx context.Context, made registry.Wired) error {
	if made.Foreign {
		return nil
	}
	if made.ARN == "" {
		arn, err := w.find(ctx, made)
		if err != nil || arn == "" {
			return err
		}
		made.ARN = arn
	}
	w.Logger.Info("unsubscribing an extension", "extension", made.Extension, "topic", made.Topic, "queue", made.Queue, "subscription", made.ARN)
	return w.unsubscribe(ctx, made.ARN)
}

// find is the ARN of the subscription that SNS has of a topic and a queue, empty without.
func (w *wiring) find(ctx context.Context, wired registry.Wired) (string, error) {
	if w.there[wired.Topic] == nil {
		found, err := w.subscriptions(ctx, wired.Topic)
		if err != nil {
			return "", err
		}
		w.there[wired.Topic] = found
	}
	return w.there[wired.Topic][wired.Queue], nil
}

// save writes the row if its subscriptions changed.
func (w *wiring) save(ctx context.Context, row *registry.Row, before []registry.Wired) error {
	if reflect.DeepEqual(before, row.Wires) || len(before)+len(row.Wires) == 0 {
		return nil
	}
	return w.Store.Save(ctx, row)
}

// indexOf finds the subscription of the same topic and queue.
func indexOf(wires []registry.Wired, wired registry.Wired) int {
	return slices.IndexFunc(wires, wired.Joins)
}
