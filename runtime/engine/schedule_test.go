package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// testSchedules are what turns may schedule.
var testSchedules = map[string]definition.Schedule{
	"Sweep":  {To: "Product", Type: "Sweep"},
	"Remind": {To: "Category", Type: "Remind"},
}

var testScheduleTarget = ScheduleTarget{Group: "shop", TaskQueueARN: "arn:tasks", RoleARN: "arn:role", FailuresARN: "arn:failures"}

// schedules are the schedules of EventBridge Scheduler.
type schedules struct {
	made  map[string]*scheduler.CreateScheduleInput
	calls []string
	fail  func(n int) error
	// between runs before a schedule is created, read, updated or deleted.
	between func(call string)
}

// call notes a request, and says whether it fails and whether the schedule is there.
func (s *schedules) call(name, schedule string) (bool, error) {
	s.calls = append(s.calls, name)
	if s.between != nil {
		s.between(name)
	}
	if s.fail != nil {
		if err := s.fail(len(s.calls)); err != nil {
			return false, err
		}
	}
	_, there := s.made[schedule]
	if !there && name != "create" {
		return false, &types.ResourceNotFoundException{Message: &schedule}
	}
	return there, nil
}

func (s *schedules) CreateSchedule(_ context.Context, in *scheduler.CreateScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.CreateScheduleOutput, error) {
	there, err := s.call("create", *in.Name)
	if there {
		err = &types.ConflictException{Message: in.Name}
	}
	if err == nil {
		s.put(in)
	}
	return &scheduler.CreateScheduleOutput{}, err
}

func (s *schedules) put(in *scheduler.CreateScheduleInput) {
	if s.made == nil {
		s.made = map[string]*scheduler.CreateScheduleInput{}
	}
	s.made[*in.Name] = in
}

func (s *schedules) GetSchedule(_ context.Context, in *scheduler.GetScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error) {
	if _, err := s.call("get", *in.Name); err != nil {
		return nil, err
	}
	return &scheduler.GetScheduleOutput{Description: s.made[*in.Name].Description}, nil
}

func (s *schedules) UpdateSchedule(_ context.Context, in *scheduler.UpdateScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.UpdateScheduleOutput, error) {
	_, err := s.call("update", *in.Name)
	if err == nil {
		s.put(&scheduler.CreateScheduleInput{
			GroupName: in.GroupName, Name: in.Name, Description: in.Description, ScheduleExpression: in.ScheduleExpression,
			ScheduleExpressionTimezone: in.ScheduleExpressionTimezone, FlexibleTimeWindow: in.FlexibleTimeWindow,
			ActionAfterCompletion: in.ActionAfterCompletion, Target: in.Target,
		})
	}
	return &scheduler.UpdateScheduleOutput{}, err
}

func (s *schedules) DeleteSchedule(_ context.Context, in *scheduler.DeleteScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.DeleteScheduleOutput, error) {
	_, err := s.call("delete", *in.Name)
	delete(s.made, *in.Name)
	return &scheduler.DeleteScheduleOutput{}, err
}

// scheduleBench is an engine for reactions that make schedules.
type scheduleBench struct {
	*bench
	schedules *schedules
	answer    string
}

func newScheduleBench(t *testing.T) *scheduleBench {
	sb := &scheduleBench{schedules: &schedules{}}
	sb.bench = newBench(t, definition.FunctionReactions, script{turn.React: func(context.Context, turn.Turn) (any, error) {
		return sb.answer, nil
	}}, func(c *Config) {
		c.Definition.Schedules, c.Scheduler, c.Schedules = testSchedules, sb.schedules, testScheduleTarget
	})
	return sb
}

// react gives the engine a message whose event was recorded at a minute, and returns what
// failed.
func (b *scheduleBench) react(minute int, answer string) []string {
	b.answer = answer
	placed := orderPlaced(int64(minute))
	placed.Time = fmt.Sprintf("2026-03-01T09:%02d:00.000Z", minute)
	return b.queue(b.t.Context(), message(b.t, "orders.fifo", "m1", "o1", placed))
}

// expressions are the expressions of the schedules that are there.
func (b *scheduleBench) expressions() (expressions []string) {
	for _, made := range b.schedules.made {
		expressions = append(expressions, *made.ScheduleExpression)
	}
	return expressions
}

