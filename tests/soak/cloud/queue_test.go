package cloud

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// bodies are the bodies of messages, sorted.
func bodies(messages []*message) []string {
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = m.body
	}
	return slices.Sorted(slices.Values(all))
}

// drain receives and deletes until there is nothing to receive.
func drain(q *Queue) (all []*message) {
	for {
		received := q.receive(queueBatch)
		if len(received) == 0 {
			return all
		}
		q.remove(received)
		all = append(all, received...)
	}
}

func TestGroupsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := New(1, Faults{}).AddQueue("q.fifo", true)
		var want, got []string
		for i := range 8 {
			want = append(want, fmt.Sprint("a", i))
			q.send(want[i], "a", fmt.Sprint(i), 0)
		}
		first := q.receive(1)
		q.send("b", "b", "0", 0)
		assert.Equal(t, []string{"b"}, bodies(drain(q)), "the other group is in flight")
		q.giveBack(first, time.Second)
		time.Sleep(2 * time.Second)
		for _, m := range drain(q) {
			got = append(got, m.body)
		}
		assert.Equal(t, want, got)
		assert.Zero(t, q.length())
	})
}

func TestDuplicatesAreDroppedForFiveMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{})
		q := c.AddQueue("q.fifo", true)
		for _, group := range []string{"a", "a", "b"} {
			q.send(group, group, "once", 0)
		}
		assert.Equal(t, 2, q.length())
		time.Sleep(deduplication - time.Second)
		q.send("a", "a", "once", 0)
		assert.Equal(t, 2, q.length())
		time.Sleep(time.Second)
		q.send("a", "a", "once", 0)
		assert.Equal(t, 3, q.length())
		assert.EqualValues(t, 2, c.Figures.Deduplicated.Load())
	})
}

func TestMessagesAreGivenUpAndRedriven(t *testing.T) {
	t.Parallel()
	for name, fifo := range map[string]bool{"fifo": true, "standard": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := New(1, Faults{}).AddQueue("q", fifo)
				q.send("x", "g", "1", 0)
				q.send("y", "g", "2", 0)
				for q.length() > 0 {
					q.giveBack(q.receive(queueBatch), time.Second)
					time.Sleep(2 * time.Second)
				}
				for _, m := range q.deadLetters() {
					assert.Equal(t, maxReceives, m.receives)
				}
				assert.Equal(t, []string{"x", "y"}, bodies(q.deadLetters()))
				assert.Equal(t, 2, q.redrive())
				assert.Equal(t, []string{"x", "y"}, bodies(drain(q)))
				assert.Empty(t, q.deadLetters())
			})
		})
	}
}

func TestStandardQueuesDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{Copies: 1})
		q := c.AddQueue("q", false)
		q.send("later", "", "", time.Minute)
		time.Sleep(59 * time.Second)
		assert.Empty(t, drain(q))
		assert.Equal(t, 2, c.Backlog(), "a delayed message is in flight, and so is its copy")
		time.Sleep(2 * time.Second)
		assert.Equal(t, []string{"later", "later"}, bodies(drain(q)))
	})
}
