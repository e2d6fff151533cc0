package schemafix_test

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/schemafix"
)

type shopArgs struct {
	Name    string                                `pulumi:"name"`
	Sizes   []int                                 `pulumi:"sizes,optional"`
	Shelves map[string]struct{}                   `pulumi:"shelves,optional"`
	Colour  *string                               `pulumi:"colour,optional"`
	Tags    map[string]pulumi.StringInput         `pulumi:"tags,optional"`
	Links   pulumi.StringMapInput                 `pulumi:"links,optional"`
	Key     pulumi.StringPtrInput                 `pulumi:"key,optional"`
	Code    pulumi.AssetOrArchiveInput            `pulumi:"code,optional"`
	More    map[string]pulumi.AssetOrArchiveInput `pulumi:"more,optional"`
	Alarms  *alarms                               `pulumi:"alarms,optional"`
}

type level string

func (level) Description() string { return "How bad it is." }

type alarms struct {
	Levels  []level               `pulumi:"levels,optional"`
	Enabled *bool                 `pulumi:"enabled,optional"`
	Topic   pulumi.StringPtrInput `pulumi:"topic,optional"`
}

type shop struct {
	pulumi.ResourceState

	URL   pulumi.StringOutput    `pulumi:"url"`
	Token pulumi.StringPtrOutput `pulumi:"token"`
}

func TestApply(t *testing.T) {
	t.Parallel()
	text := func(plain bool) *schema.TypeSpec { return &schema.TypeSpec{Type: "string", Plain: plain} }
	property := func(spec schema.TypeSpec) schema.PropertySpec { return schema.PropertySpec{TypeSpec: spec} }
	spec := &schema.PackageSpec{
		Resources: map[string]schema.ResourceSpec{"shop": {ObjectTypeSpec: schema.ObjectTypeSpec{
			Required: []string{"token", "url"},
		}, InputProperties: map[string]schema.PropertySpec{
			"name":    property(schema.TypeSpec{Type: "string"}),
			"sizes":   property(schema.TypeSpec{Type: "array", Items: &schema.TypeSpec{Type: "integer"}}),
			"shelves": property(schema.TypeSpec{Type: "object", AdditionalProperties: &schema.TypeSpec{Ref: "#/types/shelf"}}),
			"colour":  property(schema.TypeSpec{Ref: "#/types/colour"}),
			"tags":    property(schema.TypeSpec{Type: "object", AdditionalProperties: text(false)}),
			"links":   property(schema.TypeSpec{Type: "object", AdditionalProperties: text(true)}),
			"key":     property(schema.TypeSpec{Type: "string", Plain: true}),
			"code":    property(schema.TypeSpec{Ref: "pulumi.json#/Any"}),
			"more":    property(schema.TypeSpec{Type: "object", AdditionalProperties: &schema.TypeSpec{Ref: "pulumi.json#/Any"}}),
			"alarms":  property(schema.TypeSpec{Ref: "#/types/alarms"}),
		}}},
		Types: map[string]schema.ComplexTypeSpec{
			"colour": {Enum: []schema.EnumValueSpec{{Value: "red"}}},
			"level":  {Enum: []schema.EnumValueSpec{{Value: "bad"}}},
			"shelf": {ObjectTypeSpec: schema.ObjectTypeSpec{Properties: map[string]schema.PropertySpec{
				"width": property(schema.TypeSpec{Type: "number"}),
			}}},
			"alarms": {ObjectTypeSpec: schema.ObjectTypeSpec{Properties: map[string]schema.PropertySpec{
				"levels":  property(schema.TypeSpec{Type: "array", Items: &schema.TypeSpec{Ref: "#/types/level"}}),
				"enabled": property(schema.TypeSpec{Type: "boolean"}),
				"topic":   property(schema.TypeSpec{Type: "string", Plain: true}),
			}}},
		},
	}
	component := schemafix.Component{Arguments: reflect.TypeFor[shopArgs](), Outputs: reflect.TypeFor[shop]()}
	schemafix.Apply(spec, map[string]schemafix.Component{"shop": component, "other": component})

	got := spec.Resources["shop"].InputProperties
	assert.True(t, got["name"].Plain)
	assert.True(t, got["sizes"].Plain && got["sizes"].Items.Plain, "a list of plain values")
	assert.True(t, got["shelves"].Plain, "a map of structs")
	assert.True(t, got["shelves"].AdditionalProperties.Plain, "the struct as a whole")
	assert.True(t, spec.Types["shelf"].Properties["width"].Plain, "what is in the struct")
	assert.True(t, got["colour"].Plain, "an enum")
	assert.True(t, got["tags"].Plain && !got["tags"].AdditionalProperties.Plain, "a map of inputs")
	assert.False(t, got["links"].Plain || got["links"].AdditionalProperties.Plain, "an input that is a map")
	assert.False(t, got["key"].Plain, "an input")
	assert.Equal(t, schema.TypeSpec{Ref: "pulumi.json#/Archive"}, got["code"].TypeSpec)
	archives := &schema.TypeSpec{Ref: "pulumi.json#/Archive"}
	assert.Equal(t, schema.TypeSpec{Type: "object", Plain: true, AdditionalProperties: archives}, got["more"].TypeSpec)
	assert.True(t, got["alarms"].Plain && spec.Types["alarms"].Properties["enabled"].Plain, "a struct with an input in it")
	assert.False(t, spec.Types["alarms"].Properties["topic"].Plain, "an input in a struct")
	assert.Equal(t, "How bad it is.", spec.Types["level"].Description, "an enum in a list in a struct")
	assert.Equal(t, []string{"url"}, spec.Resources["shop"].Required, "an output that may be absent")
}
