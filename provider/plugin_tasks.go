package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
	"github.com/reventless/pulumi-reventless/provider/internal/schedule"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// heartbeatPart is the part of the plugin that its heartbeat is.
const heartbeatPart = "heartbeat"

// taskQueues makes the queues that trigger tasks, and what schedules need that send to
// them: a group for those that turns make, and a role.
func (x *pluginExpansion) taskQueues() (err error) {
	plugin := x.checked.plugin
	if x.tasks, err = x.queuesOf(taskGroups(plugin), tasksPart, queue.NewStandard); err != nil {
		return err
	}
	if len(plugin.Schedules) > 0 {
		if x.schedules, err = schedule.NewGroup(x.ctx, x.owner); err != nil {
			return err
		}
	}
	if len(plugin.Schedules) == 0 && !recurring(plugin) {
		return nil
	}
	statements := []iam.Statement{}
	for _, name := range sortedKeys(x.tasks) {
		statements = append(statements, iam.Allow(iam.On(x.tasks[name].ARN, x.tasks[name].DeadLetter.ARN), "sqs:SendMessage"))
	}
	var groups []pulumi.StringInput
	if x.schedules != nil {
		groups = append(groups, x.schedules.ARN)
	}
	if recurring(plugin) {
		groups = append(groups, x.checked.platform.schedulesARN())
	}
	x.scheduler, err = iam.NewRole(x.ctx, x.owner, "schedules", schedule.Trust(groups...), statements...)
	return err
}

// recurring says whether a task runs by the time.
func recurring(plugin declaration.Plugin) bool {
	for _, task := range plugin.Tasks {
		if task.Schedule != nil {
			return true
		}
	}
	return false
}

// taskBuckets makes the buckets of tasks.
func (x *pluginExpansion) taskBuckets() (err error) {
	x.buckets = map[string]*bucket.Bucket{}
	for _, name := range sortedKeys(x.checked.buckets) {
		if x.buckets[name], err = bucket.New(x.ctx, x.owner, taskPart(name), x.checked.buckets[name],
			or(x.checked.plugin.Tasks[name].Bucket.ForceDestroy, x.owner.Class.Empties())); err != nil {
			return err
		}
	}
	return nil
}

// taskQueue is the queue that triggers a task.
func (x *pluginExpansion) taskQueue(name string) *queue.Queue {
	if own := x.tasks[name]; own != nil {
		return own
	}
	return x.tasks[""]
}

// notify lets new objects trigger tasks.
func (x *pluginExpansion) notify() error {
	for _, g := range taskGroups(x.checked.plugin) {
		var reading []string
		var sources []pulumi.StringInput
		for _, name := range g.members {
			if declared := x.checked.plugin.Tasks[name].Bucket; declared != nil && declared.Reads() {
				reading, sources = append(reading, name), append(sources, x.buckets[name].ARN)
			}
		}
		if len(reading) == 0 {
			continue
		}
		admitted, err := x.tasks[g.component].AdmitBuckets(x.ctx, x.owner, g.part(tasksPart), sources...)
		if err != nil {
			return err
		}
		if err := x.notifyOf(reading, x.tasks[g.component], admitted); err != nil {
			return err
		}
	}
	return nil
}

// notifyOf lets the new objects of some tasks' buckets send to a queue.
func (x *pluginExpansion) notifyOf(tasks []string, to *queue.Queue, admitted pulumi.Resource) error {
	for _, name := range tasks {
		declared := x.checked.plugin.Tasks[name].Bucket
		made, err := x.buckets[name].Notify(x.ctx, x.owner, taskPart(name), to, admitted, or(declared.Prefix, ""), or(declared.Suffix, ""))
		if err != nil {
			return err
		}
		x.ready = append(x.ready, made)
	}
	return nil
}

// recur makes the schedules of tasks, and the one of the plugin's heartbeat.
func (x *pluginExpansion) recur() error {
	for _, name := range sortedKeys(x.checked.plugin.Tasks) {
		recurrence := x.checked.plugin.Tasks[name].Schedule
		if recurrence == nil {
			continue
		}
		_, err := schedule.New(x.ctx, x.owner, schedule.Schedule{
			Part: taskPart(name), Expression: recurrence.Expression(), TimeZone: or(recurrence.TimeZone, "UTC"),
			Group: x.checked.platform.schedulerGroup, Role: x.scheduler.ARN,
			Target: x.taskQueue(name).ARN, Input: schedule.Input(protocol.Trigger{Reventless: protocol.TriggerTask, Task: name, Time: protocol.ScheduledTime}),
			DeadLetter: x.taskQueue(name).DeadLetter.ARN, Ready: x.scheduler.Ready,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// heartbeat lets a function of the plugin tell the platform again and again that it is
// alive, from when it is connected. What could not be sent is of no use later.
func (x *pluginExpansion) heartbeat(connected pulumi.Resource) error {
	part, wanted := pulse(x.checked.plugin)
	if !wanted {
		return nil
	}
	function := x.functions[part]
	role, err := iam.NewRole(x.ctx, x.owner, heartbeatPart, schedule.Trust(x.checked.platform.schedulesARN()),
		iam.Allow(iam.On(function.ARN), "lambda:InvokeFunction"))
	if err != nil {
		return err
	}
	_, err = schedule.New(x.ctx, x.owner, schedule.Schedule{
		Part: heartbeatPart, Expression: schedule.Every(x.checked.plugin.HeartbeatMinutes), TimeZone: "UTC",
		Group: x.checked.platform.schedulerGroup, Role: role.ARN, Target: function.ARN,
		Input: schedule.Input(protocol.Trigger{Reventless: protocol.TriggerHeartbeat}),
		Ready: slices.Concat(role.Ready, function.Ready, []pulumi.Resource{connected}),
	})
	return err
}

// pulseSettings are what the function needs that says that the plugin is alive, and how
// many messages are in its dead-letter queues; nothing for another one.
func (x *pluginExpansion) pulseSettings(part string) (pulumi.StringMap, []iam.Statement) {
	if chosen, wanted := pulse(x.checked.plugin); !wanted || chosen != part {
		return nil, nil
	}
	connect := x.checked.platform.sibling("lambda", "function:", x.checked.platform.connect, "")
	statements := []iam.Statement{iam.Allow(iam.On(connect), "lambda:InvokeFunction")}
	letters := x.deadLetterQueues()
	var counted []pulumi.StringInput
	for _, part := range sortedKeys(letters) {
		counted = append(counted, letters[part].ARN)
	}
	if len(counted) > 0 {
		statements = append(statements, iam.Allow(counted, "sqs:GetQueueAttributes"))
	}
	return pulumi.StringMap{definition.EnvConnectFunction: x.checked.platform.connect}, statements
}

// scheduleSettings are what a function needs whose turns may make schedules.
func (x *pluginExpansion) scheduleSettings() (pulumi.StringMap, []iam.Statement) {
	if x.schedules == nil {
		return nil, nil
	}
	return pulumi.StringMap{
		definition.EnvScheduleGroup:    x.schedules.Name,
		definition.EnvScheduleRole:     x.scheduler.ARN,
		definition.EnvTaskQueueARN:     x.tasks[""].ARN,
		definition.EnvScheduleFailures: x.tasks[""].DeadLetter.ARN,
	}, x.schedules.AllowSchedules(x.owner, x.scheduler.ARN)
}
