package dcb

import (
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// transaction puts together what the decision writes and checks, with the numbers that
// follow what is known of the streams.
func (d *decision) transaction() Transaction {
	t := Transaction{Puts: d.commits()}
	written := map[string]int64{}
	for _, c := range t.Puts {
		written[c.ID] = c.Version()
		t.Guard.Streams = append(t.Guard.Streams, Written{Stream: c.ID, Seq: c.Seq, Version: c.Version()})
	}
	for _, stream := range d.query.streams {
		if _, ok := written[stream]; !ok {
			t.Checks = append(t.Checks, Check{Stream: stream, Version: d.views[stream].Version})
		}
	}
	origin := d.command.Origin
	t.Guard.Key, t.Guard.CommandID, t.Guard.CorrelationID, t.Guard.Time = d.guardKey(), origin.CommandID, origin.CorrelationID, origin.Time
	about := d.about(written)
	t.Guard.Tag, t.Guard.ID = about.tag, about.id
	if version, ok := written[about.stream()]; ok {
		t.Guard.Version = version
	} else {
		t.Guard.Version = d.views[about.stream()].Version
	}
	return t
}

// streams are the streams of the transaction in the order of its actions.
func (t Transaction) streams() []string {
	streams := make([]string, 0, len(t.Puts)+len(t.Checks))
	for _, c := range t.Puts {
		streams = append(streams, c.ID)
	}
	for _, c := range t.Checks {
		streams = append(streams, c.Stream)
	}
	return streams
}

// about is the home stream that the result is about: that of the command if it was read
// or is written, else that of the first event.
func (d *decision) about(written map[string]int64) subject {
	if d.subject.id != "" {
		v, known := d.views[d.subject.stream()]
		if _, ok := written[d.subject.stream()]; ok || known && v.read {
			return d.subject
		}
	}
	return subject{d.events[0].tag, d.events[0].id}
}

// commits are the items of the decision's events, one for each stream.
func (d *decision) commits() []eventlog.Commit {
	var order []string
	byStream := map[string]*eventlog.Commit{}
	position := d.position()
	for i, e := range d.events {
		place := eventlog.Place{Tag: e.tag, ID: e.id, Index: i, Tags: e.tags}
		for n, stream := range e.streams {
			c, ok := byStream[stream]
			if !ok {
				c = &eventlog.Commit{Origin: d.command.Origin, ID: stream, Seq: d.views[stream].Version + 1, Position: position}
				byStream[stream] = c
				order = append(order, stream)
			}
			if n == 0 {
				place.Number = c.Seq + int64(len(c.Events))
			}
			c.Events, c.Places = append(c.Events, e.Event), append(c.Places, place)
		}
	}
	commits := make([]eventlog.Commit, len(order))
	for i, stream := range order {
		commits[i] = *byStream[stream]
	}
	return commits
}

// position is a logical clock: the microseconds since 1970, but more than the position
// of everything that the decision knows and that its events follow in their streams.
func (d *decision) position() int64 {
	position := d.log.now().UnixMicro()
	for _, v := range d.views {
		position = max(position, v.Position+1)
	}
	return position
}

// checkLimits says why DynamoDB would refuse a transaction, nil if it would not.
func (d *decision) checkLimits(t Transaction) error {
	if t.actions() > MaxActions {
		return actionLimit(d.command, t)
	}
	size := eventlog.ItemSize(encodeGuard(t.Guard))
	for _, c := range t.Puts {
		item := eventlog.ItemSize(eventlog.EncodeItem(c))
		if item > eventlog.MaxItemSize {
			return &eventlog.SizeError{CommandID: c.CommandID, Events: len(c.Events), Size: item}
		}
		size += item
	}
	for _, c := range t.Checks {
		size += eventlog.ItemSize(itemKey(c.Stream, c.Version+1))
	}
	if size > MaxTransactionSize {
		return sizeLimit(d.command, t, size)
	}
	return nil
}
