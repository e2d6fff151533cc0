package wire

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"

	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// localTypes is how the schema refers to its own types.
const localTypes = "#/types/"

// checker checks inputs against the schema and collects what is wrong.
type checker struct {
	spec     *schema.PackageSpec
	what     string
	problems []validate.Problem
}

// err is the error of all problems, in the form in which the engine shows the paths.
func (c *checker) err() error {
	if err := validate.Error(c.what, c.problems); err != nil {
		return rpcerror.WrapDetailedError(err)
	}
	return nil
}

func (c *checker) add(path, format string, arguments ...any) {
	c.problems = append(c.problems, validate.Problem{Path: path, Reason: fmt.Sprintf(format, arguments...)})
}

// object checks the properties of an object.
func (c *checker) object(path string, value resource.PropertyMap, properties map[string]schema.PropertySpec, required []string) {
	for _, name := range required {
		if v, found := value[resource.PropertyKey(name)]; !found || v.IsNull() {
			c.add(join(path, name), "is required: %s", firstSentence(properties[name].Description))
		}
	}
	for _, key := range value.StableKeys() {
		name := string(key)
		property, found := properties[name]
		if !found {
			c.add(join(path, name), "is not a property here.%s", validate.DidYouMean(name, slices.Collect(maps.Keys(properties))))
			continue
		}
		c.value(join(path, name), value[key], property.TypeSpec)
	}
}

// value checks one value.
func (c *checker) value(path string, value resource.PropertyValue, want schema.TypeSpec) {
	switch {
	case value.IsComputed() || value.IsOutput() && !value.OutputValue().Known:
		if want.Plain {
			c.add(path, "must be known when the program runs, for it decides which resources there are; an output of a resource that is yet to be created cannot be used here")
		}
	case value.IsOutput():
		c.output(path, value.OutputValue(), want)
	case value.IsSecret():
		c.secret(path, value.SecretValue().Element, want)
	case !value.IsNull():
		c.known(path, value, want)
	}
}

func (c *checker) output(path string, output resource.Output, want schema.TypeSpec) {
	switch {
	case output.Secret:
		c.secret(path, output.Element, want)
	case want.Plain:
		c.add(path, "must be a plain value, not an output of another resource, for it decides which resources there are; write the value itself, or read it from the stack's configuration")
	default:
		c.value(path, output.Element, want)
	}
}

// secret checks a secret value: a plain place cannot hold one, and anything wrong with
// it is said without its value.
func (c *checker) secret(path string, element resource.PropertyValue, want schema.TypeSpec) {
	if want.Plain {
		c.add(path, "must not be a secret: it decides which resources there are and is shown in their names; write the value itself, or read it from configuration that is not secret")
		return
	}
	inner := &checker{spec: c.spec}
	inner.value(path, element, want)
	for _, problem := range inner.problems {
		c.add(problem.Path, "(a secret) %s", problem.Reason)
	}
}

// known checks a value that is there against its type.
func (c *checker) known(path string, value resource.PropertyValue, want schema.TypeSpec) {
	if name, found := strings.CutPrefix(want.Ref, localTypes); found {
		c.reference(path, value, c.spec.Types[name])
		return
	}
	switch want.Type {
	case "string":
		c.expect(path, value, value.IsString(), "text")
	case "boolean":
		c.expect(path, value, value.IsBool(), "true or false")
	case "number":
		c.expect(path, value, value.IsNumber(), "a number")
	case "integer":
		if c.expect(path, value, value.IsNumber(), "a whole number") && value.NumberValue() != math.Trunc(value.NumberValue()) {
			c.add(path, "must be a whole number, without a fraction")
		}
	case "array":
		c.array(path, value, want)
	case "object":
		c.dictionary(path, value, want)
	}
	if want.Ref == "pulumi.json#/Archive" {
		c.expect(path, value, value.IsArchive() || value.IsAsset(), "an archive, such as {fn::fileArchive: ./folder}")
	}
}

// reference checks a value against one of the schema's own types.
func (c *checker) reference(path string, value resource.PropertyValue, want schema.ComplexTypeSpec) {
	if len(want.Enum) > 0 {
		c.enum(path, value, want.Enum)
		return
	}
	if c.expect(path, value, value.IsObject(), "an object") {
		c.object(path, value.ObjectValue(), want.Properties, want.Required)
	}
}

func (c *checker) enum(path string, value resource.PropertyValue, values []schema.EnumValueSpec) {
	allowed := make([]string, len(values))
	for i, v := range values {
		allowed[i] = fmt.Sprint(v.Value)
	}
	if c.expect(path, value, value.IsString(), "text") && !slices.Contains(allowed, value.StringValue()) {
		c.add(path, "must be one of: %s", strings.Join(allowed, ", "))
	}
}

func (c *checker) array(path string, value resource.PropertyValue, want schema.TypeSpec) {
	if !c.expect(path, value, value.IsArray(), "a list") || want.Items == nil {
		return
	}
	for i, element := range value.ArrayValue() {
		c.value(fmt.Sprintf("%s[%d]", path, i), element, *want.Items)
	}
}

func (c *checker) dictionary(path string, value resource.PropertyValue, want schema.TypeSpec) {
	if !c.expect(path, value, value.IsObject(), "an object") || want.AdditionalProperties == nil {
		return
	}
	for _, key := range value.ObjectValue().StableKeys() {
		c.value(join(path, string(key)), value.ObjectValue()[key], *want.AdditionalProperties)
	}
}

func (c *checker) expect(path string, value resource.PropertyValue, fits bool, what string) bool {
	if !fits {
		c.add(path, "must be %s, not %s", what, described(value))
	}
	return fits
}

// described names the kind of a value in words of the user's language.
func described(value resource.PropertyValue) string {
	switch {
	case value.IsString():
		return "text"
	case value.IsNumber():
		return "a number"
	case value.IsBool():
		return "true or false"
	case value.IsArray():
		return "a list"
	case value.IsObject():
		return "an object"
	case value.IsAsset(), value.IsArchive():
		return "an asset or archive"
	}
	return "a " + value.TypeString()
}

// join appends a property to a path.
func join(path, name string) string {
	element := validate.Path(name)
	if path == "" || strings.HasPrefix(element, "[") {
		return path + element
	}
	return path + "." + element
}

// firstSentence is the beginning of a description.
func firstSentence(description string) string {
	sentence, _, _ := strings.Cut(strings.ReplaceAll(description, "\n", " "), ". ")
	return strings.TrimSuffix(sentence, ".") + "."
}
