package provider

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/function"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/schedule"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// budget finds functions whose environment Lambda would refuse for its size. The engine's
// own variables are counted before anything is made: they are made of names, and of the
// account and region, which the platform's own ARNs tell. What is not known yet counts as
// nothing.
func (c *checkedPlugin) budget(ctx *pulumi.Context, args PluginArgs) []validate.Problem {
	known := knownText(ctx)
	user := 0
	for key, input := range args.Environment {
		value, _ := known(input)
		user += len(key) + len(value)
	}
	e := ownEnvironment{
		checked: c, known: known,
		owner: component.Owner{Scope: naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Name: c.plugin.Name}},
	}
	var problems []validate.Problem
	for _, g := range handlerGroups(c.plugin) {
		own := e.of(g)
		if problem, over := validate.EnvironmentSize(g.part(g.purpose), user, own); over {
			problems = append(problems, problem)
		}
	}
	return problems
}

// ownEnvironment foretells the variables that functions are given beside the user's. A test
// compares them with what functions get.
type ownEnvironment struct {
	checked *checkedPlugin
	owner   component.Owner
	known   func(pulumi.StringInput) (string, bool)
}

// of are the variables of a group's function. Values are as long as the real ones.
func (e ownEnvironment) of(g group) map[string]string {
	plugin := e.checked.plugin
	variables := map[string]string{definition.EnvFunction: g.purpose, definition.EnvDefinition: definition.DefaultPath}
	if g.component != "" {
		variables[definition.EnvComponent] = g.component
	}
	if or(g.override.Runtime, plugin.Runtime) != function.CustomRuntime {
		variables["AWS_LAMBDA_EXEC_WRAPPER"] = definition.EnginePath
	}
	if part, wanted := pulse(plugin); wanted && part == g.part(g.purpose) {
		variables[definition.EnvConnectFunction] = e.checked.platform.ConnectFunctionName
	}
	switch g.purpose {
	case definition.FunctionCommands:
		e.commands(g, variables)
	case definition.FunctionReactions, definition.FunctionTasks:
		e.sender(variables)
	case definition.FunctionAutomations:
		e.sender(variables)
		variables[definition.EnvToDoQueueURL] = e.queueURL(e.owner.Physical(naming.Queue, g.part(toDosPart)))
	}
	return variables
}

func (e ownEnvironment) commands(g group, variables map[string]string) {
	plugin, async := e.checked.plugin, g.async(e.checked.plugin)
	if sends := g.component == "" && (len(plugin.Inbound()) > 0 || len(commandGroups(plugin)) > 1); async || sends {
		e.send(variables)
	}
	if async {
		variables[definition.EnvGraphQLURL] = e.checked.platform.GraphQLURL
	}
}

func (e ownEnvironment) send(variables map[string]string) {
	if len(commandGroups(e.checked.plugin)) > 0 {
		variables[definition.EnvCommandQueueURL] = e.queueURL(queue.FIFOName(e.owner, commandsPart))
	}
	var entries []string
	for _, name := range sortedKeys(e.checked.remoteQueues) {
		url, _ := e.known(e.checked.remoteQueues[name].url)
		entries = append(entries, fmt.Sprintf("%q:%q", name, url))
	}
	if len(entries) > 0 {
		variables[definition.EnvExtensionQueues] = "{" + strings.Join(entries, ",") + "}"
	}
}

func (e ownEnvironment) sender(variables map[string]string) {
	e.send(variables)
	if len(e.checked.plugin.Schedules) == 0 {
		return
	}
	tasks := e.owner.Physical(naming.Queue, tasksPart)
	letters := e.owner.Physical(naming.Queue, tasksPart+"-dead-letter")
	maps.Copy(variables, map[string]string{
		definition.EnvScheduleGroup:    schedule.GroupName(e.owner),
		definition.EnvScheduleRole:     naming.Global(e.checked.platform.RuntimeLayerARN, "iam", "role/"+e.owner.Physical(naming.Role, "schedules")),
		definition.EnvTaskQueueARN:     e.sibling("sqs", tasks),
		definition.EnvScheduleFailures: e.sibling("sqs", letters),
	})
}

// sibling is an ARN in the platform's account and region.
func (e ownEnvironment) sibling(service, resource string) string {
	return naming.Sibling(e.checked.platform.RuntimeLayerARN, service, resource)
}

func (e ownEnvironment) queueURL(name string) string {
	elements := strings.Split(e.sibling("sqs", name), ":")
	if len(elements) < 6 {
		return name
	}
	domain := "amazonaws.com"
	if elements[1] == "aws-cn" {
		domain += ".cn"
	}
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", elements[3], domain, elements[4], name)
}
