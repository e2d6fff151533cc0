package engine

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// call asks an outbound translation to do what the row says. The commands are sent
// before the row is completed, so that none is lost in between; their ids do not depend
// on the attempt, so that none has two effects when the call is made again.
func (t toDo) call(begun *toDoRow) error {
	question := t.turn(turn.Call, begun)
	question.Meta.CommandID = t.cause()
	answer, err := t.askUnless(t.late, question)
	if err == nil {
		err = t.sendAll(t.cause(), t.name, answer.Commands, t.meta(begun))
	}
	var failed *turn.HandlerError
	switch {
	case errors.As(err, &failed):
		return t.callFailed(begun, failed)
	case err != nil:
		return err
	case answer.GiveUp != nil:
		return t.giveUp(begun, slog.LevelWarn, answer.GiveUp.Code+": "+answer.GiveUp.Message)
	}
	return t.completed(begun, answer)
}

// callFailed notes an error of the handler. After the last attempt it ends the work.
func (t toDo) callFailed(begun *toDoRow, failed *turn.HandlerError) error {
	t.warn(begun, failed)
	if begun.attempt < t.declared.Attempts {
		return t.attemptEnded(begun, failed.Error())
	}
	return t.giveUp(begun, slog.LevelError, failed.Error())
}

// completed keeps the result of a call.
func (t toDo) completed(begun *toDoRow, answer turn.Answer) error {
	result, problem := resultOf(answer)
	_, err := t.change(begun, func(p *progress) bool {
		p.status, p.ended, p.problem, p.result = statusCompleted, p.attempt, shortened(problem), result
		return true
	})
	return err
}

// resultOf is the result of a call as an attribute, or why DynamoDB cannot hold it: what
// the call did cannot be undone, so that is no failure of it.
func resultOf(answer turn.Answer) (types.AttributeValue, string) {
	object, err := decodeRow(answer.Result)
	if err == nil {
		var item map[string]types.AttributeValue
		if item, err = toItem("$.result", object); err == nil {
			return &types.AttributeValueMemberM{Value: item}, ""
		}
	}
	return nil, fmt.Sprintf("the call succeeded; its result was not kept: %s", err)
}
