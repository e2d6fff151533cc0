package graph

import (
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/diagram"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// topicsOf are the extension points of all plugins, as plugin.Point, by the ARNs of their
// topics. What could not be read is nil.
func topicsOf(stacks []*stack.Stack) map[string]string {
	points := map[string]string{}
	for _, read := range stacks {
		if read == nil {
			continue
		}
		for _, plugin := range read.Plugins {
			for point, arn := range plugin.Topics {
				points[arn] = plugin.Name + "." + point
			}
		}
	}
	return points
}

// deployed is what others see of a stack, nil when that could not be read.
func deployed(read *stack.Stack, topics map[string]string) *diagram.Deployed {
	if read == nil {
		return &diagram.Deployed{Components: []diagram.Component{}, Missing: "not known"}
	}
	made := &diagram.Deployed{}
	for _, platform := range read.Platforms {
		made.Components = append(made.Components, diagram.Component{Kind: diagram.Platform, Name: platform.Name,
			RootFields: append([]string{}, platform.RootFields...), ExtensionPoints: []string{}, Extends: []string{}})
	}
	for _, plugin := range read.Plugins {
		made.Components = append(made.Components, diagram.Component{Kind: diagram.Plugin, Name: plugin.Name, Version: plugin.Version,
			RootFields: append([]string{}, plugin.RootFields...), ExtensionPoints: append([]string{}, plugin.ExtensionPoints...),
			Extends: extends(plugin, topics)})
	}
	return made
}

// extends are the extension points that a plugin extends: by its own subscriptions, and by
// those that the platform makes for it.
func extends(plugin stack.Plugin, topics map[string]string) []string {
	points := []string{}
	for _, arn := range plugin.Subscribed {
		name := topics[arn]
		if name == "" {
			name = arn[strings.LastIndex(arn, ":")+1:]
		}
		points = append(points, name)
	}
	if plugin.Connection != nil {
		for _, subscription := range plugin.Connection.Subscriptions {
			points = append(points, subscription.Plugin+"."+subscription.ExtensionPoint)
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}
