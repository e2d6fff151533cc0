package streamfailure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Lambda is the part of the Lambda client that is needed.
type Lambda interface {
	Invoke(ctx context.Context, in *lambda.InvokeInput, opts ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

const (
	// attempts bounds the invocations that bring nothing further.
	attempts = 5
	// longestPause bounds the pauses between them.
	longestPause = 30 * time.Second
)

// sendBatch has the function work on records until none is left, or until it brings nothing
// further.
func (r *Repeater) sendBatch(ctx context.Context, f Failure, batch []record) error {
	for attempt := 1; ; attempt++ {
		left, err := r.invoke(ctx, f, batch)
		if err == nil && len(left) == 0 {
			return nil
		}
		if err == nil && len(left) < len(batch) {
			attempt = 0 // what is done is done; also when the function had too little time
		}
		var gone *types.ResourceNotFoundException
		switch {
		case errors.As(err, &gone):
			return fmt.Errorf("the function %s is no longer there: make read models anew with 'reventless rebuild'; if nothing has to be made up for, remove the message with 'dlq purge'", f.Function())
		case attempt >= attempts && err != nil:
			return fmt.Errorf("the function %s fails still: %w", f.Function(), err)
		case attempt >= attempts:
			return fmt.Errorf("the function %s fails still at %d of the records; its log says why", f.Function(), len(left))
		}
		if err == nil {
			batch = left
		}
		if err := r.wait(ctx, attempt); err != nil {
			return err
		}
	}
}

// invoke invokes the function and returns the records that it reports as failed.
func (r *Repeater) invoke(ctx context.Context, f Failure, batch []record) ([]record, error) {
	payload, err := json.Marshal(map[string][]record{"Records": batch})
	if err != nil {
		return nil, err
	}
	out, err := r.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &f.FunctionARN, Payload: payload})
	if err != nil {
		return nil, fmt.Errorf("invoke the function %s: %w", f.Function(), err)
	}
	if out.FunctionError != nil {
		var failed struct{ ErrorType, ErrorMessage string }
		_ = json.Unmarshal(out.Payload, &failed)
		return nil, fmt.Errorf("%s %s: %s", aws.ToString(out.FunctionError), failed.ErrorType, failed.ErrorMessage)
	}
	return failedOf(batch, out.Payload)
}

// failedOf are the records that an answer reports as failed. One that names no record of
// the batch fails the whole batch, as it does in Lambda.
func failedOf(batch []record, payload []byte) ([]record, error) {
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return nil, fmt.Errorf("the function's answer cannot be read: %w", err)
	}
	failed := map[string]bool{}
	for _, failure := range answer.Failures {
		failed[failure.ID] = true
	}
	var left []record
	for _, r := range batch {
		if failed[r.Change.SequenceNumber] {
			left = append(left, r)
		}
	}
	if len(left) < len(failed) {
		return batch, nil
	}
	return left, nil
}

// wait pauses for a random time that grows with the attempts.
func (r *Repeater) wait(ctx context.Context, attempt int) error {
	pause := min(r.Pause<<attempt, longestPause)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(pause + 1)):
		return nil
	}
}
