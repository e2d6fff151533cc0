package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// Fields that are kept for their resolvers are looked at again after sweepFirst, then
// after twice as long each time, at most after sweepLast (the longest delay that SQS
// has). After sweepAttempts looks it is left to the next request: the resolver seems
// to stay.
const (
	sweepFirst    = 10 * time.Second
	sweepLast     = 15 * time.Minute
	sweepAttempts = 20
)

// handleSweeps turns messages of the sweep queue into requests on the registry queue.
// The message keeps its id, so a message that SQS delivers twice within five minutes is
// one request; a later one only looks once more.
func (a *Admin) handleSweeps(ctx context.Context, records []events.SQSMessage) events.SQSEventResponse {
	var failed []events.SQSMessage
	for _, r := range records {
		if err := a.forwardSweep(ctx, r); err != nil {
			a.Logger.Error("a sweep could not be requested and will be delivered again", "messageId", r.MessageId, "error", err)
			failed = append(failed, r)
		}
	}
	return failures(failed)
}

func (a *Admin) forwardSweep(ctx context.Context, r events.SQSMessage) error {
	request, err := registry.DecodeRequest(r.Body)
	if err != nil {
		return err
	}
	return registry.Send(ctx, a.Queue, a.RegistryQueueURL, request)
}

// scheduleSweep sees to it that kept fields are looked at again. At most one sweep is
// on its way for one set of fields.
func (b *batch) scheduleSweep(ctx context.Context, kept []string) error {
	if len(kept) == 0 {
		b.journal.SweepFor, b.journal.SweepDue, b.journal.SweepAttempt = "", "", 0
		return nil
	}
	sum := sha256.Sum256([]byte(strings.Join(kept, ",")))
	fields, attempt := hex.EncodeToString(sum[:8]), 1
	now := b.Clock.Now()
	if b.journal.SweepFor == fields {
		if due, err := time.Parse(time.RFC3339, b.journal.SweepDue); err == nil && now.Before(due) {
			return nil
		}
		attempt = b.journal.SweepAttempt + 1
	}
	if attempt > sweepAttempts && b.onlySweeps() {
		b.Logger.Warn("root fields without owner stay since resolvers are attached to them; delete the resolvers", "fields", kept)
		return nil
	}
	delay := sweepDelay(attempt)
	if err := b.sendSweep(ctx, attempt, delay); err != nil {
		return err
	}
	b.Logger.Info("root fields without owner are kept while they have resolvers", "fields", kept, "nextLook", delay.String())
	b.journal.SweepFor, b.journal.SweepAttempt = fields, min(attempt, sweepAttempts)
	// The message comes a little later than it is due by this clock.
	b.journal.SweepDue = now.Add(delay - time.Second).UTC().Format(time.RFC3339)
	return nil
}

// sendSweep sends a delayed message to the sweep queue.
func (b *batch) sendSweep(ctx context.Context, attempt int, delay time.Duration) error {
	body, err := registry.Request{
		ID: "sweep-" + uuid.NewString(), Type: registry.TypeSweep, Time: eventlog.FormatTime(b.Clock.Now()),
		Sweep: &registry.Sweep{Attempt: attempt},
	}.Encode()
	if err == nil {
		_, err = b.Queue.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &b.SweepQueueURL, MessageBody: &body, DelaySeconds: int32(delay / time.Second),
		})
	}
	if err != nil {
		return fmt.Errorf("schedule a sweep on queue %s: %w", b.SweepQueueURL, err)
	}
	return nil
}

// sweepDelay is the time before a sweep.
func sweepDelay(attempt int) time.Duration {
	delay := sweepFirst
	for range attempt - 1 {
		if delay *= 2; delay >= sweepLast {
			return sweepLast
		}
	}
	return delay
}

// onlySweeps says that nobody asked for a change.
func (b *batch) onlySweeps() bool {
	for _, r := range b.requests {
		if r.Sweep == nil {
			return false
		}
	}
	return true
}
