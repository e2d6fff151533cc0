package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/selection"
)

// maxMatrix is how many jobs GitHub makes of a matrix at most.
const maxMatrix = 256

// deployment is what a run deploys, and in which order.
type deployment struct {
	// why says of each stack that is deployed why it is.
	why map[string]string
	// platform says that the platform is deployed, before the waves.
	platform bool
	// waves are plugins that come after those of the waves before only. They are as many as
	// the workflow has, the last ones may be empty.
	waves [][]string
}

// arrange chooses the stacks that changed and those that come after them, and orders them into
// waves. That the workflow has too few is an error for whatever changed, so that it is not
// found out much later.
func arrange(plan *project.Plan, result *change.Result, count int) (*deployment, error) {
	order := newOrder(plan)
	if err := order.check(plan, count); err != nil {
		return nil, err
	}
	d := nothing(count)
	for _, stack := range result.Stacks {
		if stack.Changed {
			for _, name := range order.dependents[stack.Name] {
				d.because(plan, name, "comes after "+stack.Name)
			}
		}
	}
	for _, stack := range result.Stacks {
		if stack.Changed && stack.Skipped == "" {
			d.why[stack.Name] = first(stack)
		}
	}
	for name, level := range order.levels(d.names(plan)) {
		if level == 0 {
			d.platform = true
			continue
		}
		d.waves[level-1] = append(d.waves[level-1], name)
	}
	for i, wave := range d.waves {
		slices.Sort(wave)
		if len(wave) > maxMatrix {
			return nil, fmt.Errorf("wave %d has %d plugins, and GitHub makes at most %d jobs of a matrix: give the plugins manifests and workflows of their own", i+1, len(wave), maxMatrix)
		}
	}
	return d, nil
}

// nothing is a deployment of no stack.
func nothing(count int) *deployment {
	d := &deployment{why: map[string]string{}, waves: make([][]string, count)}
	for i := range d.waves {
		d.waves[i] = []string{} // null is no list of a matrix
	}
	return d
}

// first is the first reason of a stack that changed.
func first(stack change.Stack) string {
	if stack.Reasons[0].Rule == change.RuleNoBase {
		return "everything is changed"
	}
	return stack.Reasons[0].String()
}

// because notes why a stack is deployed, unless it takes no part.
func (d *deployment) because(plan *project.Plan, name, why string) {
	if target, _ := plan.Target(name); target.Skip == "" && d.why[name] == "" {
		d.why[name] = why
	}
}

// names are the stacks that are deployed, in the manifest's order.
func (d *deployment) names(plan *project.Plan) []string {
	names := []string{}
	for _, target := range plan.Targets {
		if _, chosen := d.why[target.Name]; chosen {
			names = append(names, target.Name)
		}
	}
	return names
}

// order is what comes after what in a plan.
type order struct {
	platforms  map[string]bool
	dependents map[string][]string
}

func newOrder(plan *project.Plan) *order {
	nodes := make([]selection.Node, len(plan.Targets))
	o := &order{platforms: map[string]bool{}, dependents: map[string][]string{}}
	for i, target := range plan.Targets {
		nodes[i] = selection.Node{Name: target.Name, After: target.After}
		o.platforms[target.Name] = target.Platform
	}
	for _, node := range nodes {
		o.dependents[node.Name] = selection.Dependents(nodes, node.Name)
	}
	return o
}

// before are those of some stacks that a stack comes after, directly or not.
func (o *order) before(name string, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(other string) bool { return !slices.Contains(o.dependents[other], name) })
}

// levels are the waves of stacks, from 1; that of a platform is 0.
func (o *order) levels(names []string) map[string]int {
	levels := map[string]int{}
	var level func(name string) int
	level = func(name string) int {
		if known, done := levels[name]; done {
			return known
		}
		highest := 0
		if !o.platforms[name] {
			for _, other := range o.before(name, names) {
				highest = max(highest, level(other))
			}
			highest++
		}
		levels[name] = highest
		return highest
	}
	for _, name := range names {
		level(name)
	}
	return levels
}

// check requires that all stacks of the environment fit into the waves.
func (o *order) check(plan *project.Plan, count int) error {
	var names []string
	for _, target := range plan.Targets {
		if target.Skip == "" {
			names = append(names, target.Name)
		}
	}
	levels := o.levels(names)
	for _, name := range names {
		if levels[name] <= count {
			continue
		}
		chain := []string{name}
		for level := levels[name] - 1; level > 0; level-- {
			before := o.before(chain[0], names)
			chain = append([]string{before[slices.IndexFunc(before, func(other string) bool { return levels[other] == level })]}, chain...)
		}
		return fmt.Errorf("%s needs %d waves of plugins, and the workflow has %d: %s. Take out a depends-on or interstack:dependencies that is not needed "+
			"(the platform wires extension points of plugins that are deployed in any order), or deploy the last ones by a manifest and workflow of their own",
			name, levels[name], count, strings.Join(chain, " → "))
	}
	return nil
}
