package validate

import (
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are checked on machines without their data too

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// maxLines bounds the lines of a turn, which its message carries whole.
const maxLines = 10000

// every is a period as EventBridge Scheduler takes it.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
var every = regexp.MustCompile(`^(1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))$`)

// cronFields is the number of fields of a cron expression of EventBridge Scheduler.
const cronFields = 6

// tasks checks what triggers tasks.
func (f *findings) tasks(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.Tasks) {
		task, path := plugin.Tasks[name], []string{"tasks", name}
		if task.Bucket == nil && task.Schedule == nil {
			f.add(Path(path...), "nothing triggers the task; give `bucket`, `schedule` or both")
		}
		if !plugin.Decides() {
			f.add(Path(path...), "the plugin has no aggregate and no slice to send commands to")
		}
		if task.Schedule != nil {
			f.recurrence(append(path, "schedule"), *task.Schedule)
		}
		if task.Bucket != nil {
			f.bucket(append(path, "bucket"), *task.Bucket, task.Schedule != nil)
		}
	}
}

func (f *findings) recurrence(path []string, when declaration.Recurrence) {
	if (text(when.Every) == "") == (text(when.Cron) == "") {
		f.add(Path(path...), "give exactly one of `every`, such as `15 minutes`, and `cron`, such as `0 6 ? * MON-FRI *`")
	}
	if period := text(when.Every); period != "" && !every.MatchString(period) {
		f.add(Path(append(path, "every")...), "%q is no period; write a number and minutes, hours or days, such as `15 minutes` or `1 hour`", period)
	}
	if cron := text(when.Cron); cron != "" && len(strings.Fields(cron)) != cronFields {
		f.add(Path(append(path, "cron")...), "%q is no cron expression of EventBridge Scheduler, which has %d fields: minutes, hours, day of month, month, day of week, year, such as `0 6 ? * MON-FRI *`",
			cron, cronFields)
	}
	if zone := text(when.TimeZone); zone != "" {
		if _, err := time.LoadLocation(zone); err != nil {
			f.add(Path(append(path, "timeZone")...), "%q is no time zone; give an IANA name such as `Europe/Vienna`", zone)
		}
	}
}

func (f *findings) bucket(path []string, bucket declaration.Bucket, scheduled bool) {
	switch {
	case bucket.Writes() && !bucket.Reads() && !scheduled:
		f.add(Path(append(path, "mode")...), "a task that only writes is triggered by no object; give it a `schedule`")
	case bucket.Writes() && bucket.Reads() && text(bucket.Prefix) == "":
		f.add(Path(append(path, "prefix")...), "a task that reads and writes needs a `prefix` for what it reads, such as `in/`: what it writes would trigger it again")
	}
	if bucket.Lines != nil && (*bucket.Lines < 1 || *bucket.Lines > maxLines) {
		f.add(Path(append(path, "lines")...), "%d lines in a turn are not possible; give 1 to %d", *bucket.Lines, maxLines)
	}
}

// schedules checks the commands that turns may schedule.
func (f *findings) schedules(plugin declaration.Plugin) {
	for _, name := range sorted(plugin.Schedules) {
		schedule := plugin.Schedules[name]
		f.addressee(plugin, []string{"schedules", name, "to"}, schedule.To)
		if !commandType.MatchString(schedule.Command) {
			f.add(Path("schedules", name, "command"), "%q is no command type: use up to 128 letters, digits, \"_\", \".\" and \"-\", beginning with a letter", schedule.Command)
		}
	}
}
