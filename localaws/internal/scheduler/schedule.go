package scheduler

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler/expression"
)

// schedule is one schedule. The service's mutex guards it.
type schedule struct {
	name, arn         string
	settings          settings
	expression        expression.Expression
	created, modified time.Time
	// anchor is the first occurrence of a rate.
	anchor time.Time
	// next is the next occurrence, zero when there is none.
	next time.Time
	// running are the occurrences whose executions have not ended, by the executions' ids.
	running map[string]time.Time
	// missed is until when occurrences were missed while nothing was there, see image.go.
	missed time.Time
}

// plan finds the first occurrence after a moment, within the schedule's dates.
func (c *schedule) plan(after time.Time) {
	next, found := c.expression.Next(after, c.anchor)
	if end := dateOf(c.settings.EndDate); found && !c.expression.Once() && c.settings.EndDate != nil && next.After(end) {
		found = false
	}
	if c.next = next; !found {
		c.next = time.Time{}
	}
}

// begin plans a schedule that is new or was changed. As on AWS, a rate without a start
// date occurs at once.
func (c *schedule) begin(now time.Time) {
	c.anchor = now
	if c.settings.StartDate != nil && !c.expression.Once() {
		c.anchor = dateOf(c.settings.StartDate)
	}
	after := now.Add(-time.Nanosecond)
	if start := c.anchor.Add(-time.Nanosecond); start.After(after) {
		after = start
	}
	c.plan(after)
}

func (c *schedule) enabled() bool { return c.settings.State == stateEnabled }

// completed says that the schedule will not occur any more, and that nothing of it
// runs.
func (c *schedule) completed() bool { return c.enabled() && c.next.IsZero() && len(c.running) == 0 }

func (s *Service) createSchedule(r *http.Request) (restjson.Answer, error) {
	name := r.PathValue("Name")
	if err := checkName(name, "name"); err != nil {
		return restjson.Answer{}, err
	}
	given, parsed, err := s.readSettings(r)
	if err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	g, err := s.group(given.GroupName)
	if err != nil {
		return restjson.Answer{}, err
	}
	if g.schedules[name] != nil {
		return restjson.Answer{}, conflict("Schedule %s already exists.", name)
	}
	now := s.Now()
	if parsed.Past(now) {
		return restjson.Answer{}, invalid("Invalid Schedule Expression %s. (its time is in the past)", given.ScheduleExpression)
	}
	created := &schedule{name: name, arn: s.arn("schedule/" + given.GroupName + "/" + name), settings: given, expression: parsed, created: now, modified: now, running: map[string]time.Time{}}
	created.begin(now)
	g.schedules[name] = created
	s.wake()
	return restjson.Answer{Body: map[string]string{"ScheduleArn": created.arn}}, nil
}

// readSettings reads and checks what create and update are given.
func (s *Service) readSettings(r *http.Request) (settings, expression.Expression, error) {
	var given settings
	if err := restjson.Decode(r, &given); err != nil {
		return given, expression.Expression{}, err
	}
	given.complete()
	if err := checkName(given.GroupName, "groupName"); err != nil {
		return given, expression.Expression{}, err
	}
	parsed, err := s.check(r.Context(), given)
	return given, parsed, err
}

