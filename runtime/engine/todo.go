package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// The attributes in which a to-do row keeps how far the work on it has come. Handlers do
// not see them, GraphQL queries on the table may. When a project turn changes the row they
// go, and the work begins anew.
const (
	// toDoStatus is one of the status constants.
	toDoStatus = "_status"
	// toDoAttempt is the number of the last attempt that began. It is in the row as soon
	// as any of these attributes is, and tells the engine's own writes from projections'.
	toDoAttempt = "_attempt"
	// toDoEnded is the number of the last attempt that ended, be it with an error.
	toDoEnded = "_ended"
	// toDoBy is the message that made the last attempt begin, or one of the by constants.
	// Only this one may go on with it when it comes again, a copy of it must not.
	toDoBy = "_by"
	// toDoUntil is the time at which the invocation ends in which the last attempt began,
	// RFC 3339: the next attempt does not begin before, unless this one has ended.
	toDoUntil = "_until"
	// toDoError is the error of the last attempt, or why the row was given up.
	toDoError = "_error"
	// toDoResult is the result of the call of an outbound translation.
	toDoResult = "_result"
	// toDoCorrelation is the correlation id of the command that led to the row as it is.
	toDoCorrelation = "_correlationId"
	// toDoUpdated is the time of the last change of these attributes, RFC 3339.
	toDoUpdated = "_updatedAt"
)

// The values of the attribute _status.
const (
	// statusPending means that an event must still resolve the row (automation), or that
	// the call must still succeed (outbound translation).
	statusPending = "PENDING"
	// statusCompleted means that the call succeeded.
	statusCompleted = "COMPLETED"
	// statusGivenUp means that there are no further attempts.
	statusGivenUp = "GIVEN_UP"
)

// toDoRoom is how many bytes these attributes, without a result, take at the most; a row
// must leave room for them.
const toDoRoom = 4096

// maxErrorText is the greatest length of the attribute _error in bytes.
const maxErrorText = 1000

// toDo is one state of one row of a to-do table: something to do.
type toDo struct {
	*batch
	name     string
	declared definition.ToDo
	id       string
	// generation identifies the state, see [toDoGeneration].
	generation string
}

// toDoRow is the row of a to-do.
type toDoRow struct {
	progress
	item map[string]types.AttributeValue
	// data is the row as the handler has it.
	data json.RawMessage
}

// progress is how far the work on a row has come.
type progress struct {
	status         string
	attempt, ended int
	by, until      string
	problem        string
	result         types.AttributeValue
}

// cause identifies what there is to do, to commands and to the outside.
func (t toDo) cause() string { return hash("to-do", t.name, t.id, t.generation) }

// load reads the row. It is nil when this is no longer to do: when the row is gone or
// was written anew, is completed or given up.
func (t toDo) load() (*toDoRow, error) {
	out, err := t.DynamoDB.GetItem(t.aws, &dynamodb.GetItemInput{
		TableName: &t.declared.Table, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{rowID: &types.AttributeValueMemberS{Value: t.id}},
	})
	if err != nil {
		return nil, fmt.Errorf("read the row %q from table %s: %w", t.id, t.declared.Table, err)
	}
	if out.Item == nil || out.Item[rowDeleted] != nil {
		return nil, nil
	}
	loaded, err := t.decode(out.Item)
	if err != nil {
		return nil, fmt.Errorf("read the row %q from table %s: %w", t.id, t.declared.Table, err)
	}
	return loaded, nil
}

// decode reads the row from its item, nil when this is no longer to do.
func (t toDo) decode(item map[string]types.AttributeValue) (*toDoRow, error) {
	status := textOf(item[toDoStatus])
	if textOf(item[toDoGeneration]) != t.generation || status == statusCompleted || status == statusGivenUp {
		return nil, nil
	}
	plain, err := rowOf(item)
	if err != nil {
		return nil, err
	}
	attempt, attemptErr := countOf(item, toDoAttempt)
	ended, endedErr := countOf(item, toDoEnded)
	return &toDoRow{item: item, data: plain.data, progress: progress{
		status: status, attempt: attempt, ended: ended, by: textOf(item[toDoBy]), until: textOf(item[toDoUntil]),
		problem: textOf(item[toDoError]), result: item[toDoResult],
	}}, errors.Join(attemptErr, endedErr)
}

