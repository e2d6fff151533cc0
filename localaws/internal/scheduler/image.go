package scheduler

import (
	"fmt"
	"maps"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler/expression"
)

// Image is all schedules and their groups, for another service to begin with. An occurrence
// whose target was not reached when the image was made, occurs again.
type Image struct{ Groups []groupImage }

type groupImage struct {
	Name              string
	Created, Modified time.Time
	Tags              map[string]string
	Schedules         []scheduleImage
}

type scheduleImage struct {
	Name                            string
	Settings                        settings
	Created, Modified, Anchor, Next time.Time
}

// Save makes an image.
func (s *Service) Save() Image {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var image Image
	for _, g := range s.groups {
		saved := groupImage{Name: g.name, Created: g.created, Modified: g.modified, Tags: maps.Clone(g.tags)}
		for _, c := range g.schedules {
			saved.Schedules = append(saved.Schedules, scheduleImage{c.name, c.settings, c.created, c.modified, c.anchor, c.due()})
		}
		image.Groups = append(image.Groups, saved)
	}
	return image
}

// due is the first occurrence whose target was not reached.
func (c *schedule) due() time.Time {
	due := c.next
	for _, occurred := range c.running {
		if due.IsZero() || occurred.Before(due) {
			due = occurred
		}
	}
	return due
}

// Restore puts an image in place of everything that the service has. Of the occurrences
// for which nothing was there meanwhile, a schedule that occurs again and again passes over
// all but the first: it would overwhelm its target with those of days.
func (s *Service) Restore(image Image) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	groups := map[string]*group{}
	for _, saved := range image.Groups {
		g := s.newGroup(saved.Name)
		g.created, g.modified = saved.Created, saved.Modified
		maps.Copy(g.tags, saved.Tags)
		for _, c := range saved.Schedules {
			restored, err := s.restore(saved.Name, c)
			if err != nil {
				return fmt.Errorf("restore the schedule %s: %w", c.Name, err)
			}
			g.schedules[c.Name] = restored
		}
		groups[saved.Name] = g
	}
	s.groups = groups
	s.wake()
	return nil
}

func (s *Service) restore(group string, saved scheduleImage) (*schedule, error) {
	zone, err := time.LoadLocation(saved.Settings.ScheduleExpressionTimezone)
	if err != nil {
		return nil, err
	}
	parsed, err := expression.Parse(saved.Settings.ScheduleExpression, zone)
	if err != nil {
		return nil, err
	}
	c := &schedule{name: saved.Name, arn: s.arn("schedule/" + group + "/" + saved.Name), settings: saved.Settings, expression: parsed,
		created: saved.Created, modified: saved.Modified, anchor: saved.Anchor, next: saved.Next, running: map[string]time.Time{}}
	if now := s.Now(); !c.next.IsZero() && c.next.Before(now) && !parsed.Once() {
		c.missed = now
	}
	return c, nil
}
