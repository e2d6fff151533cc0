package cloud

import (
	"cmp"
	"slices"
)

// sweepAfter is how many writes of a table lie between two looks at which partitions are
// in use.
const sweepAfter = 5_000

// partition is the items with one hash key, in the order of their range keys.
type partition struct {
	entries []entry
	// used says that somebody read or wrote the partition since the last sweep; packed
	// that its items are kept as bytes.
	used, packed bool
}

// entry is one item. previous is what eventually consistent reads may still give.
type entry struct {
	seq            int64
	item, previous Item
	bytes          []byte
}

// find gives the place of an item.
func (p *partition) find(seq int64) (int, bool) {
	return slices.BinarySearchFunc(p.entries, seq, func(e entry, seq int64) int { return cmp.Compare(e.seq, seq) })
}

// unpack makes items of the bytes.
func (p *partition) unpack() {
	p.used = true
	if !p.packed {
		return
	}
	p.packed = false
	for i, e := range p.entries {
		item := (&unpacker{e.bytes}).item()
		p.entries[i] = entry{seq: e.seq, item: item, previous: item}
	}
}

// pack keeps the items as bytes, of a partition that nobody has used for a while.
func (p *partition) pack() {
	if p.packed || p.used {
		p.used = false
		return
	}
	p.packed = true
	for i, e := range p.entries {
		p.entries[i] = entry{seq: e.seq, bytes: slices.Clip(pack(nil, e.item))}
	}
}

// of gives the partition of a hash key with its items, made anew if there is none. The
// lock must be held.
func (t *table) of(id string) *partition {
	p, ok := t.partitions[id]
	if !ok {
		p = &partition{}
		t.partitions[id] = p
	}
	p.unpack()
	return p
}

// read gives the partition of a hash key with its items, an empty one if there is none.
// The lock must be held.
func (t *table) read(id string) *partition {
	p, ok := t.partitions[id]
	if !ok {
		return &partition{}
	}
	p.unpack()
	return p
}

// sweep packs the partitions that nobody uses, now and then. The lock must be held.
func (t *table) sweep() {
	if t.writes++; t.writes%sweepAfter != 0 {
		return
	}
	for _, p := range t.partitions {
		p.pack()
	}
}
