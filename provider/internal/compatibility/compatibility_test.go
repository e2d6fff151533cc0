package compatibility_test

import (
	"encoding/json"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/compatibility"
)

// released is a schema to change.
const released = `{
  "name": "shop",
  "config": {"variables": {"region": {"type": "string"}}},
  "functions": {"shop:index:find": {}},
  "resources": {"shop:index:Shop": {
    "isComponent": true,
    "inputProperties": {
      "name": {"type": "string"}, "owner": {"type": "string", "plain": true},
      "shelves": {"type": "array", "items": {"$ref": "#/types/shop:index:Shelf"}}
    },
    "requiredInputs": ["owner"],
    "properties": {"url": {"type": "string"}, "report": {"$ref": "#/types/shop:index:Report"}},
    "required": ["url"]
  }},
  "types": {
    "shop:index:Size": {"type": "string", "enum": [{"value": "S"}, {"value": "L"}]},
    "shop:index:Shelf": {"type": "object", "properties": {
      "size": {"$ref": "#/types/shop:index:Size"},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}}
    }},
    "shop:index:Report": {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
  }
}`

func TestBreaking(t *testing.T) {
	t.Parallel()
	const shop, shelf = "resources/shop:index:Shop", "types/shop:index:Shelf"
	for name, c := range map[string]struct {
		change func(*schema.PackageSpec)
		want   []string
	}{
		"nothing":            {func(*schema.PackageSpec) {}, nil},
		"a name":             {func(s *schema.PackageSpec) { s.Name = "store" }, []string{"name: was shop, is store"}},
		"a resource":         {func(s *schema.PackageSpec) { delete(s.Resources, "shop:index:Shop") }, []string{shop + ": was removed"}},
		"a function":         {func(s *schema.PackageSpec) { delete(s.Functions, "shop:index:find") }, []string{"functions/shop:index:find: was removed"}},
		"a type":             {func(s *schema.PackageSpec) { delete(s.Types, "shop:index:Report") }, []string{"types/shop:index:Report: was removed"}},
		"configuration":      {func(s *schema.PackageSpec) { s.Config.Variables = nil }, []string{"config/region: was removed"}},
		"an input":           {resource(func(r *schema.ResourceSpec) { delete(r.InputProperties, "name") }), []string{shop + "/inputProperties/name: was removed"}},
		"an output":          {resource(func(r *schema.ResourceSpec) { delete(r.Properties, "report") }), []string{shop + "/properties/report: was removed"}},
		"no component":       {resource(func(r *schema.ResourceSpec) { r.IsComponent = false }), []string{shop + ": was a component or is one, and the other not"}},
		"required input":     {resource(func(r *schema.ResourceSpec) { r.RequiredInputs = []string{"owner", "name"} }), []string{shop + "/inputProperties/name: became required"}},
		"optional input":     {resource(func(r *schema.ResourceSpec) { r.RequiredInputs = nil }), nil},
		"optional output":    {resource(func(r *schema.ResourceSpec) { r.Required = nil }), []string{shop + "/properties/url: became optional, so programs that read it may find nothing"}},
		"sure output":        {resource(func(r *schema.ResourceSpec) { r.Required = []string{"url", "report"} }), nil},
		"new input":          {resource(func(r *schema.ResourceSpec) { r.InputProperties["new"] = property("string") }), nil},
		"new required input": {resource(func(r *schema.ResourceSpec) { addRequired(r) }), []string{shop + "/inputProperties/new: is new and required"}},
		"new output": {resource(func(r *schema.ResourceSpec) {
			r.Properties["new"], r.Required = property("string"), []string{"url", "new"}
		}), nil},
		"another type":         {resource(func(r *schema.ResourceSpec) { r.InputProperties["name"] = property("integer") }), []string{shop + "/inputProperties/name: was string, is integer"}},
		"plain no more":        {resource(func(r *schema.ResourceSpec) { r.InputProperties["owner"] = property("string") }), []string{shop + "/inputProperties/owner: was plain string, is string"}},
		"a list no more":       {resource(func(r *schema.ResourceSpec) { r.InputProperties["shelves"] = property("object") }), []string{shop + "/inputProperties/shelves: was list of #/types/shop:index:Shelf, is object"}},
		"an enum value":        {complexType("Size", func(e *schema.ComplexTypeSpec) { e.Enum = e.Enum[:1] }), []string{"types/shop:index:Size: the value L was removed"}},
		"a new enum value":     {complexType("Size", func(e *schema.ComplexTypeSpec) { e.Enum = append(e.Enum, schema.EnumValueSpec{Value: "XL"}) }), nil},
		"enum becomes object":  {complexType("Size", func(e *schema.ComplexTypeSpec) { e.Type = "object" }), []string{"types/shop:index:Size: was string, is object"}},
		"a property of a type": {complexType("Shelf", func(e *schema.ComplexTypeSpec) { delete(e.Properties, "size") }), []string{shelf + "/properties/size: was removed"}},
		"a map's values": {
			complexType("Shelf", func(e *schema.ComplexTypeSpec) { e.Properties["labels"].AdditionalProperties.Type = "number" }),
			[]string{shelf + "/properties/labels: was map of string, is map of number"},
		},
		"required in what is given": {complexType("Shelf", func(e *schema.ComplexTypeSpec) { e.Required = []string{"size"} }), []string{shelf + "/properties/size: became required"}},
		"optional in what is read":  {complexType("Report", func(e *schema.ComplexTypeSpec) { e.Required = nil }), []string{"types/shop:index:Report/properties/count: became optional, so programs that read it may find nothing"}},
		"new, required, only read": {complexType("Report", func(e *schema.ComplexTypeSpec) {
			e.Properties["new"], e.Required = property("string"), []string{"count", "new"}
		}), nil},
		"all problems at once, sorted": {func(s *schema.PackageSpec) { s.Types, s.Functions = nil, nil }, []string{
			"functions/shop:index:find: was removed", "types/shop:index:Report: was removed", "types/shop:index:Shelf: was removed", "types/shop:index:Size: was removed",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			current := parse(t)
			c.change(&current)
			assert.Equal(t, c.want, compatibility.Breaking(parse(t), current))
		})
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		released, version string
		want              bool
	}{
		"the same":                    {"0.1.0", "0.1.0", false},
		"a patch below 1.0.0":         {"0.1.0", "0.1.1", false},
		"a minor version below 1.0.0": {"0.1.9", "0.2.0", true},
		"its pre-release":             {"0.1.9", "0.2.0-alpha.1", true},
		"the next pre-release":        {"0.1.0-alpha.0", "0.1.0-alpha.1+dev", false},
		"the first major version":     {"0.9.0", "1.0.0", true},
		"a minor version":             {"1.0.0", "1.1.0", false},
		"a major version":             {"1.9.0", "2.0.0", true},
		"an older one":                {"1.0.0", "0.9.0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, compatibility.Allowed(semver.MustParse(c.released), semver.MustParse(c.version)))
		})
	}
}

// parse is a schema of one's own to change.
func parse(t *testing.T) schema.PackageSpec {
	t.Helper()
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal([]byte(released), &spec))
	return spec
}

// resource changes the one resource.
func resource(change func(*schema.ResourceSpec)) func(*schema.PackageSpec) {
	return func(s *schema.PackageSpec) {
		r := s.Resources["shop:index:Shop"]
		change(&r)
		s.Resources["shop:index:Shop"] = r
	}
}

// complexType changes a type.
func complexType(name string, change func(*schema.ComplexTypeSpec)) func(*schema.PackageSpec) {
	return func(s *schema.PackageSpec) {
		complexType := s.Types["shop:index:"+name]
		change(&complexType)
		s.Types["shop:index:"+name] = complexType
	}
}

// property is a property of a type.
func property(name string) schema.PropertySpec {
	return schema.PropertySpec{TypeSpec: schema.TypeSpec{Type: name}}
}

// addRequired adds an input that must be given.
func addRequired(r *schema.ResourceSpec) {
	r.InputProperties["new"], r.RequiredInputs = property("string"), []string{"owner", "new"}
}
