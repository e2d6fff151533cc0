package scheduler

import (
	"hash/fnv"
	"time"

	"github.com/google/uuid"
)

// maxCatchUp bounds the occurrences of one schedule that fall due at once, when the
// time was put forward or the computer slept.
const maxCatchUp = 10000

func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it is awake
	}
}

// run fires what falls due until the service is closed.
func (s *Service) run() {
	for s.ctx.Err() == nil {
		moved := s.clock.changed()
		next := s.fireDue()
		pause := longestSleep
		if !next.IsZero() {
			pause = next.Sub(s.clock.now())
		}
		s.clock.sleep(s.ctx, pause, moved, s.woken)
	}
}

// fireDue starts an execution for each occurrence that is due, and returns the next one
// of all schedules, zero when there is none.
func (s *Service) fireDue() (next time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.clock.now()
	for _, g := range s.groups {
		for _, c := range g.schedules {
			if !c.enabled() || s.ctx.Err() != nil {
				continue
			}
			s.fire(c, now)
			if !c.next.IsZero() && (next.IsZero() || c.next.Before(next)) {
				next = c.next
			}
		}
	}
	return next
}

// fire starts the executions of one schedule that are due.
func (s *Service) fire(c *schedule, now time.Time) {
	for count := 0; !c.next.IsZero() && !c.next.After(now); count++ {
		if count == maxCatchUp {
			s.options.Logger.Warn("occurrences are passed over: too many fell due at once", "schedule", c.arn, "fired", count)
			c.plan(now)
			return
		}
		e := execution{service: s, id: uuid.NewString(), scheduled: c.next, schedule: c, to: *c.settings.Target}
		e.start = c.next.Add(placeInWindow(c))
		c.running[e.id] = c.next
		s.work.Go(e.run)
		c.plan(latest(c.next, c.missed))
	}
	s.finish(c)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// finish deletes a schedule that is completed, if it is to be.
func (s *Service) finish(c *schedule) {
	if c.completed() && c.settings.ActionAfterCompletion == actionDelete {
		s.remove(c)
	}
}

// placeInWindow is where in its flexible time window an occurrence is executed.
func placeInWindow(c *schedule) time.Duration {
	window := c.settings.FlexibleTimeWindow
	if window.Mode != windowFlexible {
		return 0
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(c.arn + c.next.UTC().String()))
	return time.Duration(hash.Sum32()%uint32(*window.MaximumWindowInMinutes*60)) * time.Second
}
