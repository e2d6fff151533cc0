package dcb

import (
	"errors"
	"fmt"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// query is what a decision must know: a slice's criteria with the values of one command.
type query struct {
	criteria []criterion
	// streams are the keys of the streams in which all that matches is, each once.
	streams []string
	added   map[string]bool
}

// criterion matches events of some types that have for each tag one of some values.
type criterion struct {
	events []string
	tags   map[string][]string
}

// newQuery puts the values of a command into the criteria of its slice. A criterion with
// a tag that the command has no value of matches nothing.
func newQuery(model definition.DCB, slice definition.Slice, data map[string]any) (query, error) {
	q := query{added: map[string]bool{}}
	var problems []error
	for i, declared := range slice.Reads {
		if err := checkCriterion(model, declared); err != nil {
			problems = append(problems, fmt.Errorf("reads[%d]: %w", i, err))
			continue
		}
		c, err := bind(model, declared, data)
		if err != nil {
			problems = append(problems, fmt.Errorf("reads[%d]: %w", i, err))
			continue
		}
		if c.tags != nil {
			q.criteria = append(q.criteria, c)
			err = q.addStreams(model, c, declared.Tags[0])
			problems = append(problems, err)
		}
	}
	return q, errors.Join(problems...)
}

// checkCriterion says why a criterion cannot be read completely, nil if it can.
func checkCriterion(model definition.DCB, c definition.Criterion) error {
	var problems []error
	if len(c.Events) == 0 {
		problems = append(problems, errors.New("it names no event type"))
	}
	if len(c.Tags) == 0 {
		problems = append(problems, errors.New("it names no tag"))
	}
	for _, eventType := range c.Events {
		for _, tag := range c.Tags {
			if _, ok := Family(model, eventType, tag); !ok {
				problems = append(problems, fmt.Errorf("events of type %q do not carry the tag %q", eventType, tag))
			}
		}
	}
	return errors.Join(problems...)
}

// bind takes the values of a criterion's tags from a command. The result has no tags
// when one of them has no value.
func bind(model definition.DCB, declared definition.Criterion, data map[string]any) (criterion, error) {
	c := criterion{events: declared.Events, tags: map[string][]string{}}
	complete := true
	for _, tag := range declared.Tags {
		values, err := valuesIn(model, data, tag)
		if err != nil {
			return criterion{}, err
		}
		c.tags[tag] = values
		complete = complete && len(values) > 0
	}
	if !complete {
		c.tags = nil
	}
	return c, nil
}

// addStreams adds the streams in which all that a criterion matches is.
func (q *query) addStreams(model definition.DCB, c criterion, first string) error {
	for _, eventType := range c.events {
		family, _ := Family(model, eventType, first) // checkCriterion has found it
		for _, value := range c.tags[first] {
			key := StreamKey(family, value)
			if err := checkKey(eventType, first, key); err != nil {
				return err
			}
			if !q.added[key] {
				q.added[key] = true
				q.streams = append(q.streams, key)
			}
		}
	}
	return nil
}

// checkKey says why there can be no stream of a key, nil if there can.
func checkKey(eventType, tag, key string) error {
	if !familyPattern.MatchString(tag + typeSeparator + eventType) {
		return fmt.Errorf("the tag %q or the event type %q is no identifier", tag, eventType)
	}
	if len(key) > eventlog.MaxIDLength {
		return fmt.Errorf("a value of the tag %q is too long: the name of its stream has %d bytes, at most %d are possible",
			tag, len(key), eventlog.MaxIDLength)
	}
	return nil
}

// matches says whether a decision must know an event.
func (q query) matches(e turn.RecordedEvent) bool {
	return slices.ContainsFunc(q.criteria, func(c criterion) bool { return c.matches(e) })
}

// matches says whether an event has one of the types and, for each tag, one of the values.
func (c criterion) matches(e turn.RecordedEvent) bool {
	if !slices.Contains(c.events, e.Type) {
		return false
	}
	for tag, values := range c.tags {
		if !slices.ContainsFunc(e.Tags[tag], func(value string) bool { return slices.Contains(values, value) }) {
			return false
		}
	}
	return true
}
