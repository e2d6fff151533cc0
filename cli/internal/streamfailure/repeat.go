package streamfailure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// Repeater makes failures happen again. All fields must be set.
type Repeater struct {
	Plugin   *stack.Plugin
	Streams  Streams
	DynamoDB DynamoDB
	Lambda   Lambda
	// Pause is the longest pause before the second attempt at a batch; later ones grow.
	Pause time.Duration
	Now   func() time.Time
	// Progress is told what is done, in words.
	Progress func(string)
}

// Item is a failure and what becomes of it.
type Item struct {
	Failure
	// Keep is called before each invocation, so that nobody else takes up the failure
	// meanwhile, Done once after the last record succeeded.
	Keep, Done func(context.Context) error
}

// Repeated says what was done.
type Repeated struct {
	// Failures are done, Records were sent to functions for them.
	Failures, Records int
}

// Repeat makes failures happen again and calls Done for each that succeeded. The error is
// about all others.
func (r *Repeater) Repeat(ctx context.Context, items []Item) (Repeated, error) {
	var done Repeated
	var problems []error
	for _, group := range grouped(items) {
		problems = append(problems, r.repeatGroup(ctx, group, &done))
	}
	return done, errors.Join(problems...)
}

// grouped splits failures by function and stream, in the order of the records.
func grouped(items []Item) [][]Item {
	index := map[[2]string]int{}
	var groups [][]Item
	for _, item := range items {
		key := [2]string{item.FunctionARN, item.StreamARN}
		at, ok := index[key]
		if !ok {
			at = len(groups)
			index[key], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], item)
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b Item) int {
			return cmp.Or(a.FirstArrival.Compare(b.FirstArrival), cmp.Compare(len(a.First), len(b.First)), cmp.Compare(a.First, b.First))
		})
	}
	return groups
}

// repeatGroup makes the failures of one function and stream happen again: first those
// whose records are in the stream, then all others at once.
func (r *Repeater) repeatGroup(ctx context.Context, group []Item, done *Repeated) error {
	var problems []error
	var gone []Item
	for _, item := range group {
		records, err := []record(nil), errGone
		if r.Now().Sub(item.FirstArrival) < retention {
			records, err = r.fromStream(ctx, item.Failure)
		}
		if errors.Is(err, errGone) {
			gone = append(gone, item)
			continue
		}
		if err == nil {
			r.Progress(fmt.Sprintf("%s: %d records from the stream of %s", item.Function(), len(records), item.Table()))
			err = r.sendKept(ctx, []Item{item}, records)
		}
		if err == nil {
			err = finish(ctx, []Item{item}, len(records), done)
		}
		problems = append(problems, err)
	}
	if len(gone) > 0 {
		problems = append(problems, r.repeatGone(ctx, gone, done))
	}
	return errors.Join(problems...)
}

// repeatGone makes failures happen again whose records are no longer in the stream.
func (r *Repeater) repeatGone(ctx context.Context, gone []Item, done *Repeated) error {
	failures := make([]Failure, len(gone))
	for i, item := range gone {
		failures[i] = item.Failure
	}
	r.Progress(fmt.Sprintf("%s: the records are no longer in the stream, reading the table %s", gone[0].Function(), gone[0].Table()))
	sent := 0
	err := r.fromTable(ctx, failures, func(records []record) error {
		sent += len(records)
		r.Progress(fmt.Sprintf("%s: %d items of the table %s", gone[0].Function(), sent, gone[0].Table()))
		return r.sendKept(ctx, gone, records)
	})
	if err != nil {
		return err
	}
	return finish(ctx, gone, sent, done)
}

// sendKept sends records while failures are kept from others.
func (r *Repeater) sendKept(ctx context.Context, items []Item, records []record) error {
	var problems []error
	for _, batch := range batches(records) {
		for _, item := range items {
			if err := item.Keep(ctx); err != nil {
				return err
			}
		}
		problems = append(problems, r.sendBatch(ctx, items[0].Failure, batch))
	}
	return errors.Join(problems...)
}

// finish ends failures whose records all succeeded.
func finish(ctx context.Context, items []Item, records int, done *Repeated) error {
	done.Records += records
	for _, item := range items {
		if err := item.Done(ctx); err != nil {
			return err
		}
		done.Failures++
	}
	return nil
}
