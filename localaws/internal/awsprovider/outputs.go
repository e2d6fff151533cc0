package awsprovider

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var unknown = resource.MakeComputed(resource.NewStringProperty(""))

// visible drops bookkeeping keys.
func visible(m resource.PropertyMap) resource.PropertyMap {
	out := make(resource.PropertyMap, len(m))
	for k, v := range m {
		if !strings.HasPrefix(string(k), "__") && !v.IsNull() {
			out[k] = v
		}
	}
	return out
}

// plannedCreate: unknown is what AWS decides and the inputs do not give.
func plannedCreate(def *define.Resource, inputs resource.PropertyMap) resource.PropertyMap {
	outputs := visible(inputs)
	for _, name := range def.Computed {
		if _, ok := outputs[resource.PropertyKey(name)]; !ok {
			outputs[resource.PropertyKey(name)] = unknown
		}
	}
	return withTagsAll(def, outputs)
}

// plannedUpdate keeps the state of everything that the change does not touch,
// so that dependents show no changes.
func plannedUpdate(def *define.Resource, state, news resource.PropertyMap, changed map[string]bool) resource.PropertyMap {
	outputs := visible(news)
	for k := range outputs {
		if old, ok := state[k]; ok && !changed[string(k)] {
			outputs[k] = old
		}
	}
	for _, name := range def.Computed {
		key := resource.PropertyKey(name)
		if _, given := outputs[key]; given {
			continue
		}
		outputs[key] = unknown
		if old, ok := state[key]; ok {
			outputs[key] = old
		}
	}
	for _, name := range volatile(def, news, changed) {
		if _, given := visible(news)[resource.PropertyKey(name)]; !given {
			outputs[resource.PropertyKey(name)] = unknown
		}
	}
	return withTagsAll(def, outputs)
}

func volatile(def *define.Resource, news resource.PropertyMap, changed map[string]bool) []string {
	if def.Volatile == nil {
		return nil
	}
	return def.Volatile(changed, property.Map(news))
}

// withTagsAll sets tagsAll, which equals tags without default tags.
func withTagsAll(def *define.Resource, outputs resource.PropertyMap) resource.PropertyMap {
	if _, ok := def.Result.FieldByName("TagsAll"); !ok {
		return outputs
	}
	outputs["tagsAll"] = resource.NewObjectProperty(resource.PropertyMap{})
	if tags, ok := outputs["tags"]; ok {
		outputs["tagsAll"] = tags
	}
	return outputs
}

// overlay lays what was read over known values. Equal values (JSON by meaning,
// sets by content) keep their known text; a null clears.
func overlay(def *define.Resource, base, read resource.PropertyMap) resource.PropertyMap {
	outputs := visible(base)
	for k, v := range read {
		known, has := outputs[k]
		switch {
		case !v.IsNull() && has:
			outputs[k] = reconcile(def, string(k), known, v)
		case !v.IsNull():
			outputs[k] = v
		case has && !unset(def, string(k), known):
			delete(outputs, k)
		}
	}
	return withTagsAll(def, outputs)
}

// reconcile prefers the known value when both mean the same, except for
// objects, where AWS's answer has the defaults filled in.
func reconcile(def *define.Resource, name string, known, read resource.PropertyValue) resource.PropertyValue {
	if !same(def, name, known, read) || read.IsObject() || isObjectList(read) {
		return read
	}
	return known
}

func same(def *define.Resource, name string, known, read resource.PropertyValue) bool {
	projected := read
	if t, ok := inputcheck.Fields(def.Args)[name]; ok {
		projected = inputcheck.Project(t, known, read)
	}
	return def.NormaliseValue(name, known).DeepEquals(def.NormaliseValue(name, projected))
}

func isObjectList(v resource.PropertyValue) bool {
	return v.IsArray() && len(v.ArrayValue()) > 0 && v.ArrayValue()[0].IsObject()
}

// unset tells whether an answer without the property means this value: it is
// a zero value or the default.
func unset(def *define.Resource, name string, v resource.PropertyValue) bool {
	fallback, ok := def.Defaults[name]
	return isZero(v) || ok && property.Of(fallback).DeepEquals(property.Plain(v))
}

// isZero tells whether a value says the same as its absence.
func isZero(v resource.PropertyValue) bool {
	switch v = property.Plain(v); {
	case v.IsString():
		return v.StringValue() == ""
	case v.IsBool():
		return !v.BoolValue()
	case v.IsNumber():
		return v.NumberValue() == 0
	case v.IsArray():
		return len(v.ArrayValue()) == 0
	case v.IsObject():
		for _, e := range v.ObjectValue() {
			if !isZero(e) {
				return false
			}
		}
		return true
	default:
		return v.IsNull()
	}
}

// refreshedInputs brings the inputs to what was read, so that drift shows as
// a difference. Only declared inputs count.
func refreshedInputs(def *define.Resource, inputs, read resource.PropertyMap) resource.PropertyMap {
	out, fields := inputs.Copy(), inputcheck.Fields(def.Args)
	for k, old := range inputs {
		v, ok := read[k]
		t, declared := fields[string(k)]
		if !ok || !declared {
			continue
		}
		switch {
		case v.IsNull() && !unset(def, string(k), old):
			delete(out, k)
		case !v.IsNull() && !same(def, string(k), old, v):
			out[k] = inputcheck.Project(t, old, v)
		}
	}
	return out
}

// importedInputs are the inputs of a resource that the engine imports.
func importedInputs(def *define.Resource, read resource.PropertyMap) resource.PropertyMap {
	inputs, fields := resource.PropertyMap{}, inputcheck.Fields(def.Args)
	for name, value := range def.Defaults {
		inputs[resource.PropertyKey(name)] = property.Of(value)
	}
	for k, v := range read {
		if _, ok := fields[string(k)]; ok && !isZero(v) {
			inputs[k] = v
		}
	}
	for _, name := range def.Computed {
		delete(inputs, resource.PropertyKey(name))
	}
	inputs[defaultsKey] = resource.NewArrayProperty([]resource.PropertyValue{})
	return inputs
}
