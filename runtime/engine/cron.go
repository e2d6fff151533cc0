package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// cronField is one field of a cron expression of EventBridge Scheduler.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
type cronField struct {
	name        string
	first, last int
	// names are the names of the values, from the first.
	names string
	// special matches what the field takes beside lists of values, ranges and steps.
	special *regexp.Regexp
}

// The places of the two fields of days in a cron expression.
const dayOfMonth, dayOfWeek = 2, 4

var cronFields = [6]cronField{
	{name: "minutes", last: 59},
	{name: "hours", last: 23},
	{name: "day of month", first: 1, last: 31, special: regexp.MustCompile(`^(\?|L|LW|([1-9]|[12][0-9]|3[01])W)$`)},
	{name: "month", first: 1, last: 12, names: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"},
	{name: "day of week", first: 1, last: 7, names: "SUN MON TUE WED THU FRI SAT", special: regexp.MustCompile(`^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$`)},
	{name: "year", first: 1970, last: 2199},
}

// checkCron says why Scheduler would not take the fields of a cron expression.
func checkCron(expression string) error {
	fields := strings.Fields(expression)
	if len(fields) != len(cronFields) || strings.Join(fields, " ") != expression {
		return fmt.Errorf("expected six fields with a space between them (minutes, hours, day of month, month, day of week, year), got %q", expression)
	}
	for i, field := range cronFields {
		if err := field.check(fields[i]); err != nil {
			return err
		}
	}
	if (fields[dayOfMonth] == "?") == (fields[dayOfWeek] == "?") {
		return fmt.Errorf("expected ? in exactly one of day of month and day of week, got %q and %q", fields[dayOfMonth], fields[dayOfWeek])
	}
	return nil
}

// check reads one field: a list of *, values, ranges of them, and both with a step.
func (f cronField) check(text string) error {
	if f.special != nil && f.special.MatchString(strings.ToUpper(text)) {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		span, step, stepped := strings.Cut(part, "/")
		if number, err := strconv.ParseUint(step, 10, 16); stepped && (err != nil || number < 1) {
			return fmt.Errorf("%s: the step of %q must be a positive number", f.name, part)
		}
		if span == "*" {
			continue
		}
		if err := f.checkSpan(span); err != nil {
			return err
		}
	}
	return nil
}

// checkSpan reads a value or a range of values.
func (f cronField) checkSpan(span string) error {
	low, high, isRange := strings.Cut(span, "-")
	from, err := f.value(low)
	if err != nil || !isRange {
		return err
	}
	to, err := f.value(high)
	if err == nil && to < from {
		return fmt.Errorf("%s: the range %q ends before it begins", f.name, span)
	}
	return err
}

// value reads a number or a name.
func (f cronField) value(text string) (int, error) {
	for i, name := range strings.Fields(f.names) {
		if strings.EqualFold(text, name) {
			return f.first + i, nil
		}
	}
	number, err := strconv.ParseUint(text, 10, 16) // takes no sign
	value := int(number)
	if err != nil || value < f.first || value > f.last {
		return 0, fmt.Errorf("%s: %q is not between %d and %d", f.name, text, f.first, f.last)
	}
	return value, nil
}
