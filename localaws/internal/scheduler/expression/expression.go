// Package expression reads the schedule expressions of EventBridge Scheduler and
// tells when they fall due.
//
//  1. [Parse] takes at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(minutes hours
//     day-of-month month day-of-week year), with the time zone that it is read in.
//  2. [Expression.Next] is the first occurrence after a moment.
//
// A local time that the change to summer time skips never occurs; one that the change
// back repeats occurs once. Both are AWS's rules.
package expression

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Expression is one schedule expression.
type Expression struct {
	at    time.Time
	never bool // an at() in the gap of a change to summer time
	every time.Duration
	cron  *cron
}

var (
	atPattern   = regexp.MustCompile(`^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$`)
	ratePattern = regexp.MustCompile(`^rate\((\d+) (minutes?|hours?|days?)\)$`)
	cronPattern = regexp.MustCompile(`^cron\((.*)\)$`)
)

// Parse reads an expression in a time zone. The error says what is wrong with it.
func Parse(text string, zone *time.Location) (Expression, error) {
	if match := atPattern.FindStringSubmatch(text); match != nil {
		return parseAt(match[1], zone)
	}
	if match := ratePattern.FindStringSubmatch(text); match != nil {
		return parseRate(match[1], match[2])
	}
	if match := cronPattern.FindStringSubmatch(text); match != nil {
		parsed, err := parseCron(match[1], zone)
		return Expression{cron: parsed}, err
	}
	return Expression{}, fmt.Errorf("it must be at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(minutes hours day-of-month month day-of-week year)")
}

func parseAt(text string, zone *time.Location) (Expression, error) {
	const layout = "2006-01-02T15:04:05"
	at, err := time.ParseInLocation(layout, text, zone)
	if err != nil {
		return Expression{}, fmt.Errorf("%s is no date and time", text)
	}
	return Expression{at: at, never: at.Format(layout) != text}, nil
}

func parseRate(value, unit string) (Expression, error) {
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	count, err := strconv.Atoi(value)
	one := strings.TrimSuffix(unit, "s")
	switch {
	case err != nil || count < 1 || count > int(maxRate/units[one]):
		return Expression{}, fmt.Errorf("the value of a rate is a positive number, not %s", value)
	case (count == 1) != (one == unit):
		return Expression{}, fmt.Errorf("the unit of 1 is %s, of more %ss", one, one)
	}
	return Expression{every: time.Duration(count) * units[one]}, nil
}

// maxRate keeps a rate within what a duration can hold.
const maxRate = 100 * 365 * 24 * time.Hour

// Once says that the expression is an at(): it occurs once at most.
func (e Expression) Once() bool { return e.every == 0 && e.cron == nil }

// Past says that the expression is an at() before a moment.
func (e Expression) Past(moment time.Time) bool { return e.Once() && e.at.Before(moment) }

// Next is the first occurrence after a moment. A rate counts from the anchor, which
// is its first occurrence. False says that there is none any more.
func (e Expression) Next(after, anchor time.Time) (time.Time, bool) {
	switch {
	case e.every > 0:
		return nextOfRate(after, anchor, e.every), true
	case e.cron != nil:
		return e.cron.next(after)
	}
	return e.at, !e.never && e.at.After(after)
}

func nextOfRate(after, anchor time.Time, every time.Duration) time.Time {
	if after.Before(anchor) {
		return anchor
	}
	return anchor.Add((after.Sub(anchor)/every + 1) * every)
}
