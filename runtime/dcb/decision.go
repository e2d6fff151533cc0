package dcb

import (
	"errors"
	"fmt"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// decision is the state of one command that is being executed.
type decision struct {
	log     *Log
	command Command
	slice   definition.Slice
	decide  Decide
	query   query
	// subject is the home stream that the command is about.
	subject subject

	// views are the streams that are read or written, by key.
	views   map[string]*view
	history []known
	seen    map[identity]bool
	// ownCommitSeen says that a commit with the command's id was read.
	ownCommitSeen bool

	// decided says that events and reject are the answer to the history as it is.
	decided bool
	events  []routed
	reject  *turn.Reject
}

// subject names a home stream.
type subject struct{ tag, id string }

// stream is the key of the stream.
func (s subject) stream() string { return StreamKey(HomeFamily(s.tag), s.id) }

// begin checks a command and its slice and finds what to read.
func (l *Log) begin(command Command, decide Decide) (*decision, error) {
	slice, ok := l.model.Slices[command.Slice]
	if !ok {
		return nil, fmt.Errorf("the DCB log declares no slice of the name %q", command.Slice)
	}
	if command.Origin.Time == "" {
		command.Origin.Time = eventlog.FormatTime(l.now())
	}
	d := &decision{log: l, command: command, slice: slice, decide: decide, views: map[string]*view{}, seen: map[identity]bool{}}
	if err := d.checkCommand(); err != nil {
		return nil, err
	}
	data, err := parseObject(command.Data)
	if err != nil {
		return nil, err
	}
	if d.query, err = newQuery(l.model, slice, data); err != nil {
		return nil, err
	}
	if len(d.query.streams) >= MaxActions {
		return nil, readLimit(command, len(d.query.streams))
	}
	for _, stream := range d.query.streams {
		d.views[stream] = &view{stream: stream, read: true, stale: true}
	}
	return d, d.findSubject(data)
}

// checkCommand checks the command's id, which is part of a key.
func (d *decision) checkCommand() error {
	if d.command.Origin.CommandID == "" {
		return errors.New("the command has no id")
	}
	if length := len(d.guardKey()); length > eventlog.MaxIDLength {
		return fmt.Errorf("the key of its guard has %d bytes, at most %d are possible; send a shorter command id", length, eventlog.MaxIDLength)
	}
	return nil
}

// guardKey is the key of the command's guard.
func (d *decision) guardKey() string { return GuardKey(d.command.Slice, d.command.Origin.CommandID) }

// findSubject finds the home stream that the command is about, if it names one.
func (d *decision) findSubject(data map[string]any) error {
	if len(d.slice.Reads) == 0 {
		return nil
	}
	tag := d.slice.Reads[0].Tags[0] // newQuery has checked it
	values, err := valuesIn(d.log.model, data, tag)
	if err == nil && len(values) > 0 {
		d.subject = subject{tag, values[0]}
	}
	return err
}

// watchHomes makes the streams of the answer's events known whose heads are not.
func (d *decision) watchHomes() {
	for _, e := range d.events {
		for _, stream := range e.streams {
			if d.views[stream] == nil {
				d.views[stream] = &view{stream: stream, stale: true}
			}
		}
	}
}

// isHome says whether a stream is one of home streams.
func isHome(stream string) bool {
	family, _, ok := ParseStreamKey(stream)
	_, eventType := ParseFamily(family)
	return ok && eventType == ""
}

// homeEvents are the events of commits of one command, each once, as the command had them.
func homeEvents(commits []eventlog.Commit) []known {
	var all []known
	for _, c := range commits {
		if !isHome(c.ID) {
			continue
		}
		for i, e := range c.Recorded("") {
			all = append(all, known{RecordedEvent: e, commandID: c.CommandID, index: c.Places[i].Index})
		}
	}
	slices.SortFunc(all, known.compare)
	return all
}
