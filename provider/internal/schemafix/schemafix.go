// Package schemafix makes the schema say what the components' Go types say.
//
// pulumi-go-provider infers the schema from the argument structs, but does not mark
// everything that must be known when the program runs as plain, and cannot name the
// type of archives. So for each component, by its argument struct:
//
//  1. a field that is no Input (text, a number, a struct, a list or map of them) is
//     plain through and through;
//  2. a list or map of Inputs is plain as a whole, its elements are not;
//  3. a field that is an Input is not plain, nor are its elements, in an argument that is
//     a struct either;
//  4. an Input of an asset or archive is an Archive, in a map of them too;
//  5. an enum has the description that its type gives, see [Described];
//  6. an output that is a pointer may be absent, so it is not required.
//
// With that the SDKs refuse at compile time what could not work, and package wire
// refuses the rest.
package schemafix

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	archiveRef = "pulumi.json#/Archive"
	localTypes = "#/types/"
)

var (
	inputType   = reflect.TypeFor[pulumi.Input]()
	outputType  = reflect.TypeFor[pulumi.Output]()
	archiveType = reflect.TypeFor[pulumi.AssetOrArchiveInput]()
)

// Described is an enum that says what it is; pulumi-go-provider leaves it out.
type Described interface {
	// Description is the description of the enum in the schema.
	Description() string
}

// Component is a component's structs.
type Component struct {
	Arguments, Outputs reflect.Type
}

// Apply corrects the schema in place. components are by their tokens.
func Apply(spec *schema.PackageSpec, components map[string]Component) {
	for token, structs := range components {
		resource, found := spec.Resources[token]
		if !found {
			continue
		}
		for field := range fields(structs.Arguments) {
			if property, found := resource.InputProperties[key(field)]; found {
				correct(spec, &property.TypeSpec, field.Type)
				describe(spec, property.TypeSpec, field.Type)
				resource.InputProperties[key(field)] = property
			}
		}
		for field := range fields(structs.Outputs) {
			if mayBeAbsent(field.Type) {
				resource.Required = slices.DeleteFunc(resource.Required, func(name string) bool { return name == key(field) })
			}
		}
		spec.Resources[token] = resource
	}
}

// key is the name of a field's property.
func key(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
	return name
}

// mayBeAbsent says whether an output is one of a pointer, such as pulumi.StringPtrOutput.
func mayBeAbsent(output reflect.Type) bool {
	if !output.Implements(outputType) {
		return false
	}
	return reflect.Zero(output).Interface().(pulumi.Output).ElementType().Kind() == reflect.Pointer
}

func fields(structure reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range structure.NumField() {
			if !yield(structure.Field(i)) {
				return
			}
		}
	}
}

func correct(spec *schema.PackageSpec, property *schema.TypeSpec, field reflect.Type) {
	switch {
	case field == archiveType:
		*property = schema.TypeSpec{Ref: archiveRef}
	case field.Implements(inputType):
		mark(spec, property, false)
	case field.Kind() == reflect.Map && field.Elem() == archiveType:
		*property = schema.TypeSpec{Type: "object", Plain: true, AdditionalProperties: &schema.TypeSpec{Ref: archiveRef}}
	case (field.Kind() == reflect.Map || field.Kind() == reflect.Slice) && field.Elem().Implements(inputType):
		mark(spec, property, false)
		property.Plain = true
	default:
		mark(spec, property, true)
		leaves(spec, property, field)
	}
}

// leaves unmarks the fields of a struct that are Inputs.
func leaves(spec *schema.PackageSpec, property *schema.TypeSpec, structure reflect.Type) {
	if structure.Kind() == reflect.Pointer {
		structure = structure.Elem()
	}
	name, local := strings.CutPrefix(property.Ref, localTypes)
	if !local || structure.Kind() != reflect.Struct {
		return
	}
	for field := range fields(structure) {
		if nested, found := spec.Types[name].Properties[key(field)]; found && field.Type.Implements(inputType) {
			mark(spec, &nested.TypeSpec, false)
			spec.Types[name].Properties[key(field)] = nested
		}
	}
}

// describe describes the enums in a field.
func describe(spec *schema.PackageSpec, property schema.TypeSpec, field reflect.Type) {
	switch kind := field.Kind(); {
	case kind == reflect.Pointer:
		describe(spec, property, field.Elem())
		return
	case kind == reflect.Slice && property.Items != nil:
		describe(spec, *property.Items, field.Elem())
	case kind == reflect.Map && property.AdditionalProperties != nil:
		describe(spec, *property.AdditionalProperties, field.Elem())
	}
	name, local := strings.CutPrefix(property.Ref, localTypes)
	if !local {
		return
	}
	if enum, described := reflect.Zero(field).Interface().(Described); described {
		kind := spec.Types[name]
		kind.Description = enum.Description()
		spec.Types[name] = kind
	} else if field.Kind() == reflect.Struct {
		for nested := range fields(field) {
			describe(spec, spec.Types[name].Properties[key(nested)].TypeSpec, nested.Type)
		}
	}
}

// mark marks a type and all within it as plain or not. The package's own types hold
// structure, so a reference to one is followed when it is plain.
func mark(spec *schema.PackageSpec, property *schema.TypeSpec, plain bool) {
	property.Plain = plain
	if property.Items != nil {
		mark(spec, property.Items, plain)
	}
	if property.AdditionalProperties != nil {
		mark(spec, property.AdditionalProperties, plain)
	}
	name, local := strings.CutPrefix(property.Ref, localTypes)
	if !local || !plain {
		return
	}
	for key, nested := range spec.Types[name].Properties {
		mark(spec, &nested.TypeSpec, plain)
		spec.Types[name].Properties[key] = nested
	}
}
