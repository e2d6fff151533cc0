package scheduler

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
)

// callTimeout bounds one call of a target.
const callTimeout = 20 * time.Second

// message is what a queue is sent. As on AWS it has no deduplication id: a FIFO queue
// without content-based deduplication refuses it.
func (e execution) message(attempt int) destination.Message {
	m := destination.Message{Body: e.input(attempt)}
	if e.to.SqsParameters != nil {
		m.Group = e.to.SqsParameters.MessageGroupID
	}
	return m
}

// input is the target's input with its context attributes filled in.
func (e execution) input(attempt int) string {
	text := e.notification()
	if e.to.Input != nil {
		text = *e.to.Input
	}
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", e.schedule.arn,
		"<aws.scheduler.scheduled-time>", e.time(),
		"<aws.scheduler.execution-id>", e.id,
		"<aws.scheduler.attempt-number>", strconv.Itoa(attempt),
	).Replace(text)
}

func (e execution) time() string { return e.scheduled.UTC().Format("2006-01-02T15:04:05Z") }

// notification is what a target without input gets.
func (e execution) notification() string {
	text, _ := json.Marshal(map[string]any{"version": "0", "id": e.id, "detail-type": "Scheduled Event", "source": "aws.scheduler",
		"account": e.service.options.AccountID, "time": e.time(), "region": e.service.options.Region, "resources": []string{e.schedule.arn}, "detail": "{}"})
	return string(text)
}
