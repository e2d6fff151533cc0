package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// keptReason is what the API says about a field that is kept.
const keptReason = "No plugin provides this field any more. It goes when its resolver is gone."

// KeptField is a root field that no fragment owns any more but that still has a
// resolver, with the types that it needs. See [Live.Keep].
type KeptField struct {
	// Type is the root type, Name the field.
	Type, Name string
	field      *ast.FieldDefinition
	// types are all types that the field leads to.
	types ast.DefinitionList
}

// Keep gives a root field of the API for carrying it over to the next schema: AppSync
// leaves resolvers of vanished fields in an undefined state. The field keeps its
// authorization directives and is marked as deprecated.
func (l *Live) Keep(typ, field string) (KeptField, error) {
	var found *ast.FieldDefinition
	if def := l.types[typ]; def != nil && slices.Contains(l.rootNames, typ) {
		found = def.Fields.ForName(field)
	}
	if found == nil {
		return KeptField{}, fmt.Errorf("keeping %s.%s: the API's schema has no such root field.%s", typ, field, l.suggest(typ, field))
	}
	kept := KeptField{Type: typ, Name: field, field: deprecated(found)}
	var names []string
	fieldReferences(found, func(name string) { names = append(names, name) })
	l.reach(names, func(def *ast.Definition) {
		if !slices.Contains(l.rootNames, def.Name) {
			kept.types = append(kept.types, def)
		}
	})
	slices.SortFunc(kept.types, compareDefinitions)
	return kept, nil
}

func (l *Live) suggest(typ, field string) string {
	return Suggest(typ+"."+field, slices.Collect(maps.Keys(l.roots)))
}

// deprecated gives a copy of a field with our reason for deprecation.
func deprecated(field *ast.FieldDefinition) *ast.FieldDefinition {
	copied := *field
	copied.Directives = slices.DeleteFunc(slices.Clone(field.Directives), func(d *ast.Directive) bool {
		return d.Name == "deprecated" || d.Name == "aws_auth"
	})
	copied.Directives = append(copied.Directives, &ast.Directive{Name: "deprecated", Arguments: ast.ArgumentList{
		{Name: "reason", Value: &ast.Value{Kind: ast.StringValue, Raw: keptReason}},
	}})
	normaliseDirectives(copied.Directives)
	return &copied
}

// keep adds kept fields, and those of their types that no fragment has.
func (c *Composer) keep(content *part, kept []KeptField) []Problem {
	fields, missing := c.missing(kept)
	if len(fields) == 0 {
		return nil
	}
	problems := c.clashes(fields, missing)
	added, now := map[string][]*entry{}, c.composedType()
	for _, k := range fields {
		k = c.narrow(k, now)
		fitted, _ := c.auth.field(c.withTriggers(k, fields))
		added[k.Type] = append(added[k.Type], keptEntry(fitted))
	}
	for root, entries := range added {
		slices.SortFunc(entries, compareEntries)
		content.roots[root] = mergeEntries(content.roots[root], entries)
	}
	var types []*entry
	for _, def := range missing {
		fitted, _ := c.auth.definition(def)
		types = append(types, typeEntry(fitted, newPiece(def)))
	}
	slices.SortFunc(types, compareEntries)
	content.types = mergeEntries(content.types, types)
	return problems
}

// keptEntry makes the entry of a kept field. The stamp goes before the other directives,
// where it is when the live schema is read again: the next composition must not differ.
func keptEntry(field *ast.FieldDefinition) *entry {
	e := fieldEntry(field, "", false)
	if e.stampAt >= 0 {
		plain := *field
		plain.Directives = nil
		var p printer
		p.field(&plain)
		e.stampAt = len(p.out) - len("\n")
	}
	return e
}

// missing gives the kept fields that no fragment has, each once, and those of their
// types that no fragment has.
func (c *Composer) missing(kept []KeptField) ([]KeptField, map[string]*ast.Definition) {
	var fields []KeptField
	types, seen := map[string]*ast.Definition{}, map[string]bool{}
	for _, k := range kept {
		key := k.Type + "." + k.Name
		root := c.roots[k.Type]
		if root == nil || root.byName[k.Name] != nil || seen[key] {
			continue
		}
		seen[key] = true
		fields = append(fields, k)
		for _, def := range k.types {
			if c.types.byName[def.Name] == nil {
				types[def.Name] = def
			}
		}
	}
	return fields, types
}

// clashes holds kept fields and their types against the types that fragments have now
// under the names that they use. Types that only changed are no clash: the field then
// gives the changed type.
func (c *Composer) clashes(fields []KeptField, missing map[string]*ast.Definition) []Problem {
	check := &checker{types: missing, code: protocol.CodeTypeConflict, outside: c.composedType()}
	for _, def := range check.ordered() {
		check.checkReferences(def)
	}
	for _, k := range fields {
		check.checkReferences(&ast.Definition{Kind: ast.Object, Name: k.Type, Fields: ast.FieldList{k.field}})
	}
	var names []string
	for _, k := range fields {
		names = append(names, k.Type+"."+k.Name)
	}
	slices.Sort(names)
	for i := range check.problems {
		p := &check.problems[i]
		p.Message = fmt.Sprintf("%s must stay in the API until its resolver is gone, but does not fit the plugins' types any more: %s. Remove the resolver first, or give the plugin's changed type another name",
			strings.Join(names, ", "), p.Message)
		p.File, p.Line, p.Column = "", 0, 0
	}
	sortProblems(check.problems)
	return check.problems
}

// composedType finds types of the fragments, each parsed once.
func (c *Composer) composedType() func(name string) *ast.Definition {
	known := map[string]*ast.Definition{}
	return func(name string) *ast.Definition {
		e := c.types.byName[name]
		switch {
		case isRoot(name):
			return &ast.Definition{Kind: ast.Object, Name: name}
		case e == nil:
			return nil
		case known[name] == nil:
			known[name] = parsed(e.source)
		}
		return known[name]
	}
}
