package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The attributes of a row of an inbound translation's audit table; the key is the
// command id. Beside them it has, from the outcome on, the code and the message of a
// rejection.
const (
	// auditInput is the input as JSON text.
	auditInput = "input"
	// auditInputOmitted and auditCommandsOmitted say that one item cannot hold so much.
	auditInputOmitted    = "inputOmitted"
	auditCommandsOmitted = "commandsOmitted"
	// auditStatus is inputReceived, then the status of the outcome.
	auditStatus = "status"
	// auditTime and auditConcluded are when the input came and when its outcome was
	// recorded, RFC 3339 in UTC with milliseconds.
	auditTime      = "time"
	auditConcluded = "concludedAt"
	// auditActor is AppSync's identity object of the caller as JSON text.
	auditActor = "actor"
	// auditCommands lists the commands: to, id if given, and type.
	auditCommands = "commands"
	auditCode     = "code"
	auditMessage  = "message"
	// auditResult is the answer as JSON text, for when the input comes again.
	auditResult = "_result"
)

// inputReceived is the status of an input without an outcome.
const inputReceived = "RECEIVED"

// input is what an inbound translation was given, and what came of it: a row of the audit
// table.
type input struct {
	id, status, time, concluded string
	// data is the input, nil when the row has no room for it.
	data, actor json.RawMessage
	commands    []types.AttributeValue
	// result is the outcome, nil without one.
	result *protocol.CommandResult
}

// addCommands notes what the input led to.
func (in *input) addCommands(commands []turn.CommandTo) {
	in.commands = make([]types.AttributeValue, len(commands))
	for i, command := range commands {
		described := map[string]types.AttributeValue{}
		putTexts(described, map[string]string{"to": command.To, "id": command.ID, "type": command.Type})
		in.commands[i] = &types.AttributeValueMemberM{Value: described}
	}
}

// receive records an input before anything is done with it, or finds what was recorded
// when it came first.
func (e *Engine) receive(ctx context.Context, name string, given input) (input, error) {
	err := e.putInput(ctx, name, given, "attribute_not_exists(id)", nil)
	if !errors.Is(err, errRowChanged) {
		return given, err
	}
	first, err := e.readInput(ctx, name, given.id)
	if err == nil && first.data == nil {
		first.data = given.data
	}
	return first, err
}

// concludeInput records the outcome of an input. When somebody else, who was given the
// same input at the same time, was first, theirs is the outcome.
func (e *Engine) concludeInput(ctx context.Context, name string, in input, result protocol.CommandResult) (protocol.CommandResult, error) {
	in.status, in.concluded, in.result = string(result.Status), eventlog.FormatTime(e.Now()), &result
	err := e.putInput(ctx, name, in, "#status = :received", map[string]types.AttributeValue{
		":received": &types.AttributeValueMemberS{Value: inputReceived},
	})
	if !errors.Is(err, errRowChanged) {
		return result, err
	}
	first, err := e.readInput(ctx, name, in.id)
	if err == nil && first.result == nil {
		err = fmt.Errorf("the audit row %q of the translation %s was changed by somebody else meanwhile", in.id, name)
	}
	if err != nil {
		return protocol.CommandResult{}, err
	}
	return *first.result, nil
}

// putInput writes an audit row; [errRowChanged] says that the condition does not hold.
func (e *Engine) putInput(ctx context.Context, name string, in input, condition string, values map[string]types.AttributeValue) error {
	table := e.Definition.InboundTranslations[name].Table
	item, err := in.item()
	if err != nil {
		return err
	}
	put := &dynamodb.PutItemInput{TableName: &table, Item: item, ConditionExpression: &condition, ExpressionAttributeValues: values}
	if values != nil {
		put.ExpressionAttributeNames = map[string]string{"#status": auditStatus}
	}
	_, err = e.DynamoDB.PutItem(ctx, put)
	var exists *types.ConditionalCheckFailedException
	if errors.As(err, &exists) {
		return errRowChanged
	}
	if err != nil {
		return fmt.Errorf("write the audit row %q to table %s: %w", in.id, table, err)
	}
	return nil
}

// readInput reads an audit row.
func (e *Engine) readInput(ctx context.Context, name, id string) (input, error) {
	table := e.Definition.InboundTranslations[name].Table
	out, err := e.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{rowID: &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		return input{}, fmt.Errorf("read the audit row %q from table %s: %w", id, table, err)
	}
	in := input{id: id, status: textOf(out.Item[auditStatus]), time: textOf(out.Item[auditTime])}
	if in.status == "" || in.time == "" {
		return input{}, fmt.Errorf("read the audit row %q from table %s: it was deleted meanwhile, or is no audit row; repeat the request", id, table)
	}
	if actor := textOf(out.Item[auditActor]); actor != "" {
		in.actor = json.RawMessage(actor)
	}
	if data := textOf(out.Item[auditInput]); data != "" {
		in.data = json.RawMessage(data)
	}
	if result := textOf(out.Item[auditResult]); result != "" {
		if err := json.Unmarshal([]byte(result), &in.result); err != nil {
			return input{}, fmt.Errorf("read the audit row %q from table %s: the attribute %s: %w", id, table, auditResult, err)
		}
	}
	return in, nil
}

// item is the row as it is stored. What one item cannot hold is left out: first the
// input, then the list of commands, then the details of a rejection.
func (in input) item() (map[string]types.AttributeValue, error) {
	item := map[string]types.AttributeValue{}
	putTexts(item, map[string]string{
		rowID: in.id, auditStatus: in.status, auditTime: in.time, auditConcluded: in.concluded,
		auditInput: string(in.data), auditActor: string(in.actor),
	})
	if len(in.commands) > 0 {
		item[auditCommands] = &types.AttributeValueMemberL{Value: in.commands}
	}
	if err := in.putResult(item, false); err != nil {
		return nil, err
	}
	for _, large := range [][2]string{{auditInput, auditInputOmitted}, {auditCommands, auditCommandsOmitted}} {
		if eventlog.ItemSize(item) > eventlog.MaxItemSize && item[large[0]] != nil {
			delete(item, large[0])
			item[large[1]] = &types.AttributeValueMemberBOOL{Value: true}
		}
	}
	if eventlog.ItemSize(item) <= eventlog.MaxItemSize {
		return item, nil
	}
	return item, in.putResult(item, true)
}

// putResult adds the outcome to an item, in short if it must be.
func (in input) putResult(item map[string]types.AttributeValue, short bool) error {
	if in.result == nil {
		return nil
	}
	result := *in.result
	if short {
		result.Details, result.Message = "", shortened(result.Message)
	}
	encoded, err := json.Marshal(result)
	putTexts(item, map[string]string{auditCode: result.Code, auditMessage: result.Message, auditResult: string(encoded)})
	return err
}

// putTexts adds text attributes; there are none for "".
func putTexts(item map[string]types.AttributeValue, texts map[string]string) {
	for name, text := range texts {
		if text != "" {
			item[name] = &types.AttributeValueMemberS{Value: text}
		}
	}
}
