package cloud

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
)

// Item is an item as the AWS client has it.
type Item = map[string]types.AttributeValue

// pageSize is the number of items after which a page of a Query ends.
const pageSize = 50

// table is a table with the hash key "id" (S) and, if it is an event log, the range key
// "seq" (N).
type table struct {
	cloud  *Cloud
	name   string
	ranged bool
	stream *stream

	mu         sync.Mutex
	partitions map[string]*partition
	writes     int
}

// AddLog makes the table of an event log, with a stream.
func (c *Cloud) AddLog(name string) {
	c.tables[name] = &table{cloud: c, name: name, ranged: true, partitions: map[string]*partition{}, stream: c.newStream()}
}

// AddRows makes a table of rows, with a stream if it is one of to-do rows.
func (c *Cloud) AddRows(name string, streamed bool) {
	t := &table{cloud: c, name: name, partitions: map[string]*partition{}}
	if streamed {
		t.stream = c.newStream()
	}
	c.tables[name] = t
}

// Rows goes through the partitions of a table: the items of each with their hash key, in
// the order of their range keys.
func (c *Cloud) Rows(name string) iter.Seq2[string, []Item] {
	return func(yield func(string, []Item) bool) {
		t := c.tables[name]
		t.mu.Lock()
		defer t.mu.Unlock()
		for id, p := range t.partitions {
			items := make([]Item, len(p.entries))
			for i, e := range p.entries {
				if items[i] = e.item; p.packed {
					items[i] = (&unpacker{e.bytes}).item()
				}
			}
			if !yield(id, items) {
				return
			}
		}
	}
}

// Replace puts an item in the place of the one with its key, or removes that one, behind
// everybody's back; for tests of tests.
func (c *Cloud) Replace(name string, key, item Item) error {
	t := c.tables[name]
	t.mu.Lock()
	defer t.mu.Unlock()
	id, seq, err := t.key(key)
	if err != nil {
		return err
	}
	p := t.read(id)
	i, found := p.find(seq)
	if !found {
		return fmt.Errorf("table %s has no item %s %d", name, id, seq)
	}
	if item != nil {
		p.entries[i].item = item
		return nil
	}
	if p.entries = slices.Delete(p.entries, i, i+1); len(p.entries) == 0 {
		delete(t.partitions, id)
	}
	return nil
}

// table finds a table.
func (c *Cloud) table(name *string) (*table, error) {
	if t, ok := c.tables[aws.ToString(name)]; ok {
		return t, nil
	}
	return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Table: " + aws.ToString(name) + " not found")}
}

// key reads the key attributes of an item.
func (t *table) key(item Item) (id string, seq int64, err error) {
	text, ok := item["id"].(*types.AttributeValueMemberS)
	if !ok || text.Value == "" {
		return "", 0, fmt.Errorf("ValidationException: table %s: the key attribute id must be a non-empty string", t.name)
	}
	if !t.ranged {
		return text.Value, 0, nil
	}
	number, ok := item["seq"].(*types.AttributeValueMemberN)
	if !ok {
		return "", 0, fmt.Errorf("ValidationException: table %s: the key attribute seq must be a number", t.name)
	}
	seq, err = strconv.ParseInt(number.Value, 10, 64)
	return text.Value, seq, err
}

// write is one conditional write of one item, or only a check if change is nil.
type write struct {
	key       Item
	condition *string
	names     map[string]string
	values    map[string]types.AttributeValue
	// change makes the new item of the old one, which is nil when there is none.
	change func(old Item) (Item, error)
}

// put is the change that replaces the item.
func put(item Item) func(Item) (Item, error) {
	return func(Item) (Item, error) { return maps.Clone(item), nil }
}

// check evaluates the condition. The lock must be held.
func (w write) check(t *table) error {
	id, seq, err := t.key(w.key)
	if err != nil {
		return err
	}
	var old Item
	p := t.read(id)
	if i, found := p.find(seq); found {
		old = p.entries[i].item
	}
	if t.name == t.cloud.Unconditional {
		return nil
	}
	return eventlogtest.Check(w.condition, w.names, w.values, old)
}

// apply writes. The lock must be held.
func (w write) apply(t *table) error {
	if w.change == nil {
		return nil
	}
	id, seq, err := t.key(w.key)
	if err != nil {
		return err
	}
	p := t.of(id)
	i, found := p.find(seq)
	e := entry{seq: seq}
	if found {
		e.previous = p.entries[i].item
	} else {
		p.entries = slices.Insert(p.entries, i, e)
	}
	if e.item, err = w.change(e.previous); err != nil {
		return err
	}
	if t.ranged {
		e.previous = nil // only rows are read in an eventually consistent way
	}
	p.entries[i] = e
	t.sweep()
	if t.stream != nil {
		t.stream.add(id, found, e.item)
	}
	return nil
}

// writeOne does one write if its condition holds.
func (t *table) writeOne(w write) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := w.check(t); err != nil {
		return err
	}
	return w.apply(t)
}

// writeAll does all writes or none. They come into the stream in an order of its own.
func (t *table) writeAll(writes []write, order []int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	reasons := make([]types.CancellationReason, len(writes))
	cancelled := false
	for i, w := range writes {
		reasons[i].Code = aws.String("None")
		var failed *types.ConditionalCheckFailedException
		if err := w.check(t); errors.As(err, &failed) {
			reasons[i].Code, cancelled = aws.String("ConditionalCheckFailed"), true
		} else if err != nil {
			return err
		}
	}
	if cancelled {
		return &types.TransactionCanceledException{CancellationReasons: reasons, Message: aws.String("Transaction cancelled")}
	}
	for _, i := range order {
		if err := writes[i].apply(t); err != nil {
			return err
		}
	}
	return nil
}

// get reads one item, nil when there is none; a stale read may give the one before.
func (t *table) get(key Item, stale bool) (Item, error) {
	id, seq, err := t.key(key)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.read(id)
	i, found := p.find(seq)
	switch {
	case !found:
		return nil, nil
	case stale && !t.ranged:
		return maps.Clone(p.entries[i].previous), nil
	}
	return maps.Clone(p.entries[i].item), nil
}

// page reads up to limit items of a partition whose range keys are between two numbers,
// exclusively, and says whether there are more.
func (t *table) page(id string, after, before int64, limit int, backward bool) (items []Item, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.read(id)
	low, _ := p.find(after + 1)
	high, _ := p.find(before)
	found := p.entries[low:max(low, high)]
	more = len(found) > limit
	for i := range min(len(found), limit) {
		if backward {
			i = len(found) - 1 - i
		}
		items = append(items, maps.Clone(found[i].item))
	}
	return items, more
}
