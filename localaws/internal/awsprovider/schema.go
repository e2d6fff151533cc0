package awsprovider

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
)

// schemaBuilder derives a Pulumi package schema from the Go types, for
// languages that bind programs by schema (YAML).
type schemaBuilder struct {
	module string
	types  map[string]any
}

// elementType is implemented by the SDK's input and output types.
type elementType interface{ ElementType() reflect.Type }

func (p *Provider) buildSchema() (string, error) {
	types := map[string]any{}
	resources, functions := map[string]any{}, map[string]any{}
	for token, def := range p.resources {
		b := schemaBuilder{module: moduleOf(token), types: types}
		resources[token] = b.resource(def)
	}
	for token, f := range p.functions {
		b := schemaBuilder{module: moduleOf(token), types: types}
		functions[token] = map[string]any{
			"inputs":  b.object(f.Args, nil),
			"outputs": b.object(f.Result, nil),
		}
	}
	text, err := json.Marshal(map[string]any{
		"name": "aws", "version": Version, "description": Banner,
		"meta":      map[string]any{"moduleFormat": "(.*)(?:/[^/]*)"},
		"config":    map[string]any{"variables": map[string]any{"region": map[string]any{"type": "string"}}},
		"provider":  map[string]any{"inputProperties": map[string]any{"region": map[string]any{"type": "string"}}},
		"resources": resources, "functions": functions, "types": types,
	})
	return string(text), err
}

// moduleOf is "sqs" for aws:sqs/queue:Queue.
func moduleOf(token string) string {
	module, _, _ := strings.Cut(string(tokens.Type(token).Module().Name()), "/")
	return module
}

func (b schemaBuilder) resource(def *define.Resource) map[string]any {
	inputs := b.object(def.Args, def.Required)
	outputs := b.object(def.Result, nil)
	return map[string]any{"inputProperties": inputs["properties"], "requiredInputs": inputs["required"],
		"properties": outputs["properties"], "required": outputs["required"]}
}

func (b schemaBuilder) object(t reflect.Type, required []string) map[string]any {
	properties := map[string]any{}
	needed := append([]string{}, required...)
	for name, field := range inputcheck.Fields(t) {
		plain := unwrap(field)
		properties[name] = b.property(plain)
		switch plain.Kind() {
		case reflect.String, reflect.Int, reflect.Bool, reflect.Float64, reflect.Struct:
			needed = append(needed, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": needed}
}

// unwrap turns an Output type of a resource struct into its element type.
func unwrap(t reflect.Type) reflect.Type {
	if e, ok := reflect.Zero(t).Interface().(elementType); ok && t.Kind() == reflect.Struct {
		return e.ElementType()
	}
	return t
}

func (b schemaBuilder) property(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return b.property(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": b.property(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": b.property(t.Elem())}
	case reflect.Struct:
		return b.reference(t)
	default:
		return interfaceProperty(t)
	}
}

func interfaceProperty(t reflect.Type) map[string]any {
	switch t.Name() {
	case "Archive":
		return map[string]any{"$ref": "pulumi.json#/Archive"}
	case "AssetOrArchive":
		return map[string]any{"$ref": "pulumi.json#/Asset"}
	default:
		return map[string]any{"$ref": "pulumi.json#/Any"}
	}
}

// reference declares a nested type once and refers to it.
func (b schemaBuilder) reference(t reflect.Type) map[string]any {
	name := t.Name()
	token := fmt.Sprintf("aws:%s/%s:%s", b.module, name, name)
	if _, ok := b.types[token]; !ok {
		b.types[token] = map[string]any{} // breaks recursion
		b.types[token] = b.object(t, nil)
	}
	return map[string]any{"$ref": "#/types/" + token}
}
