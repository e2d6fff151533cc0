// Package cloud is the part of AWS that the engines of plugins run on, in memory and with
// faults, for tests that let millions of requests pass.
//
//  1. [New] makes a [Cloud] in a [testing/synctest] bubble: pauses, visibility timeouts and
//     deduplication windows are as long as on AWS and cost no time.
//  2. table.go, stream.go, queue.go and topic.go keep items, stream records and messages
//     with the guarantees that AWS gives, and with no better ones: stale reads, records of
//     different partitions in any order, standard queues without order, messages that
//     come twice.
//  3. function.go runs an engine as Lambda does: an environment serves one invocation at a
//     time, ends at its timeout, and may die between any two requests.
//  4. client.go carries an environment's requests to the tables, topics and queues. Some
//     are throttled, some take effect but their answer is lost, some hang; the client
//     repeats them as the AWS SDK does.
//  5. streammapping.go and queuemapping.go deliver batches to functions as event source
//     mappings do, with partial failures, bisecting, retries and on-failure destination.
//  6. [Cloud.Figures] counts all of it.
//
// Everything random comes from one seed. Which goroutine runs first does not, so two runs
// with one seed are alike but not the same.
package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The account in which everything is.
const (
	region    = "eu-central-1"
	account   = "123456789012"
	arnPrefix = ":" + region + ":" + account + ":"
)

// Cloud is one account with its tables, queues, topics and functions. Make all of them
// before the first request.
type Cloud struct {
	// Faults are the rates of faults; change them before the first request.
	Faults Faults
	// Figures count what happens.
	Figures Figures
	// Tamper, if set, may drop a message that is sent to a queue or change it into several:
	// something that AWS does not do, for tests of tests.
	Tamper func(queue string, body string) []string
	// Unconditional is a table in which the conditions of all writes hold; for tests of
	// tests, too.
	Unconditional string

	seed   uint64
	tables map[string]*table
	queues map[string]*Queue
	topics map[string]*topic
	// streams are the mappings that read streams.
	streams []*streamMapping
	dice    *dice
	// running are the goroutines that deliver, until stopped is cancelled; pending counts
	// deliveries that are planned or under way without being in a queue or a stream.
	running sync.WaitGroup
	stopped context.Context
	stop    context.CancelFunc
	pending atomic.Int64
}

// New returns an empty account.
func New(seed uint64, faults Faults) *Cloud {
	c := &Cloud{Faults: faults, seed: seed, tables: map[string]*table{}, queues: map[string]*Queue{}, topics: map[string]*topic{}}
	c.dice = c.newDice("cloud")
	c.stopped, c.stop = context.WithCancel(context.Background())
	return c
}

// Close ends all deliveries and waits for those that are under way.
func (c *Cloud) Close() {
	c.stop()
	c.running.Wait()
}

// StreamARN is the ARN of a table's stream.
func StreamARN(table string) string {
	return "arn:aws:dynamodb" + arnPrefix + "table/" + table + "/stream/2000-01-01T00:00:00.000"
}

// QueueURL is the URL of a queue.
func QueueURL(name string) string {
	return "https://sqs." + region + ".amazonaws.com/" + account + "/" + name
}

// later runs something after a pause, unless the cloud is closed before. Until then the
// cloud is not quiet.
func (c *Cloud) later(pause time.Duration, work func()) {
	c.pending.Add(1)
	c.running.Go(func() {
		defer c.pending.Add(-1)
		if c.pause(pause) {
			work()
		}
	})
}

// pause sleeps; false says that the cloud was closed.
func (c *Cloud) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.stopped.Done():
		return false
	}
}

// Backlog counts the stream records that not all mappings are done with and the messages
// in queues, dead-letter queues excepted.
func (c *Cloud) Backlog() int {
	backlog := int(c.pending.Load())
	for _, m := range c.streams {
		backlog += m.backlog()
	}
	for _, q := range c.queues {
		backlog += q.length()
	}
	return backlog
}

// Settle waits until nothing is in flight any more, at most for a time.
func (c *Cloud) Settle(most time.Duration) error {
	for end := time.Now().Add(most); c.Backlog() > 0; {
		if time.Now().After(end) {
			return fmt.Errorf("after %s there are still %s", most, c.inFlight())
		}
		time.Sleep(time.Second)
	}
	return nil
}

// inFlight says what keeps the cloud from being quiet.
func (c *Cloud) inFlight() string {
	text := fmt.Sprintf("%d planned deliveries", c.pending.Load())
	for _, m := range c.streams {
		text += fmt.Sprintf(", %d records of %s for %s", m.backlog(), m.table.name, m.function.name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.queues)) {
		text += fmt.Sprintf(", %d messages in %s", c.queues[name].length(), name)
	}
	return text
}

// DeadLetters are the messages and records that were given up, as text.
func (c *Cloud) DeadLetters() (letters []string) {
	for _, name := range slices.Sorted(maps.Keys(c.queues)) {
		for _, m := range c.queues[name].deadLetters() {
			letters = append(letters, name+": "+m.body)
		}
	}
	for _, m := range c.streams {
		for _, r := range m.givenUp() {
			letters = append(letters, m.table.name+" for "+m.function.name+": "+string(r.image))
		}
	}
	return letters
}

// Redrive gives everything that was given up to its function once more, as an operator
// does, and says how much that is.
func (c *Cloud) Redrive() (count int) {
	for _, q := range c.queues {
		count += q.redrive()
	}
	for _, m := range c.streams {
		count += m.redrive()
	}
	return count
}
