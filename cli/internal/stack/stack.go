// Package stack finds the plugins and platforms that a Pulumi stack has deployed.
//
//  1. [Read] looks for the Pulumi project from a folder upwards, asks the pulumi command
//     for the stack's state, and keeps what the components say of themselves: names of
//     functions and tables, URLs of queues. The state is the one of the user's own pulumi
//     command, with its backend and login; nothing is changed.
//  2. Secrets stay encrypted and are left out.
//  3. [Stack.Plugin] chooses a plugin of the stack; the error says which there are.
//  4. [ReadConfiguration] reads the configuration of a stack in the same way.
//  5. Each component knows the region and profile of the aws provider that made its
//     resources, so that a command reaches the account that was deployed to.
package stack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Selection is what a user names: where the project is, and what of it is meant.
type Selection struct {
	// Folder is the project's folder or one below it; "" is the working directory.
	Folder string
	// Stack is the stack's name; "" is the one that is selected in the project.
	Stack string
	// Plugin is the plugin's name; "" is the stack's only one.
	Plugin string
}

// AddFlags adds the flags that name the project and the stack, as those of pulumi do.
func (s *Selection) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&s.Folder, "cwd", "C", "", "the Pulumi project's folder (default: the working directory)")
	flags.StringVarP(&s.Stack, "stack", "s", "", "the stack's name (default: the selected stack)")
}

// AddPluginFlag adds the flag that names the plugin.
func (s *Selection) AddPluginFlag(flags *pflag.FlagSet) {
	flags.StringVar(&s.Plugin, "plugin", "", "the plugin's name, needed when the stack has several")
}

// Provider is how the aws provider of a component reaches AWS; an empty field leaves it to
// the environment.
type Provider struct {
	Region  string
	Profile string
}

// Stack is what a stack has deployed.
type Stack struct {
	Name      string
	Plugins   []Plugin
	Platforms []Platform
	// Outputs are the stack's outputs; secrets are still encrypted in them.
	Outputs map[string]any
	// Pending are the operations that were under way when the last update ended.
	Pending []Pending
}

// Pending is an operation of which nobody knows whether it was done: the update that began
// it was killed.
type Pending struct {
	// Operation is creating, updating, deleting, reading or importing.
	Operation string
	URN       string
}

// Plugin is a deployed plugin. A map's keys are the names in the declaration, its values
// the physical names; [Plugin.DeadLetterQueues] and [Plugin.Functions] are by part, which
// is a purpose like "commands", or "commands-Order" for what has a function of its own.
type Plugin struct {
	Name, Version, URN string
	GraphQLURL         string
	Functions          map[string]string
	EventLogs          map[string]string
	ReadModels         map[string]string
	Buckets            map[string]string
	Topics             map[string]string
	CommandQueueURL    string
	DeadLetterQueues   map[string]string
	// RootFields are the fields of the API that it answers, as Query.product, sorted;
	// ExtensionPoints the names of its extension points, sorted.
	RootFields, ExtensionPoints []string
	// Subscribed are the ARNs of the topics that its extensions are subscribed to, sorted;
	// those that the platform subscribes are in the Connection.
	Subscribed []string
	Provider   Provider
	// Release is the version of the reventless provider that made it, "" when the state does
	// not tell.
	Release string
	// Layers are the ARNs of the layers that its functions run with, the platform's runtime
	// layer among them unless it is built into them.
	Layers []string
	// Connection is the request that connected it to the platform, nil when it never was.
	Connection *protocol.ConnectRequest
}

// Platform is a deployed platform.
type Platform struct {
	Name, URN        string
	GraphQLURL       string
	PluginsTable     string
	RegistryQueueURL string
	ConnectFunction  string
	AdminFunction    string
	// RootFields are the fields of the API that it answers itself, as Query.Platform_plugins,
	// sorted.
	RootFields []string
	// DeadLetterQueues are by part; empty when the platform was deployed by a version
	// that does not tell.
	DeadLetterQueues map[string]string
	Provider         Provider
	// Release is the version of the reventless provider that made it, "" when the state does
	// not tell.
	Release string
	// Account is the AWS account that it is in, RuntimeLayer the ARN of the layer that its
	// plugins are given.
	Account, RuntimeLayer string
	// APIID is the AppSync API's id, Modes are its authentication modes, the first one first.
	APIID string
	Modes []string
	// LivenessTable is the table of heartbeats, LogTable that of the registry's events; ""
	// when the state does not tell.
	LivenessTable, LogTable string
}

// Plugin is the plugin of that name; "" is the stack's only one. An error says which
// plugins there are.
func (s *Stack) Plugin(name string) (*Plugin, error) {
	names := make([]string, len(s.Plugins))
	for i, plugin := range s.Plugins {
		names[i] = plugin.Name
	}
	switch at := slices.Index(names, name); {
	case at >= 0:
		return &s.Plugins[at], nil
	case len(names) == 0:
		return nil, fmt.Errorf("the stack %q has no plugin deployed: run 'pulumi up' in the folder of a plugin's stack, or name another folder with --cwd", s.Name)
	case name != "":
		return nil, fmt.Errorf("the stack %q has no plugin %q, but %s.%s", s.Name, name, strings.Join(names, ", "), schema.Suggest(name, names))
	case len(names) > 1:
		return nil, fmt.Errorf("the stack %q has %d plugins, %s: name one with --plugin", s.Name, len(names), strings.Join(names, ", "))
	}
	return &s.Plugins[0], nil
}
