package validate

import (
	"regexp"
	"strings"

	"github.com/blang/semver"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
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
	for _, check := range []func(declaration.Plugin){
		found.identity, found.function, found.overrides, found.componentNames, found.dcb, found.sources, found.readers,
		found.toDos, found.tasks, found.schedules, found.extensionPoints, found.extensions, found.snapshots, found.commandTypes, found.queryKinds, found.owners,
	} {
		check(plugin)
	}
	indexes := Indexes{}
	if schema != nil {
		found.commands(plugin, *schema)
		indexes = found.queries(plugin, *schema)
		found.customQueries(plugin, *schema)
		found.subscriptions(plugin, *schema)
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
	if !plugin.Decides() && len(plugin.Extensions) == 0 && len(plugin.ReadModels) == 0 {
		f.add("aggregates", "the plugin declares no component; declare at least one aggregate, or a slice in `dcb`")
	}
	if problem := protocol.CheckUIBundleURL(plugin.UIBundleURL); problem != "" {
		f.add("uiBundleUrl", "%q %s (the environment variable %s goes before the argument)", plugin.UIBundleURL, problem, localconfig.UIBundleVariable(plugin.Name))
	}
	if plugin.HeartbeatMinutes < 0 || plugin.HeartbeatMinutes > maxHeartbeat {
		f.add("heartbeatMinutes", "%d minutes are not possible; give 1 to %d, or 0 for no heartbeat", plugin.HeartbeatMinutes, maxHeartbeat)
	}
}

// maxHeartbeat is a day in minutes.
const maxHeartbeat = 24 * 60

// componentNames checks the names under which components are declared. Within each of
// the two families a name must be that of one component only: commands are sent by name,
// and tables of rows are named by it.
func (f *findings) componentNames(plugin declaration.Plugin) {
	slices, views, automations, outbound, inbound := dcbNames(plugin)
	f.namesOf(family{"aggregates", sorted(plugin.Aggregates)}, family{"dcb.stateChangeSlices", slices}, family{"extensions", sorted(plugin.Extensions)})
	f.namesOf(family{"readModels", sorted(plugin.ReadModels)}, family{"dcb.stateViewSlices", views}, family{"dcb.automations", automations},
		family{"dcb.outboundTranslations", outbound}, family{"dcb.inboundTranslations", inbound})
	f.namesOf(family{"extensionPoints", sorted(plugin.ExtensionPoints)})
	f.namesOf(family{"tasks", sorted(plugin.Tasks)})
	f.namesOf(family{"schedules", sorted(plugin.Schedules)})
}

func dcbNames(plugin declaration.Plugin) (slices, views, automations, outbound, inbound []string) {
	if plugin.DCB == nil {
		return
	}
	d := plugin.DCB
	return sorted(d.StateChangeSlices), sorted(d.StateViewSlices), sorted(d.Automations), sorted(d.OutboundTranslations), sorted(d.InboundTranslations)
}

// family are the names of components of one property.
type family struct {
	property string
	names    []string
}

func (f *findings) namesOf(families ...family) {
	folded := map[string]string{}
	for _, family := range families {
		for _, name := range family.names {
			path := Path(append(strings.Split(family.property, "."), name)...)
			if !componentName.MatchString(name) {
				f.add(path, "%q is no name for a component: use 1 to 40 letters and digits, beginning with a capital", name)
			}
			if other, taken := folded[strings.ToLower(name)]; taken {
				f.add(path, "the name is that of %s, or differs in capitals only; choose another one", other)
			}
			folded[strings.ToLower(name)] = path
		}
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
	for _, name := range sorted(plugin.Extensions) {
		extension := plugin.Extensions[name]
		if !pluginName.MatchString(extension.Plugin) {
			f.add(Path("extensions", name, "plugin"), "%q is no name of a plugin", extension.Plugin)
		}
		if extension.Plugin == plugin.Name {
			f.add(Path("extensions", name, "plugin"), "an extension takes messages of another plugin; for the plugin's own events declare a read model or an automation")
		}
		if !componentName.MatchString(extension.ExtensionPoint) {
			f.add(Path("extensions", name, "extensionPoint"), "%q is no name of an extension point", extension.ExtensionPoint)
		}
		f.eventTypes([]string{"extensions", name, "events"}, extension.Events)
		f.where(name, extension)
		if !plugin.Decides() {
			f.add(Path("extensions", name), "the plugin has no aggregate and no slice to send commands to")
		}
	}
}

// SNS's limits of a filter policy.
// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const (
	maxFilterKeys         = 5
	maxFilterCombinations = 150
)

// dataLevel is the level of the fields of data in a message: SNS multiplies the number of
// texts by it.
const dataLevel = 2

// where checks a filter by the data of messages.
func (f *findings) where(extension string, declared declaration.Extension) {
	where, combinations := declared.Where, max(1, len(declared.Events))
	for _, field := range sorted(where) {
		if len(where[field]) == 0 {
			f.add(Path("extensions", extension, "where", field), "the filter lists no text, so no message would come; list those that are wanted, or leave it out")
		}
		combinations *= dataLevel * max(1, len(where[field]))
	}
	if len(where) > maxFilterKeys-1 || combinations > maxFilterCombinations {
		f.add(Path("extensions", extension, "where"), "the filter has %d fields, and with the event types %d combinations of texts, each field counted double; SNS takes %d fields and %d combinations",
			len(where), combinations, maxFilterKeys-1, maxFilterCombinations)
	}
}
