// Package metrics counts the requests that a local AWS was sent.
//
//  1. The front counts each request under service and operation, as in
//     "dynamodb.PutItem".
//  2. A test resets the counts, does its work and reads them: so it can say that a
//     command costs one read and one write.
//
// The local AWS's own requests, for instance polls of its event source mappings,
// are not counted.
package metrics

import (
	"maps"
	"sync"
)

// Counts is a set of counters. The zero value is ready for use.
type Counts struct {
	mutex  sync.Mutex
	counts map[string]int
}

// Add counts one request.
func (c *Counts) Add(service, operation string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[service+"."+operation]++
}

// Snapshot is a copy of all counters that are not zero.
func (c *Counts) Snapshot() map[string]int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.counts == nil {
		return map[string]int{}
	}
	return maps.Clone(c.counts)
}

// Reset sets all counters to zero.
func (c *Counts) Reset() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.counts = nil
}
