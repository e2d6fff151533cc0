package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/status"

	"github.com/reventless/pulumi-reventless/provider"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// The project and stack that programs are constructed in, and their platform's stack.
const (
	project  = "program"
	stack    = "alpha"
	Platform = "my-org/shop-platform/alpha"
)

// Options say in what surroundings a program is constructed.
type Options struct {
	// Folder is that of Pulumi.yaml, which paths are relative to.
	Folder string
	// Config is the stack's configuration; nil names the platform's stack.
	Config map[string]string
	// Stacks are those that are deployed; nil are the platform's and those of the plugins
	// that the program extends.
	Stacks Stacks
	// Refusal is what the platform has against the schema.
	Refusal []protocol.Problem
}

// document is a Pulumi YAML program.
type document struct {
	Name        string                `yaml:"name"`
	Runtime     any                   `yaml:"runtime"`
	Description string                `yaml:"description"`
	Config      map[string]any        `yaml:"config"`
	Variables   map[string]any        `yaml:"variables"`
	Resources   map[string]*component `yaml:"resources"`
	Outputs     map[string]any        `yaml:"outputs"`
}

type component struct {
	Type       string         `yaml:"type"`
	Properties map[string]any `yaml:"properties"`
	Options    map[string]any `yaml:"options"`
}

// construction is a program on its way through the provider.
type construction struct {
	options Options
	program document
	server  rpc.ResourceProviderServer
	engine  *engine
	// outputs are those of the resources that are there, properties by name.
	outputs map[string]resource.PropertyMap
}

// Construct constructs all components of a program. The error is what Pulumi would show.
func Construct(ctx context.Context, text string, options Options) error {
	c := &construction{options: options, outputs: map[string]resource.PropertyMap{}}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c.program); err != nil {
		return fmt.Errorf("the program cannot be read: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.start(ctx); err != nil {
		return err
	}
	for _, name := range c.order() {
		if err := c.construct(ctx, name); err != nil {
			return err
		}
	}
	for name, output := range c.program.Outputs {
		if _, err := c.value(output); err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
	}
	return nil
}

// start connects the provider with an engine.
func (c *construction) start(ctx context.Context) error {
	if c.options.Config == nil {
		c.options.Config = map[string]string{"aws:region": "eu-west-1", "platform:stack": Platform}
	}
	if c.options.Stacks == nil {
		c.options.Stacks = c.deployed()
	}
	var err error
	if c.engine, err = start(ctx, c.options.Stacks, c.options.Refusal); err != nil {
		return err
	}
	if c.server, err = provider.Server(); err != nil {
		return err
	}
	_, err = c.server.Attach(ctx, &rpc.PluginAttach{Address: c.engine.address})
	return err
}

// reference is ${resource.property}, deeper ones included.
var reference = regexp.MustCompile(`\$\{([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_]+))?[^}]*\}`)

// order are the resources, each after those that it refers to.
func (c *construction) order() []string {
	var ordered []string
	var visit func(name string)
	visit = func(name string) {
		described, ok := c.program.Resources[name]
		if !ok || slices.Contains(ordered, name) {
			return
		}
		text, _ := yaml.Marshal(described)
		for _, match := range reference.FindAllStringSubmatch(string(text), -1) {
			if match[1] != name {
				visit(match[1])
			}
		}
		ordered = append(ordered, name)
	}
	names := make([]string, 0, len(c.program.Resources))
	for name := range c.program.Resources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		visit(name)
	}
	return ordered
}

// one lets one program at a time be in its folder, which is the provider's working directory.
var one sync.Mutex

// within does something in a folder.
func within(folder string, do func() error) error {
	one.Lock()
	defer one.Unlock()
	before, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(folder); err != nil {
		return err
	}
	return errors.Join(do(), os.Chdir(before))
}

