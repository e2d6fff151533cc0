package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// executeSlice carries out a command of a slice on the DCB log. The id of the result is
// the value that the command is about, or where it has none that of its first event.
func (e *Engine) executeSlice(ctx context.Context, command protocol.Command, origin eventlog.Origin, ask asker) (protocol.CommandResult, error) {
	asked := false
	result, err := e.decisions.Execute(ctx, dcb.Command{Slice: command.Component, Type: command.Type, Data: command.Data, Origin: origin},
		func(_ context.Context, history []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
			asked = true
			decision, err := decide(ask, command, origin, nil, history)
			return decision.Events, decision.Reject, err
		})
	var limit *dcb.LimitError
	var tooLarge *eventlog.SizeError
	switch {
	case errors.As(err, &limit) && !asked:
		err = invalidCommand("%s", limit)
	case errors.As(err, &limit):
		err = invalidAnswer("$.events: %s", limit)
	case errors.As(err, &tooLarge):
		err = invalidAnswer("$.events: %s", tooLarge)
	}
	outcome := eventlog.Result{Origin: result.Origin, Version: result.Version, Reject: result.Reject}
	return commandResult(result.ID, outcome, err), err
}

// entity is the tag and the value that a command for a slice is about: the first tag of
// the slice's first criterion and the first value that it has in the data. Both are
// empty for a slice that reads nothing, the value when the data has none. The error says
// everything that makes the data unusable for the slice's criteria.
func (e *Engine) entity(slice string, data json.RawMessage) (tag, value string, err error) {
	var problems []error
	for i, criterion := range e.Definition.DCB.Slices[slice].Reads {
		for j, name := range criterion.Tags {
			values, err := dcb.Values(*e.Definition.DCB, data, name)
			if err == nil && j == 0 {
				err = e.checkValues(criterion, values)
			}
			problems = append(problems, err)
			if i > 0 || j > 0 {
				continue
			}
			if tag = name; len(values) > 0 {
				value = values[0]
			}
		}
	}
	return tag, value, errors.Join(problems...)
}

// checkValues refuses values of a criterion's first tag that are too long to be part of
// the key of a stream.
func (e *Engine) checkValues(criterion definition.Criterion, values []string) error {
	for _, eventType := range criterion.Events {
		family, _ := dcb.Family(*e.Definition.DCB, eventType, criterion.Tags[0])
		for _, value := range values {
			if length := len(dcb.StreamKey(family, value)); length > eventlog.MaxIDLength {
				return fmt.Errorf("a value of the tag %q has %d bytes, with the name of its stream %d; at most %d are possible",
					criterion.Tags[0], len(value), length, eventlog.MaxIDLength)
			}
		}
	}
	return nil
}

// connectDCB makes the DCB log, and for each family of its streams a log to read from.
func (e *Engine) connectDCB() {
	e.families = map[string]*eventlog.Log{}
	model := e.Definition.DCB
	if model == nil {
		return
	}
	e.decisions = dcb.New(dcb.NewDynamoDB(e.DynamoDB, model.Table), *model, dcb.WithRetry(e.Retry), dcb.WithClock(e.Now))
	for eventType, tags := range model.Events {
		for _, tag := range tags {
			family, _ := dcb.Family(*model, eventType, tag)
			e.families[family] = eventlog.New(e.DynamoDB, model.Table, family, eventlog.WithPrefix(dcb.FamilyPrefix(family)))
		}
	}
}

// ambiguousNames are the names of tags that aggregates have too. The positions of a row
// and the references of messages could not tell their events apart.
func (e *Engine) ambiguousNames() (problems []error) {
	if e.Definition.DCB == nil {
		return nil
	}
	for tag := range e.Definition.DCB.Tags {
		if _, ok := e.Definition.Aggregates[tag]; ok {
			problems = append(problems, fmt.Errorf("%q is the name of an aggregate and of a tag of the DCB log; give one of them another name", tag))
		}
	}
	return problems
}
