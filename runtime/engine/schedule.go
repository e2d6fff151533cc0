package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Lambda's runtimes need not have the time zones

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// soonest is how far ahead a schedule lies whose time is over: Scheduler refuses times
// in the past.
const soonest = 5 * time.Second

// periods are the periods of schedules, such as "15 minutes".
var periods = regexp.MustCompile(`^([1-9][0-9]{0,5}) (minute|hour|day)s?$`)

// plannedSchedule is a schedule of an answer, checked and ready to be made.
type plannedSchedule struct {
	// name is the schedule's name in AWS.
	name string
	// expression says when; once that it is an at expression, for the time at.
	expression, zone string
	once             bool
	at               time.Time
	// input is what the schedule sends.
	input []byte
}

// plannedSchedules are the schedules of an answer.
type plannedSchedules struct {
	toMake []plannedSchedule
	// toCancel are names in AWS.
	toCancel []string
}

// carryOut does what an answer says: it sends its commands, then makes and cancels its
// schedules. Everything is checked before the first effect. What the answer was given to
// is identified by the cause, as in [batch.sendAll]; meta.Time is when it came about.
func (b *batch) carryOut(cause, component string, answer turn.Answer, meta turn.Meta) error {
	planned, err := b.planSchedules(answer, meta)
	if err != nil {
		return err
	}
	if err := b.sendAll(cause, component, answer.Commands, meta); err != nil {
		return err
	}
	return b.applySchedules(cause, planned, meta)
}

// applySchedules makes and cancels schedules. The same cause, such as a message, may do
// so again without a further effect. A schedule that a later cause made, by meta.Time,
// is left alone.
//
// The order of causes is kept as far as Scheduler allows it: it knows no conditional
// requests, so of two causes that change one schedule at the same moment the earlier one
// can win. And nothing is left of a schedule that was cancelled or is over, so an earlier
// cause that comes again then makes it again. A single firing has no second effect even
// so: its command has the same id.
func (b *batch) applySchedules(cause string, planned plannedSchedules, meta turn.Meta) error {
	for _, schedule := range planned.toMake {
		if err := b.makeSchedule(b.aws, schedule, scheduleOrigin(cause, schedule, meta)); err != nil {
			return fmt.Errorf("make the schedule %s: %w", schedule.name, err)
		}
	}
	for _, name := range planned.toCancel {
		if err := b.cancelSchedule(b.aws, name, meta.Time); err != nil {
			return fmt.Errorf("cancel the schedule %s: %w", name, err)
		}
	}
	return nil
}

