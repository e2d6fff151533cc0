package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

const (
	// positionRebuilt is in the positions of a row how often a rebuild wrote it. A live
	// projection that loaded the row before would otherwise find the positions unchanged,
	// for a rebuilt row has the same, and would write what it made of the old content. No
	// aggregate and no family of streams has this name.
	positionRebuilt = "#rebuilt"
	// rowQuiet marks a row whose last change is not announced to subscribers. It is gone
	// with the next live change.
	rowQuiet = "_quiet"
)

// switchRow compares the row with that of the read model and writes it over that one if
// they differ, unless it shall only compare. It repeats this for as long as somebody else
// writes the row.
func (r *replay) switchRow(write bool) error {
	for conflicts := 1; ; conflicts++ {
		err := r.switchOnce(write)
		if !errors.Is(err, errRowChanged) || conflicts >= r.Retry.Attempts {
			return err
		}
		if waitErr := r.Retry.Wait(r.aws, conflicts); waitErr != nil {
			return fmt.Errorf("%w: %w", errUnprocessed, waitErr)
		}
	}
}

// switchOnce is one attempt. The read model's row is loaded first: whatever it has is in
// the event logs by then, so that a row which is behind it can catch up. One that is
// behind all the same belongs to logs that were restored to an earlier state; it is
// written whatever it contains, because the next events count from there.
func (r *replay) switchOnce(write bool) error {
	live, err := r.loadRow(r.model, r.id, true)
	if err != nil {
		return err
	}
	made, err := r.loadRow(r.fresh, r.id, true)
	if err != nil {
		return err
	}
	if !made.exists || r.behind(made, live) {
		if made, err = r.catchUp(); err != nil {
			return err
		}
	}
	r.result.Differs = !sameRow(made.data, live.data)
	r.result.Gone = r.result.Differs && string(made.data) == "null"
	if !write {
		return nil
	}
	needed := r.result.Differs || r.behind(made, live)
	if !needed {
		if needed, err = r.lacks(live, made); err != nil {
			return err
		}
	}
	if !needed {
		return nil
	}
	return r.write(made, live)
}

// lacks says whether the read model's row lacks events that it is made from and that the
// row which was made has. Even if both have the same content, by chance or by an error of
// the old handler, these events must not be folded into it once more when they come.
func (r *replay) lacks(live, made *row) (bool, error) {
	for _, h := range r.histories() {
		after, last := live.positions[h.component], made.positions[h.component]
		for more := true; more && after < last; {
			page, further, err := h.log().ReadPage(r.aws, r.id, after)
			if err != nil {
				return false, err
			}
			if slices.ContainsFunc(page.Commits, func(c eventlog.Commit) bool { return c.Version() <= last && h.takesAny(c) }) {
				return true, nil
			}
			after, more = page.Version, further
		}
	}
	return false, nil
}

// write writes a row over that of the read model as it was loaded.
func (r *replay) write(made, live *row) error {
	next := &row{id: r.id, data: made.data, positions: maps.Clone(made.positions), exists: live.exists, stored: live.stored}
	next.positions[positionRebuilt] = live.positions[positionRebuilt] + 1
	if !r.request.Announce || !r.result.Differs {
		next.kept = map[string]types.AttributeValue{rowQuiet: &types.AttributeValueMemberBOOL{Value: true}}
	}
	return r.saveRow(r.model, next)
}
