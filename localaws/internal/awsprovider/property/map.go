// Package property reads and builds Pulumi property values with as little
// ceremony as resource definitions need.
//
//  1. Map wraps a resource.PropertyMap with typed, nil-safe accessors; a
//     missing, null, secret-wrapped or unknown value reads as the zero value.
//  2. Of and Values turn Go values of the AWS SDK into property values; a nil
//     pointer becomes an explicit null, which clears a property when merged.
//  3. JSON documents are compared by meaning (JSONEqual) and unordered lists
//     by content (Normalise), as the real provider does.
package property

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Map is a property map with typed accessors.
type Map resource.PropertyMap

// Plain removes secret wrappers from a value (not from its children).
func Plain(v resource.PropertyValue) resource.PropertyValue {
	for v.IsSecret() {
		v = v.SecretValue().Element
	}
	if v.IsOutput() && v.OutputValue().Known {
		return Plain(v.OutputValue().Element)
	}
	return v
}

// Get returns the plain value of a property, null when absent.
func (m Map) Get(key string) resource.PropertyValue {
	v, ok := m[resource.PropertyKey(key)]
	if !ok {
		return resource.NewNullProperty()
	}
	return Plain(v)
}

// Has tells whether a property has a value that is not null.
func (m Map) Has(key string) bool { return !m.Get(key).IsNull() }

// Known tells whether a property has a value that contains nothing unknown.
func (m Map) Known(key string) bool {
	return m.Has(key) && !m.Get(key).ContainsUnknowns()
}

// String returns a string property, "" when absent or unknown.
func (m Map) String(key string) string {
	if v := m.Get(key); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// StringPtr returns a string property, nil when absent or empty.
func (m Map) StringPtr(key string) *string {
	if s := m.String(key); s != "" {
		return &s
	}
	return nil
}

// Bool returns a boolean property, false when absent.
func (m Map) Bool(key string) bool {
	v := m.Get(key)
	return v.IsBool() && v.BoolValue()
}

// BoolPtr returns a boolean property, nil when absent.
func (m Map) BoolPtr(key string) *bool {
	if v := m.Get(key); v.IsBool() {
		b := v.BoolValue()
		return &b
	}
	return nil
}

// Int returns a number property, 0 when absent.
func (m Map) Int(key string) int {
	if v := m.Get(key); v.IsNumber() {
		return int(v.NumberValue())
	}
	return 0
}

// Int32Ptr returns a number property, nil when absent.
func (m Map) Int32Ptr(key string) *int32 {
	if v := m.Get(key); v.IsNumber() {
		n := int32(v.NumberValue())
		return &n
	}
	return nil
}

// Strings returns a list of strings, nil when absent.
func (m Map) Strings(key string) []string {
	v := m.Get(key)
	if !v.IsArray() {
		return nil
	}
	list := make([]string, 0, len(v.ArrayValue()))
	for _, e := range v.ArrayValue() {
		if e = Plain(e); e.IsString() {
			list = append(list, e.StringValue())
		}
	}
	return list
}

// StringMap returns a map of strings, nil when absent.
func (m Map) StringMap(key string) map[string]string {
	v := m.Get(key)
	if !v.IsObject() {
		return nil
	}
	out := make(map[string]string, len(v.ObjectValue()))
	for k, e := range v.ObjectValue() {
		if e = Plain(e); e.IsString() {
			out[string(k)] = e.StringValue()
		}
	}
	return out
}

// Object returns a nested object, nil when absent.
func (m Map) Object(key string) Map {
	if v := m.Get(key); v.IsObject() {
		return Map(v.ObjectValue())
	}
	return nil
}

// Objects returns a list of nested objects, nil when absent.
func (m Map) Objects(key string) []Map {
	v := m.Get(key)
	if !v.IsArray() {
		return nil
	}
	var list []Map
	for _, e := range v.ArrayValue() {
		if e = Plain(e); e.IsObject() {
			list = append(list, Map(e.ObjectValue()))
		}
	}
	return list
}