// planSchedules reads the schedules of an answer, or says everything that is wrong.
func (e *Engine) planSchedules(answer turn.Answer, meta turn.Meta) (plannedSchedules, error) {
	var planned plannedSchedules
	var problems []error
	seen := map[turn.ScheduleKey]string{}
	for i, to := range answer.Schedule {
		path := fmt.Sprintf("$.schedule[%d]", i)
		problems = append(problems, e.checkKey(path, turn.ScheduleKey{Schedule: to.Schedule, Key: to.Key}, seen))
		schedule, err := e.plan(path, to, meta)
		planned.toMake, problems = append(planned.toMake, schedule), append(problems, err)
	}
	for i, key := range answer.Unschedule {
		problems = append(problems, e.checkKey(fmt.Sprintf("$.unschedule[%d]", i), key, seen))
		planned.toCancel = append(planned.toCancel, e.scheduleName(key.Schedule, key.Key))
	}
	if err := errors.Join(problems...); err != nil {
		return planned, invalidAnswer("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return planned, nil
}

// checkKey refuses what the plugin did not declare, and what an answer names twice.
func (e *Engine) checkKey(path string, key turn.ScheduleKey, seen map[turn.ScheduleKey]string) error {
	if other, twice := seen[key]; twice {
		return fmt.Errorf("%s: the schedule %s of %q is also in %s; an answer may name it once", path, key.Schedule, key.Key, other)
	}
	seen[key] = path
	if _, declared := e.Definition.Schedules[key.Schedule]; !declared {
		return fmt.Errorf("%s.schedule: the plugin declares no schedule %q", path, key.Schedule)
	}
	return nil
}

// plan reads one schedule of an answer.
func (e *Engine) plan(path string, to turn.ScheduleTo, meta turn.Meta) (plannedSchedule, error) {
	declared, ok := e.Definition.Schedules[to.Schedule]
	if !ok {
		return plannedSchedule{}, nil // reported by checkKey
	}
	planned, err := when(path, to)
	problems := []error{err}
	letter, err := e.address(path, turn.CommandTo{To: declared.To, ID: to.ID, Type: declared.Type, Data: to.Data})
	problems = append(problems, err)
	letter.command.CorrelationID, letter.command.CausationID = meta.CorrelationID, meta.CausationID
	planned.name = e.scheduleName(to.Schedule, to.Key)
	planned.input, err = planned.triggerInput(protocol.Trigger{Reventless: protocol.TriggerCommand, Schedule: to.Schedule, Key: to.Key, Command: &letter.command})
	problems = append(problems, err)
	if len(planned.input) > maxMessage {
		problems = append(problems, fmt.Errorf("%s.data: the command has %d bytes with what goes along with it, a schedule takes %d", path, len(planned.input), maxMessage))
	}
	return planned, errors.Join(problems...)
}

// triggerInput writes what a schedule sends. A single firing has its own time, also when
// it fires later because that is over, so that its command always has the same id. For
// the others Scheduler fills in the time; it looks for its keywords in the plain text, so
// the one at the end must not be escaped, while those in the data are.
func (p plannedSchedule) triggerInput(trigger protocol.Trigger) ([]byte, error) {
	if p.once {
		trigger.Time = eventlog.FormatTime(p.at)
		return json.Marshal(trigger)
	}
	encoded, err := json.Marshal(trigger)
	return append(bytes.TrimSuffix(encoded, []byte("}")), []byte(`,"time":"`+protocol.ScheduledTime+`"}`)...), err
}

// when reads when a schedule fires.
func when(path string, to turn.ScheduleTo) (plannedSchedule, error) {
	switch {
	case to.At != "":
		at, err := time.Parse(time.RFC3339, to.At)
		if err != nil {
			return plannedSchedule{}, fmt.Errorf("%s.at: expected a time in RFC 3339 such as 2026-03-01T10:00:00Z, got %q", path, to.At)
		}
		return plannedSchedule{once: true, at: at.UTC().Truncate(time.Second)}, nil
	case to.Every != "":
		rate, err := rateOf(to.Every)
		if err != nil {
			return plannedSchedule{}, fmt.Errorf("%s.every: %w", path, err)
		}
		return plannedSchedule{expression: rate}, nil
	}
	planned := plannedSchedule{expression: "cron(" + to.Cron + ")", zone: to.TimeZone}
	var problems []error
	if err := checkCron(to.Cron); err != nil {
		problems = append(problems, fmt.Errorf("%s.cron: %w", path, err))
	}
	if _, err := time.LoadLocation(to.TimeZone); err != nil || to.TimeZone == "Local" {
		problems = append(problems, fmt.Errorf("%s.timeZone: expected the IANA name of a time zone such as Europe/Vienna, got %q", path, to.TimeZone))
	}
	return planned, errors.Join(problems...)
}

// rateOf makes the rate expression of a period.
func rateOf(every string) (string, error) {
	match := periods.FindStringSubmatch(every)
	if match == nil {
		return "", fmt.Errorf("expected a whole number of minutes, hours or days such as \"15 minutes\", got %q", every)
	}
	count, err := strconv.Atoi(match[1])
	if err != nil {
		return "", err
	}
	if count == 1 {
		return "rate(1 " + match[2] + ")", nil
	}
	return fmt.Sprintf("rate(%d %ss)", count, match[2]), nil
}

// notForNames are characters that no name of a schedule in AWS may have.
var notForNames = regexp.MustCompile(`[^0-9A-Za-z_.-]`)

// scheduleName is the name of a schedule in AWS, up to 64 characters: the beginning of
// the declared name, for people, and a hash.
func (e *Engine) scheduleName(schedule, key string) string {
	const readable, digits = 23, 40
	prefix := notForNames.ReplaceAllString(schedule, "-")
	return prefix[:min(len(prefix), readable)] + "-" + hash(e.Definition.Plugin, schedule, key)[:digits]
}

// firingID identifies the command that a schedule sends at a time.
func firingID(schedule, key, scheduled string) string {
	return hash("schedule", schedule, key, scheduled)
}

// scheduledCommand puts the command of a schedule that fired on the command queue. A
// firing that arrives twice leads to the same command id.
func (b *batch) scheduledCommand(trigger protocol.Trigger) error {
	scheduled, err := scheduledTime(trigger.Time)
	if err != nil {
		return err
	}
	if trigger.Command == nil || trigger.Schedule == "" || trigger.Key == "" {
		return errors.New("the message of a schedule needs schedule, key and command")
	}
	command := *trigger.Command
	letter, err := b.address("$.command", turn.CommandTo{To: command.Component, ID: command.ID, Type: command.Type, Data: command.Data})
	if err != nil {
		return fmt.Errorf("the schedule %s of %q: %w", trigger.Schedule, trigger.Key, err)
	}
	letter.command.CommandID = firingID(trigger.Schedule, trigger.Key, scheduled)
	letter.command.CorrelationID, letter.command.CausationID = command.CorrelationID, command.CausationID
	return b.send(b.aws, letter)
}

// scheduledTime is the time that Scheduler gives, in the format of turns.
func scheduledTime(given string) (string, error) {
	at, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return "", fmt.Errorf("the message of a schedule needs its time in RFC 3339, got %q; put %s into the schedule's input", given, protocol.ScheduledTime)
	}
	return eventlog.FormatTime(at), nil
}
