package expression

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// dayMatch says whether a day of the calendar matches.
type dayMatch = func(year int, month time.Month, day int) bool

// parseDays reads the two fields that name days, of which one must be "?".
func parseDays(ofMonth, ofWeek string) (dayMatch, error) {
	if (ofMonth == "?") == (ofWeek == "?") {
		return nil, errors.New(`exactly one of day-of-month and day-of-week must be "?"`)
	}
	if ofWeek == "?" {
		return parseDayOfMonth(ofMonth)
	}
	return parseDayOfWeek(ofWeek)
}

// parseDayOfMonth knows L, the last day, and 15W, the working day nearest to the 15th
// in the same month.
func parseDayOfMonth(text string) (dayMatch, error) {
	days := field{name: "day-of-month", first: 1, last: 31}
	if text == "L" {
		return func(year int, month time.Month, day int) bool { return day == daysIn(year, month) }, nil
	}
	if number, isWorkday := strings.CutSuffix(text, "W"); isWorkday {
		wanted, err := days.value(number)
		return func(year int, month time.Month, day int) bool { return day == workday(year, month, wanted) }, err
	}
	values, err := days.parse(text)
	return func(_ int, _ time.Month, day int) bool { return values[day] }, err
}

// workday is the day from Monday to Friday nearest to a day, 0 where the month does not
// have that day.
func workday(year int, month time.Month, day int) int {
	last := daysIn(year, month)
	if day > last {
		return 0
	}
	switch time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}

// parseDayOfWeek knows L (Saturday), 6L, the last Friday of the month, and 6#3, the
// third one. Sunday is 1.
func parseDayOfWeek(text string) (dayMatch, error) {
	days := field{name: "day-of-week", first: 1, last: 7, names: dayNames}
	if text == "L" {
		text = "SAT"
	}
	if name, isLast := strings.CutSuffix(text, "L"); isLast {
		wanted, err := days.value(name)
		return func(year int, month time.Month, day int) bool {
			return weekday(year, month, day) == wanted && day+7 > daysIn(year, month)
		}, err
	}
	if name, place, numbered := strings.Cut(text, "#"); numbered {
		wanted, err := days.value(name)
		number, placeErr := strconv.Atoi(place)
		if placeErr != nil || number < 1 || number > 5 {
			err = errors.Join(err, errors.New("day-of-week: what follows # must be between 1 and 5"))
		}
		return func(year int, month time.Month, day int) bool {
			return weekday(year, month, day) == wanted && (day-1)/7+1 == number
		}, err
	}
	values, err := days.parse(text)
	return func(year int, month time.Month, day int) bool { return values[weekday(year, month, day)] }, err
}

func weekday(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}
