package dcb

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// routed is an event with the streams that it goes to.
type routed struct {
	turn.Event
	tag, id string
	tags    map[string][]string
	// streams are the keys of its streams, that of its home first.
	streams []string
}

// route finds the streams of the events that a slice's handler answered. An answer that
// cannot be recorded is a [*turn.HandlerError] that names everything that is wrong.
func route(model definition.DCB, slice definition.Slice, events []turn.Event) ([]routed, error) {
	all := make([]routed, len(events))
	var problems []string
	for i, e := range events {
		var err error
		if all[i], err = routeOne(model, slice, e); err != nil {
			problems = append(problems, fmt.Sprintf("$.events[%d] (%s): %s", i, e.Type, strings.ReplaceAll(err.Error(), "\n", "; ")))
		}
	}
	if len(problems) > 0 {
		return nil, &turn.HandlerError{Kind: turn.InvalidAnswer, Message: strings.Join(problems, "; ")}
	}
	return all, nil
}

// routeOne finds the streams of one event.
func routeOne(model definition.DCB, slice definition.Slice, e turn.Event) (routed, error) {
	names := model.Events[e.Type]
	switch {
	case len(names) == 0:
		return routed{}, errors.New("the DCB log declares no event type of this name")
	case len(slice.Emits) > 0 && !slices.Contains(slice.Emits, e.Type):
		return routed{}, fmt.Errorf("the slice declares that it emits only %s", strings.Join(slice.Emits, ", "))
	}
	object, err := parseObject(e.Data)
	if err != nil {
		return routed{}, err
	}
	r := routed{Event: e, tag: names[0], tags: map[string][]string{}}
	var problems []error
	for _, tag := range names {
		values, err := valuesIn(model, object, tag)
		problems = append(problems, err)
		if err == nil {
			problems = append(problems, r.add(model, tag, values))
		}
	}
	return r, errors.Join(problems...)
}

// add adds the streams of a tag's values.
func (r *routed) add(model definition.DCB, tag string, values []string) error {
	if tag == r.tag {
		if len(values) != 1 {
			return homeError(model, tag, values)
		}
		r.id = values[0]
	}
	if len(values) > 0 {
		r.tags[tag] = values
	}
	family, _ := Family(model, r.Type, tag)
	for _, value := range values {
		key := StreamKey(family, value)
		if err := checkKey(r.Type, tag, key); err != nil {
			return err
		}
		r.streams = append(r.streams, key)
	}
	return nil
}

// homeError says that an event has not exactly one value of its home tag.
func homeError(model definition.DCB, tag string, values []string) error {
	paths, err := pathsOf(model, tag)
	if err != nil {
		return err
	}
	return fmt.Errorf("an event needs exactly one value of its home tag %q, looked for at %s, there are %d",
		tag, strings.Join(paths, ", "), len(values))
}
