package provider

import (
	"slices"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// group is what one function of the plugin serves: all components of a kind that have no
// function of their own, or one that has.
type group struct {
	// purpose is one of the Function… constants of package definition.
	purpose string
	// component is the component whose own function it is, "" for the shared one.
	component string
	override  declaration.Function
	members   []string
}

// part is the last part of the names of what the group has, beginning with a base.
func (g group) part(base string) string {
	if g.component == "" {
		return base
	}
	return base + "-" + g.component
}

// async says whether any of the group's mutations answers before its command is decided.
func (g group) async(plugin declaration.Plugin) bool {
	return slices.ContainsFunc(g.members, plugin.Async)
}

// groupsOf sorts components into groups, the shared one first. override says what a
// component overrides.
func groupsOf(purpose string, names []string, override func(name string) *declaration.Function) []group {
	shared := group{purpose: purpose}
	var own []group
	for _, name := range names {
		if given := override(name); given != nil {
			own = append(own, group{purpose: purpose, component: name, override: *given, members: []string{name}})
			continue
		}
		shared.members = append(shared.members, name)
	}
	if len(shared.members) == 0 {
		return own
	}
	return append([]group{shared}, own...)
}

// commandGroups are the groups of aggregates and slices. The shared one is there even when
// each has a function of its own: it serves inbound translations and commands from other
// plugins.
func commandGroups(plugin declaration.Plugin) []group {
	names := append(sortedKeys(plugin.Aggregates), sortedKeys(plugin.Slices())...)
	groups := groupsOf(definition.FunctionCommands, names, func(name string) *declaration.Function {
		override, _ := plugin.Addressee(name)
		return override
	})
	if len(groups) > 0 && groups[0].component != "" {
		groups = append([]group{{purpose: definition.FunctionCommands}}, groups...)
	}
	return groups
}

// projectionGroups are the groups of read models. To-do rows are made by the shared one.
func projectionGroups(plugin declaration.Plugin) []group {
	models := plugin.Models()
	groups := groupsOf(definition.FunctionProjections, append(sortedKeys(models), sortedKeys(plugin.ToDos())...), func(name string) *declaration.Function {
		return models[name].Function
	})
	return groups
}

func reactionGroups(plugin declaration.Plugin) []group {
	return groupsOf(definition.FunctionReactions, sortedKeys(plugin.Extensions), func(name string) *declaration.Function {
		return plugin.Extensions[name].Function
	})
}

func automationGroups(plugin declaration.Plugin) []group {
	toDos := plugin.ToDos()
	return groupsOf(definition.FunctionAutomations, sortedKeys(toDos), func(name string) *declaration.Function {
		return toDos[name].Function
	})
}

// taskGroups are the groups of tasks. What handlers schedule is sent by the shared one.
func taskGroups(plugin declaration.Plugin) []group {
	groups := groupsOf(definition.FunctionTasks, sortedKeys(plugin.Tasks), func(name string) *declaration.Function {
		return plugin.Tasks[name].Function
	})
	alone := len(plugin.Schedules) > 0 && (len(groups) == 0 || groups[0].component != "")
	if alone {
		groups = append([]group{{purpose: definition.FunctionTasks}}, groups...)
	}
	return groups
}

func queryGroups(plugin declaration.Plugin) []group {
	return groupsOf(definition.FunctionQueries, sortedKeys(plugin.Queries), func(name string) *declaration.Function {
		return plugin.Queries[name].Function
	})
}

// handlerGroups are all groups whose function runs the handler.
func handlerGroups(plugin declaration.Plugin) []group {
	var all []group
	for _, groups := range [][]group{
		commandGroups(plugin), projectionGroups(plugin), reactionGroups(plugin),
		automationGroups(plugin), taskGroups(plugin), queryGroups(plugin),
	} {
		all = append(all, groups...)
	}
	return all
}

// pulse is the function that tells the platform that the plugin is alive: the first one
// that runs the handler, so that the handler's process is alive too; false when there is
// none, or no heartbeat is wanted.
func pulse(plugin declaration.Plugin) (string, bool) {
	groups := handlerGroups(plugin)
	if len(groups) == 0 || plugin.HeartbeatMinutes == 0 {
		return "", false
	}
	return groups[0].part(groups[0].purpose), true
}