// every is an answer with one recurring schedule.
func every(period string) string {
	return `{"commands":[],"schedule":[{"schedule":"Sweep","key":"k 1","every":"` + period + `","id":"p1","data":{}}]}`
}

const cancel = `{"commands":[],"unschedule":[{"schedule":"Sweep","key":"k 1"}]}`

func TestASchedule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when, expression, zone, time string
		after                        types.ActionAfterCompletion
	}{
		"once":          {`"at":"2026-04-01T12:00:00.9+02:00"`, "at(2026-04-01T10:00:00)", "UTC", "2026-04-01T10:00:00.000Z", types.ActionAfterCompletionDelete},
		"once, is over": {`"at":"2020-01-01T00:00:00Z"`, "at(2026-03-01T10:00:05)", "UTC", "2020-01-01T00:00:00.000Z", types.ActionAfterCompletionDelete},
		"every minute":  {`"every":"1 minute"`, "rate(1 minute)", "UTC", protocol.ScheduledTime, types.ActionAfterCompletionNone},
		"1 hours":       {`"every":"1 hours"`, "rate(1 hour)", "UTC", protocol.ScheduledTime, types.ActionAfterCompletionNone},
		"15 minute":     {`"every":"15 minute"`, "rate(15 minutes)", "UTC", protocol.ScheduledTime, types.ActionAfterCompletionNone},
		"days":          {`"every":"10 days"`, "rate(10 days)", "UTC", protocol.ScheduledTime, types.ActionAfterCompletionNone},
		"cron":          {`"cron":"0 8 ? * MON-FRI *"`, "cron(0 8 ? * MON-FRI *)", "UTC", protocol.ScheduledTime, types.ActionAfterCompletionNone},
		"cron, zone":    {`"cron":"0 8 1 * ? *","timeZone":"Europe/Vienna"`, "cron(0 8 1 * ? *)", "Europe/Vienna", protocol.ScheduledTime, types.ActionAfterCompletionNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newScheduleBench(t)
			assert.Empty(t, b.react(1, `{"commands":[],"schedule":[{"schedule":"Remind","key":"ö 1","id":"c1",`+c.when+`,"data":{"note":"a<b <aws.scheduler.scheduled-time>"}}]}`))
			require.Len(t, b.schedules.made, 1)
			name := b.engine.scheduleName("Remind", "ö 1")
			made := b.schedules.made[name]
			require.NotNil(t, made)
			assert.Regexp(t, `^Remind-[0-9a-f]{40}$`, name)
			assert.Equal(t, "shop", *made.GroupName)
			assert.Equal(t, c.expression, *made.ScheduleExpression)
			assert.Equal(t, c.zone, *made.ScheduleExpressionTimezone)
			assert.Equal(t, c.after, made.ActionAfterCompletion)
			assert.Equal(t, types.FlexibleTimeWindowModeOff, made.FlexibleTimeWindow.Mode)
			target := made.Target
			assert.Equal(t, []string{"arn:tasks", "arn:role", "arn:failures"}, []string{*target.Arn, *target.RoleArn, *target.DeadLetterConfig.Arn})
			assert.Equal(t, int32(185), *target.RetryPolicy.MaximumRetryAttempts)
			assert.Equal(t, strings.Count(c.time, "<"), strings.Count(*target.Input, "<"), "no keyword but ours")
			var trigger protocol.Trigger
			require.NoError(t, json.Unmarshal([]byte(*target.Input), &trigger))
			id := messageID(orderPlaced(1))
			assert.JSONEq(t, `{"note":"a<b <aws.scheduler.scheduled-time>"}`, string(trigger.Command.Data))
			trigger.Command.Data = nil
			assert.Equal(t, protocol.Trigger{
				Reventless: protocol.TriggerCommand, Schedule: "Remind", Key: "ö 1", Time: c.time,
				Command: &protocol.Command{Component: "Category", ID: "c1", Type: "Remind", CorrelationID: "k", CausationID: id},
			}, trigger)
		})
	}
}

