package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// isAuthorized tells whether directives hold one of AppSync's authorization directives.
func isAuthorized(list ast.DirectiveList) bool {
	return slices.ContainsFunc(list, func(d *ast.Directive) bool { return authDirectives[d.Name] != "" })
}

// pushDownAuthorization moves a root type's directives to those of its fields that have
// none of their own: the type is put together from all fragments, its directives would
// become everybody's.
func pushDownAuthorization(def *ast.Definition) {
	if len(def.Directives) == 0 {
		return
	}
	for _, field := range def.Fields {
		if !isAuthorized(field.Directives) {
			field.Directives = append(slices.Clip(field.Directives), def.Directives...)
		}
	}
	def.Directives = nil
}

// Stamping names the way in which compositions say who may use what says nothing. A release
// that stamps in another way changes it, and with it what a platform connects with.
const Stamping = "every mode, a single one too"

// authorizer fits directives to the authorization modes of one API.
type authorizer struct {
	modes map[AuthMode]bool
	// stamp is what goes behind root fields and object types that choose nothing for
	// themselves. AppSync would let in the API's first mode there, and no other. An API
	// with one mode is stamped too: when it gets a new first mode, that opens nothing by
	// itself, and closes nothing to the old one. It is empty where no mode is known.
	stamp string
}

func newAuthorizer(modes []AuthMode) *authorizer {
	a := &authorizer{modes: map[AuthMode]bool{}}
	for _, mode := range modes {
		a.modes[mode] = true
	}
	var stamp strings.Builder
	for _, name := range slices.Sorted(maps.Keys(authDirectives)) {
		if a.modes[authDirectives[name]] {
			stamp.WriteString(" @" + name)
		}
	}
	a.stamp = stamp.String()
	return a
}

// absent tells whether a directive is for a mode that the API does not have.
func (a *authorizer) absent(d *ast.Directive) bool {
	mode := authDirectives[d.Name]
	return mode != "" && len(a.modes) > 0 && !a.modes[mode]
}

// filter leaves out directives for modes that the API does not have. When none would be
// left, all stay and ok is false: nobody can pass, and without any directive everybody
// could.
func (a *authorizer) filter(list ast.DirectiveList) (kept ast.DirectiveList, ok bool) {
	if !slices.ContainsFunc(list, a.absent) {
		return list, true
	}
	kept = slices.DeleteFunc(slices.Clone(list), a.absent)
	if !isAuthorized(kept) {
		return list, false
	}
	return kept, true
}

// definition gives def without directives for absent modes, def itself where there are
// none, and the subjects that nobody could reach then.
func (a *authorizer) definition(def *ast.Definition) (*ast.Definition, []closedSubject) {
	var closed []closedSubject
	directives, ok := a.filter(def.Directives)
	if !ok {
		closed = append(closed, closedSubject{subject{keywords[def.Kind], def.Name, "", ""}, def.Position, def.Directives})
	}
	fields, cloned := def.Fields, false
	for i, field := range def.Fields {
		fitted, ok := a.field(field)
		if !ok {
			closed = append(closed, closedSubject{subject{"field", def.Name, field.Name, ""}, field.Position, field.Directives})
		}
		if fitted != field {
			if !cloned {
				fields, cloned = slices.Clone(def.Fields), true
			}
			fields[i] = fitted
		}
	}
	if !cloned && len(directives) == len(def.Directives) {
		return def, closed
	}
	fitted := *def
	fitted.Directives, fitted.Fields = directives, fields
	return &fitted, closed
}

func (a *authorizer) field(field *ast.FieldDefinition) (fitted *ast.FieldDefinition, ok bool) {
	directives, ok := a.filter(field.Directives)
	if len(directives) == len(field.Directives) {
		return field, ok
	}
	copied := *field
	copied.Directives = directives
	return &copied, ok
}

// closedSubject is something that no caller of the API could reach.
type closedSubject struct {
	subject    subject
	position   *ast.Position
	directives ast.DirectiveList
}

func (c closedSubject) message(modes map[AuthMode]bool) string {
	var names []string
	for _, directive := range c.directives {
		if authDirectives[directive.Name] != "" {
			names = append(names, "@"+directive.Name)
		}
	}
	return fmt.Sprintf("%s lets in only %s, but the platform's API has only the authorization modes %s, so nobody could use it; add a directive for one of them, or the mode to the Platform",
		c.subject, strings.Join(names, " and "), modeNames(modes))
}

func modeNames(modes map[AuthMode]bool) string {
	var names []string
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		names = append(names, string(mode))
	}
	return strings.Join(names, ", ")
}
