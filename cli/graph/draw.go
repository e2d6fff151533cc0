package graph

import (
	"slices"

	"github.com/reventless/pulumi-reventless/cli/internal/diagram"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// Draw makes the graph of a plan: its stacks in their order, then the others by their names.
func Draw(plan *project.Plan) *diagram.Graph {
	drawn := &diagram.Graph{Environment: plan.Environment, Nodes: []diagram.Node{}, Edges: []diagram.Edge{}}
	var others []string
	for _, target := range plan.Targets {
		kind := diagram.Plugin
		if target.Platform {
			kind = diagram.Platform
		}
		drawn.Nodes = append(drawn.Nodes, diagram.Node{ID: target.Name, Kind: kind, Project: target.Project, Path: target.Path, Skipped: target.Skip})
		for _, before := range target.After {
			drawn.Edges = append(drawn.Edges, diagram.Edge{From: before, To: target.Name, Because: because(plan, target, before)})
		}
		external := plan.External(target)
		slices.Sort(external)
		for _, reference := range slices.Compact(external) {
			drawn.Edges = append(drawn.Edges, diagram.Edge{From: reference, To: target.Name, Because: []diagram.Because{diagram.ByReference}})
			others = append(others, reference)
		}
	}
	slices.Sort(others)
	for _, reference := range slices.Compact(others) {
		drawn.Nodes = append(drawn.Nodes, diagram.Node{ID: reference, Kind: diagram.External})
	}
	return drawn
}

// because is why a target comes after another one of the plan.
func because(plan *project.Plan, target project.Target, before string) (why []diagram.Because) {
	other, _ := plan.Target(before)
	if other.Platform {
		why = append(why, diagram.ByPlatform)
	}
	if slices.Contains(target.DependsOn, before) {
		why = append(why, diagram.ByManifest)
	}
	if slices.ContainsFunc(target.References, func(reference string) bool { return plan.Own(reference) == before }) {
		why = append(why, diagram.ByReference)
	}
	return why
}