func TestSchedulesAreReplacedAndCancelled(t *testing.T) {
	t.Parallel()
	b := newScheduleBench(t)
	assert.Empty(t, b.react(1, every("1 day")))
	assert.Empty(t, b.react(1, every("1 day")), "again")
	assert.Equal(t, []string{"create", "create", "get"}, b.schedules.calls, "a repetition does not begin the period anew")
	assert.Empty(t, b.react(3, every("3 days")))
	assert.Equal(t, []string{"rate(3 days)"}, b.expressions())
	assert.Empty(t, b.react(2, every("2 days")), "late")
	assert.Equal(t, []string{"rate(3 days)"}, b.expressions())
	assert.Empty(t, b.react(2, cancel), "late")
	assert.Equal(t, []string{"rate(3 days)"}, b.expressions())
	assert.Empty(t, b.react(4, cancel))
	assert.Empty(t, b.expressions())
	assert.Empty(t, b.react(4, cancel), "again")
	assert.Empty(t, b.react(5, every("5 days")))
	assert.Equal(t, []string{"rate(5 days)"}, b.expressions())
}

func TestSchedulesThatAreNotOursAreReplaced(t *testing.T) {
	t.Parallel()
	b := newScheduleBench(t)
	name := b.engine.scheduleName("Sweep", "k 1")
	for _, description := range []*string{nil, aws.String("made by hand"), aws.String("reventless some-day x")} {
		b.schedules.put(&scheduler.CreateScheduleInput{Name: &name, Description: description})
		assert.Empty(t, b.react(1, every("1 day")))
		assert.Equal(t, []string{"rate(1 day)"}, b.expressions())
	}
}

func TestSchedulesThatVanishMeanwhile(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"get", "update", "delete"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			b := newScheduleBench(t)
			assert.Empty(t, b.react(1, every("1 day")))
			b.schedules.between = func(now string) {
				if now == call {
					clear(b.schedules.made)
				}
			}
			if call == "delete" {
				assert.Empty(t, b.react(2, cancel))
				assert.Empty(t, b.expressions())
				return
			}
			assert.Empty(t, b.react(2, every("2 days")))
			assert.Equal(t, []string{"rate(2 days)"}, b.expressions())
		})
	}
}

func TestSchedulesAreMadeAgainAfterAFailureAtAnyRequest(t *testing.T) {
	t.Parallel()
	for failing := 1; failing <= 6; failing++ {
		b := newScheduleBench(t)
		assert.Empty(t, b.react(1, `{"commands":[],"schedule":[{"schedule":"Sweep","key":"k 1","every":"1 day","id":"p1","data":{}},{"schedule":"Sweep","key":"k 2","every":"1 day","id":"p1","data":{}}]}`))
		before := len(b.schedules.calls)
		failed := false
		b.schedules.fail = func(n int) error {
			if n == before+failing && !failed {
				failed = true
				return errors.New("throttled")
			}
			return nil
		}
		const answer = `{"commands":[{"to":"Product","id":"p1","type":"Reserve","data":{}}],` +
			`"schedule":[{"schedule":"Sweep","key":"k 1","every":"2 days","id":"p1","data":{}},{"schedule":"Sweep","key":"k 3","every":"3 days","id":"p1","data":{}}],` +
			`"unschedule":[{"schedule":"Sweep","key":"k 2"}]}`
		assert.Equal(t, []string{"m1"}, b.react(2, answer), failing)
		assert.Len(t, b.sent(), 1, "commands come first")
		assert.Empty(t, b.react(2, answer))
		assert.ElementsMatch(t, []string{"rate(2 days)", "rate(3 days)"}, b.expressions())
		assert.Equal(t, b.sent()[0], b.sent()[1])
	}
}

