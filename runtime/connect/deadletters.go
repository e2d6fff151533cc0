package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

const (
	// countTime is how long a query waits for the numbers of the platform's own queues.
	countTime = 3 * time.Second
	// maxQueues and maxPart bound what a heartbeat may report, so that it fits into an item.
	maxQueues, maxPart = 500, 100
)

// deadLetterQueue is the GraphQL type Platform_DeadLetterQueue.
type deadLetterQueue struct {
	Part     string `json:"part"`
	Messages *int   `json:"messages"`
}

// deadLetters shows the dead-letter queues of a plugin: as its latest heartbeat told, or
// as they are now when they are the platform's own. Those of a plugin whose stack is gone
// are gone too.
func (c *Connect) deadLetters(ctx context.Context, row registry.Row, beat registry.Beat) ([]deadLetterQueue, string) {
	report := protocol.DeadLetterReport{CountedAt: beat.DeadLettersAt, Messages: beat.DeadLetters}
	switch state := row.Shown(); {
	case row.ID == protocol.PlatformPlugin:
		report = c.ownDeadLetters(ctx)
	case beat.Stack != row.Stack || !state.Registered():
		return nil, ""
	}
	if report.CountedAt == "" {
		return nil, ""
	}
	queues := make([]deadLetterQueue, 0, len(report.Messages))
	for _, part := range slices.Sorted(maps.Keys(report.Messages)) {
		queues = append(queues, deadLetterQueue{Part: part, Messages: report.Messages[part]})
	}
	return queues, report.CountedAt
}

// ownDeadLetters counts the messages in the platform's own queues. The query that asks is
// answered whatever becomes of it.
func (c *Connect) ownDeadLetters(ctx context.Context) protocol.DeadLetterReport {
	if len(c.DeadLetterQueues) == 0 {
		return protocol.DeadLetterReport{}
	}
	report, err := deadletters.Count(ctx, c.DeadLetters, c.DeadLetterQueues, countTime, c.Clock.Now())
	if err != nil {
		c.Logger.Warn("not all dead letters of the platform could be counted", "error", err)
	}
	return *report
}

// checkReport says why what a heartbeat tells of dead letters is not taken, "" when it is,
// or when it tells nothing.
func checkReport(r *protocol.DeadLetterReport) string {
	if r == nil {
		return ""
	}
	if _, err := time.Parse(time.RFC3339, r.CountedAt); err != nil {
		return fmt.Sprintf("its dead letters were counted at %q, which is no time", registry.Short(r.CountedAt))
	}
	if len(r.Messages) > maxQueues {
		return fmt.Sprintf("it tells of %d dead-letter queues, more than %d", len(r.Messages), maxQueues)
	}
	for part, messages := range r.Messages {
		if part == "" || len(part) > maxPart || (messages != nil && *messages < 0) {
			return fmt.Sprintf("its dead-letter queue %q has no proper name or number of messages", registry.Short(part))
		}
	}
	return ""
}

// deadLetterQueues reads [registry.EnvDeadLetterQueues].
func deadLetterQueues() (map[string]string, error) {
	text := os.Getenv(registry.EnvDeadLetterQueues)
	if text == "" {
		return nil, nil
	}
	var queues map[string]string
	if err := json.Unmarshal([]byte(text), &queues); err != nil {
		return nil, fmt.Errorf("environment variable %s must be a JSON object of queue URLs by part: %w; the provider sets it, so update the platform's stack", registry.EnvDeadLetterQueues, err)
	}
	return queues, nil
}
