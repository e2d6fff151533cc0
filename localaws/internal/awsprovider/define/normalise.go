package define

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func normaliseObject(kinds map[string]Kind, m resource.PropertyMap, prefix string) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		v = property.Plain(v)
		if strings.HasPrefix(string(k), "__") || v.IsNull() {
			continue
		}
		out[k] = normalise(kinds, v, prefix+string(k))
	}
	return out
}

// NormaliseValue returns one property in the form in which it is compared.
func (d *Resource) NormaliseValue(path string, v resource.PropertyValue) resource.PropertyValue {
	return normalise(d.Kinds, property.Plain(v), path)
}

func normalise(kinds map[string]Kind, v resource.PropertyValue, path string) resource.PropertyValue {
	switch {
	case v.IsObject():
		return resource.NewObjectProperty(normaliseObject(kinds, v.ObjectValue(), path+"."))
	case v.IsArray():
		return normaliseList(kinds, v, path)
	case v.IsString():
		return resource.NewStringProperty(normaliseText(kinds[path], v.StringValue()))
	case v.IsOutput():
		return resource.MakeComputed(resource.NewStringProperty(""))
	default:
		return v
	}
}

func normaliseList(kinds map[string]Kind, v resource.PropertyValue, path string) resource.PropertyValue {
	list := make([]resource.PropertyValue, len(v.ArrayValue()))
	for i, e := range v.ArrayValue() {
		list[i] = normalise(kinds, property.Plain(e), path)
	}
	sorted := resource.NewArrayProperty(list)
	if kinds[path] == Set {
		sorted = property.Sorted(sorted)
	}
	return sorted
}

func normaliseText(kind Kind, text string) string {
	switch kind {
	case JSON:
		text, _ = property.CanonicalJSON(text)
	case Policy:
		text, _ = property.CanonicalPolicy(text)
	case FunctionName:
		if _, name, ok := strings.Cut(text, ":function:"); ok {
			text = name
		}
	}
	return text
}
