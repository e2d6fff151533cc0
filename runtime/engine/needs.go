package engine

import (
	"fmt"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// everyFunction are the functions that run an engine.
var everyFunction = []string{
	definition.FunctionCommands, definition.FunctionProjections, definition.FunctionRelay, definition.FunctionReactions,
	definition.FunctionAutomations, definition.FunctionTasks, definition.FunctionQueries, definition.FunctionFeeds,
}

// need is something that some functions cannot do without.
type need struct {
	absent bool
	what   string
	by     []string
}

// variable is the need of an environment variable, given its value. The purpose may be
// empty.
func variable(name, value, purpose string, by ...string) need {
	return need{value == "", "the environment variable " + name + purpose, by}
}

// missing says what the function needs and does not have.
func (e *Engine) missing() []error {
	var problems []error
	needs := slices.Concat(e.clients(), e.scheduling(), e.announcing(), e.sending())
	for _, n := range needs {
		if n.absent && slices.Contains(n.by, e.Function) {
			problems = append(problems, fmt.Errorf("the function %q needs %s", e.Function, n.what))
		}
	}
	return problems
}

// clients are the needs of the handler and of clients, by kind of function.
func (e *Engine) clients() []need {
	return []need{
		{e.Invoker == nil, "a handler", []string{definition.FunctionCommands, definition.FunctionProjections, definition.FunctionReactions,
			definition.FunctionAutomations, definition.FunctionTasks, definition.FunctionQueries}},
		{e.Invoker == nil && e.hasPublishTurns(), "a handler, because an extension point has publish turns", []string{definition.FunctionRelay}},
		{e.DynamoDB == nil, "a DynamoDB client", []string{definition.FunctionCommands, definition.FunctionProjections, definition.FunctionAutomations, definition.FunctionQueries}},
		{e.SNS == nil, "an SNS client", []string{definition.FunctionRelay}},
		{e.SQS == nil, "an SQS client", []string{definition.FunctionReactions, definition.FunctionAutomations, definition.FunctionTasks}},
		{e.S3 == nil, "an S3 client", []string{definition.FunctionTasks}},
	}
}

// scheduling are the needs of functions whose turns may make schedules.
func (e *Engine) scheduling() []need {
	if len(e.Definition.Schedules) == 0 {
		return nil
	}
	return []need{
		{e.Scheduler == nil, "a Scheduler client", schedulers},
		variable(definition.EnvScheduleGroup, e.Schedules.Group, "", schedulers...),
		variable(definition.EnvTaskQueueARN, e.Schedules.TaskQueueARN, "", schedulers...),
		variable(definition.EnvScheduleRole, e.Schedules.RoleARN, "", schedulers...),
		variable(definition.EnvScheduleFailures, e.Schedules.FailuresARN, "", schedulers...),
	}
}

// announcing are the needs of functions that call mutations of the platform's API.
func (e *Engine) announcing() []need {
	const api = "the environment variable " + definition.EnvGraphQLURL
	needs := []need{{e.GraphQL == nil, api, []string{definition.FunctionFeeds}}}
	if e.hasAsync() {
		needs = append(needs, need{e.GraphQL == nil, api + " for asynchronous commands", []string{definition.FunctionCommands}})
	}
	return needs
}

// sending are the needs of functions that send commands.
func (e *Engine) sending() []need {
	needs := []need{
		variable(definition.EnvCommandQueueURL, e.CommandQueueURL, "", definition.FunctionReactions, definition.FunctionAutomations, definition.FunctionTasks),
		variable(definition.EnvToDoQueueURL, e.ToDoQueueURL, "", definition.FunctionAutomations),
	}
	for purpose, sends := range map[string]bool{
		" for asynchronous commands":                   e.hasAsync(),
		" for components with a function of their own": e.forwards(),
		" for inbound translations":                    len(e.Definition.InboundTranslations) > 0 && e.Component == "",
	} {
		if sends {
			needs = append(needs, need{e.SQS == nil, "an SQS client" + purpose, []string{definition.FunctionCommands}},
				variable(definition.EnvCommandQueueURL, e.CommandQueueURL, purpose, definition.FunctionCommands))
		}
	}
	return needs
}
