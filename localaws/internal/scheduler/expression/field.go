package expression

import (
	"fmt"
	"strconv"
	"strings"
)

// set is the values that a field matches.
type set map[int]bool

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// field is one field of cron: its range, and the names of its values from the first.
type field struct {
	name        string
	first, last int
	names       []string
}

// parse reads lists (1,2), ranges (1-3), steps (0/15, *, */5, 1-10/2) and names.
func (f field) parse(text string) (set, error) {
	values := set{}
	for part := range strings.SplitSeq(text, ",") {
		if err := f.add(values, part); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (f field) add(values set, part string) error {
	span, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
			return fmt.Errorf("%s: the step of %q must be a positive number", f.name, part)
		}
	}
	from, to, err := f.span(span, stepped)
	if err != nil {
		return err
	}
	for value := from; value <= to; value += step {
		values[value] = true
	}
	return nil
}

func (f field) span(text string, open bool) (from, to int, err error) {
	if text == "*" {
		return f.first, f.last, nil
	}
	low, high, isRange := strings.Cut(text, "-")
	if from, err = f.value(low); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange:
		to, err = f.value(high)
	case open:
		to = f.last
	default:
		to = from
	}
	if err == nil && to < from {
		err = fmt.Errorf("%s: the range %q ends before it begins", f.name, text)
	}
	return from, to, err
}

func (f field) value(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.first + i, nil
		}
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < f.first || value > f.last {
		return 0, fmt.Errorf("%s: %q is not between %d and %d", f.name, text, f.first, f.last)
	}
	return value, nil
}
