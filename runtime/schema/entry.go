package schema

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// claim is one owner's definition of something, with its place.
type claim struct {
	owner, file  string
	line, column int
}

func (c claim) String() string {
	name := "plugin \"" + c.owner + "\""
	if at := place(c.file, c.line, c.column); at != "" {
		name += " (" + at + ")"
	}
	return name
}

// entry is a root field or a type in a composer. It holds texts only, so that parsed
// documents can be freed.
type entry struct {
	name string
	kind ast.DefinitionKind
	// source is the canonical text, text the same with directives for absent
	// authorization modes left out.
	source, text string
	// stampAt is the offset in text where the stamp goes, negative for nowhere.
	stampAt int
	claims  []claim
	// gone says that no claim is left.
	gone bool
}

// first is the claim to name in messages: the same whatever the order of arrival.
func (e *entry) first(except string) (claim, bool) {
	others := slices.DeleteFunc(slices.Clone(e.claims), func(c claim) bool { return c.owner == except })
	if len(others) == 0 {
		return claim{}, false
	}
	return slices.MinFunc(others, func(a, b claim) int { return cmp.Compare(a.owner, b.owner) }), true
}

// length is the number of bytes that the entry prints to.
func (e *entry) length(stamp string) int {
	if e.stampAt < 0 {
		return len(e.text)
	}
	return len(e.text) + len(stamp)
}

// append prints the entry.
func (e *entry) append(out []byte, stamp string) []byte {
	if e.stampAt < 0 {
		return append(out, e.text...)
	}
	out = append(out, e.text[:e.stampAt]...)
	out = append(out, stamp...)
	return append(out, e.text[e.stampAt:]...)
}

func compareEntries(a, b *entry) int { return cmp.Compare(a.name, b.name) }

// index keeps entries in the order of their names. New ones are sorted in when the
// order is asked for, all at once, so that neither one change nor thousands cost more
// than one pass.
type index struct {
	byName map[string]*entry
	sorted []*entry
	added  []*entry
	// removed counts the entries in sorted and added that are gone.
	removed int
}

func (x *index) add(e *entry) {
	x.byName[e.name] = e
	x.added = append(x.added, e)
}

func (x *index) remove(e *entry) {
	e.gone = true
	delete(x.byName, e.name)
	x.removed++
}

// entries gives all entries by name. The slice is the index's own.
func (x *index) entries() []*entry {
	if len(x.added)+x.removed == 0 {
		return x.sorted
	}
	slices.SortFunc(x.added, compareEntries)
	x.sorted = mergeEntries(x.sorted, x.added)
	x.added, x.removed = nil, 0
	return x.sorted
}

// mergeEntries merges two sorted lists into a new one and drops entries that are gone.
func mergeEntries(a, b []*entry) []*entry {
	merged := make([]*entry, 0, len(a)+len(b))
	keep := func(e *entry) {
		if !e.gone {
			merged = append(merged, e)
		}
	}
	for len(a) > 0 && len(b) > 0 {
		if compareEntries(a[0], b[0]) <= 0 {
			keep(a[0])
			a = a[1:]
		} else {
			keep(b[0])
			b = b[1:]
		}
	}
	for _, e := range a {
		keep(e)
	}
	for _, e := range b {
		keep(e)
	}
	return merged
}
