package generate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// prose is a description without the examples, which are for the SDKs and the registry: other
// documents show programs.
func prose(description string) string {
	text, _, _ := strings.Cut(description, "{{% examples %}}")
	return strings.TrimSpace(text)
}

// Reference is the page with all that the schema says: the components with their arguments
// and outputs, then the types that these have.
func Reference(spec schema.PackageSpec) string {
	var page strings.Builder
	page.WriteString(referenceHead)
	for _, token := range slices.Sorted(maps.Keys(spec.Resources)) {
		resource := spec.Resources[token]
		fmt.Fprintf(&page, "\n## %s\n\n`%s`\n\n%s\n", lastPart(token), token, prose(resource.Description))
		properties(&page, "argument", resource.InputProperties, resource.RequiredInputs)
		properties(&page, "output", resource.Properties, nil)
	}
	page.WriteString("\n## Types\n")
	for _, token := range slices.Sorted(maps.Keys(spec.Types)) {
		described := spec.Types[token]
		fmt.Fprintf(&page, "\n### %s\n", lastPart(token))
		if described.Description != "" {
			fmt.Fprintf(&page, "\n%s\n", strings.TrimSpace(described.Description))
		}
		properties(&page, "property", described.Properties, described.Required)
		values(&page, described.Enum)
	}
	return page.String()
}

const referenceHead = `<!-- Written by "make generate" from schema.json. The descriptions are those of the provider's Go code. -->
# Reference

All arguments and outputs of the two components, as your editor shows them too. How they go together is in [declaring.md](declaring.md) and
[security.md](security.md), what a handler receives in [handler.md](handler.md).

What is *plain* has to be known when the program runs, because it decides which resources there are: it takes no outputs of other resources
and no secrets. What is not *plain* takes both. Names are those of YAML and TypeScript; Python writes ` + "`state_change_slices`" + ` for
` + "`stateChangeSlices`" + `, see [languages.md](languages.md).
`

// properties is a table of properties, those that are required first.
func properties(page *strings.Builder, what string, described map[string]schema.PropertySpec, required []string) {
	if len(described) == 0 {
		return
	}
	fmt.Fprintf(page, "\n| %s | type | is |\n| --- | --- | --- |\n", what)
	names := slices.SortedFunc(maps.Keys(described), func(a, b string) int {
		return cmp.Or(-compareBool(slices.Contains(required, a), slices.Contains(required, b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		property := described[name]
		kind := typeName(property.TypeSpec)
		if property.Plain && what != "output" {
			kind += ", *plain*"
		}
		if slices.Contains(required, name) {
			kind += ", **required**"
		}
		if property.Secret {
			kind += ", secret"
		}
		fmt.Fprintf(page, "| `%s` | %s | %s |\n", name, kind, cell(property.Description))
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// values is a table of an enum's values.
func values(page *strings.Builder, all []schema.EnumValueSpec) {
	if len(all) == 0 {
		return
	}
	page.WriteString("\n| value | is |\n| --- | --- |\n")
	for _, value := range all {
		fmt.Fprintf(page, "| `%v` | %s |\n", value.Value, cell(value.Description))
	}
}

// typeName is a type in words, with a link to those of the page.
func typeName(spec schema.TypeSpec) string {
	switch {
	case strings.HasPrefix(spec.Ref, "#/types/"):
		name := lastPart(spec.Ref)
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	case spec.Ref != "":
		return strings.ToLower(spec.Ref[strings.LastIndex(spec.Ref, "/")+1:])
	case spec.Items != nil:
		return "list of " + typeName(*spec.Items)
	case spec.AdditionalProperties != nil:
		return "map of " + typeName(*spec.AdditionalProperties)
	case len(spec.OneOf) > 0:
		var names []string
		for _, one := range spec.OneOf {
			names = append(names, typeName(one))
		}
		return strings.Join(names, " or ")
	}
	return spec.Type
}

// lastPart is the name at the end of a token.
func lastPart(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// cell is a text that fits into a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
