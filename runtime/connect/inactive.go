package connect

import (
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// unanswerable says which fields of a revision could get no resolver while the plugin is
// inactive: its fields are not in the API, and AppSync makes no resolver for a field that
// is not there. The recorded ones come back with the plugin.
func unanswerable(s registry.State, r protocol.ConnectRequest) []protocol.Problem {
	fragment, invalid := schema.ParseFragment(r.Plugin, "schema", r.Fragment)
	if len(invalid) > 0 || s.Is(r.Hash) {
		return nil
	}
	var problems []protocol.Problem
	for _, field := range fragment.RootFields() {
		name := field.Type + "." + field.Name
		if field.Type == "Subscription" || slices.Contains(s.Detached, name) {
			continue
		}
		problem := registry.Problem(protocol.CodeWrongStatus, "%s is a new field, and the plugin is %s: an operator took its fields out of the API, "+
			"so a new one can get no resolver; bring the plugin back first with Platform_activatePlugin(id: %q)", name, s.Status, r.Plugin)
		problem.Line, problem.Column = field.Line, field.Column
		problems = append(problems, problem)
	}
	return problems
}