// construct constructs one component. Resources of other providers are what they are given.
func (c *construction) construct(ctx context.Context, name string) error {
	described := c.program.Resources[name]
	inputs := resource.PropertyMap{}
	for key, value := range described.Properties {
		property, err := c.value(value)
		if err != nil {
			return fmt.Errorf("resource %s: %s: %w", name, key, err)
		}
		inputs[resource.PropertyKey(key)] = property
	}
	if !strings.HasPrefix(described.Type, provider.Name+":") {
		c.outputs[name] = nil
		return nil
	}
	encoded, err := plugin.MarshalProperties(inputs, marshalling)
	if err != nil {
		return err
	}
	var answer *rpc.ConstructResponse
	err = within(c.options.Folder, func() (err error) {
		answer, err = c.server.Construct(ctx, &rpc.ConstructRequest{
			Project: project, Stack: stack, Organization: "my-org", Config: c.options.Config, DryRun: true, Parallel: 16,
			MonitorEndpoint: c.engine.address, Type: described.Type, Name: name, Inputs: encoded,
			AcceptsOutputValues: true,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("resource %s: %s", name, message(err))
	}
	c.outputs[name], err = plugin.UnmarshalProperties(answer.GetState(), marshalling)
	return err
}

// message is the text that Pulumi shows of a provider's error.
func message(err error) string {
	converted := status.Convert(err)
	lines := []string{converted.Message()}
	for _, detail := range converted.Details() {
		if properties, ok := detail.(*rpc.InputPropertiesError); ok {
			for _, wrong := range properties.GetErrors() {
				lines = append(lines, "  - property "+wrong.GetPropertyPath()+": "+wrong.GetReason())
			}
		}
	}
	return strings.Join(lines, "\n")
}

// unknown is what a preview does not know.
func unknown() resource.PropertyValue {
	return resource.NewProperty(resource.Output{Dependencies: []resource.URN{"urn:pulumi:alpha::program::pulumi:pulumi:Stack::program-alpha"}})
}

// value is a value of the program as Pulumi's YAML gives it.
func (c *construction) value(written any) (resource.PropertyValue, error) {
	switch written := written.(type) {
	case string:
		return c.text(written)
	case map[string]any:
		if len(written) == 1 {
			for name, argument := range written {
				if strings.HasPrefix(name, "fn::") {
					return c.function(name, argument)
				}
			}
		}
		object := resource.PropertyMap{}
		for key, element := range written {
			value, err := c.value(element)
			if err != nil {
				return value, err
			}
			object[resource.PropertyKey(key)] = value
		}
		return resource.NewProperty(object), nil
	case []any:
		list := make([]resource.PropertyValue, len(written))
		for i, element := range written {
			value, err := c.value(element)
			if err != nil {
				return value, err
			}
			list[i] = value
		}
		return resource.NewProperty(list), nil
	case int:
		return resource.NewProperty(float64(written)), nil
	case nil:
		return resource.PropertyValue{}, fmt.Errorf("it has no value, and Pulumi leaves out such a property")
	}
	return resource.NewPropertyValue(written), nil
}

// text is a text with its references. What a preview does not know makes all of it unknown.
func (c *construction) text(written string) (resource.PropertyValue, error) {
	matches := reference.FindAllStringSubmatch(written, -1)
	for _, match := range matches {
		value, err := c.referred(match[1], match[2])
		if err != nil {
			return value, err
		}
		if len(matches) == 1 && match[0] == written {
			return value, nil
		}
		if !value.IsString() {
			return unknown(), nil
		}
		written = strings.Replace(written, match[0], value.StringValue(), 1)
	}
	return resource.NewProperty(written), nil
}

func (c *construction) referred(name, property string) (resource.PropertyValue, error) {
	if declared, is := c.program.Config[name]; is {
		return configured(declared), nil
	}
	described, found := c.program.Resources[name]
	if !found {
		return resource.PropertyValue{}, fmt.Errorf("${%s}: there is no resource of this name", name)
	}
	if property == "" || !strings.HasPrefix(described.Type, provider.Name+":") {
		return unknown(), nil
	}
	value, given := c.outputs[name][resource.PropertyKey(property)]
	if !given && !hasOutput(described.Type, property) {
		return value, fmt.Errorf("${%s.%s}: %s has no output of this name", name, property, described.Type)
	}
	if !given || value.IsComputed() || value.IsOutput() && !value.OutputValue().Known {
		return unknown(), nil
	}
	return value, nil
}

// configured is some value of a variable that the program declares.
func configured(declared any) resource.PropertyValue {
	value := resource.NewProperty("value")
	if described, _ := declared.(map[string]any); described["secret"] == true {
		return resource.MakeSecret(value)
	}
	return value
}

// function is one of Pulumi's functions. The files have to be there.
func (c *construction) function(name string, argument any) (resource.PropertyValue, error) {
	path, ok := argument.(string)
	if !ok {
		return resource.PropertyValue{}, fmt.Errorf("%s needs a path", name)
	}
	absolute := filepath.Join(c.options.Folder, filepath.FromSlash(path))
	content, err := os.ReadFile(absolute)
	switch name {
	case "fn::readFile":
		return resource.NewProperty(string(content)), err
	case "fn::fileAsset":
		if err != nil {
			return resource.PropertyValue{}, err
		}
		made, err := asset.FromPath(absolute)
		return resource.NewProperty(made), err
	case "fn::fileArchive":
		if _, err := os.Stat(absolute); err != nil {
			return resource.PropertyValue{}, err
		}
		made, err := archive.FromPath(absolute)
		return resource.NewProperty(made), err
	}
	return resource.PropertyValue{}, fmt.Errorf("the tests do not know the function %s", name)
}
