package dcbtest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// check says why a history cannot be one of decisions that were taken one after the
// other, nil if it can.
//
//  1. The streams in the store hold exactly the events of the accepted commands.
//  2. The decisions are put in an order in which each comes after those whose events it
//     saw, before those whose matching events it did not see, after those whose events
//     come before its own in a stream, and after those that had ended when it began. A
//     cycle is a failure.
//  3. In this order each command is decided anew, by the plain definition of the query
//     over all events so far: it must see the same and decide the same.
//  4. The rules of the domain hold after each decision.
//  5. One client alone, without faults, never met a conflict.
func check(ctx context.Context, store dcb.Store, h history) error {
	writer := map[string]int{}
	for i, d := range h.decisions {
		for _, e := range d.result.Events {
			if other, ok := writer[nameOf(e)]; ok {
				return fmt.Errorf("event %s was recorded by decisions %d and %d", nameOf(e), other, i)
			}
			writer[nameOf(e)] = i
		}
	}
	if h.clients == 1 && len(h.faults) == 0 && h.cancelled > 0 {
		return fmt.Errorf("%d conflicts of one client with itself", h.cancelled)
	}
	streams, err := readStreams(ctx, store, h)
	if err != nil {
		return err
	}
	sorted, err := sortDecisions(precedence(h, writer, streams))
	if err != nil {
		return err
	}
	return replay(h, sorted)
}

// nameOf names an event.
func nameOf(e turn.RecordedEvent) string { return fmt.Sprintf("%s=%s/%d", e.Component, e.ID, e.Number) }

// sameEvents compares events.
func sameEvents(a, b []turn.RecordedEvent) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// fact is a recorded event with its data.
type fact struct {
	turn.RecordedEvent
	data courseData
	name string
	// command and index order events of one position.
	command string
	index   int
}

// factsOf are the events of a decision.
func factsOf(d decision) []fact {
	all := make([]fact, len(d.result.Events))
	for i, e := range d.result.Events {
		all[i] = fact{RecordedEvent: e, data: readData(e.Data), name: nameOf(e), command: d.command.Origin.CommandID, index: i}
	}
	return all
}

// query is the plain definition of a query.
type query []wanted

// matches says whether an event belongs to the history of a command.
func (q query) matches(e fact) bool {
	return slices.ContainsFunc(q, func(w wanted) bool { return w.matches(e) })
}

// wanted is a criterion with the values of a command.
type wanted struct {
	events []string
	values [][]string
	tags   []string
}

// queryOf is the query of a command.
func queryOf(c dcb.Command) query {
	var all query
	data := readData(c.Data)
	for _, criterion := range courses.Slices[c.Slice].Reads {
		w := wanted{events: criterion.Events, tags: criterion.Tags}
		for _, tag := range criterion.Tags {
			w.values = append(w.values, data.values(tag))
		}
		all = append(all, w)
	}
	return all
}

// matches says whether an event is of a type and has a value of each tag.
func (w wanted) matches(e fact) bool {
	if !slices.Contains(w.events, e.Type) {
		return false
	}
	for i, tag := range w.tags {
		if !slices.ContainsFunc(e.data.values(tag), func(value string) bool { return slices.Contains(w.values[i], value) }) {
			return false
		}
	}
	return true
}

// readStreams reads the streams of all recorded events, and compares them.
func readStreams(ctx context.Context, store dcb.Store, h history) (map[string][]turn.RecordedEvent, error) {
	want := map[string]map[string]turn.RecordedEvent{}
	for _, d := range h.decisions {
		for _, e := range d.result.Events {
			for i, tag := range courses.Events[e.Type] {
				for _, value := range readData(e.Data).values(tag) {
					key := tag + "=" + value
					if i > 0 {
						key = tag + "#" + e.Type + "=" + value
					}
					if want[key] == nil {
						want[key] = map[string]turn.RecordedEvent{}
					}
					want[key][nameOf(e)] = e
				}
			}
		}
	}
	streams := map[string][]turn.RecordedEvent{}
	for key, expected := range want {
		stream, err := readStream(ctx, store, key)
		if err != nil {
			return nil, err
		}
		if len(stream) != len(expected) {
			return nil, fmt.Errorf("stream %s has %d events, %d were recorded", key, len(stream), len(expected))
		}
		for _, e := range stream {
			if !reflect.DeepEqual(expected[nameOf(e)], e) {
				return nil, fmt.Errorf("stream %s has %+v, recorded was %+v", key, e, expected[nameOf(e)])
			}
		}
		streams[key] = stream
	}
	return streams, nil
}

// readStream reads one stream and checks its numbers and positions.
func readStream(ctx context.Context, store dcb.Store, key string) ([]turn.RecordedEvent, error) {
	var all []turn.RecordedEvent
	head := dcb.Head{}
	for more := true; more; {
		page, next, err := store.Read(ctx, key, head.Version, 0)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.Seq != head.Version+1 || c.Position <= head.Position {
				return nil, fmt.Errorf("stream %s: commit %d at position %d follows version %d at position %d", key, c.Seq, c.Position, head.Version, head.Position)
			}
			head = dcb.Head{Version: c.Version(), Position: c.Position}
			all = append(all, c.Recorded("")...)
		}
		more = next
	}
	return all, nil
}

