// Package inputcheck checks resource inputs against the argument types of the
// pulumi-aws Go SDK and answers questions about those types.
//
//  1. The SDK's unexported xxxArgs struct (XxxArgs{}.ElementType()) carries
//     every input as a field tagged `pulumi:"name"`; nested types likewise.
//  2. Check walks type and value together and reports unknown inputs, missing
//     required inputs and values of another type, each with its property path.
//  3. A field is required when its Go type is a plain string, number, boolean
//     or struct. Lists, maps and unions (Go interfaces) do not show in the
//     types whether they are required; definitions name those that are.
//  4. Unknown (computed) values are accepted everywhere: they appear in
//     previews only.
package inputcheck

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Failure is one refused input.
type Failure struct {
	Path   string // property path, for example loggingConfig.logFormat
	Reason string
}

// Fields returns the property names of a struct type with their Go types.
func Fields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("pulumi"); tag != "" {
			name, _, _ := strings.Cut(tag, ",")
			fields[name] = t.Field(i).Type
		}
	}
	return fields
}

// Check compares inputs with the struct type t; required names properties
// that are required although their Go type does not show it.
func Check(t reflect.Type, inputs resource.PropertyMap, required ...string) []Failure {
	failures := checkStruct(t, inputs, "")
	for _, name := range required {
		if !property.Map(inputs).Has(name) {
			failures = append(failures, missing(name, Fields(t)[name]))
		}
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Path < failures[j].Path })
	return failures
}

func checkStruct(t reflect.Type, m resource.PropertyMap, prefix string) []Failure {
	var failures []Failure
	fields := Fields(t)
	for key, value := range m {
		if strings.HasPrefix(string(key), "__") {
			continue // the engine's and the bridge's own bookkeeping
		}
		path := prefix + string(key)
		field, ok := fields[string(key)]
		if !ok {
			failures = append(failures, Failure{path, fmt.Sprintf(
				"An argument named %q is not expected here; known arguments: %s", key, names(fields))})
			continue
		}
		failures = append(failures, checkValue(field, value, path)...)
	}
	for name, field := range fields {
		if isRequired(field) && !property.Map(m).Has(name) {
			failures = append(failures, missing(prefix+name, field))
		}
	}
	return failures
}

func missing(path string, t reflect.Type) Failure {
	return Failure{path, fmt.Sprintf(
		"Missing required argument. The argument %q (%s) is required, but no definition was found", path, describe(t))}
}

func isRequired(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Float64, reflect.Bool, reflect.Struct:
		return true
	default:
		return false
	}
}

func checkValue(t reflect.Type, v resource.PropertyValue, path string) []Failure {
	v = property.Plain(v)
	if v.IsNull() || v.IsComputed() || v.IsOutput() {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return checkValue(t.Elem(), v, path)
	case reflect.Slice:
		return checkList(t, v, path)
	case reflect.Map:
		return checkMap(t, v, path)
	case reflect.Struct:
		if !v.IsObject() {
			return wrongType(t, v, path)
		}
		return checkStruct(t, v.ObjectValue(), path+".")
	default:
		if !scalarFits(t, v) {
			return wrongType(t, v, path)
		}
		return nil
	}
}

func checkList(t reflect.Type, v resource.PropertyValue, path string) []Failure {
	if !v.IsArray() {
		return wrongType(t, v, path)
	}
	var failures []Failure
	for i, e := range v.ArrayValue() {
		failures = append(failures, checkValue(t.Elem(), e, fmt.Sprintf("%s[%d]", path, i))...)
	}
	return failures
}

func checkMap(t reflect.Type, v resource.PropertyValue, path string) []Failure {
	if !v.IsObject() {
		return wrongType(t, v, path)
	}
	var failures []Failure
	for k, e := range v.ObjectValue() {
		failures = append(failures, checkValue(t.Elem(), e, path+"."+string(k))...)
	}
	return failures
}

func scalarFits(t reflect.Type, v resource.PropertyValue) bool {
	switch t.Kind() {
	case reflect.String:
		return v.IsString()
	case reflect.Bool:
		return v.IsBool()
	case reflect.Int:
		return v.IsNumber() && v.NumberValue() == math.Trunc(v.NumberValue())
	case reflect.Float64:
		return v.IsNumber()
	case reflect.Interface:
		return interfaceFits(t, v)
	default:
		return false
	}
}

// interfaceFits accepts archives and assets for the SDK's asset interfaces,
// and strings or documents for its unions (a resource reference arrives as
// its id, a string).
func interfaceFits(t reflect.Type, v resource.PropertyValue) bool {
	switch t.Name() {
	case "Archive":
		return v.IsArchive()
	case "AssetOrArchive":
		return v.IsArchive() || v.IsAsset()
	default:
		return v.IsString() || v.IsObject()
	}
}

func wrongType(t reflect.Type, v resource.PropertyValue, path string) []Failure {
	return []Failure{{path, fmt.Sprintf("expected %s for %q, got %s", describe(t), path, v.TypeString())}}
}

func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return describe(t.Elem())
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "list of " + describe(t.Elem())
	case reflect.Map:
		return "map of " + describe(t.Elem())
	case reflect.Struct:
		return "object " + t.Name()
	case reflect.Interface:
		if t.Name() != "" {
			return t.Name()
		}
		return "string or document"
	default:
		return t.Kind().String()
	}
}

func names(fields map[string]reflect.Type) string {
	list := make([]string, 0, len(fields))
	for name := range fields {
		list = append(list, name)
	}
	sort.Strings(list)
	return strings.Join(list, ", ")
}

// Project reduces a value read from AWS to the parts that the user declared
// in old: AWS adds defaults to nested objects, and those are no inputs. Maps
// with free keys (tags, environment variables) and lists of another length
// are taken whole, so that drift shows.
func Project(t reflect.Type, old, read resource.PropertyValue) resource.PropertyValue {
	old, read = property.Plain(old), property.Plain(read)
	switch {
	case t.Kind() == reflect.Pointer:
		return Project(t.Elem(), old, read)
	case t.Kind() == reflect.Struct && old.IsObject() && read.IsObject():
		return projectStruct(Fields(t), old.ObjectValue(), read.ObjectValue())
	case t.Kind() == reflect.Slice && old.IsArray() && read.IsArray() && len(old.ArrayValue()) == len(read.ArrayValue()):
		list := make([]resource.PropertyValue, len(read.ArrayValue()))
		for i := range list {
			list[i] = Project(t.Elem(), old.ArrayValue()[i], read.ArrayValue()[i])
		}
		return resource.NewArrayProperty(list)
	default:
		return read
	}
}

func projectStruct(fields map[string]reflect.Type, old, read resource.PropertyMap) resource.PropertyValue {
	out := resource.PropertyMap{}
	for k, o := range old {
		r, ok := read[k]
		if t, known := fields[string(k)]; ok && known && !r.IsNull() {
			out[k] = Project(t, o, r)
		}
	}
	return resource.NewObjectProperty(out)
}
