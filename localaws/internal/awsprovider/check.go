package awsprovider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// defaultsKey lists the inputs that the provider itself filled in; the real
// provider keeps the same list.
const defaultsKey = "__defaults"

const nameSuffixLength = 7

// Check completes and validates inputs.
func (p *Provider) Check(_ context.Context, r *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	def, err := p.find(r.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := decode(r.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := decode(r.GetNews())
	if err != nil {
		return nil, err
	}
	inputs := complete(def, news)
	if err := autoName(def, olds, inputs, r); err != nil {
		return nil, err
	}
	out, err := encode(inputs)
	if err != nil {
		return nil, err
	}
	return &rpc.CheckResponse{Inputs: out, Failures: failuresOf(nameOf(r.GetUrn()), validate(def, inputs))}, nil
}

func nameOf(u string) string { return u[strings.LastIndex(u, "::")+2:] }

func failuresOf(name string, failures []inputcheck.Failure) []*rpc.CheckFailure {
	var out []*rpc.CheckFailure
	for _, f := range failures {
		out = append(out, &rpc.CheckFailure{Property: f.Path,
			Reason: fmt.Sprintf("%s. Examine values at '%s.%s'.", f.Reason, name, f.Path)})
	}
	return out
}

// complete drops nulls, turns documents given as objects into JSON texts and
// applies defaults.
func complete(def *define.Resource, news resource.PropertyMap) resource.PropertyMap {
	inputs := resource.PropertyMap{}
	for k, v := range news {
		if v.IsNull() || k == defaultsKey {
			continue
		}
		inputs[k] = v
		kind := def.Kinds[string(k)]
		if (kind == define.JSON || kind == define.Policy) && v.IsObject() && !v.ContainsUnknowns() {
			if text, err := json.Marshal(v.Mappable()); err == nil {
				inputs[k] = resource.NewStringProperty(string(text))
			}
		}
	}
	for name, value := range def.Defaults {
		if _, ok := inputs[resource.PropertyKey(name)]; !ok {
			inputs[resource.PropertyKey(name)] = property.Of(value)
			markDefault(inputs, name)
		}
	}
	if _, ok := inputs[defaultsKey]; !ok {
		inputs[defaultsKey] = resource.NewArrayProperty([]resource.PropertyValue{})
	}
	return inputs
}

func markDefault(inputs resource.PropertyMap, name string) {
	list := append(property.Map(inputs).Strings(defaultsKey), name)
	sort.Strings(list)
	inputs[defaultsKey] = property.Of(list)
}

func isDefault(inputs resource.PropertyMap, name string) bool {
	return slices.Contains(property.Map(inputs).Strings(defaultsKey), name)
}

// autoName keeps the name given before, else makes a new one.
func autoName(def *define.Resource, olds, inputs resource.PropertyMap, r *rpc.CheckRequest) error {
	if def.AutoName == nil {
		return nil
	}
	key := resource.PropertyKey(def.AutoName.Property)
	if _, ok := inputs[key]; ok {
		return nil
	}
	if old := property.Map(olds).String(string(key)); old != "" && (isDefault(olds, string(key)) || !property.Map(olds).Has(defaultsKey)) {
		inputs[key] = resource.NewStringProperty(old)
		markDefault(inputs, string(key))
		return nil
	}
	name, err := newName(def.AutoName, property.Map(inputs), r)
	if err != nil || name == "" {
		return err
	}
	inputs[key] = resource.NewStringProperty(name)
	markDefault(inputs, string(key))
	return nil
}

func newName(auto *define.AutoName, inputs property.Map, r *rpc.CheckRequest) (string, error) {
	suffix := ""
	if auto.FifoFlag != "" && inputs.Bool(auto.FifoFlag) {
		suffix = ".fifo"
	}
	if options := r.GetAutonaming(); options != nil {
		switch options.GetMode() {
		case rpc.CheckRequest_AutonamingOptions_DISABLE:
			return "", nil
		case rpc.CheckRequest_AutonamingOptions_ENFORCE:
			return options.GetProposedName(), nil
		case rpc.CheckRequest_AutonamingOptions_PROPOSE:
			return options.GetProposedName() + suffix, nil
		}
	}
	prefix := nameOf(r.GetUrn()) + "-"
	if auto.Lower {
		prefix = strings.ToLower(prefix)
	}
	if given := inputs.String(cmp.Or(auto.Prefix, "namePrefix")); given != "" {
		prefix = given
	}
	limit := auto.Max - len(suffix)
	if len(prefix)+nameSuffixLength > limit {
		prefix = prefix[:limit-nameSuffixLength]
	}
	name, err := resource.NewUniqueName(r.GetRandomSeed(), prefix, nameSuffixLength, limit, nil)
	return name + suffix, err
}

// validate reports all problems at once.
func validate(def *define.Resource, inputs resource.PropertyMap) []inputcheck.Failure {
	failures := inputcheck.Check(def.Args, inputs, def.Required...)
	if len(failures) > 0 {
		return failures // the rules below expect values of the right type
	}
	m := property.Map(inputs)
	for _, path := range keysOf(def.Enums) {
		failures = append(failures, checkEnum(m, path, def.Enums[path])...)
	}
	for _, path := range keysOf(def.Ranges) {
		failures = append(failures, checkRange(m, path, def.Ranges[path])...)
	}
	for _, key := range keysOf(def.Kinds) {
		if kind := def.Kinds[key]; kind == define.JSON || kind == define.Policy {
			failures = append(failures, define.JSONText(m, key)...)
		}
	}
	if def.Validate != nil {
		failures = append(failures, def.Validate(m)...)
	}
	return failures
}

// at follows a path of object properties, null when it leads nowhere.
func at(m property.Map, path string) resource.PropertyValue {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return m.Get(head)
	}
	return at(m.Object(head), rest)
}

func checkEnum(m property.Map, path string, allowed []string) []inputcheck.Failure {
	v := at(m, path)
	if !v.IsString() || slices.Contains(allowed, v.StringValue()) {
		return nil
	}
	return define.Failed(path, "expected %q to be one of %q, got %s", path, allowed, v.StringValue())
}

func checkRange(m property.Map, path string, bound define.Range) []inputcheck.Failure {
	v := at(m, path)
	if !v.IsNumber() || v.NumberValue() >= float64(bound.Min) && v.NumberValue() <= float64(bound.Max) {
		return nil
	}
	return define.Failed(path, "expected %q to be in the range (%d - %d), got %v", path, bound.Min, bound.Max, v.NumberValue())
}
