package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// ErrorInvalidQuery is the type for a query that cannot be answered as it was sent.
const ErrorInvalidQuery = "InvalidQuery"

// maxQueryRows is how many rows one query may load.
const maxQueryRows = 1000

// maxBatchKeys is how many items one BatchGetItem may ask for.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchKeys = 100

// invalidQuery is the error of a query that cannot be answered as it was sent.
func invalidQuery(format string, values ...any) error {
	return messages.InvokeResponse_Error{Type: ErrorInvalidQuery, Message: fmt.Sprintf(format, values...)}
}

// queryAnswer answers a custom query field with the handler's data or with its failure.
func (e *Engine) queryAnswer(ctx context.Context, payload json.RawMessage) any {
	data, err := e.query(ctx, payload)
	if err == nil {
		return data
	}
	failed := e.invocationError(ctx, err)
	return protocol.FieldFailure{Error: protocol.FieldError{Type: failed.Type, Message: failed.Message}}
}

// query loads the rows that the field declares and asks the handler.
func (e *Engine) query(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	var invocation protocol.FieldInvocation
	if err := json.Unmarshal(payload, &invocation); err != nil {
		return nil, fmt.Errorf("the invocation by the resolver cannot be read: %w", err)
	}
	declared, known := e.Definition.Queries[invocation.Field]
	if !known {
		return nil, invalidQuery("the plugin %s has no query field %q", e.Definition.Plugin, invocation.Field)
	}
	wanted, err := wantedRows(invocation, declared)
	if err != nil {
		return nil, err
	}
	found, err := e.loadRows(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", invocation.Field, err)
	}
	answer, err := e.ask(ctx, turn.Turn{
		Kind: turn.AnswerQuery, Component: invocation.Field,
		Arguments: orEmpty(invocation.Arguments), Rows: found,
		Meta: turn.Meta{Actor: actorOf(invocation), Time: eventlog.FormatTime(e.Now())},
	})
	return answer.Data, err
}

// actorOf is the caller's identity, nil where there is none.
func actorOf(invocation protocol.FieldInvocation) json.RawMessage {
	actor := bytes.TrimSpace(invocation.Identity)
	if len(actor) == 0 || string(actor) == "null" {
		return nil
	}
	return json.RawMessage(actor)
}

// wanted are the rows that one load of a query asks for.
type wanted struct {
	name, table string
	// keys are the rows' keys, "" where the caller gave none.
	keys []string
	// list says that the handler gets a list.
	list bool
}

// wantedRows reads the keys of all loads from the arguments of a field.
func wantedRows(invocation protocol.FieldInvocation, declared definition.Query) ([]wanted, error) {
	var arguments map[string]json.RawMessage
	if err := json.Unmarshal(orEmpty(invocation.Arguments), &arguments); err != nil {
		return nil, invalidQuery("%s: the arguments are no object", invocation.Field)
	}
	var all []wanted
	count := 0
	for _, name := range slices.Sorted(maps.Keys(declared.Loads)) {
		load := declared.Loads[name]
		keys, list, err := rowKeys(arguments[load.Argument])
		if err != nil {
			return nil, invalidQuery("%s: the argument %q names rows of %s and must be a text or a list of texts: %s", invocation.Field, load.Argument, load.ReadModel, err)
		}
		for _, key := range keys {
			if key != "" {
				count++
			}
		}
		all = append(all, wanted{name: name, table: load.Table, keys: keys, list: list})
	}
	if count > maxQueryRows {
		return nil, invalidQuery("%s: the arguments name %d rows, at most %d are possible; ask for them in several queries", invocation.Field, count, maxQueryRows)
	}
	return all, nil
}

// rowKeys reads one key or a list of keys. A key that no row can have counts as none.
func rowKeys(argument json.RawMessage) (keys []string, list bool, err error) {
	elements := []json.RawMessage{argument}
	if trimmed := bytes.TrimSpace(argument); len(trimmed) > 0 && trimmed[0] == '[' {
		list, elements = true, nil
		if err := json.Unmarshal(trimmed, &elements); err != nil {
			return nil, true, err
		}
	}
	for _, element := range elements {
		key, err := identifier(element)
		if err != nil {
			return nil, list, err
		}
		if eventlog.CheckID(key) != nil {
			key = ""
		}
		keys = append(keys, key)
	}
	return keys, list, nil
}

