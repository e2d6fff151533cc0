package cloud

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Figures count what happened in a cloud.
type Figures struct {
	Invocations, Turns, Requests, Retries                   atomic.Int64
	Throttled, LostAnswers, Hangs, Crashes, Timeouts        atomic.Int64
	StaleReads, Cancelled                                   atomic.Int64
	RepeatedBatches, OverlappingBatches, LateBatches        atomic.Int64
	FailedDeliveries, LostDeletes, Copies, Deduplicated     atomic.Int64
	RedeliveredMessages, Records, Messages, GivenUp, Redone atomic.Int64
}

// String has one line per sort of figure.
func (f *Figures) String() string {
	var b strings.Builder
	line := func(name, format string, values ...*atomic.Int64) {
		numbers := make([]any, len(values))
		for i, v := range values {
			numbers[i] = v.Load()
		}
		fmt.Fprintf(&b, "  %-12s %s\n", name, fmt.Sprintf(format, numbers...))
	}
	line("functions", "%d invocations, %d turns", &f.Invocations, &f.Turns)
	line("requests", "%d, of which %d repeated by the SDK", &f.Requests, &f.Retries)
	line("throttled", "%d requests, beside %d cancelled transactions", &f.Throttled, &f.Cancelled)
	line("broken", "%d answers lost, %d requests hung, %d stale reads", &f.LostAnswers, &f.Hangs, &f.StaleReads)
	line("crashes", "%d environments died, %d of them of a timeout", &f.Crashes, &f.Timeouts)
	line("streams", "%d records; batches: %d repeated, %d with two environments at once, %d minutes late", &f.Records, &f.RepeatedBatches, &f.OverlappingBatches, &f.LateBatches)
	line("queues", "%d messages; %d delivered again, %d not deleted in time, %d copies, %d dropped as duplicates", &f.Messages, &f.RedeliveredMessages, &f.LostDeletes, &f.Copies, &f.Deduplicated)
	line("failures", "%d deliveries failed as a whole, %d items given up to a dead-letter queue, %d redriven", &f.FailedDeliveries, &f.GivenUp, &f.Redone)
	return b.String()
}
