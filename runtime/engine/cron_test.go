package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCronExpressions(t *testing.T) {
	t.Parallel()
	for _, right := range []string{
		"0 8 * * ? *", "0/15 * ? * MON-FRI *", "0 8,20 L * ? 2026-2030", "0 0 LW JAN,jul ? *", "5 0 31W * ? *",
		"0 8 ? * 2#1 *", "0 8 ? * fri#5 *", "0 8 ? * 6L *", "0 8 ? * L *", "*/5 0-6/2 1 1/3 ? *", "0 8 ? * 1,SAT 2199",
	} {
		assert.NoError(t, checkCron(right), right)
	}
	for wrong, want := range map[string]string{
		"":                     "six fields",
		"0 8 * * ?":            "six fields",
		"0  8 * * ? *":         "six fields",
		"0 8 * * ? * *":        "six fields",
		"60 8 * * ? *":         `minutes: "60" is not between 0 and 59`,
		"0 24 * * ? *":         "hours",
		"0 8 0 * ? *":          "day of month",
		"0 8 32W * ? *":        "day of month",
		"0 8 * 13 ? *":         "month",
		"0 8 * JANUARY ? *":    "month",
		"0 8 ? * 8 *":          "day of week",
		"0 8 ? * 2#6 *":        "day of week",
		"0 8 * * ? 1969":       "year",
		"0 8 * * * *":          "exactly one of",
		"0 8 ? * ? *":          "exactly one of",
		"? 8 * * ? *":          "minutes",
		"10-5 8 * * ? *":       "ends before it begins",
		"0/0 8 * * ? *":        "step",
		"0/ 8 * * ? *":         "step",
		"1, 8 * * ? *":         "minutes",
		"0 8 * * ? *) or at(x": "six fields",
		"-1 8 * * ? *":         "minutes",
		"+5 8 * * ? *":         "minutes",
		"0/+5 8 * * ? *":       "step",
	} {
		assert.ErrorContains(t, checkCron(wrong), want, wrong)
	}
}
