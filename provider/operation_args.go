package provider

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/alarm"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// StackClass is the class of a stack, which decides on defaults, see package stackclass.
type StackClass string

// Description describes the type in the schema.
func (StackClass) Description() string {
	return "What the loss of a stack would mean. It decides on defaults."
}

// Values lists the classes for the schema.
func (StackClass) Values() []infer.EnumValue[StackClass] {
	return []infer.EnumValue[StackClass]{
		{Name: "Production", Value: StackClass(stackclass.Production), Description: "Data that nothing can make anew cannot be deleted, logs are kept for 365 days, and there are alarms."},
		{Name: "Standard", Value: StackClass(stackclass.Standard), Description: "Everything goes when the stack is destroyed, but a user pool of the platform, and buckets with objects in them. Logs are kept for 30 days."},
		{Name: "Disposable", Value: StackClass(stackclass.Disposable), Description: "Everything goes when the stack is destroyed. Logs are kept for 3 days, the API has no log of its own, tables have no backups."},
	}
}

// Alarms says whether there are alarms and who is told.
type Alarms struct {
	Enabled  *bool                 `pulumi:"enabled,optional"`
	TopicARN pulumi.StringPtrInput `pulumi:"topicArn,optional"`
	Email    pulumi.StringPtrInput `pulumi:"email,optional"`
}

// Annotate describes the alarms in the schema.
func (a *Alarms) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a, "CloudWatch alarms, and who is told when one goes off and when it ends.")
	annotator.Describe(&a.Enabled, "Whether there are alarms. Default: true, where this object is given.")
	annotator.Describe(&a.TopicARN, "The ARN of an SNS standard topic that is told. CloudWatch must be allowed to publish to it: one that is encrypted with the account's own key for SNS never gets anything.")
	annotator.Describe(&a.Email, "The address that is told. A topic is made for it; SNS asks the address for its consent first. Not together with `topicArn`.")
}

// problems is what is wrong with the alarms.
func (a *Alarms) problems() []validate.Problem {
	if a == nil || a.TopicARN == nil || a.Email == nil {
		return nil
	}
	return []validate.Problem{{Path: "alarms", Reason: "`topicArn` and `email` are both there; leave one out, or subscribe the address to the topic"}}
}

// on says whether there are alarms, where that is the default without the argument.
func (a *Alarms) on(fallback bool) bool {
	if a == nil {
		return fallback
	}
	return or(a.Enabled, true)
}

// topic is whom the alarms tell: the given topic, one that is made for the address, or the
// fallback, which may be nil.
func (a *Alarms) topic(ctx *pulumi.Context, owner component.Owner, fallback pulumi.StringInput) (pulumi.StringInput, error) {
	switch {
	case a != nil && a.TopicARN != nil:
		return given(a.TopicARN), nil
	case a != nil && a.Email != nil:
		return alarm.NewTopic(ctx, owner, given(a.Email))
	}
	return fallback, nil
}

// given is the text of an input that is given.
func given(input pulumi.StringPtrInput) pulumi.StringOutput {
	return input.ToStringPtrOutput().Elem()
}

// LogLevel is how much AppSync logs of the API.
type LogLevel string

// Description describes the type in the schema.
func (LogLevel) Description() string { return "How much AppSync logs of the API." }

// Values lists the levels for the schema, AppSync's FieldLogLevel. Its NONE is a log of
// requests without their fields; ours is no log.
func (LogLevel) Values() []infer.EnumValue[LogLevel] {
	return []infer.EnumValue[LogLevel]{
		{Name: "None", Value: registry.APILogOff, Description: "Nothing."},
		{Name: "Error", Value: "ERROR", Description: "Fields whose resolver failed, with the error."},
		{Name: "Info", Value: "INFO", Description: "What `ERROR` has, and what resolvers write with `console.log`."},
		{Name: "Debug", Value: "DEBUG", Description: "What `INFO` has, and what resolvers write with `console.debug`."},
		{Name: "All", Value: "ALL", Description: "All fields of all requests, with how long each took. To find something out: it is much, and CloudWatch bills by volume."},
	}
}

// logLevel is how much AppSync logs of the platform's API.
func (a PlatformArgs) logLevel(ctx *pulumi.Context) string {
	return string(or(a.LogLevel, LogLevel(a.class(ctx).APILogLevel())))
}

// class is the class of the platform's stack.
func (a PlatformArgs) class(ctx *pulumi.Context) stackclass.Class {
	if a.StackClass != nil {
		return stackclass.Class(*a.StackClass)
	}
	return stackclass.Of(ctx.Stack())
}

// logRetentionDays is how long the platform's logs are kept.
func (a PlatformArgs) logRetentionDays(ctx *pulumi.Context) int {
	return or(a.LogRetentionDays, a.class(ctx).LogRetentionDays())
}

// class is the class of the plugin's stack: what it says, else that of its platform.
func (a PluginArgs) class(platform platformReference) stackclass.Class {
	if a.StackClass != nil {
		return stackclass.Class(*a.StackClass)
	}
	return platform.Class
}

// logRetentionDays is how long the plugin's logs are kept: as long as it says or, in a
// stack of its platform's class, as the platform's.
func (a PluginArgs) logRetentionDays(platform platformReference) int {
	class := a.class(platform)
	if a.LogRetention == nil && class == platform.Class {
		return platform.LogRetentionDays
	}
	return or(a.LogRetention, class.LogRetentionDays())
}

// alarms makes the platform's alarms. Whoever is told of them is told of those of plugins
// too.
func (x *platformExpansion) alarms() (err error) {
	if !x.args.Alarms.on(x.owner.Class.Alarms()) {
		return nil
	}
	if x.alarmTopic, err = x.args.Alarms.topic(x.ctx, x.owner, nil); err != nil {
		return err
	}
	return alarm.New(x.ctx, x.owner, alarm.Watched{
		DeadLetters: []string{x.registry.DeadLetter.Name, x.sweeps.DeadLetter.Name},
		Functions:   []string{x.admin.Name, x.connect.Name},
	}, x.alarmTopic)
}

// alarms makes the plugin's alarms.
func (x *pluginExpansion) alarms() error {
	platform := x.checked.platform
	if !x.args.Alarms.on(x.owner.Class.Alarms() || platform.AlarmTopicARN != "") {
		return nil
	}
	topic, err := x.args.Alarms.topic(x.ctx, x.owner, platform.alarmTopic)
	if err != nil {
		return err
	}
	return alarm.New(x.ctx, x.owner, x.watched(), topic)
}

// watched is what the plugin's alarms look at.
func (x *pluginExpansion) watched() alarm.Watched {
	var watched alarm.Watched
	for _, made := range x.deadLetterQueues() {
		watched.DeadLetters = append(watched.DeadLetters, made.Name)
	}
	for _, made := range x.functions {
		watched.Functions = append(watched.Functions, made.Name)
		if made.ReadsStreams {
			watched.StreamReaders = append(watched.StreamReaders, made.Name)
		}
	}
	return watched
}