// precedence says for each decision which others come after it.
func precedence(h history, writer map[string]int, streams map[string][]turn.RecordedEvent) [][]int {
	after := make([][]int, len(h.decisions))
	add := func(first, second int) {
		if first != second {
			after[first] = append(after[first], second)
		}
	}
	for _, stream := range streams {
		for i := 1; i < len(stream); i++ {
			add(writer[nameOf(stream[i-1])], writer[nameOf(stream[i])])
		}
	}
	facts := make([][]fact, len(h.decisions))
	for i, d := range h.decisions {
		facts[i] = factsOf(d)
	}
	for i, d := range h.decisions {
		query, seen := queryOf(d.command), map[string]bool{}
		for _, e := range d.seen {
			seen[nameOf(e)] = true
		}
		for j, other := range h.decisions {
			if other.end < d.start {
				add(j, i)
			}
			for _, e := range facts[j] {
				switch {
				case seen[e.name]:
					add(j, i)
				case query.matches(e):
					add(i, j)
				}
			}
		}
	}
	return after
}

// sortDecisions puts the decisions in an order that keeps precedence.
func sortDecisions(after [][]int) ([]int, error) {
	before := make([]int, len(after))
	for _, all := range after {
		for _, second := range all {
			before[second]++
		}
	}
	var order []int
	for i, n := range before {
		if n == 0 {
			order = append(order, i)
		}
	}
	for next := 0; next < len(order); next++ {
		for _, second := range after[order[next]] {
			if before[second]--; before[second] == 0 {
				order = append(order, second)
			}
		}
	}
	if len(order) < len(after) {
		return nil, fmt.Errorf("there is no order: a cycle among %d decisions", len(after)-len(order))
	}
	return order, nil
}

// replay decides all commands anew, one after the other.
func replay(h history, order []int) error {
	var all []fact
	whole := newSchool(nil)
	for _, i := range order {
		d := h.decisions[i]
		expected := historyOf(all, queryOf(d.command))
		if !sameEvents(expected, d.seen) {
			return fmt.Errorf("command %s %s: saw %+v, there were %+v", d.command.Slice, d.command.Origin.CommandID, d.seen, expected)
		}
		if err := sameDecision(d, expected); err != nil {
			return err
		}
		for _, e := range factsOf(d) {
			all = append(all, e)
			whole.apply(e.Type, e.data)
		}
		if err := whole.rules(); err != nil {
			return fmt.Errorf("after command %s: %w", d.command.Origin.CommandID, err)
		}
	}
	return nil
}

// historyOf are the events that match a query, in the order of a history.
func historyOf(all []fact, q query) []turn.RecordedEvent {
	var matching []fact
	for _, e := range all {
		if q.matches(e) {
			matching = append(matching, e)
		}
	}
	slices.SortFunc(matching, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.command, b.command), cmp.Compare(a.index, b.index))
	})
	var history []turn.RecordedEvent
	for _, e := range matching {
		history = append(history, e.RecordedEvent)
	}
	return history
}

// sameDecision decides a command anew.
func sameDecision(d decision, history []turn.RecordedEvent) error {
	events, reject := decideCourse(d.command, history)
	if !reflect.DeepEqual(reject, d.result.Reject) || len(events) != len(d.result.Events) {
		return fmt.Errorf("command %s was answered with %+v, the answer is %+v and %+v", d.command.Origin.CommandID, d.result, events, reject)
	}
	for i, e := range events {
		got := d.result.Events[i]
		if got.Type != e.Type || !sameJSON(got.Data, e.Data) {
			return fmt.Errorf("command %s recorded %s %s, the answer is %s %s", d.command.Origin.CommandID, got.Type, got.Data, e.Type, e.Data)
		}
		if len(history) > 0 && got.Position <= history[len(history)-1].Position {
			return fmt.Errorf("event %s at position %d does not follow what led to it", nameOf(got), got.Position)
		}
	}
	return nil
}

// sameJSON compares texts; what is recorded comes back as it was.
func sameJSON(a, b json.RawMessage) bool { return string(a) == string(b) }

// rules says which rules of the domain are broken, nil if none is. A capacity may be
// lowered below what is taken, which is why it is checked when a place is taken only.
func (s school) rules() error {
	var problems []error
	owner := map[string]string{}
	for course, name := range s.names {
		if other, ok := owner[name]; ok {
			problems = append(problems, fmt.Errorf("courses %s and %s are both named %s", course, other, name))
		}
		owner[name] = course
	}
	for student := range s.students {
		if n := s.count(1, student); n > maxCourses {
			problems = append(problems, fmt.Errorf("student %s takes %d courses", student, n))
		}
	}
	for pair := range s.taken {
		if !s.students[pair[1]] || s.names[pair[0]] == "" {
			problems = append(problems, fmt.Errorf("student %s takes course %s, and one of them is not there", pair[1], pair[0]))
		}
	}
	return errors.Join(problems...)
}
