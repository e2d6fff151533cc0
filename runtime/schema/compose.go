package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// placeholder is the query of a schema that would have none, which AppSync refuses. It
// has no resolver, so it answers null.
const placeholder = reservedPrefix + "none"

// Composition is the schema of one API.
type Composition struct {
	// SDL is the text to push: root types first, then all types by name. The root types
	// Mutation and Subscription are left out when they have no fields.
	SDL string
	// Hash is the content hash of SDL: the first 32 hexadecimal characters of a SHA-256.
	Hash string
	// Fields maps each root field ("Query.product") to its owner. Kept fields, which
	// nobody owns, are not in it.
	Fields map[string]string
}

// part is the sorted content of a composition.
type part struct {
	roots map[string][]*entry
	types []*entry
}

// Compose joins all fragments and the kept fields. A kept field that a fragment has
// meanwhile is left to its owner. Problems have the code protocol.CodeTypeConflict where
// a kept field does not go together with the fragments, and protocol.CodeInvalidSchema
// where the schema is larger than the limit; then there is no composition.
func (c *Composer) Compose(kept ...KeptField) (*Composition, []Problem) {
	content := part{roots: map[string][]*entry{}, types: c.types.entries()}
	for name, root := range c.roots {
		content.roots[name] = root.entries()
	}
	problems := c.keep(&content, kept)
	if len(content.roots[query]) == 0 {
		field := &ast.FieldDefinition{Name: placeholder, Type: ast.NamedType("String", nil)}
		content.roots[query] = []*entry{fieldEntry(field, "  "+placeholder+": String\n", true)}
	}
	if size := content.length(c.auth.stamp); size > c.limit {
		problems = append(problems, c.tooLarge(size))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	text := content.print(c.auth.stamp)
	return &Composition{SDL: string(text), Hash: contentHash(text), Fields: maps.Clone(c.owners)}, nil
}

// length is the number of bytes that print gives.
func (p *part) length(stamp string) int {
	size := 0
	for _, name := range rootTypes {
		if entries := p.roots[name]; len(entries) > 0 {
			size += len("type  {\n}\n") + len(name) + length(entries, stamp)
		}
	}
	return size + length(p.types, stamp)
}

func length(entries []*entry, stamp string) int {
	size := 0
	for _, e := range entries {
		size += e.length(stamp)
	}
	return size
}

func (p *part) print(stamp string) []byte {
	out := make([]byte, 0, p.length(stamp))
	for _, name := range rootTypes {
		entries := p.roots[name]
		if len(entries) == 0 {
			continue
		}
		out = append(out, "type "+name+" {\n"...)
		for _, e := range entries {
			out = e.append(out, stamp)
		}
		out = append(out, "}\n"...)
	}
	for _, e := range p.types {
		out = e.append(out, stamp)
	}
	return out
}

// maxContributors is how many owners the problem of a large schema names.
const maxContributors = 12

// tooLarge says how much each owner contributes, the largest first, since any of them can
// help. What several owners share is counted for each.
func (c *Composer) tooLarge(size int) Problem {
	sizes := map[string]int{}
	for owner, entries := range c.owned {
		sizes[owner] = length(entries, c.auth.stamp)
	}
	owners := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
	var largest []string
	for _, owner := range owners[:min(len(owners), maxContributors)] {
		largest = append(largest, fmt.Sprintf("%s %d", owner, sizes[owner]))
	}
	if rest := owners[len(largest):]; len(rest) > 0 {
		size := 0
		for _, owner := range rest {
			size += sizes[owner]
		}
		largest = append(largest, fmt.Sprintf("%d more plugins %d together", len(rest), size))
	}
	return Problem{Code: protocol.CodeInvalidSchema, Message: fmt.Sprintf(
		"the schema of all plugins has %d bytes, AppSync accepts %d; make fragments smaller or move plugins to another platform. Bytes by plugin: %s",
		size, c.limit, strings.Join(largest, ", "))}
}
