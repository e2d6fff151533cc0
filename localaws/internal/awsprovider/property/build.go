package property

import (
	"fmt"
	"reflect"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Values is the outcome of a read: property name to Go value (see Of).
type Values map[string]any

// Map converts the values to properties.
func (v Values) Map() resource.PropertyMap {
	out := make(resource.PropertyMap, len(v))
	for k, e := range v {
		out[resource.PropertyKey(k)] = Of(e)
	}
	return out
}

// Of converts a Go value (scalars, named strings of the AWS SDK, pointers,
// slices, maps, times, archives, property values) to a property value. nil
// and nil pointers become null. It panics on other types, which is a
// programming error in a definition.
func Of(v any) resource.PropertyValue {
	switch t := v.(type) {
	case nil:
		return resource.NewNullProperty()
	case resource.PropertyValue:
		return t
	case resource.PropertyMap:
		return resource.NewObjectProperty(t)
	case Values:
		return resource.NewObjectProperty(t.Map())
	case *resource.Archive:
		return resource.NewArchiveProperty(t)
	case time.Time:
		return resource.NewStringProperty(t.UTC().Format(time.RFC3339))
	}
	return ofReflected(reflect.ValueOf(v))
}

func ofReflected(v reflect.Value) resource.PropertyValue {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return resource.NewNullProperty()
		}
		return Of(v.Elem().Interface())
	case reflect.String:
		return resource.NewStringProperty(v.String())
	case reflect.Bool:
		return resource.NewBoolProperty(v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return resource.NewNumberProperty(float64(v.Int()))
	case reflect.Float64:
		return resource.NewNumberProperty(v.Float())
	case reflect.Slice:
		return ofSlice(v)
	case reflect.Map:
		return ofMap(v)
	default:
		panic(fmt.Sprintf("property.Of: no property value for %s", v.Type()))
	}
}

func ofSlice(v reflect.Value) resource.PropertyValue {
	list := make([]resource.PropertyValue, v.Len())
	for i := range list {
		list[i] = Of(v.Index(i).Interface())
	}
	return resource.NewArrayProperty(list)
}

func ofMap(v reflect.Value) resource.PropertyValue {
	out := make(resource.PropertyMap, v.Len())
	for _, k := range v.MapKeys() {
		out[resource.PropertyKey(k.String())] = Of(v.MapIndex(k).Interface())
	}
	return resource.NewObjectProperty(out)
}

// OrNull returns nil for a zero value, so that Of makes it null: the AWS
// APIs answer "" or an empty list where a property is not set.
func OrNull[T any](v T) any {
	r := reflect.ValueOf(v)
	if !r.IsValid() || r.IsZero() || (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0 {
		return nil
	}
	if r.Kind() == reflect.Pointer && r.Elem().IsZero() {
		return nil
	}
	return v
}