func (s *Service) updateSchedule(r *http.Request) (restjson.Answer, error) {
	given, parsed, err := s.readSettings(r)
	if err != nil {
		return restjson.Answer{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c, err := s.schedule(given.GroupName, r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	same := c.settings.ScheduleExpression == given.ScheduleExpression && c.settings.ScheduleExpressionTimezone == given.ScheduleExpressionTimezone &&
		dateOf(c.settings.StartDate).Equal(dateOf(given.StartDate)) && c.settings.State == given.State
	if !same && parsed.Past(s.Now()) && given.State == stateEnabled {
		return restjson.Answer{}, invalid("Invalid Schedule Expression %s. (its time is in the past)", given.ScheduleExpression)
	}
	c.settings, c.expression, c.modified = given, parsed, s.Now()
	if same {
		c.plan(c.modified) // a rate keeps its beat
	} else {
		c.begin(c.modified)
	}
	s.wake()
	return restjson.Answer{Body: map[string]string{"ScheduleArn": c.arn}}, nil
}

func (s *Service) getSchedule(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c, err := s.schedule(r.URL.Query().Get("groupName"), r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	return restjson.Answer{Body: scheduleAnswer{settings: c.settings, Arn: c.arn, Name: c.name, CreationDate: secondsOf(c.created), LastModificationDate: secondsOf(c.modified)}}, nil
}

func (s *Service) deleteSchedule(r *http.Request) (restjson.Answer, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c, err := s.schedule(r.URL.Query().Get("groupName"), r.PathValue("Name"))
	if err != nil {
		return restjson.Answer{}, err
	}
	s.remove(c)
	return restjson.Answer{Body: struct{}{}}, nil
}

// remove drops a schedule, unless another one took its name.
func (s *Service) remove(c *schedule) {
	if g := s.groups[c.settings.GroupName]; g != nil && g.schedules[c.name] == c {
		delete(g.schedules, c.name)
	}
}

// schedule finds a schedule; no group is the group "default".
func (s *Service) schedule(groupName, name string) (*schedule, error) {
	g, err := s.group(cmp.Or(groupName, defaultGroup))
	if err != nil {
		return nil, err
	}
	if c := g.schedules[name]; c != nil {
		return c, nil
	}
	return nil, notFound("Schedule %s does not exist.", name)
}

func (s *Service) listSchedules(r *http.Request) (restjson.Answer, error) {
	query := r.URL.Query()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found []scheduleSummary
	for groupName, g := range s.groups {
		for _, c := range g.schedules {
			wanted := cmp.Or(query.Get("ScheduleGroup"), groupName) == groupName && cmp.Or(query.Get("State"), c.settings.State) == c.settings.State
			if wanted && strings.HasPrefix(c.name, query.Get("NamePrefix")) {
				found = append(found, scheduleSummary{Arn: c.arn, CreationDate: secondsOf(c.created), GroupName: groupName, LastModificationDate: secondsOf(c.modified),
					Name: c.name, State: c.settings.State, Target: map[string]string{"Arn": c.settings.Target.Arn}})
			}
		}
	}
	slices.SortFunc(found, func(a, b scheduleSummary) int { return cmp.Compare(a.Arn, b.Arn) })
	page, next, err := pageOf(found, r)
	return restjson.Answer{Body: map[string]any{"Schedules": page, "NextToken": next}}, err
}

// pageOf cuts a page out of a list, as the request's MaxResults (1 to 100, which is the
// default) and NextToken say.
func pageOf[T any](all []T, r *http.Request) (page []T, next *string, err error) {
	limit, from := 100, 0
	if text := r.URL.Query().Get("MaxResults"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 100 {
			return nil, nil, constraint(text, "maxResults", "Member must have value between 1 and 100")
		}
	}
	if token := r.URL.Query().Get("NextToken"); token != "" {
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(all) {
			return nil, nil, invalid("Invalid NextToken.")
		}
	}
	page = append([]T{}, all[from:min(from+limit, len(all))]...)
	if from+limit < len(all) {
		next = pointer(strconv.Itoa(from + limit))
	}
	return page, next, nil
}

func (s *Service) arn(resource string) string {
	return fmt.Sprintf("arn:aws:scheduler:%s:%s:%s", s.options.Region, s.options.AccountID, resource)
}

func conflict(format string, arguments ...any) error {
	return &restjson.Error{Status: http.StatusConflict, Code: "ConflictException", Message: fmt.Sprintf(format, arguments...)}
}

func notFound(format string, arguments ...any) error {
	return &restjson.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: fmt.Sprintf(format, arguments...)}
}
