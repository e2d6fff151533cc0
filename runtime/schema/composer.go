package schema

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Composer composes fragments for one API. It keeps the checked and printed text of
// every fragment, so that one changed fragment costs that fragment and the joining of
// the texts. It must not be used by several goroutines at once.
type Composer struct {
	auth  *authorizer
	limit int
	// roots are the root fields of each root type, types all other types.
	roots map[string]*index
	types *index
	// owned are each owner's entries, owners the owner of each root field
	// ("Query.product").
	owned  map[string][]*entry
	owners map[string]string
}

// Option changes a [Composer].
type Option func(*Composer)

// WithLimit sets the largest composition in bytes, instead of [MaxBytes], for accounts
// that AppSync gives more.
func WithLimit(bytes int) Option {
	return func(c *Composer) { c.limit = bytes }
}

// NewComposer gives an empty composer for an API with these authorization modes. Every
// root field and every object type that has no authorization directives of its own gets
// those of all modes, as AppSync would otherwise let in only its first mode, whichever that
// is by then. Directives for modes that the API does not have are left out. Without any
// mode, directives stay as they are.
func NewComposer(modes []AuthMode, options ...Option) *Composer {
	c := &Composer{
		auth: newAuthorizer(modes), limit: MaxBytes,
		roots: map[string]*index{}, types: &index{byName: map[string]*entry{}},
		owned: map[string][]*entry{}, owners: map[string]string{},
	}
	for _, name := range rootTypes {
		c.roots[name] = &index{byName: map[string]*entry{}}
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Set puts a fragment in the place of its owner's former one. Where it conflicts with
// fragments of other owners, all conflicts are told and the composer stays as it is:
//   - protocol.CodeFieldConflict: a root field that another plugin has;
//   - protocol.CodeTypeConflict: a type that differs from another plugin's of that name;
//   - protocol.CodeInvalidSchema: a directive that lets nobody in.
func (c *Composer) Set(f *Fragment) []Problem {
	fields, problems := c.fieldEntries(f)
	types, more := c.typeEntries(f)
	if problems = append(problems, more...); len(problems) > 0 {
		sortProblems(problems)
		return problems
	}
	c.Remove(f.owner)
	for i, e := range fields {
		root := f.roots[i].Type
		c.roots[root].add(e)
		c.owners[root+"."+e.name] = f.owner
	}
	owned := append(make([]*entry, 0, len(fields)+len(types)), fields...)
	for _, e := range types {
		owned = append(owned, c.share(e))
	}
	c.owned[f.owner] = owned
	return nil
}

// share adds a type, or its claim to the equal type that is there.
func (c *Composer) share(e *entry) *entry {
	if known := c.types.byName[e.name]; known != nil {
		known.claims = append(known.claims, e.claims...)
		return known
	}
	c.types.add(e)
	return e
}

// Remove takes an owner's fragment out. Types that others have too stay. Removing an
// owner that has no fragment does nothing.
func (c *Composer) Remove(owner string) {
	for _, e := range c.owned[owner] {
		e.claims = slices.DeleteFunc(e.claims, func(claim claim) bool { return claim.owner == owner })
		if len(e.claims) > 0 {
			continue
		}
		if c.types.byName[e.name] == e {
			c.types.remove(e)
			continue
		}
		c.removeField(e)
	}
	delete(c.owned, owner)
}

func (c *Composer) removeField(e *entry) {
	for name, root := range c.roots {
		if root.byName[e.name] == e {
			root.remove(e)
			delete(c.owners, name+"."+e.name)
		}
	}
}

// fieldEntries gives the entries of a fragment's root fields, in their order.
func (c *Composer) fieldEntries(f *Fragment) (entries []*entry, problems []Problem) {
	entries = make([]*entry, 0, len(f.roots))
	for i, root := range f.roots {
		own := claim{f.owner, f.file, root.Line, root.Column}
		if known := c.roots[root.Type].byName[root.Name]; known != nil {
			if other, ok := known.first(f.owner); ok {
				problems = append(problems, fieldConflict(own, other, root))
			}
		}
		fitted, ok := c.auth.field(root.Definition)
		if fed := f.feeds[root.Name]; !ok && root.Type == mutation && fed != nil {
			problems = append(problems, c.unfed(own, root, fed))
		} else if !ok {
			problems = append(problems, c.closed(own, closedSubject{subject{"field", root.Type, root.Name, ""}, root.Definition.Position, root.Definition.Directives}))
		}
		entries = append(entries, fieldEntry(fitted, f.lines[i], fitted == root.Definition, own))
	}
	return entries, problems
}

// fieldEntry makes the entry of a root field. line is its canonical text, which is also
// what is printed unless directives were left out.
func fieldEntry(field *ast.FieldDefinition, line string, unchanged bool, claims ...claim) *entry {
	e := &entry{name: field.Name, source: line, text: line, stampAt: -1, claims: claims}
	if !unchanged {
		var p printer
		p.field(field)
		e.text = string(p.out)
	}
	if !isAuthorized(field.Directives) {
		e.stampAt = len(e.text) - len("\n")
	}
	return e
}

func fieldConflict(own, other claim, root RootField) Problem {
	return Problem{
		Code: protocol.CodeFieldConflict, File: own.file, Line: own.line, Column: own.column, Other: other.owner,
		Message: fmt.Sprintf("field %s.%s of %s is already a field of %s; a root field has one owner, so rename one of the two (for example %s_%s)",
			root.Type, root.Name, own, other, own.owner, root.Name),
	}
}

// typeEntries gives the entries of a fragment's types.
func (c *Composer) typeEntries(f *Fragment) (entries []*entry, problems []Problem) {
	entries = make([]*entry, 0, len(f.pieces))
	for _, p := range f.pieces {
		own := claim{owner: f.owner, file: f.file}
		if f.types[p.def.Name] == p.def {
			own.line, own.column = lineColumn(p.def.Position)
		}
		if problem, ok := c.typeConflict(own, p); ok {
			problems = append(problems, problem)
		}
		fitted, closed := c.auth.definition(p.def)
		for _, subject := range closed {
			problems = append(problems, c.closed(own, subject))
		}
		entries = append(entries, typeEntry(fitted, p, own))
	}
	return entries, problems
}

func typeEntry(fitted *ast.Definition, p piece, claims ...claim) *entry {
	e := &entry{name: fitted.Name, kind: fitted.Kind, source: p.text, text: p.text, stampAt: -1, claims: claims}
	head := p.head
	if fitted != p.def {
		changed := newPiece(fitted)
		e.text, head = changed.text, changed.head
	}
	if fitted.Kind == ast.Object && !isAuthorized(fitted.Directives) {
		e.stampAt = head
	}
	return e
}

func (c *Composer) typeConflict(own claim, p piece) (Problem, bool) {
	known := c.types.byName[p.def.Name]
	if known == nil || known.source == p.text {
		return Problem{}, false
	}
	other, ok := known.first(own.owner)
	if !ok {
		return Problem{}, false
	}
	return Problem{
		Code: protocol.CodeTypeConflict, File: own.file, Line: own.line, Column: own.column, Other: other.owner,
		Message: fmt.Sprintf("%s %s of %s differs from that of %s: %s; types of the same name must be equal to be shared, so make them equal or rename one of the two (for example %s_%s)",
			keywords[p.def.Kind], p.def.Name, own, other, difference(parsed(known.source), p.def), own.owner, p.def.Name),
	}, true
}

func (c *Composer) closed(own claim, s closedSubject) Problem {
	line, column := lineColumn(s.position)
	return Problem{Code: protocol.CodeInvalidSchema, File: own.file, Line: line, Column: column, Message: s.message(c.auth.modes)}
}
