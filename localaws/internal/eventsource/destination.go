package eventsource

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
)

// failureReport is what an on-failure destination is sent: where the records are,
// not the records.
type failureReport struct {
	RequestContext  requestContext   `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	Batch           batchInfo        `json:"DDBStreamBatchInfo"`
}

type requestContext struct {
	RequestID              string `json:"requestId"`
	FunctionARN            string `json:"functionArn"`
	Condition              string `json:"condition"`
	ApproximateInvokeCount int    `json:"approximateInvokeCount"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError"`
}

type batchInfo struct {
	ShardID             string `json:"shardId"`
	StartSequenceNumber string `json:"startSequenceNumber"`
	EndSequenceNumber   string `json:"endSequenceNumber"`
	FirstArrival        string `json:"approximateArrivalOfFirstRecord"`
	LastArrival         string `json:"approximateArrivalOfLastRecord"`
	BatchSize           int    `json:"batchSize"`
	StreamARN           string `json:"streamArn"`
}

const reportTime = "2006-01-02T15:04:05.000Z"

// giveUp reports records that no longer are tried to the on-failure destination.
// They are done then.
func (p *streamPoller) giveUp(ctx context.Context, records []map[string]any, condition string, invocations int) {
	defer p.done(records)
	config, _ := p.settings()
	p.service.options.Logger.Warn("records given up", "table", p.source.name, "function", config.FunctionArn, "condition", condition, "records", len(records), "first", sequence(records[0]))
	if config.DestinationConfig == nil || config.DestinationConfig.OnFailure == nil || config.DestinationConfig.OnFailure.Destination == "" {
		return
	}
	body, err := json.Marshal(p.failureReport(config, records, condition, invocations))
	if err == nil {
		ctx = context.WithoutCancel(ctx) // the report is all that is left of the records
		err = p.service.insist(ctx, func() error {
			if err := p.permitSend(ctx, config.DestinationConfig.OnFailure.Destination); err != nil {
				return err
			}
			return destination.Clients{SQS: p.service.options.SQS, SNS: p.service.options.SNS}.Send(ctx, config.DestinationConfig.OnFailure.Destination, destination.Message{Body: string(body)})
		})
	}
	if err != nil {
		p.service.options.Logger.Error("the on-failure destination was not reached", "destination", config.DestinationConfig.OnFailure.Destination, "error", err)
	}
}

func (p *streamPoller) failureReport(config configuration, records []map[string]any, condition string, invocations int) failureReport {
	first, last := records[0], records[len(records)-1]
	report := failureReport{
		RequestContext: requestContext{RequestID: uuid.NewString(), FunctionARN: config.FunctionArn, Condition: condition, ApproximateInvokeCount: invocations},
		Version:        "1.0", Timestamp: time.Now().UTC().Format(reportTime),
		Batch: batchInfo{ShardID: p.shard, StartSequenceNumber: sequence(first), EndSequenceNumber: sequence(last),
			FirstArrival: created(first).UTC().Format(time.RFC3339), LastArrival: created(last).UTC().Format(time.RFC3339),
			BatchSize: len(records), StreamARN: config.EventSourceArn},
	}
	if invocations > 0 {
		report.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled"}
	}
	return report
}
