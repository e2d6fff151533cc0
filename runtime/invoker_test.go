package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// invoke gives a handler one decide turn.
func invoke(ctx context.Context, handler Handler) (string, error) {
	encoded, err := json.Marshal(turn.Turn{Kind: turn.Decide, Component: "Product", Command: &turn.Command{Type: "Add"}})
	if err != nil {
		return "", err
	}
	answer, err := NewInvoker(handler).Invoke(ctx, encoded)
	return string(answer), err
}

type customError struct{}

func (customError) Error() string { return "custom" }

func TestHandlers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler Handler
		answer  string
		failure turn.HandlerError
	}{
		"nothing happened": {func(context.Context, turn.Turn) (turn.Answer, error) { return turn.Answer{}, nil }, `{"events":[]}`, turn.HandlerError{}},
		"sees the turn": {func(_ context.Context, t turn.Turn) (turn.Answer, error) {
			return turn.Answer{Events: []turn.Event{{Type: t.Command.Type + t.Component}}}, nil
		}, `{"events":[{"type":"AddProduct","data":{}}]}`, turn.HandlerError{}},
		"error": {func(context.Context, turn.Turn) (turn.Answer, error) { return turn.Answer{}, errors.New("no") }, "", turn.HandlerError{Kind: turn.Threw, Message: "no"}},
		"wrapped error": {func(context.Context, turn.Turn) (turn.Answer, error) {
			return turn.Answer{}, fmt.Errorf("read: %w", io.EOF)
		}, "", turn.HandlerError{Kind: turn.Threw, Message: "read: EOF"}},
		"own error": {func(context.Context, turn.Turn) (turn.Answer, error) { return turn.Answer{}, &customError{} }, "", turn.HandlerError{Kind: turn.Threw, Type: "runtime.customError", Message: "custom"}},
		"panic": {func(context.Context, turn.Turn) (turn.Answer, error) {
			var none []int
			return turn.Answer{}, errors.New(string(rune(none[len(none)])))
		}, "", turn.HandlerError{Kind: turn.Threw, Type: "panic", Message: "runtime error: index out of range [0] with length 0"}},
		"no JSON": {func(context.Context, turn.Turn) (turn.Answer, error) {
			return turn.Answer{Events: []turn.Event{{Data: json.RawMessage("{")}}}, nil
		}, "", turn.HandlerError{Kind: turn.InvalidAnswer, Message: "write the answer to a decide turn: json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, err := invoke(t.Context(), c.handler)
			assert.Equal(t, c.answer, answer)
			if c.failure.Kind == "" {
				require.NoError(t, err)
				return
			}
			var failed *turn.HandlerError
			require.True(t, errors.As(err, &failed), "%v", err)
			assert.Equal(t, c.failure.Kind == turn.Threw && c.failure.Type == "panic", len(failed.Stack) > 0)
			failed.Stack = nil
			assert.Equal(t, c.failure, *failed)
		})
	}
}

func TestAHandlerThatDoesNotReturnTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := invoke(ctx, func(context.Context, turn.Turn) (turn.Answer, error) {
			time.Sleep(time.Minute)
			return turn.Answer{}, nil
		})
		var failed *turn.HandlerError
		require.True(t, errors.As(err, &failed))
		assert.Equal(t, turn.TimedOut, failed.Kind)
		assert.Equal(t, 9500*time.Millisecond, time.Since(start), "in time to answer the invocation")
		time.Sleep(time.Minute)
	})
}

func TestATurnMustBeJSON(t *testing.T) {
	t.Parallel()
	_, err := NewInvoker(nil).Invoke(t.Context(), []byte("{"))
	assert.ErrorContains(t, err, "read the turn")
}
