// Package compatibility finds what in a schema would break programs that were written
// for a released one.
//
//  1. [Breaking] compares the resources, functions, types and configuration of two schemas:
//     what was removed, what has another type or is plain no more, what became required.
//  2. What is only given by programs may become optional, what they only read may become
//     required; a type that is used for both must stay as it is.
//  3. [Allowed] says whether a version may break programs of another one, as semantic
//     versioning has it.
package compatibility

import (
	"fmt"
	"maps"
	"slices"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// Allowed says whether a version may break programs that were written for a released one:
// a new major version may, and below 1.0.0 a new minor one. A pre-release of a version may
// what the version may, and counts like it as the released one.
func Allowed(released, version semver.Version) bool {
	if version.Major != released.Major {
		return version.Major > released.Major
	}
	return version.Major == 0 && version.Minor > released.Minor
}

// Breaking lists what breaks programs, each with its place in the schema; in the order of
// the places.
func Breaking(released, current schema.PackageSpec) []string {
	c := &comparison{released: used(released), current: used(current)}
	if released.Name != current.Name {
		c.found("name", "was %s, is %s", released.Name, current.Name)
	}
	c.properties("config", given, object{released.Config.Variables, released.Config.Required}, object{current.Config.Variables, current.Config.Required})
	c.resource("provider", provider(released), provider(current))
	for name, former := range each(released.Resources) {
		now, there := current.Resources[name]
		if !there {
			c.found("resources/"+name, "was removed")
			continue
		}
		c.resource("resources/"+name, former, now)
	}
	for name := range each(released.Functions) {
		if _, there := current.Functions[name]; !there {
			c.found("functions/"+name, "was removed")
		}
	}
	for name, former := range each(released.Types) {
		now, there := current.Types[name]
		if !there {
			c.found("types/"+name, "was removed")
			continue
		}
		c.complexType("types/"+name, c.released[name]|c.current[name], former, now)
	}
	slices.Sort(c.problems)
	return c.problems
}

// use says what programs do with a value.
type use int

// The uses of values, which can be combined.
const (
	given use = 1 << iota
	read
)

// object are the properties of an object and the names of those that are always there.
type object struct {
	properties map[string]schema.PropertySpec
	required   []string
}

// comparison collects what breaks programs.
type comparison struct {
	// released and current say what the types are used for.
	released, current map[string]use
	problems          []string
}

// found notes a problem.
func (c *comparison) found(place, format string, values ...any) {
	c.problems = append(c.problems, place+": "+fmt.Sprintf(format, values...))
}

// provider is the schema's provider, which may say nothing of itself.
func provider(spec schema.PackageSpec) schema.ResourceSpec {
	if spec.Provider == nil {
		return schema.ResourceSpec{}
	}
	return *spec.Provider
}

// resource compares inputs and outputs.
func (c *comparison) resource(place string, released, current schema.ResourceSpec) {
	if released.IsComponent != current.IsComponent {
		c.found(place, "was a component or is one, and the other not")
	}
	c.properties(place+"/inputProperties", given, object{released.InputProperties, released.RequiredInputs}, object{current.InputProperties, current.RequiredInputs})
	c.properties(place+"/properties", read, object{released.Properties, released.Required}, object{current.Properties, current.Required})
}

// complexType compares objects and enumerations.
func (c *comparison) complexType(place string, of use, released, current schema.ComplexTypeSpec) {
	if released.Type != current.Type {
		c.found(place, "was %s, is %s", released.Type, current.Type)
		return
	}
	for _, former := range released.Enum {
		if !slices.ContainsFunc(current.Enum, func(now schema.EnumValueSpec) bool { return now.Value == former.Value }) {
			c.found(place, "the value %v was removed", former.Value)
		}
	}
	if len(released.Enum) > 0 && len(current.Enum) == 0 {
		return
	}
	c.properties(place+"/properties", of, object{released.Properties, released.Required}, object{current.Properties, current.Required})
}

// properties compares the properties of objects that are used in a way.
func (c *comparison) properties(place string, of use, released, current object) {
	for name, former := range each(released.properties) {
		now, there := current.properties[name]
		if !there {
			c.found(place+"/"+name, "was removed")
			continue
		}
		if was, is := typeOf(former.TypeSpec), typeOf(now.TypeSpec); was != is {
			c.found(place+"/"+name, "was %s, is %s", was, is)
		}
		was, is := slices.Contains(released.required, name), slices.Contains(current.required, name)
		if of&given != 0 && is && !was {
			c.found(place+"/"+name, "became required")
		}
		if of&read != 0 && was && !is {
			c.found(place+"/"+name, "became optional, so programs that read it may find nothing")
		}
	}
	for _, name := range current.required {
		if _, there := released.properties[name]; !there && of&given != 0 {
			c.found(place+"/"+name, "is new and required")
		}
	}
}

// typeOf describes a type: two types are the same if their descriptions are.
func typeOf(t schema.TypeSpec) string {
	plain := ""
	if t.Plain {
		plain = "plain "
	}
	switch {
	case t.Ref != "":
		return plain + t.Ref
	case t.Items != nil:
		return plain + "list of " + typeOf(*t.Items)
	case t.AdditionalProperties != nil:
		return plain + "map of " + typeOf(*t.AdditionalProperties)
	case len(t.OneOf) > 0:
		union := plain + "one of"
		for _, alternative := range t.OneOf {
			union += " (" + typeOf(alternative) + ")"
		}
		return union
	}
	return plain + t.Type
}

// each goes through a map in the order of its keys.
func each[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
