package eventsource

import (
	"context"
	"slices"
	"time"
)

// Why a mapping gives records up, as the on-failure destination is told.
const (
	conditionRetries = "RetryAttemptsExhausted"
	conditionAge     = "RecordAgeExceeded"
)

func sequence(record map[string]any) string {
	return record["dynamodb"].(map[string]any)["SequenceNumber"].(string)
}

func created(record map[string]any) time.Time {
	seconds, _ := record["dynamodb"].(map[string]any)["ApproximateCreationDateTime"].(float64)
	return time.Unix(int64(seconds), 0)
}

// process deals with records until each was accepted by the function or given up.
// False says that polling ended before; then they are read again later.
//
// After a failure the records before the lowest one that failed are done. With
// bisecting, a batch that failed as a whole is split in two; that is no retry.
func (p *streamPoller) process(ctx context.Context, records []map[string]any) bool {
	for attempts := 0; ; {
		records = p.dropOld(ctx, records)
		if len(records) == 0 {
			return true
		}
		failedFrom, ran := p.deliver(ctx, records)
		if failedFrom == len(records) {
			return true
		}
		records = records[failedFrom:]
		if !ran {
			if !sleep(ctx, p.service.options.MaxRetryDelay/5) {
				return false
			}
			continue
		}
		config, _ := p.settings()
		if *config.BisectBatchOnFunctionError && failedFrom == 0 && len(records) > 1 {
			half := len(records) / 2
			return sleep(ctx, p.service.backoff(0)) && p.process(ctx, records[:half]) && p.process(ctx, records[half:])
		}
		if failedFrom > 0 {
			attempts = 0
		}
		attempts++
		if limit := *config.MaximumRetryAttempts; limit >= 0 && attempts > limit {
			p.giveUp(ctx, records, conditionRetries, attempts)
			return true
		}
		if !sleep(ctx, p.service.backoff(attempts-1)) {
			return false
		}
	}
}

// deliver invokes the function and returns the index of the first record that
// failed, or their number. ran is false when the function could not run.
func (p *streamPoller) deliver(ctx context.Context, records []map[string]any) (failedFrom int, ran bool) {
	// The end of polling does not interrupt an invocation.
	answer, functionError, err := p.invoke(context.WithoutCancel(ctx), records)
	if err != nil {
		return 0, false
	}
	if functionError != "" {
		return 0, true
	}
	config, _ := p.settings()
	if !slices.Contains(config.FunctionResponseTypes, reportFailures) {
		return len(records), true
	}
	indexes := map[string]int{}
	for i, record := range records {
		indexes[sequence(record)] = i
	}
	failed, whole := failedItems(answer, indexes)
	if whole {
		p.service.options.Logger.Warn("the whole batch fails: the function's answer has no usable batchItemFailures", "function", config.FunctionArn, "answer", string(answer[:min(len(answer), 500)]))
		return 0, true
	}
	lowest := len(records)
	for id := range failed {
		lowest = min(lowest, indexes[id])
	}
	return lowest, true
}

// dropOld gives up the records at the beginning that are too old.
func (p *streamPoller) dropOld(ctx context.Context, records []map[string]any) []map[string]any {
	config, _ := p.settings()
	if *config.MaximumRecordAgeInSeconds < 0 {
		return records
	}
	oldest := time.Now().Add(-time.Duration(*config.MaximumRecordAgeInSeconds) * time.Second)
	count := 0
	for count < len(records) && created(records[count]).Before(oldest) {
		count++
	}
	if count > 0 {
		p.giveUp(ctx, records[:count], conditionAge, 0)
	}
	return records[count:]
}
