package rebuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// crashError says that the function failed as a whole.
type crashError struct{ message string }

func (e *crashError) Error() string { return e.message }

// describe asks the function what there is to do.
func (r *run) describe(ctx context.Context) error {
	answer, err := r.invoke(ctx, protocol.RebuildDescribe, nil)
	var crash *crashError
	if errors.As(err, &crash) {
		return fmt.Errorf("%w; if its log says that it does not know what to do, redeploy the platform and the plugin, which are older than this command", err)
	}
	if err != nil {
		return err
	}
	if answer.Description == nil {
		return fmt.Errorf("the function %s did not say what there is to rebuild", r.Function)
	}
	r.described = *answer.Description
	return nil
}

// version is what identifies the function's code and definition.
func (r *run) version(ctx context.Context) (string, error) {
	var out *lambda.GetFunctionConfigurationOutput
	err := r.patiently(ctx, func() (err error) {
		out, err = r.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &r.Function})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the configuration of the function %s: %w", r.Function, err)
	}
	parts := []string{aws.ToString(out.CodeSha256)}
	for _, layer := range out.Layers {
		parts = append(parts, aws.ToString(layer.Arn))
	}
	hash := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(hash[:]), nil
}

// invoke invokes the function once AWS has room for it.
func (r *run) invoke(ctx context.Context, step protocol.RebuildStep, ids []string) (answer protocol.RebuildAnswer, err error) {
	payload, err := json.Marshal(protocol.RebuildRequest{
		Reventless: protocol.TriggerRebuild, Step: step, ReadModel: r.ReadModel, IDs: ids, KeyTypes: r.keyTypes, Announce: r.Announce,
	})
	if err != nil {
		return answer, fmt.Errorf("write the request: %w", err)
	}
	var out *lambda.InvokeOutput
	err = r.patiently(ctx, func() (err error) {
		out, err = r.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &r.Function, Payload: payload})
		return err
	})
	switch {
	case err != nil:
		return answer, fmt.Errorf("invoke the function %s: %w", r.Function, err)
	case out.FunctionError != nil:
		return answer, r.crash(out.Payload)
	}
	if err := json.Unmarshal(out.Payload, &answer); err != nil {
		return answer, fmt.Errorf("the answer of the function %s cannot be read: %w", r.Function, err)
	}
	if answer.Problem != "" {
		return answer, errors.New(answer.Problem)
	}
	return answer, nil
}

// crash is the error of an invocation that failed as a whole.
func (r *run) crash(payload []byte) error {
	var failure struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	_ = json.Unmarshal(payload, &failure)
	return &crashError{fmt.Sprintf("the function %s failed: %s: %s", r.Function, failure.ErrorType, failure.ErrorMessage)}
}

// work takes a step with rows, in batches that are worked on at the same time as far as
// there are slots. It says whether any row failed.
func (r *run) work(ctx context.Context, step protocol.RebuildStep, ids []string) (failed bool, err error) {
	var mu sync.Mutex
	var batches sync.WaitGroup
	for batch := range slices.Chunk(ids, r.Batch) {
		batches.Go(func() {
			lost, problem := r.batch(ctx, step, batch)
			mu.Lock()
			defer mu.Unlock()
			failed = failed || lost
			if err == nil {
				err = problem
			}
		})
	}
	batches.Wait()
	return failed, err
}

// batch takes a step with rows in one invocation at a time, until all are done or failed.
func (r *run) batch(ctx context.Context, step protocol.RebuildStep, ids []string) (failed bool, err error) {
	for idle := 0; len(ids) > 0; {
		rows, err := r.send(ctx, step, ids)
		var crash *crashError
		switch {
		case errors.As(err, &crash):
			if idle++; idle >= attempts(ids) {
				return r.halves(ctx, step, ids, crash.message)
			}
			if err := r.Retry.Wait(ctx, idle); err != nil {
				return failed, err
			}
			continue
		case err != nil:
			return failed, err
		}
		left, broken, further, err := r.counts.add(rows)
		if failed = failed || broken; err != nil {
			return failed, err
		}
		if idle++; further {
			idle = 0
		}
		if ids = left; idle >= attempts(ids) && len(ids) > 0 {
			return r.halves(ctx, step, ids, "no event of the row can be folded in the time that the function has; raise the plugin's timeout")
		}
	}
	return failed, nil
}

// attempts is how often an invocation for rows may come to nothing. One row gets another
// chance, several are told apart.
func attempts(ids []string) int {
	if len(ids) == 1 {
		return 3
	}
	return 1
}

// halves takes a step with each half of some rows, so that one which breaks the function
// does not stop the others. A single row fails for the given reason.
func (r *run) halves(ctx context.Context, step protocol.RebuildStep, ids []string, reason string) (failed bool, err error) {
	if len(ids) == 1 {
		_, _, _, err := r.counts.add([]protocol.RebuiltRow{{ID: ids[0], Outcome: protocol.RebuildFailed, Error: reason}})
		return true, err
	}
	middle := len(ids) / 2
	first, err := r.batch(ctx, step, ids[:middle])
	if err != nil {
		return first, err
	}
	second, err := r.batch(ctx, step, ids[middle:])
	return first || second, err
}

// send invokes the function in one of the slots. The answer has a line for each row.
func (r *run) send(ctx context.Context, step protocol.RebuildStep, ids []string) ([]protocol.RebuiltRow, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case r.slots <- struct{}{}:
	}
	defer func() { <-r.slots }()
	answer, err := r.invoke(ctx, step, ids)
	if err == nil && len(answer.Rows) != len(ids) {
		err = fmt.Errorf("the function %s answered for %d rows, not for %d", r.Function, len(answer.Rows), len(ids))
	}
	return answer.Rows, err
}

// passing are the codes of errors that pass by themselves.
var passing = []string{
	"TooManyRequestsException", "ServiceException", "EC2ThrottledException", "ResourceConflictException", "ResourceNotReadyException",
	"ThrottlingException", "Throttling", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "InternalServerError",
	"ServiceUnavailable", "LimitExceededException",
}

// patiently repeats a request, with growing pauses of random length, for as long as AWS
// cannot serve it at the moment. The SDK has repeated what the network lost.
func (r *run) patiently(ctx context.Context, request func() error) error {
	for attempt := 1; ; attempt++ {
		err := request()
		var refused smithy.APIError
		if err == nil || attempt >= r.Retry.Attempts || !errors.As(err, &refused) || !slices.Contains(passing, refused.ErrorCode()) {
			return err
		}
		if waitErr := r.Retry.Wait(ctx, attempt); waitErr != nil {
			return errors.Join(err, waitErr)
		}
	}
}
