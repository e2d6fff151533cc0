package compatibility

import (
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// typePrefix begins references to types of the same schema.
const typePrefix = "#/types/"

// used says for each type what programs do with its values: they are within inputs,
// within outputs, or both.
func used(spec schema.PackageSpec) map[string]use {
	uses := map[string]use{}
	mark(spec, uses, given, spec.Config.Variables)
	for _, resource := range append([]schema.ResourceSpec{provider(spec)}, values(spec.Resources)...) {
		mark(spec, uses, given, resource.InputProperties)
		mark(spec, uses, read, resource.Properties)
	}
	return uses
}

// mark notes a use of all types that properties refer to, and of those within them.
func mark(spec schema.PackageSpec, uses map[string]use, of use, properties map[string]schema.PropertySpec) {
	for _, property := range properties {
		markType(spec, uses, of, property.TypeSpec)
	}
}

// markType notes a use of the types that one type refers to.
func markType(spec schema.PackageSpec, uses map[string]use, of use, t schema.TypeSpec) {
	if t.Items != nil {
		markType(spec, uses, of, *t.Items)
	}
	if t.AdditionalProperties != nil {
		markType(spec, uses, of, *t.AdditionalProperties)
	}
	for _, alternative := range t.OneOf {
		markType(spec, uses, of, alternative)
	}
	name, own := strings.CutPrefix(t.Ref, typePrefix)
	if !own || uses[name]&of != 0 {
		return
	}
	uses[name] |= of
	mark(spec, uses, of, spec.Types[name].Properties)
}

// values are a map's values.
func values[V any](m map[string]V) []V {
	var found []V
	for _, value := range each(m) {
		found = append(found, value)
	}
	return found
}
