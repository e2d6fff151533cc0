package expression

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Years that AWS's expressions can name.
const (
	firstYear = 1970
	lastYear  = 2199
)

// cron is a cron() expression.
type cron struct {
	zone                         *time.Location
	minutes, hours, months, year set
	day                          func(year int, month time.Month, day int) bool
}

// parseCron reads the six fields between the brackets.
func parseCron(text string, zone *time.Location) (*cron, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("cron has 6 fields (minutes hours day-of-month month day-of-week year), not %d", len(fields))
	}
	c := &cron{zone: zone}
	var problems []error
	read := func(target *set, text string, f field) {
		var err error
		*target, err = f.parse(text)
		problems = append(problems, err)
	}
	read(&c.minutes, fields[0], field{name: "minutes", last: 59})
	read(&c.hours, fields[1], field{name: "hours", last: 23})
	read(&c.months, fields[3], field{name: "month", first: 1, last: 12, names: monthNames})
	read(&c.year, fields[5], field{name: "year", first: firstYear, last: lastYear})
	var err error
	c.day, err = parseDays(fields[2], fields[4])
	return c, errors.Join(append(problems, err)...)
}

// next goes through the calendar, day by day where year and month match.
func (c *cron) next(after time.Time) (time.Time, bool) {
	local := after.In(c.zone)
	year, month, day := local.Date()
	for ; year <= lastYear; year, month, day = year+1, time.January, 1 {
		if !c.year[year] {
			continue
		}
		for ; month <= time.December; month, day = month+1, 1 {
			if !c.months[int(month)] {
				continue
			}
			if found, ok := c.nextInMonth(after, year, month, day); ok {
				return found, true
			}
		}
	}
	return time.Time{}, false
}

func (c *cron) nextInMonth(after time.Time, year int, month time.Month, day int) (time.Time, bool) {
	for ; day <= daysIn(year, month); day++ {
		if !c.day(year, month, day) {
			continue
		}
		if found, ok := c.nextInDay(after, year, month, day); ok {
			return found, true
		}
	}
	return time.Time{}, false
}

func (c *cron) nextInDay(after time.Time, year int, month time.Month, day int) (time.Time, bool) {
	for hour := range 24 {
		for minute := 0; c.hours[hour] && minute < 60; minute++ {
			moment := time.Date(year, month, day, hour, minute, 0, 0, c.zone)
			skipped := moment.Hour() != hour || moment.Minute() != minute
			if c.minutes[minute] && !skipped && moment.After(after) {
				return moment, true
			}
		}
	}
	return time.Time{}, false
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
