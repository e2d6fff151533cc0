package contract

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// schema is the part of JSON Schema that the contract uses. A keyword that is not here
// is an error, so that nothing of the contract is lost without notice.
type schema struct {
	Dialect     string `yaml:"$schema"`
	ID          string `yaml:"$id"`
	Title       string
	Description string

	Ref        string `yaml:"$ref"`
	Type       types
	Const      any
	Properties properties
	Required   []string
	Items      *schema
	// Additional is false, or the schema of all values of a map.
	Additional        additional `yaml:"additionalProperties"`
	OneOf             []schema   `yaml:"oneOf"`
	Not               *schema
	DependentRequired map[string][]string `yaml:"dependentRequired"`
	Definitions       properties          `yaml:"$defs"`

	// Of these the languages' types say nothing.
	MinLength     *int `yaml:"minLength"`
	MaxLength     *int `yaml:"maxLength"`
	Minimum       *int
	Pattern       string
	PropertyNames *schema `yaml:"propertyNames"`
}

// types is the keyword "type", one name or several.
type types []string

// UnmarshalYAML reads a name or a list of them.
func (t *types) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = types{node.Value}
		return nil
	}
	return node.Decode((*[]string)(t))
}

// additional is the keyword "additionalProperties".
type additional struct{ values *schema }

// UnmarshalYAML reads false or a schema.
func (a *additional) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return nil
	}
	a.values = &schema{}
	return node.Decode(a.values)
}

// property is one of an object's properties.
type property struct {
	name   string
	schema *schema
}

// properties are an object's properties in the order in which the schema names them.
type properties []property

// UnmarshalYAML reads an object. A property whose schema is false cannot be there and is
// left out.
func (p *properties) UnmarshalYAML(node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i+1].Kind == yaml.ScalarNode {
			continue
		}
		found := property{node.Content[i].Value, &schema{}}
		if err := node.Content[i+1].Decode(found.schema); err != nil {
			return fmt.Errorf("%s: %w", found.name, err)
		}
		*p = append(*p, found)
	}
	return nil
}

// find is the schema of a property, nil when there is none.
func (p properties) find(name string) *schema {
	i := slices.IndexFunc(p, func(each property) bool { return each.name == name })
	if i < 0 {
		return nil
	}
	return p[i].schema
}

// parse reads a schema. JSON is YAML, and YAML's reader keeps the order.
func parse(text []byte) (*schema, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("the schema is empty")
	}
	if err := known(document.Content[0], "$"); err != nil {
		return nil, err
	}
	parsed := &schema{}
	return parsed, document.Content[0].Decode(parsed)
}

// keywords are those of [schema].
var keywords = []string{
	"$schema", "$id", "title", "description", "$ref", "type", "const", "properties", "required", "items", "additionalProperties", "oneOf",
	"not", "dependentRequired", "$defs", "minLength", "maxLength", "minimum", "pattern", "propertyNames",
}

// known refuses keywords that this package would pass over.
func known(node *yaml.Node, path string) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if !slices.Contains(keywords, key.Value) {
			return fmt.Errorf("%s: the kits know no keyword %q", path, key.Value)
		}
		if err := knownBelow(key.Value, value, path+"."+key.Value); err != nil {
			return err
		}
	}
	return nil
}

// knownBelow looks at the schemas that a keyword holds.
func knownBelow(keyword string, value *yaml.Node, path string) error {
	switch keyword {
	case "properties", "$defs":
		for i := 0; i+1 < len(value.Content); i += 2 {
			if err := known(value.Content[i+1], path+"."+value.Content[i].Value); err != nil {
				return err
			}
		}
	case "oneOf":
		for _, alternative := range value.Content {
			if err := known(alternative, path); err != nil {
				return err
			}
		}
	case "items", "additionalProperties", "not", "propertyNames":
		return known(value, path)
	}
	return nil
}
