package wire

import (
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// fillDefaults puts the schema's defaults where a value is absent, also in nested
// objects that are there, and says whether it changed anything.
func fillDefaults(spec *schema.PackageSpec, value resource.PropertyMap, properties map[string]schema.PropertySpec) bool {
	changed := false
	for name, property := range properties {
		key := resource.PropertyKey(name)
		v, found := value[key]
		switch {
		case property.Default != nil && (!found || v.IsNull()):
			value[key] = resource.NewPropertyValue(property.Default)
			changed = true
		case found && fillNested(spec, v, property.TypeSpec):
			changed = true
		}
	}
	return changed
}

// fillNested fills defaults into the objects that a value holds. Objects are maps, so
// they change in place.
func fillNested(spec *schema.PackageSpec, value resource.PropertyValue, want schema.TypeSpec) bool {
	changed := false
	switch name, local := strings.CutPrefix(want.Ref, localTypes); {
	case local && value.IsObject():
		return fillDefaults(spec, value.ObjectValue(), spec.Types[name].Properties)
	case value.IsArray() && want.Items != nil:
		for _, element := range value.ArrayValue() {
			changed = fillNested(spec, element, *want.Items) || changed
		}
	case value.IsObject() && want.AdditionalProperties != nil:
		for _, element := range value.ObjectValue() {
			changed = fillNested(spec, element, *want.AdditionalProperties) || changed
		}
	}
	return changed
}
