package declaration

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// Defaults of to-do rows.
const (
	DefaultAttempts     = 5
	DefaultRetrySeconds = 30
)

// Automation makes commands from events.
type Automation struct {
	From         []Source         `pulumi:"from"`
	Attempts     *int             `pulumi:"attempts,optional"`
	RetrySeconds *int             `pulumi:"retrySeconds,optional"`
	Queries      map[string]Query `pulumi:"queries,optional"`
	Owner        *Owner           `pulumi:"owner,optional"`
	Function     *Function        `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (a *Automation) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a, "An automation. `project` turns make a to-do row from events, or delete it when there is nothing to do any more; "+
		"a `react` turn answers each row with commands. A row that is still there after a while is tried again.")
	annotator.Describe(&a.From, "The events that rows are made from, those that resolve them among them: `[{tag: orderId, events: [OrderPlaced, OrderShipped]}]`.")
	annotator.Describe(&a.Attempts, attemptsText)
	annotator.SetDefault(&a.Attempts, DefaultAttempts)
	annotator.Describe(&a.RetrySeconds, retryText)
	annotator.SetDefault(&a.RetrySeconds, DefaultRetrySeconds)
	annotator.Describe(&a.Queries, rowQueriesText)
	annotator.Describe(&a.Owner, ownerText)
	annotator.Describe(&a.Function, functionText)
}

// OutboundTranslation calls the outside.
type OutboundTranslation struct {
	From         []Source         `pulumi:"from"`
	Attempts     *int             `pulumi:"attempts,optional"`
	RetrySeconds *int             `pulumi:"retrySeconds,optional"`
	Queries      map[string]Query `pulumi:"queries,optional"`
	Owner        *Owner           `pulumi:"owner,optional"`
	Function     *Function        `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (o *OutboundTranslation) Annotate(annotator infer.Annotator) {
	annotator.Describe(&o, "An outbound translation. `project` turns make a to-do row from events; in a `call` turn the handler calls the "+
		"outside, such as a mail service, and answers with what came of it, which is kept in the row.")
	annotator.Describe(&o.From, "The events that rows are made from: `[{tag: orderId, events: [OrderPlaced]}]`.")
	annotator.Describe(&o.Attempts, attemptsText)
	annotator.SetDefault(&o.Attempts, DefaultAttempts)
	annotator.Describe(&o.RetrySeconds, retryText)
	annotator.SetDefault(&o.RetrySeconds, DefaultRetrySeconds)
	annotator.Describe(&o.Queries, rowQueriesText)
	annotator.Describe(&o.Owner, ownerText)
	annotator.Describe(&o.Function, functionText)
}

const (
	attemptsText = "How often a row is tried before it is given up, 1 to 20. Default: 5."
	retryText    = "The pause after the first attempt in seconds, 1 to 900; it doubles with each further attempt, up to 900. Default: 30."
	// rowQueriesText says which fields the engine keeps in a to-do row.
	rowQueriesText = "Queries of the rows, as those of a read model. Beside the handler's own fields a row has `_status` (`PENDING`, `COMPLETED`, `GIVEN_UP`), " +
		"`_attempt`, `_error`, `_result` and `_updatedAt`."
)

// InboundTranslation makes commands from input of the outside.
type InboundTranslation struct {
	Field   string           `pulumi:"field"`
	Queries map[string]Query `pulumi:"queries,optional"`
}

// Annotate describes the type in the provider's schema.
func (i *InboundTranslation) Annotate(annotator infer.Annotator) {
	annotator.Describe(&i, "An inbound translation: a `translate` turn makes commands from the arguments of a mutation, or refuses them. Each input is kept in an audit table with what came of it.")
	annotator.Describe(&i.Field, "The mutation field, such as `importProduct`. It returns `CommandResult!`.")
	annotator.Describe(&i.Queries, "Queries of the audit rows, as those of a read model. A row has `id` (the command id), `input`, `status`, `code`, `message`, `commands`, `time`, `concludedAt` and `actor`.")
}

// BucketMode is what a task does with its bucket.
type BucketMode string

// Modes of a task's bucket.
const (
	ModeRead      BucketMode = "read"
	ModeWrite     BucketMode = "write"
	ModeReadWrite BucketMode = "readWrite"
)

// Description describes the type in the schema.
func (BucketMode) Description() string { return "What a task does with its bucket." }

// Values lists the modes for the schema.
func (BucketMode) Values() []infer.EnumValue[BucketMode] {
	return []infer.EnumValue[BucketMode]{
		{Name: "Read", Value: ModeRead, Description: "New objects trigger the task."},
		{Name: "Write", Value: ModeWrite, Description: "The task's answers are written. It needs a schedule."},
		{Name: "ReadWrite", Value: ModeReadWrite, Description: "New objects below `prefix` trigger the task, and its answers are written elsewhere."},
	}
}

// BucketContent is how the handler gets an object.
type BucketContent string

// Description describes the type in the schema.
func (BucketContent) Description() string {
	return "How the handler gets an object of a task's bucket."
}

// Values lists the forms of content for the schema.
func (BucketContent) Values() []infer.EnumValue[BucketContent] {
	return []infer.EnumValue[BucketContent]{
		{Name: "Text", Value: definition.ContentText, Description: "The whole object, UTF-8, up to 4 MB."},
		{Name: "Lines", Value: definition.ContentLines, Description: "Some lines in each turn, of an object of any size."},
		{Name: "None", Value: definition.ContentNone, Description: "The object's name and size only."},
	}
}

// Defaults of tasks.
const (
	DefaultContent BucketContent = definition.ContentText
	DefaultLines                 = 500
)

// Task is work that an object or a schedule triggers: at least one of Bucket and Schedule.
type Task struct {
	Bucket   *Bucket     `pulumi:"bucket,optional"`
	Schedule *Recurrence `pulumi:"schedule,optional"`
	Function *Function   `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (t *Task) Annotate(annotator infer.Annotator) {
	annotator.Describe(&t, "A task: in a `task` turn the handler makes commands from an object that was put into a bucket, or because it is time. "+
		"At least one of `bucket` and `schedule`.")
	annotator.Describe(&t.Bucket, "A bucket of the task's own. The plugin's output `bucketNames` has its name.")
	annotator.Describe(&t.Schedule, "When the task runs, again and again.")
	annotator.Describe(&t.Function, functionText)
}

// Bucket is the bucket of a task.
type Bucket struct {
	Mode    *BucketMode    `pulumi:"mode,optional"`
	Prefix  *string        `pulumi:"prefix,optional"`
	Suffix  *string        `pulumi:"suffix,optional"`
	Content *BucketContent `pulumi:"content,optional"`
	Lines   *int           `pulumi:"lines,optional"`

	ForceDestroy *bool `pulumi:"forceDestroy,optional"`
}

// Annotate describes the type in the provider's schema.
func (b *Bucket) Annotate(annotator infer.Annotator) {
	annotator.Describe(&b, "A private, encrypted, versioned S3 bucket. Each version of an object leads to its commands exactly once.")
	annotator.Describe(&b.Mode, "What the task does: `read` (new objects trigger it), `write` (its answers are written; needs a schedule), or `readWrite`. Default: `read`.")
	annotator.SetDefault(&b.Mode, string(ModeRead))
	annotator.Describe(&b.Prefix, "Only objects whose names begin with this trigger the task, such as `in/`. Needed with `readWrite`: the task writes elsewhere. Default: all.")
	annotator.Describe(&b.Suffix, "Only objects whose names end with this trigger the task, such as `.csv`. Default: all.")
	annotator.Describe(&b.Content, "How the handler gets an object: `text` (whole, UTF-8, up to 4 MB), `lines` (any size, some lines in each turn) or `none` (name and size only). Default: `text`.")
	annotator.SetDefault(&b.Content, string(DefaultContent))
	annotator.Describe(&b.Lines, "With `lines`: how many lines a turn gets at most, 1 to 10000. Default: 500.")
	annotator.SetDefault(&b.Lines, DefaultLines)
	annotator.Describe(&b.ForceDestroy, "Whether the bucket goes with the stack although there are objects in it, old versions included. Otherwise `pulumi destroy` fails until it is empty. In a production stack it is protected all the same. Default: true in a disposable stack, else false.")
}

// Recurrence says when something happens again and again: exactly one of Every and Cron.
type Recurrence struct {
	Every    *string `pulumi:"every,optional"`
	Cron     *string `pulumi:"cron,optional"`
	TimeZone *string `pulumi:"timeZone,optional"`
}

// Annotate describes the type in the provider's schema.
func (r *Recurrence) Annotate(annotator infer.Annotator) {
	annotator.Describe(&r, "When something happens again and again: exactly one of `every` and `cron`. EventBridge Scheduler is exact to about a minute.")
	annotator.Describe(&r.Every, "A period, such as `15 minutes`, `1 hour` or `7 days`.")
	annotator.Describe(&r.Cron, "The six fields of a cron expression of EventBridge Scheduler, such as `0 6 ? * MON-FRI *`.")
	annotator.Describe(&r.TimeZone, "The IANA name of the time zone of `cron`, such as `Europe/Vienna`. Default: `UTC`.")
	annotator.SetDefault(&r.TimeZone, "UTC")
}

// Expression is the recurrence as EventBridge Scheduler takes it.
func (r Recurrence) Expression() string {
	if r.Cron != nil {
		return "cron(" + *r.Cron + ")"
	}
	return "rate(" + or(r.Every, "") + ")"
}

// Schedule is a command that turns may schedule.
type Schedule struct {
	To      string `pulumi:"to"`
	Command string `pulumi:"command"`
}

// Annotate describes the type in the provider's schema.
func (s *Schedule) Annotate(annotator infer.Annotator) {
	annotator.Describe(&s, "A command that the handler may schedule, once or again and again, in the answer to a `react` or `task` turn, and cancel again.")
	annotator.Describe(&s.To, "The aggregate or slice that the command is for.")
	annotator.Describe(&s.Command, "The command type.")
}

// CustomQuery is a query field that the handler answers.
type CustomQuery struct {
	Loads    map[string]Load `pulumi:"loads,optional"`
	Function *Function       `pulumi:"function,optional"`
}

// Annotate describes the type in the provider's schema.
func (c *CustomQuery) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "A query field that the handler answers, in a `query` turn.")
	annotator.Describe(&c.Loads, "The rows that the handler is given, by the name under which it gets them: `{product: {readModel: Products, argument: id}}`.")
	annotator.Describe(&c.Function, functionText)
}

// Load is what a custom query is given of a read model.
type Load struct {
	ReadModel string `pulumi:"readModel"`
	Argument  string `pulumi:"argument"`
}

// Annotate describes the type in the provider's schema.
func (l *Load) Annotate(annotator infer.Annotator) {
	annotator.Describe(&l, "A row of a read model, or several.")
	annotator.Describe(&l.ReadModel, "The name of the read model or state view slice.")
	annotator.Describe(&l.Argument, "The field's argument that has the row's key, of type `ID` or `String`, or a list of keys.")
}

// Function overrides what the plugin says of its functions.
type Function struct {
	Memory      *int    `pulumi:"memory,optional"`
	Timeout     *int    `pulumi:"timeout,optional"`
	Concurrency *int    `pulumi:"concurrency,optional"`
	Archive     *string `pulumi:"archive,optional"`
	Runtime     *string `pulumi:"runtime,optional"`
	Handler     *string `pulumi:"handler,optional"`
}

const functionText = "A function of the component's own, instead of the one that it shares with the plugin's other components of its kind. `{}` is one with the plugin's settings."

// Annotate describes the type in the provider's schema.
func (f *Function) Annotate(annotator infer.Annotator) {
	annotator.Describe(&f, "A Lambda function of a component's own. What is not given is as for the plugin.")
	annotator.Describe(&f.Memory, "The memory in MB, 128 to 10240.")
	annotator.Describe(&f.Timeout, "How long it may run, in seconds, 1 to 900.")
	annotator.Describe(&f.Concurrency, "How many may run at the same time; reserved for this function. Default: no limit but the account's.")
	annotator.Describe(&f.Archive, "The name of its code in the plugin's argument `archives`. Default: the plugin's code.")
	annotator.Describe(&f.Runtime, "The runtime of its code, with `archive`.")
	annotator.Describe(&f.Handler, "The handler in its code, with `archive`.")
}
