// Package schemadiff says what differs between two GraphQL schemas, and what of it breaks
// clients that were written for the first one.
//
//  1. [Compare] goes through the types of both by name, and through their fields, arguments,
//     values, members and interfaces.
//
//  2. What was taken away breaks whoever used it. What was added does not, but for an
//     argument or an input field that has to be given.
//
//  3. A changed type is judged by its position: what clients get may become more exact
//     (String to String!), what they send may become less (String! to String).
//
//  4. Who may use a type or a field, by its directives, breaks those who are shut out.
//
// Descriptions and other directives are not compared, but for @deprecated.
package schemadiff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Kind is what happened to something.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Change is one difference.
type Change struct {
	Kind Kind `json:"kind"`
	// Breaking says that a client of the first schema may not work with the second.
	Breaking bool `json:"breaking"`
	// Path is what is meant: "Product", "Query.product", "Query.product(id:)".
	Path string `json:"path"`
	// Text says what changed, in words.
	Text string `json:"text"`
}

// Compare gives all differences, in the order of their paths. The types are by name.
func Compare(before, after map[string]*ast.Definition) []Change {
	var c comparison
	each(before, after, func(name string, old, now *ast.Definition) {
		switch {
		case now == nil:
			c.add(Removed, true, name, "%s was removed", kind(old))
		case old == nil:
			c.add(Added, false, name, "%s was added", kind(now))
		case old.Kind != now.Kind:
			c.add(Changed, true, name, "%s became %s", kind(old), kind(now))
		default:
			c.definition(old, now)
		}
	})
	slices.SortStableFunc(c.changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return c.changes
}

// Breaking are the changes that break clients.
func Breaking(changes []Change) []Change {
	return slices.DeleteFunc(slices.Clone(changes), func(change Change) bool { return !change.Breaking })
}

type comparison struct{ changes []Change }

func (c *comparison) add(kind Kind, breaking bool, path, format string, arguments ...any) {
	c.changes = append(c.changes, Change{Kind: kind, Breaking: breaking, Path: path, Text: fmt.Sprintf(format, arguments...)})
}

// each calls do with every name of two maps, in order, and the zero value where one lacks it.
func each[T any](before, after map[string]T, do func(name string, old, now T)) {
	names := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		do(name, before[name], after[name])
	}
}

func kind(def *ast.Definition) string {
	switch def.Kind {
	case ast.Object:
		return "the type"
	case ast.InputObject:
		return "the input"
	default:
		return "the " + strings.ToLower(string(def.Kind))
	}
}

// definition compares two types of one kind.
func (c *comparison) definition(old, now *ast.Definition) {
	c.callers(old.Name, old.Directives, now.Directives)
	c.names(old.Name, "the interface", old.Interfaces, now.Interfaces)
	c.names(old.Name, "the member", old.Types, now.Types)
	each(values(old), values(now), func(name string, was, is *ast.EnumValueDefinition) {
		switch path := old.Name + "." + name; {
		case is == nil:
			c.add(Removed, true, path, "the value was removed")
		case was == nil:
			c.add(Added, false, path, "the value was added; clients that know all values do not know it")
		default:
			c.deprecated(path, was.Directives, is.Directives)
		}
	})
	each(fields(old), fields(now), func(name string, was, is *ast.FieldDefinition) {
		c.field(old, old.Name+"."+name, was, is)
	})
}

// names compares lists of names: interfaces, members of a union.
func (c *comparison) names(path, what string, old, now []string) {
	each(set(old), set(now), func(name string, was, is bool) {
		switch {
		case !is:
			c.add(Removed, true, path, "%s %s was removed", what, name)
		case !was:
			c.add(Added, false, path, "%s %s was added", what, name)
		}
	})
}

func (c *comparison) field(of *ast.Definition, path string, old, now *ast.FieldDefinition) {
	input := of.Kind == ast.InputObject
	switch {
	case now == nil:
		c.add(Removed, true, path, "the field was removed")
	case old == nil && input && now.Type.NonNull && now.DefaultValue == nil:
		c.add(Added, true, path, "the field was added and has to be given: %s", now.Type)
	case old == nil:
		c.add(Added, false, path, "the field was added: %s", now.Type)
	default:
		c.types(path, input, old.Type, now.Type)
		c.defaults(path, old.DefaultValue, now.DefaultValue)
		c.deprecated(path, old.Directives, now.Directives)
		c.callers(path, old.Directives, now.Directives)
		each(arguments(old), arguments(now), func(name string, was, is *ast.ArgumentDefinition) {
			c.argument(path+"("+name+":)", was, is)
		})
	}
}

func (c *comparison) argument(path string, old, now *ast.ArgumentDefinition) {
	switch {
	case now == nil:
		c.add(Removed, true, path, "the argument was removed")
	case old == nil && now.Type.NonNull && now.DefaultValue == nil:
		c.add(Added, true, path, "the argument was added and has to be given: %s", now.Type)
	case old == nil:
		c.add(Added, false, path, "the argument was added: %s", now.Type)
	default:
		c.types(path, true, old.Type, now.Type)
		c.defaults(path, old.DefaultValue, now.DefaultValue)
	}
}

func (c *comparison) types(path string, input bool, old, now *ast.Type) {
	if old.String() == now.String() {
		return
	}
	safe := safeOutput(old, now)
	if input {
		safe = safeInput(old, now)
	}
	c.add(Changed, !safe, path, "%s became %s", old, now)
}

// safeOutput says whether clients that got the old type can do with the new one.
func safeOutput(old, now *ast.Type) bool {
	if old.NonNull && !now.NonNull {
		return false
	}
	if old.Elem != nil || now.Elem != nil {
		return old.Elem != nil && now.Elem != nil && safeOutput(old.Elem, now.Elem)
	}
	return old.NamedType == now.NamedType
}

// safeInput says whether what clients sent for the old type is still good for the new one.
func safeInput(old, now *ast.Type) bool {
	if now.NonNull && !old.NonNull {
		return false
	}
	if old.Elem != nil || now.Elem != nil {
		return old.Elem != nil && now.Elem != nil && safeInput(old.Elem, now.Elem)
	}
	return old.NamedType == now.NamedType
}

func (c *comparison) defaults(path string, old, now *ast.Value) {
	if text(old) != text(now) {
		c.add(Changed, false, path, "the default %s became %s", text(old), text(now))
	}
}

func text(value *ast.Value) string {
	if value == nil {
		return "(none)"
	}
	return value.String()
}

func (c *comparison) deprecated(path string, old, now ast.DirectiveList) {
	was, is := old.ForName("deprecated") != nil, now.ForName("deprecated") != nil
	if is && !was {
		c.add(Changed, false, path, "it is deprecated now")
	}
	if was && !is {
		c.add(Changed, false, path, "it is not deprecated any more")
	}
}

func set(names []string) map[string]bool {
	found := map[string]bool{}
	for _, name := range names {
		found[name] = true
	}
	return found
}

func values(def *ast.Definition) map[string]*ast.EnumValueDefinition {
	found := map[string]*ast.EnumValueDefinition{}
	for _, value := range def.EnumValues {
		found[value.Name] = value
	}
	return found
}

func fields(def *ast.Definition) map[string]*ast.FieldDefinition {
	found := map[string]*ast.FieldDefinition{}
	for _, field := range def.Fields {
		found[field.Name] = field
	}
	return found
}

func arguments(field *ast.FieldDefinition) map[string]*ast.ArgumentDefinition {
	found := map[string]*ast.ArgumentDefinition{}
	for _, argument := range field.Arguments {
		found[argument.Name] = argument
	}
	return found
}