func TestAnAnswerWithWrongSchedulesHasNoEffect(t *testing.T) {
	t.Parallel()
	const command, right = `{"to":"Product","id":"p1","type":"Reserve","data":{}}`, `{"schedule":"Sweep","key":"k","every":"1 day","id":"p1","data":{}}`
	large := `{"text":"` + strings.Repeat("x", maxMessage) + `"}`
	for name, c := range map[string]struct {
		schedule string
		want     []string
	}{
		"undeclared":     {right + `,{"schedule":"X","key":"k","every":"1 day","data":{}}`, []string{`$.schedule[1].schedule: the plugin declares no schedule`}},
		"twice":          {right + `,` + right, []string{`$.schedule[1]: the schedule Sweep`, `also in $.schedule[0]`}},
		"no RFC 3339":    {`{"schedule":"Sweep","key":"k","at":"tomorrow","id":"p1","data":{}}`, []string{`$.schedule[0].at: expected a time in RFC 3339`}},
		"no zone in at":  {`{"schedule":"Sweep","key":"k","at":"2026-03-01T10:00:00","id":"p1","data":{}}`, []string{`$.schedule[0].at`}},
		"seconds":        {`{"schedule":"Sweep","key":"k","every":"30 seconds","id":"p1","data":{}}`, []string{`$.schedule[0].every: expected a whole number of minutes`}},
		"no times":       {`{"schedule":"Sweep","key":"k","every":"0 days","id":"p1","data":{}}`, []string{`$.schedule[0].every`}},
		"cron and zone":  {`{"schedule":"Sweep","key":"k","cron":"0 8 * * *","timeZone":"Europe/Wien","id":"p1","data":{}}`, []string{`$.schedule[0].cron: expected six fields`, `$.schedule[0].timeZone: expected the IANA name`, `Europe/Wien`}},
		"local zone":     {`{"schedule":"Sweep","key":"k","cron":"0 8 * * ? *","timeZone":"Local","id":"p1","data":{}}`, []string{`$.schedule[0].timeZone`}},
		"no id":          {`{"schedule":"Sweep","key":"k","every":"1 day","data":{}}`, []string{`$.schedule[0].id`}},
		"too large":      {`{"schedule":"Sweep","key":"k","every":"1 day","id":"p1","data":` + large + `}`, []string{`$.schedule[0].data: the command has 262`, `a schedule takes 262144`}},
		"several at all": {`{"schedule":"X","key":"k","every":"1 day","data":{}},{"schedule":"Sweep","key":"k","at":"x","id":"p1","data":{}}`, []string{`$.schedule[0].schedule`, `$.schedule[1].at`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newScheduleBench(t)
			assert.Equal(t, []string{"m1"}, b.react(1, `{"commands":[`+command+`],"schedule":[`+c.schedule+`]}`))
			assert.Empty(t, b.queues.sent)
			assert.Empty(t, b.schedules.calls)
			for _, want := range append(c.want, string(turn.InvalidAnswer)) {
				assert.Contains(t, b.log.String(), want)
			}
		})
	}
	b := newScheduleBench(t)
	assert.Equal(t, []string{"m1"}, b.react(1, `{"commands":[],"schedule":[`+right+`],"unschedule":[{"schedule":"Sweep","key":"k"},{"schedule":"X","key":"k"}]}`))
	assert.Contains(t, b.log.String(), `$.unschedule[0]: the schedule Sweep`)
	assert.Contains(t, b.log.String(), `$.unschedule[1].schedule: the plugin declares no schedule`)
}

// fire is the message that a schedule sends at a time.
func fire(b *taskBench, made *scheduler.CreateScheduleInput, at time.Time) events.SQSMessage {
	input := strings.ReplaceAll(*made.Target.Input, protocol.ScheduledTime, at.UTC().Format(time.RFC3339))
	return b.message(json.RawMessage(input))
}

func TestASchedulesCommandsHaveTheIDOfTheFiring(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	b.answers = func(context.Context, turn.Turn) (any, error) {
		return `{"commands":[],"schedule":[{"schedule":"Sweep","key":"r","every":"1 day","id":"p 1","data":{"n":1.0}},{"schedule":"Sweep","key":"o","at":"2026-03-01T09:00:00Z","id":"p1","data":{}}]}`, nil
	}
	assert.Empty(t, b.queue(t.Context(), b.put("names", "a", "v1", "x")))
	made := b.engine.Scheduler.(*schedules).made
	recurring, single := made[b.engine.scheduleName("Sweep", "r")], made[b.engine.scheduleName("Sweep", "o")]
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	assert.Empty(t, b.queue(t.Context(), fire(b, recurring, at), fire(b, recurring, at), fire(b, recurring, at.AddDate(0, 0, 1)), fire(b, single, at), fire(b, single, at.Add(time.Minute))))
	commands := b.commands()
	require.Len(t, commands, 5)
	assert.Equal(t, protocol.Command{
		Component: "Product", ID: "p 1", Type: "Sweep", Data: json.RawMessage(`{"n":1.0}`), CommandID: firingID("Sweep", "r", "2026-03-02T10:00:00.000Z"),
		CorrelationID: b.turns[0].Meta.CorrelationID, CausationID: b.turns[0].Meta.CausationID,
	}, commands[0])
	assert.Equal(t, commands[0], commands[1], "fired twice for one time")
	assert.NotEqual(t, commands[1].CommandID, commands[2].CommandID)
	assert.Equal(t, commands[3], commands[4], "a single firing, made twice")
	assert.Equal(t, firingID("Sweep", "o", "2026-03-01T09:00:00.000Z"), commands[3].CommandID)
	assert.Equal(t, groupID("Product#p 1"), *b.queues.sent[0].MessageGroupId)
}

