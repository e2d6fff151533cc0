package validate

import (
	"regexp"
	"strings"

	"github.com/blang/semver"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

var (
	pluginName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,39}$`)
	componentName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,39}$`)
	commandType   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,127}$`)
)

// Plugin checks a declaration, see the package comment. The schema is nil when it could
// not be parsed; then the checks that need it are left out. The indexes are complete only
// when there is no problem.
func Plugin(plugin declaration.Plugin, schema *Schema) ([]Problem, Indexes) {
	var found findings
	found.identity(plugin)
	found.function(plugin)
	found.componentNames(plugin)
	found.sources(plugin)
	found.extensions(plugin)
	found.commandTypes(plugin)
	found.queryKinds(plugin)
	indexes := Indexes{}
	if schema != nil {
		found.commands(plugin, *schema)
		indexes = found.queries(plugin, *schema)
		found.unresolved(plugin, *schema)
	}
	return found, indexes
}

// identity checks name and version.
func (f *findings) identity(plugin declaration.Plugin) {
	if strings.EqualFold(plugin.Name, protocol.PlatformPlugin) {
		f.add("name", "the name is taken by the platform itself; choose another one")
	}
	if !pluginName.MatchString(plugin.Name) {
		f.add("name", "%q is no name for a plugin: use 1 to 40 letters, digits and \"-\", beginning with a letter; without the argument it is the resource's name", plugin.Name)
	}
	if _, err := semver.Parse(plugin.Version); err != nil {
		f.add("version", "%q is no semantic version such as 1.4.0", plugin.Version)
	}
	if len(plugin.Aggregates) == 0 && len(plugin.Extensions) == 0 && len(plugin.ReadModels) == 0 {
		f.add("aggregates", "the plugin declares no component; declare at least one aggregate")
	}
}

// componentNames checks the names under which components are declared.
func (f *findings) componentNames(plugin declaration.Plugin) {
	names := map[string][]string{
		"aggregates":      sorted(plugin.Aggregates),
		"readModels":      sorted(plugin.ReadModels),
		"extensionPoints": sorted(plugin.ExtensionPoints),
		"extensions":      sorted(plugin.Extensions),
	}
	for _, kind := range sorted(names) {
		f.namesOf(kind, names[kind])
	}
}

func (f *findings) namesOf(kind string, names []string) {
	folded := map[string]string{}
	for _, name := range names {
		if !componentName.MatchString(name) {
			f.add(Path(kind, name), "%q is no name for a component: use 1 to 40 letters and digits, beginning with a capital", name)
		}
		if other, taken := folded[strings.ToLower(name)]; taken {
			f.add(Path(kind, name), "the name differs from %q in capitals only; choose another one", other)
		}
		folded[strings.ToLower(name)] = name
	}
}

// sources checks that read models and extension points take events of aggregates that
// there are.
func (f *findings) sources(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.ReadModels) {
		model := plugin.ReadModels[name]
		if len(model.From) == 0 {
			f.add(Path("readModels", name, "from"), "the read model is made from no aggregate; name at least one, such as `from: [{aggregate: Product}]`")
		}
		f.sourcesOf(plugin, []string{"readModels", name}, model.From)
	}
	for _, name := range sorted(plugin.ExtensionPoints) {
		point := plugin.ExtensionPoints[name]
		if (len(point.Events) == 0) == (len(point.From) == 0) {
			f.add(Path("extensionPoints", name), "give exactly one of `events` (published as they are) and `from` (the handler turns them into messages)")
		}
		if len(plugin.Aggregates) == 0 {
			f.add(Path("extensionPoints", name), "the plugin has no aggregate whose events could be published")
		}
		f.eventTypes([]string{"extensionPoints", name, "events"}, point.Events)
		f.sourcesOf(plugin, []string{"extensionPoints", name}, point.From)
	}
}

func (f *findings) sourcesOf(plugin declaration.Plugin, path []string, sources []declaration.Source) {
	seen := map[string]bool{}
	for i, source := range sources {
		at := append(append([]string{}, path...), "from", index(i))
		if _, exists := plugin.Aggregates[source.Aggregate]; !exists {
			f.add(Path(append(at, "aggregate")...), "the plugin declares no aggregate %q.%s",
				source.Aggregate, DidYouMean(source.Aggregate, sorted(plugin.Aggregates)))
		}
		if seen[source.Aggregate] {
			f.add(Path(append(at, "aggregate")...), "the aggregate %q is named twice; list all its events in one place", source.Aggregate)
		}
		seen[source.Aggregate] = true
		f.eventTypes(append(at, "events"), source.Events)
	}
}

// eventTypes checks the names of event or message types.
func (f *findings) eventTypes(path []string, types []string) {
	seen := map[string]bool{}
	for i, name := range types {
		at := Path(append(append([]string{}, path...), index(i))...)
		if !commandType.MatchString(name) {
			f.add(at, "%q is no type: use up to 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter", name)
		}
		if seen[name] {
			f.add(at, "%q is listed twice", name)
		}
		seen[name] = true
	}
}

// extensions checks which extension points the plugin subscribes to.
func (f *findings) extensions(plugin declaration.Plugin) {
	subscribed := map[string]string{}
	for _, name := range sorted(plugin.Extensions) {
		extension := plugin.Extensions[name]
		if !pluginName.MatchString(extension.Plugin) {
			f.add(Path("extensions", name, "plugin"), "%q is no name of a plugin", extension.Plugin)
		}
		if extension.Plugin == plugin.Name {
			f.add(Path("extensions", name, "plugin"), "an extension takes messages of another plugin; for the plugin's own events declare a read model")
		}
		if !componentName.MatchString(extension.ExtensionPoint) {
			f.add(Path("extensions", name, "extensionPoint"), "%q is no name of an extension point", extension.ExtensionPoint)
		}
		f.eventTypes([]string{"extensions", name, "events"}, extension.Events)
		key := extension.Plugin + "." + extension.ExtensionPoint
		if other, taken := subscribed[key]; taken {
			f.add(Path("extensions", name, "extensionPoint"), "the extension %q subscribes to %s already", other, key)
		}
		subscribed[key] = name
		if len(plugin.Aggregates) == 0 {
			f.add(Path("extensions", name), "the plugin has no aggregate to send commands to")
		}
	}
}
