package eventsource

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// withoutWaiting makes ReceiveMessage send WaitTimeSeconds 0. The SDK leaves zeros
// out, and then the queue's own ReceiveMessageWaitTimeSeconds would apply: a poll
// that waits could outlive its poller and take messages that nobody deals with.
func withoutWaiting(options *sqs.Options) {
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("WaitTimeSecondsZero", sendWithoutWaiting), middleware.After)
	})
}

func sendWithoutWaiting(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (out middleware.SerializeOutput, metadata middleware.Metadata, err error) {
	request, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, fmt.Errorf("receive messages: the request is a %T, not one of HTTP", in.Request)
	}
	if in.Request, err = withZeroWait(request); err != nil {
		return out, metadata, fmt.Errorf("receive messages: set WaitTimeSeconds in the request: %w", err)
	}
	return next.HandleSerialize(ctx, in)
}

func withZeroWait(request *smithyhttp.Request) (*smithyhttp.Request, error) {
	body, err := io.ReadAll(request.GetStream())
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	fields["WaitTimeSeconds"] = json.RawMessage("0")
	if body, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	return request.SetStream(bytes.NewReader(body))
}
