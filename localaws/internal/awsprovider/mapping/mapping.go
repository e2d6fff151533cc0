// Package mapping converts between property maps and the structs of the AWS
// SDK by name, so that a definition lists only what differs.
//
//  1. A property matches the SDK field of the same name without regard to
//     case (kmsKeyArn, KMSKeyArn); Rename holds the exceptions.
//  2. Into fills an SDK struct. Absent and null properties and empty strings
//     leave the field alone, which is how the real provider reads its inputs.
//  3. From reads an SDK struct into properties, limited to the properties of
//     an argument type. Unset fields become null.
package mapping

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Rename maps property names to SDK field names. "-" leaves a property out.
type Rename map[string]string

func (r Rename) field(v reflect.Value, name string) (reflect.Value, bool) {
	want, ok := r[name]
	if !ok {
		want = name
	}
	f := v.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, want) })
	return f, f.IsValid()
}

// Into copies properties into the struct that target points to.
func Into(m property.Map, target any, rename Rename) {
	intoStruct(m, reflect.ValueOf(target).Elem(), rename)
}

func intoStruct(m property.Map, target reflect.Value, rename Rename) {
	for key := range m {
		if field, ok := rename.field(target, string(key)); ok && field.CanSet() {
			assign(m.Get(string(key)), field, rename)
		}
	}
}

func assign(v resource.PropertyValue, field reflect.Value, rename Rename) {
	v = property.Plain(v)
	switch field.Kind() {
	case reflect.Pointer:
		assignPointer(v, field, rename)
	case reflect.String:
		if v.IsString() {
			field.SetString(v.StringValue())
		}
	case reflect.Bool:
		if v.IsBool() {
			field.SetBool(v.BoolValue())
		}
	case reflect.Int32, reflect.Int64:
		if v.IsNumber() {
			field.SetInt(int64(v.NumberValue()))
		}
	case reflect.Struct:
		if v.IsObject() {
			intoStruct(property.Map(v.ObjectValue()), field, rename)
		}
	case reflect.Slice:
		assignSlice(v, field, rename)
	case reflect.Map:
		assignMap(v, field, rename)
	}
}

func assignPointer(v resource.PropertyValue, field reflect.Value, rename Rename) {
	if v.IsNull() || v.IsString() && v.StringValue() == "" || !fits(v, field.Type().Elem().Kind()) {
		return
	}
	p := reflect.New(field.Type().Elem())
	assign(v, p.Elem(), rename)
	field.Set(p)
}

func fits(v resource.PropertyValue, kind reflect.Kind) bool {
	switch kind {
	case reflect.String:
		return v.IsString()
	case reflect.Bool:
		return v.IsBool()
	case reflect.Int32, reflect.Int64:
		return v.IsNumber()
	case reflect.Struct:
		return v.IsObject()
	default:
		return false
	}
}

func assignSlice(v resource.PropertyValue, field reflect.Value, rename Rename) {
	if !v.IsArray() || len(v.ArrayValue()) == 0 {
		return
	}
	list := reflect.MakeSlice(field.Type(), len(v.ArrayValue()), len(v.ArrayValue()))
	for i, e := range v.ArrayValue() {
		assign(e, list.Index(i), rename)
	}
	field.Set(list)
}

func assignMap(v resource.PropertyValue, field reflect.Value, rename Rename) {
	if !v.IsObject() {
		return
	}
	out := reflect.MakeMap(field.Type())
	for k, e := range v.ObjectValue() {
		elem := reflect.New(field.Type().Elem()).Elem()
		assign(e, elem, rename)
		out.SetMapIndex(reflect.ValueOf(string(k)), elem)
	}
	field.Set(out)
}

// From reads the properties of the argument type t out of an SDK struct (or
// a pointer to one).
func From(source any, t reflect.Type, rename Rename) property.Values {
	v := reflect.ValueOf(source)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return property.Values{}
		}
		v = v.Elem()
	}
	return fromStruct(v, t, rename)
}

func fromStruct(v reflect.Value, t reflect.Type, rename Rename) property.Values {
	out := property.Values{}
	for name, want := range inputcheck.Fields(t) {
		if field, ok := rename.field(v, name); ok {
			out[name] = read(field, want, rename)
		}
	}
	return out
}

// read returns nil for what is not set and for shapes that do not correspond.
func read(v reflect.Value, want reflect.Type, rename Rename) any {
	for want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return read(v.Elem(), want, rename)
	case reflect.Struct:
		if want.Kind() != reflect.Struct {
			return nil
		}
		return dropNulls(fromStruct(v, want, rename))
	case reflect.Slice:
		return readSlice(v, want, rename)
	case reflect.String, reflect.Map:
		if v.Len() == 0 {
			return nil
		}
	}
	return v.Interface()
}

func readSlice(v reflect.Value, want reflect.Type, rename Rename) any {
	if v.Len() == 0 || want.Kind() != reflect.Slice {
		return nil
	}
	list := make([]any, v.Len())
	for i := range list {
		list[i] = read(v.Index(i), want.Elem(), rename)
	}
	return list
}

func dropNulls(values property.Values) property.Values {
	for k, v := range values {
		if v == nil {
			delete(values, k)
		}
	}
	return values
}
