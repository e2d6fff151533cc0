package expression

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return parsed
}

func TestNext(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, zone, after, want string }{
		"at":                        {"at(2026-03-01T10:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-03-01T09:00:00Z"},
		"at in the past":            {"at(2025-03-01T10:00:00)", "UTC", "2026-01-01T00:00:00Z", ""},
		"at in the gap":             {"at(2026-03-29T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", ""},
		"rate first":                {"rate(5 minutes)", "UTC", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"},
		"rate later":                {"rate(5 minutes)", "UTC", "2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"},
		"rate of a day":             {"rate(1 day)", "UTC", "2026-01-01T00:00:01Z", "2026-01-02T00:00:00Z"},
		"each minute":               {"cron(* * * * ? *)", "UTC", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"},
		"each quarter":              {"cron(0/15 8-17 ? * MON-FRI *)", "UTC", "2026-01-02T17:45:00Z", "2026-01-05T08:00:00Z"},
		"list and range with step":  {"cron(1-10/4,30 0 * * ? *)", "UTC", "2026-01-01T00:09:00Z", "2026-01-01T00:30:00Z"},
		"local time":                {"cron(0 10 * * ? *)", "America/New_York", "2026-07-01T00:00:00Z", "2026-07-01T14:00:00Z"},
		"last day of February":      {"cron(0 0 L 2 ? *)", "UTC", "2028-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		"last Friday":               {"cron(0 9 ? * 6L *)", "UTC", "2026-01-01T00:00:00Z", "2026-01-30T09:00:00Z"},
		"third Tuesday":             {"cron(0 9 ? * TUE#3 *)", "UTC", "2026-01-01T00:00:00Z", "2026-01-20T09:00:00Z"},
		"Saturday":                  {"cron(0 9 ? * L *)", "UTC", "2026-01-01T00:00:00Z", "2026-01-03T09:00:00Z"},
		"workday before a Saturday": {"cron(0 9 15W 8 ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-08-14T09:00:00Z"},
		"workday after a Sunday":    {"cron(0 9 15W 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-02-16T09:00:00Z"},
		"workday stays in month":    {"cron(0 9 1W 8 ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-08-03T09:00:00Z"},
		"year":                      {"cron(0 0 1 JAN ? 2030)", "UTC", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		"past year":                 {"cron(0 0 1 1 ? 2020)", "UTC", "2026-01-01T00:00:00Z", ""},
		"never":                     {"cron(0 0 31 2 ? *)", "UTC", "2026-01-01T00:00:00Z", ""},
		"skipped by summer time":    {"cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		"repeated hour":             {"cron(30 2 25-26 10 ? *)", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			require.NoError(t, err)
			parsed, err := Parse(c.text, zone)
			require.NoError(t, err)
			got, ok := parsed.Next(moment(t, c.after), moment(t, "2026-01-01T00:00:00Z"))
			require.Equal(t, c.want != "", ok)
			if ok {
				assert.Equal(t, c.want, got.UTC().Format(time.RFC3339))
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, why string }{
		"nothing":               {"", "it must be"},
		"unit":                  {"rate(5 seconds)", "it must be"},
		"zero":                  {"rate(0 minutes)", "positive"},
		"singular":              {"rate(5 minute)", "of more minutes"},
		"plural":                {"rate(1 minutes)", "of 1 is minute"},
		"date":                  {"at(2026-02-30T00:00:00)", "no date"},
		"zone in at":            {"at(2026-02-20T00:00:00Z)", "it must be"},
		"five fields":           {"cron(* * * * ?)", "6 fields"},
		"both days":             {"cron(* * 1 * MON *)", `"?"`},
		"no day":                {"cron(* * ? * ? *)", `"?"`},
		"minute":                {"cron(60 * * * ? *)", "minutes"},
		"all problems":          {"cron(60 25 * 13 ? *)", "month"},
		"Sunday as 0":           {"cron(* * ? * 0 *)", "day-of-week"},
		"backwards":             {"cron(* 9-5 * * ? *)", "ends before"},
		"last working day":      {"cron(* * LW * ? *)", "day-of-month"},
		"days before the last":  {"cron(* * L-3 * ? *)", "day-of-month"},
		"question mark in hour": {"cron(* ? * * ? *)", "hours"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, time.UTC)
			assert.ErrorContains(t, err, c.why)
		})
	}
}