func TestAScheduleForASlice(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t, func(c *Config) {
		c.Definition.DCB = &definition.DCB{
			Table: "dcb", Tags: map[string]definition.Tag{"productId": {}}, Events: map[string][]string{"Rated": {"productId"}},
			Slices: map[string]definition.Slice{"Rate": {Reads: []definition.Criterion{{Events: []string{"Rated"}, Tags: []string{"productId"}}}}},
		}
		c.Definition.Schedules = map[string]definition.Schedule{"Rate": {To: "Rate", Type: "Rate"}}
	})
	b.answers = func(context.Context, turn.Turn) (any, error) {
		return `{"commands":[],"schedule":[{"schedule":"Rate","key":"k","every":"1 day","data":{"productId":"p1"}}]}`, nil
	}
	assert.Empty(t, b.queue(t.Context(), b.put("names", "a", "v1", "x")))
	made := b.engine.Scheduler.(*schedules).made[b.engine.scheduleName("Rate", "k")]
	require.NotNil(t, made)
	assert.Empty(t, b.queue(t.Context(), fire(b, made, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))))
	commands := b.commands()
	require.Len(t, commands, 1)
	assert.Equal(t, "Rate", commands[0].Component)
	assert.Equal(t, "p1", commands[0].ID)
	assert.Equal(t, commandGroup("productId", "p1"), *b.queues.sent[0].MessageGroupId)
}

func TestMessagesOfSchedulesThatFail(t *testing.T) {
	t.Parallel()
	command := &protocol.Command{Component: "Product", ID: "p1", Type: "Sweep", Data: json.RawMessage(`{}`)}
	for name, c := range map[string]struct {
		trigger protocol.Trigger
		want    string
	}{
		"no time":       {protocol.Trigger{Schedule: "Sweep", Key: "k", Command: command, Time: protocol.ScheduledTime}, "needs its time"},
		"no command":    {protocol.Trigger{Schedule: "Sweep", Key: "k", Time: "2026-03-01T04:00:00Z"}, "needs schedule, key and command"},
		"former target": {protocol.Trigger{Schedule: "Sweep", Key: "k", Command: &protocol.Command{Component: "Former", Data: json.RawMessage(`{}`)}, Time: "2026-03-01T04:00:00Z"}, "no aggregate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t)
			c.trigger.Reventless = protocol.TriggerCommand
			assert.Equal(t, []string{"m1"}, b.queue(t.Context(), b.message(c.trigger)))
			assert.Empty(t, b.queues.sent)
			assert.Contains(t, b.log.String(), c.want)
		})
	}
}

func TestScheduleNames(t *testing.T) {
	t.Parallel()
	b := newScheduleBench(t)
	name := b.engine.scheduleName(strings.Repeat("Ä b", 40), strings.Repeat("k", 512))
	assert.Regexp(t, `^[0-9a-zA-Z-_.]{1,64}$`, name)
	assert.Len(t, name, 64)
	assert.NotEqual(t, b.engine.scheduleName("A", "Bc"), b.engine.scheduleName("AB", "c"))
}

func TestNewNamesWhatSchedulesNeed(t *testing.T) {
	t.Parallel()
	plugin := testPlugin
	plugin.Schedules = testSchedules
	_, err := New(Config{Function: definition.FunctionTasks, Definition: plugin})
	for _, want := range []string{"a Scheduler client", definition.EnvScheduleGroup, definition.EnvTaskQueueARN, definition.EnvScheduleRole, definition.EnvScheduleFailures, "an S3 client"} {
		assert.ErrorContains(t, err, want)
	}
}