// rowPlace is where a row is.
type rowPlace struct{ table, key string }

// loadRows reads the rows of all loads together, eventually consistent like the query
// fields without a handler, and gives them to each load in its shape. A row that is not
// there or was deleted is null.
func (e *Engine) loadRows(ctx context.Context, all []wanted) (map[string]json.RawMessage, error) {
	places := map[rowPlace]json.RawMessage{}
	for _, w := range all {
		for _, key := range w.keys {
			if key != "" {
				places[rowPlace{w.table, key}] = json.RawMessage("null")
			}
		}
	}
	if err := e.getRows(ctx, places); err != nil {
		return nil, err
	}
	found := map[string]json.RawMessage{}
	for _, w := range all {
		rows := make([]json.RawMessage, len(w.keys))
		for i, key := range w.keys {
			if rows[i] = places[rowPlace{w.table, key}]; rows[i] == nil {
				rows[i] = json.RawMessage("null")
			}
		}
		if !w.list {
			found[w.name] = rows[0]
			continue
		}
		encoded, err := json.Marshal(rows)
		if err != nil {
			return nil, fmt.Errorf("write the rows %s: %w", w.name, err)
		}
		found[w.name] = encoded
	}
	return found, nil
}

// getRows fills in the rows at places. What DynamoDB leaves unprocessed, because of its
// limit of 16 MB for an answer or of throttling, is asked for again after a pause;
// without any progress no more than [eventlog.Retry].Attempts times in succession.
func (e *Engine) getRows(ctx context.Context, places map[rowPlace]json.RawMessage) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-min(answerMargin, time.Until(deadline)/4)))
		defer cancel()
	}
	left, idle := slices.Collect(maps.Keys(places)), 0
	for len(left) > 0 {
		now := left[:min(maxBatchKeys, len(left))]
		unprocessed, err := e.getBatch(ctx, now, places)
		if err != nil {
			return err
		}
		left = append(left[len(now):], unprocessed...)
		if len(unprocessed) < len(now) {
			idle = 0
		}
		if len(unprocessed) == 0 {
			continue
		}
		if idle++; idle >= e.Retry.Attempts {
			return fmt.Errorf("DynamoDB left %d rows unread after %d attempts; try again", len(left), idle)
		}
		if err := e.Retry.Wait(ctx, idle); err != nil {
			return fmt.Errorf("DynamoDB left %d rows unread: %w", len(left), err)
		}
	}
	return nil
}

// getBatch fills in the rows of one request and returns the places that it left.
func (e *Engine) getBatch(ctx context.Context, now []rowPlace, places map[rowPlace]json.RawMessage) ([]rowPlace, error) {
	request := map[string]types.KeysAndAttributes{}
	for _, p := range now {
		keys := request[p.table]
		keys.Keys = append(keys.Keys, map[string]types.AttributeValue{rowID: &types.AttributeValueMemberS{Value: p.key}})
		request[p.table] = keys
	}
	out, err := e.DynamoDB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
	if err != nil {
		return nil, fmt.Errorf("read %d rows: %w", len(now), err)
	}
	for table, items := range out.Responses {
		for _, item := range items {
			read, err := rowOf(item)
			if err != nil {
				return nil, fmt.Errorf("read a row from table %s: %w", table, err)
			}
			places[rowPlace{table, read.id}] = read.data
		}
	}
	return unprocessed(out.UnprocessedKeys)
}

// unprocessed are the places that a request left.
func unprocessed(keys map[string]types.KeysAndAttributes) (left []rowPlace, err error) {
	for table, of := range keys {
		for _, key := range of.Keys {
			id, ok := key[rowID].(*types.AttributeValueMemberS)
			if !ok {
				return nil, errors.New("DynamoDB returned a key without id")
			}
			left = append(left, rowPlace{table, id.Value})
		}
	}
	return left, nil
}
