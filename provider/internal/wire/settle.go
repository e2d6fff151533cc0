package wire

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// settle puts the values of outputs in the place of outputs that depend on no resource and
// are no secrets, and says whether there were any.
func settle(inputs resource.PropertyMap) bool {
	changed := false
	for key, value := range inputs {
		settled, was := settledValue(value)
		inputs[key], changed = settled, changed || was
	}
	return changed
}

func settledValue(value resource.PropertyValue) (resource.PropertyValue, bool) {
	switch {
	case value.IsOutput() && settledOutput(value.OutputValue()):
		element, _ := settledValue(value.OutputValue().Element)
		return element, true
	case value.IsObject():
		return value, settle(value.ObjectValue())
	case value.IsArray():
		changed := false
		for i, element := range value.ArrayValue() {
			settled, was := settledValue(element)
			value.ArrayValue()[i], changed = settled, changed || was
		}
		return value, changed
	}
	return value, false
}

func settledOutput(output resource.Output) bool {
	return output.Known && !output.Secret && len(output.Dependencies) == 0
}
