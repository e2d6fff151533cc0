package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// ask gives the handler one turn and validates its answer. Only one turn is with the
// handler at any time.
func (e *Engine) ask(ctx context.Context, t turn.Turn) (turn.Answer, error) {
	t.Version, t.Plugin = turn.Version, e.Definition.Plugin
	encoded, err := json.Marshal(t)
	if err != nil {
		return turn.Answer{}, fmt.Errorf("write the %s turn of %s: %w", t.Kind, t.Component, err)
	}
	answer, err := e.invoke(ctx, encoded)
	if lost(err) {
		e.handlerLost.Store(true)
	}
	if err != nil {
		return turn.Answer{}, fmt.Errorf("%s turn of %s: %w", t.Kind, t.Component, err)
	}
	parsed, err := turn.ParseAnswer(t.Kind, answer)
	if err != nil {
		return turn.Answer{}, fmt.Errorf("%s turn of %s: %w", t.Kind, t.Component, err)
	}
	return parsed, nil
}

// invoke calls the handler alone.
func (e *Engine) invoke(ctx context.Context, encoded []byte) ([]byte, error) {
	e.handler.Lock()
	defer e.handler.Unlock()
	return e.Invoker.Invoke(ctx, encoded)
}

// invalidAnswer is the error of an answer that matches the schema but not the plugin.
func invalidAnswer(format string, values ...any) error {
	return &turn.HandlerError{Kind: turn.InvalidAnswer, Message: fmt.Sprintf(format, values...)}
}
