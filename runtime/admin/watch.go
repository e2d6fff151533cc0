package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// lookEvery is how often a look at the schema is asked for while a batch is not ended.
const lookEvery = 5 * time.Minute

// watch compares heartbeats, subscriptions and the API's schema with the registry, and sends
// a request for each plugin that fell silent or is heard of again, and one each if
// subscriptions, or the schema, are not what they should be. What it sends twice has one effect.
// The API's log group it looks after by itself: that concerns no request.
func (a *Admin) watch(ctx context.Context) error {
	snapshot, err := a.Store.Load(ctx)
	if err != nil {
		return fmt.Errorf("watch the plugins: %w", err)
	}
	a.watchLog(ctx, snapshot)
	beats, err := a.Store.Beats(ctx)
	if err != nil {
		return fmt.Errorf("watch the plugins: %w", err)
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(snapshot.Entries)) {
		if request, changed := transition(snapshot.Entries[name].State, beats[name], a.Clock.Now()); changed {
			problems = append(problems, a.send(ctx, request))
		}
	}
	if reason := a.rewire(ctx, snapshot); reason != "" {
		a.Logger.Info("subscriptions are looked after", "reason", reason)
		problems = append(problems, a.send(ctx, registry.Request{
			ID: "wire-" + a.Clock.Now().UTC().Format("2006-01-02T15:04"), Type: registry.TypeWire, Wire: &registry.Wire{},
		}))
	}
	problems = append(problems, a.watchSchema(ctx, snapshot))
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("watch the plugins: %w", err)
	}
	return nil
}

// watchSchema asks for a look at the API's schema when it may not be what the plugins have:
// a batch was begun and not ended, or a sweep did not come, perhaps since they are among the
// dead letters, or somebody else has replaced the schema. A batch that is at work meanwhile
// leaves nothing to do.
func (a *Admin) watchSchema(ctx context.Context, snapshot *registry.Snapshot) error {
	journal, reason := snapshot.Journal(), "a batch of requests was not ended"
	about := "unended " + a.Clock.Now().UTC().Truncate(lookEvery).Format(time.RFC3339)
	if !snapshot.Unended() && !overdue(journal, a.Clock.Now()) {
		live, err := a.API.Live(ctx)
		if err != nil || journal.Live == "" || live.Digest == journal.Live {
			return err
		}
		reason, about = "somebody else has changed the API's schema", journal.Live+" "+live.Digest
	}
	a.Logger.Warn("the API's schema is compared with what the plugins have, and pushed again if it differs", "reason", reason)
	sum := sha256.Sum256([]byte(about))
	return a.send(ctx, registry.Request{ID: "schema-" + hex.EncodeToString(sum[:16]), Type: registry.TypeSweep, Sweep: &registry.Sweep{}})
}

// overdue says that the sweep for kept fields should have come long ago.
func overdue(journal registry.Journal, now time.Time) bool {
	due, err := time.Parse(time.RFC3339, journal.SweepDue)
	return err == nil && journal.SweepAttempt < sweepAttempts && now.Sub(due) > lookEvery
}

// transition is the request that a plugin's heartbeats, or their absence, lead to. Its id
// depends on what was seen, so that the next watch sends the same one again.
func transition(s registry.State, b registry.Beat, now time.Time) (registry.Request, bool) {
	request := registry.Request{Type: registry.TypeLapse}
	seen, changed := s.Silent(b, now)
	if request.Lapse = &seen; !changed {
		seen, changed = s.Alive(b, now)
		request.Type, request.Lapse, request.Resume = registry.TypeResume, nil, &seen
	}
	if s.Plugin == protocol.PlatformPlugin || !changed {
		return registry.Request{}, false
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", seen.Plugin, seen.LogVersion, seen.LastSeen))
	request.ID = request.Type + "-" + hex.EncodeToString(sum[:16])
	return request, true
}

// send sends a request to the registry queue.
func (a *Admin) send(ctx context.Context, r registry.Request) error {
	r.Time = eventlog.FormatTime(a.Clock.Now())
	return registry.Send(ctx, a.Queue, a.RegistryQueueURL, r)
}

// rewire says why subscriptions must be looked after, empty if there is no reason.
func (a *Admin) rewire(ctx context.Context, snapshot *registry.Snapshot) string {
	if names := snapshot.Unwired(); len(names) > 0 {
		return fmt.Sprintf("not all subscriptions of %v are as they should be", names)
	}
	w := newWiring(a, snapshot)
	for _, name := range slices.Sorted(maps.Keys(snapshot.Entries)) {
		for _, made := range snapshot.Entries[name].Row.Wires {
			there, err := w.find(ctx, made)
			switch {
			case err != nil:
				a.Logger.Warn("the subscriptions of a topic cannot be listed", "topic", made.Topic, "error", err)
			case there == "":
				return fmt.Sprintf("the subscription of plugin %s for its extension %s is gone", name, made.Extension)
			}
		}
	}
	return ""
}