// change writes the progress that apply makes of the row's, for as long as this is still
// to do and apply says that there is something to write. It returns the row as it is
// then, nil when this is no longer to do.
func (t toDo) change(current *toDoRow, apply func(*progress) bool) (*toDoRow, error) {
	for conflicts := 1; current != nil; conflicts++ {
		next := *current
		if !apply(&next.progress) {
			return current, nil
		}
		err := t.save(current, &next)
		if err == nil {
			return &next, nil
		}
		if !errors.Is(err, errRowChanged) || conflicts >= t.Retry.Attempts {
			return nil, err
		}
		if err := t.Retry.Wait(t.aws, conflicts); err != nil {
			return nil, errors.Join(errRowChanged, err)
		}
		if current, err = t.load(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// save writes the row on condition that neither a projection nor anybody else has
// written it since it was loaded; otherwise it returns [errRowChanged].
func (t toDo) save(loaded, next *toDoRow) error {
	next.item = t.itemOf(next)
	put := &dynamodb.PutItemInput{
		TableName: &t.declared.Table, Item: next.item,
		ConditionExpression:       aws.String("#position = :position AND attribute_not_exists(#attempt)"),
		ExpressionAttributeNames:  map[string]string{"#position": rowPosition, "#attempt": toDoAttempt},
		ExpressionAttributeValues: map[string]types.AttributeValue{":position": loaded.item[rowPosition]},
	}
	if loaded.item[toDoAttempt] != nil {
		put.ConditionExpression = aws.String("#position = :position AND #attempt = :attempt AND #by = :by AND #ended = :ended AND #status = :status")
		for short, name := range map[string]string{"attempt": toDoAttempt, "by": toDoBy, "ended": toDoEnded, "status": toDoStatus} {
			put.ExpressionAttributeNames["#"+short] = name
			put.ExpressionAttributeValues[":"+short] = loaded.item[name]
		}
	}
	_, err := t.DynamoDB.PutItem(t.aws, put)
	var lostRace *types.ConditionalCheckFailedException
	if errors.As(err, &lostRace) {
		return errRowChanged
	}
	if err != nil {
		return fmt.Errorf("write the row %q to table %s: %w", t.id, t.declared.Table, err)
	}
	return nil
}

// itemOf is the row as it is stored. A result that the item has no room for is left out.
func (t toDo) itemOf(r *toDoRow) map[string]types.AttributeValue {
	item := maps.Clone(r.item)
	for name, text := range map[string]string{
		toDoStatus: r.status, toDoBy: r.by, toDoUntil: r.until, toDoError: r.problem, toDoUpdated: eventlog.FormatTime(t.Now()),
	} {
		delete(item, name)
		if text != "" {
			item[name] = &types.AttributeValueMemberS{Value: text}
		}
	}
	item[toDoAttempt] = &types.AttributeValueMemberN{Value: strconv.Itoa(r.attempt)}
	item[toDoEnded] = &types.AttributeValueMemberN{Value: strconv.Itoa(r.ended)}
	if r.result == nil {
		return item
	}
	item[toDoResult] = r.result
	if size := eventlog.ItemSize(item); size > eventlog.MaxItemSize {
		delete(item, toDoResult)
		item[toDoError] = &types.AttributeValueMemberS{Value: fmt.Sprintf(
			"the call succeeded; its result was not kept, because with it the row takes %d bytes and one DynamoDB item holds %d", size, eventlog.MaxItemSize)}
	}
	return item
}

// textOf is the value of a text attribute, "" for anything else.
func textOf(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// countOf is the value of a number attribute, 0 when it is absent.
func countOf(item map[string]types.AttributeValue, name string) (int, error) {
	if item[name] == nil {
		return 0, nil
	}
	n, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("the attribute %s is no number", name)
	}
	count, err := strconv.Atoi(n.Value)
	if err != nil {
		return 0, fmt.Errorf("the attribute %s: %w", name, err)
	}
	return count, nil
}
