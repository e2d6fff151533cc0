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

// process deals with records until each was accepted by the function or given up,
// and moves the checkpoint on with each part that is done. False says that polling
// ended before; then the rest is read again later.
//
// After a failure the records before the lowest one that failed are done. With
// bisecting, a batch that failed as a whole is split in two; that is no retry. Nor is
// an invocation that could not run.
func (p *streamPoller) process(ctx context.Context, records []map[string]any) bool {
	for attempts, waits := 0, 0; ctx.Err() == nil; {
		records = p.dropOld(ctx, records)
		if len(records) == 0 {
			return true
		}
		failedFrom, ran := p.deliver(ctx, records)
		p.done(records[:failedFrom])
		records = records[failedFrom:]
		switch {
		case len(records) == 0:
			return true
		case !ran:
			waits++
			sleep(ctx, p.service.backoff(waits-1))
			continue
		case failedFrom > 0:
			attempts = 0
		case p.bisects() && len(records) > 1:
			half := len(records) / 2
			return sleep(ctx, p.service.backoff(0)) && p.process(ctx, records[:half]) && p.process(ctx, records[half:])
		}
		attempts++
		if p.exhausted(attempts) {
			p.giveUp(ctx, records, conditionRetries, attempts)
			return true
		}
		sleep(ctx, p.service.backoff(attempts-1))
	}
	return false
}

func (p *streamPoller) bisects() bool {
	config, _ := p.settings()
	return *config.BisectBatchOnFunctionError
}

// exhausted says that records that failed this often are given up.
func (p *streamPoller) exhausted(attempts int) bool {
	config, _ := p.settings()
	limit := *config.MaximumRetryAttempts
	return limit >= 0 && attempts > limit
}

// deliver invokes the function and returns the index of the first record that
// failed, or their number. ran is false when the function could not run.
func (p *streamPoller) deliver(ctx context.Context, records []map[string]any) (failedFrom int, ran bool) {
	answer, functionError, err := p.invoke(ctx, records)
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
	return p.lowestFailure(answer, records), true
}

// lowestFailure is the index of the first record that the answer reports.
func (p *streamPoller) lowestFailure(answer []byte, records []map[string]any) int {
	indexes := map[string]int{}
	for i, record := range records {
		indexes[sequence(record)] = i
	}
	failed, whole := failedItems(answer, indexes)
	if whole {
		p.warnUnusable(answer)
		return 0
	}
	lowest := len(records)
	for id := range failed {
		lowest = min(lowest, indexes[id])
	}
	return lowest
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
