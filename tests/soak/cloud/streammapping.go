package cloud

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// The settings of the provider's mappings on streams.
const (
	streamBatch   = 100
	streamRetries = 5
)

// lateBy bounds how much later a batch comes again, which is longer than the
// deduplication window.
const lateBy = 8 * time.Minute

// streamMapping delivers the records of a table to a function.
type streamMapping struct {
	cloud    *Cloud
	table    *table
	function *Function
	readers  [shardCount]int

	mu sync.Mutex
	// failures are the records that were given up.
	failures []record
}

// MapStream delivers the records of a table to a function, each shard on its own.
func (c *Cloud) MapStream(name string, function *Function) {
	m := &streamMapping{cloud: c, table: c.tables[name], function: function}
	c.streams = append(c.streams, m)
	for i, s := range m.table.stream.shards {
		reader, woken := s.join()
		m.readers[i] = reader
		dice := c.newDice(fmt.Sprint(name, function.name, i))
		c.running.Go(func() { m.poll(s, reader, woken, dice) })
	}
}

// poll delivers the records of a shard until the cloud is closed.
func (m *streamMapping) poll(s *shard, reader int, woken <-chan struct{}, dice *dice) {
	for m.cloud.stopped.Err() == nil {
		batch := s.read(reader, streamBatch)
		if len(batch) == 0 {
			select {
			case <-woken:
			case <-m.cloud.stopped.Done():
			}
			continue
		}
		m.repeat(dice, batch)
		m.process(dice, batch)
		if dice.chance(m.cloud.Faults.Repeated) {
			m.cloud.Figures.RepeatedBatches.Add(1)
			m.process(dice, batch)
		}
		s.advance(reader, len(batch))
	}
}

// repeat delivers a batch once more, while it is with another environment or long after.
func (m *streamMapping) repeat(dice *dice, batch []record) {
	again := func() { _, _ = m.deliver(batch) } // whoever delivers it properly looks at failures
	if dice.chance(m.cloud.Faults.Overlapping) {
		m.cloud.Figures.OverlappingBatches.Add(1)
		m.cloud.later(dice.latency(), again)
	}
	if dice.chance(m.cloud.Faults.Late) {
		m.cloud.Figures.LateBatches.Add(1)
		m.cloud.later(dice.upTo(lateBy), again)
	}
}

// process deals with records until each was accepted or given up. After a partial failure
// the records before the lowest one that failed are done; a batch that failed as a whole
// is split in two, which is no retry.
func (m *streamMapping) process(dice *dice, records []record) {
	for attempts := 0; len(records) > 0; {
		failedFrom, ok := m.deliver(records)
		records = records[failedFrom:]
		switch {
		case len(records) == 0:
			return
		case failedFrom > 0:
			attempts = 0
		case !ok && len(records) > 1:
			m.process(dice, records[:len(records)/2])
			records = records[len(records)/2:]
			attempts = 0
			continue
		}
		if attempts++; attempts > streamRetries {
			m.giveUp(records)
			return
		}
		m.cloud.pause(time.Second<<attempts/2 + dice.upTo(time.Second))
	}
}

// deliver invokes the function and returns the index of the first record that failed, or
// their number; false says that the function failed as a whole.
func (m *streamMapping) deliver(records []record) (failedFrom int, ok bool) {
	answer, err := m.function.Invoke(payload(StreamARN(m.table.name), records))
	var response events.DynamoDBEventResponse
	if err != nil || json.Unmarshal(answer, &response) != nil {
		m.cloud.Figures.FailedDeliveries.Add(1)
		return 0, false
	}
	lowest := len(records)
	for _, failed := range response.BatchItemFailures {
		for i, r := range records[:lowest] {
			if r.sequence() == failed.ItemIdentifier {
				lowest = i
				break
			}
		}
	}
	return lowest, true
}

// giveUp sends records to the on-failure destination.
func (m *streamMapping) giveUp(records []record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, records...)
	m.cloud.Figures.GivenUp.Add(int64(len(records)))
}

// givenUp are the records in the on-failure destination.
func (m *streamMapping) givenUp() []record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failures
}

// redrive delivers what was given up once more.
func (m *streamMapping) redrive() int {
	m.mu.Lock()
	failures := m.failures
	m.failures = nil
	m.mu.Unlock()
	m.cloud.Figures.Redone.Add(int64(len(failures)))
	if len(failures) > 0 {
		dice := m.cloud.newDice("redrive")
		m.cloud.later(0, func() { m.process(dice, failures) })
	}
	return len(failures)
}

// backlog counts the records that are still to be delivered.
func (m *streamMapping) backlog() (count int) {
	for i, s := range m.table.stream.shards {
		count += s.behind(m.readers[i])
	}
	return count
}
