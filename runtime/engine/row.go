package engine

import (
	"bytes"
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

// The attributes of a row's item that are the engine's.
const (
	// rowID is the key.
	rowID = "id"
	// rowPosition is a map: for each aggregate, and each family of streams of the DCB log,
	// the number of the last event in the row.
	rowPosition = "_position"
	// rowDeleted marks a deleted row, of which only the positions are kept.
	rowDeleted = "_deleted"
	// rowOmitted is a map of index fields that are null or "" and therefore cannot
	// be attributes of their own: an index takes neither.
	rowOmitted = "_omitted"
)

// errRowChanged says that somebody else wrote the row since it was loaded.
var errRowChanged = errors.New("the row was written by somebody else meanwhile")

// row is one row of a read model with the positions of the events in it.
type row struct {
	id string
	// data is the row as the handler has it, JSON null when there is none.
	data json.RawMessage
	// positions are the numbers of the last events, by aggregate or family.
	positions map[string]int64
	// stored is the attribute of positions as it was loaded, nil without one.
	stored types.AttributeValue
	// exists says that there is an item, be it of a deleted row.
	exists bool
	// changed says that a turn has changed the data since they were loaded; only to-do
	// lists want to know.
	changed bool
	// correlation is the correlation id of the commit that changed them last.
	correlation string
	// room is how many bytes the engine's own attributes may take later.
	room int
	// kept are further attributes to write, which the handler does not see.
	kept map[string]types.AttributeValue
}

// loadRow reads a row. A read that is not consistent may give an older state; writing
// it back then fails.
func (b *batch) loadRow(model definition.ReadModel, id string, consistent bool) (*row, error) {
	out, err := b.DynamoDB.GetItem(b.aws, &dynamodb.GetItemInput{
		TableName: &model.Table, ConsistentRead: &consistent,
		Key: map[string]types.AttributeValue{rowID: &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		return nil, fmt.Errorf("read the row %q from table %s: %w", id, model.Table, err)
	}
	loaded := &row{id: id, data: json.RawMessage("null"), positions: map[string]int64{}}
	if out.Item == nil {
		return loaded, nil
	}
	if err := loaded.decode(out.Item); err != nil {
		return nil, fmt.Errorf("read the row %q from table %s: %w", id, model.Table, err)
	}
	return loaded, nil
}

// rowOf reads a row from its item.
func rowOf(item map[string]types.AttributeValue) (*row, error) {
	id, ok := item[rowID].(*types.AttributeValueMemberS)
	if !ok {
		return nil, fmt.Errorf("the attribute %s is no text", rowID)
	}
	read := &row{id: id.Value, data: json.RawMessage("null"), positions: map[string]int64{}}
	return read, read.decode(item)
}

// decode fills the row from an item.
func (r *row) decode(item map[string]types.AttributeValue) (err error) {
	r.exists, r.stored = true, item[rowPosition]
	if positions, ok := r.stored.(*types.AttributeValueMemberM); ok {
		for component, value := range positions.Value {
			n, _ := value.(*types.AttributeValueMemberN)
			if n == nil {
				return fmt.Errorf("the attribute %s.%s is no number", rowPosition, component)
			}
			if r.positions[component], err = strconv.ParseInt(n.Value, 10, 64); err != nil {
				return fmt.Errorf("the attribute %s.%s: %w", rowPosition, component, err)
			}
		}
	}
	if item[rowDeleted] != nil {
		return nil
	}
	visible := maps.Clone(item)
	if omitted, ok := item[rowOmitted].(*types.AttributeValueMemberM); ok {
		maps.Copy(visible, omitted.Value)
	}
	maps.DeleteFunc(visible, func(name string, _ types.AttributeValue) bool { return name[0] == '_' })
	object, err := fromItem("$", visible)
	if err != nil {
		return err
	}
	r.data, err = json.Marshal(object)
	return err
}

// saveRow writes a row on condition that its positions are as they were loaded. All
// positions are compared, so that two aggregates that feed one row do not overwrite
// each other's changes. It returns [errRowChanged] when they are not.
func (b *batch) saveRow(model definition.ReadModel, r *row) error {
	item, err := r.item(model)
	if err != nil {
		return err
	}
	put := &dynamodb.PutItemInput{TableName: &model.Table, Item: item}
	switch {
	case !r.exists:
		put.ConditionExpression = aws.String("attribute_not_exists(id)")
	case r.stored == nil:
		put.ConditionExpression = aws.String("attribute_not_exists(#position)")
		put.ExpressionAttributeNames = map[string]string{"#position": rowPosition}
	default:
		put.ConditionExpression = aws.String("#position = :position")
		put.ExpressionAttributeNames = map[string]string{"#position": rowPosition}
		put.ExpressionAttributeValues = map[string]types.AttributeValue{":position": r.stored}
	}
	_, err = b.DynamoDB.PutItem(b.aws, put)
	return written(err, model, r)
}

// savePositions writes the positions of a row that is there, and nothing else, on the
// condition of [batch.saveRow].
func (b *batch) savePositions(model definition.ReadModel, r *row) error {
	update := &dynamodb.UpdateItemInput{
		TableName: &model.Table, Key: map[string]types.AttributeValue{rowID: &types.AttributeValueMemberS{Value: r.id}},
		UpdateExpression:          aws.String("SET #position = :next"),
		ConditionExpression:       aws.String("#position = :position"),
		ExpressionAttributeNames:  map[string]string{"#position": rowPosition},
		ExpressionAttributeValues: map[string]types.AttributeValue{":next": r.position(), ":position": r.stored},
	}
	if r.stored == nil {
		update.ConditionExpression = aws.String("attribute_exists(id) AND attribute_not_exists(#position)")
		delete(update.ExpressionAttributeValues, ":position")
	}
	_, err := b.DynamoDB.UpdateItem(b.aws, update)
	return written(err, model, r)
}

// written is the error of a conditional write.
func written(err error, model definition.ReadModel, r *row) error {
	var lostRace *types.ConditionalCheckFailedException
	if errors.As(err, &lostRace) {
		return errRowChanged
	}
	if err != nil {
		return fmt.Errorf("write the row %q to table %s: %w", r.id, model.Table, err)
	}
	return nil
}

// item is the row as it is stored; an error if it cannot be.
func (r *row) item(model definition.ReadModel) (map[string]types.AttributeValue, error) {
	object, err := decodeRow(r.data)
	if err != nil {
		return nil, err
	}
	item, err := toItem("$.row", object)
	if err != nil {
		return nil, invalidAnswer("%s", err)
	}
	if object == nil {
		item[rowDeleted] = &types.AttributeValueMemberBOOL{Value: true}
	}
	if err := omitEmpty(item, model.Indexes); err != nil {
		return nil, err
	}
	maps.Copy(item, r.kept)
	item[rowID] = &types.AttributeValueMemberS{Value: r.id}
	item[rowPosition] = r.position()
	if size := eventlog.ItemSize(item) + r.room; size > eventlog.MaxItemSize {
		return nil, invalidAnswer("$.row: the row %q takes %d bytes, but one DynamoDB item holds %d; keep less in the row", r.id, size, eventlog.MaxItemSize)
	}
	return item, nil
}

// position is the attribute of the row's positions.
func (r *row) position() types.AttributeValue {
	positions := make(map[string]types.AttributeValue, len(r.positions))
	for component, position := range r.positions {
		positions[component] = &types.AttributeValueMemberN{Value: strconv.FormatInt(position, 10)}
	}
	return &types.AttributeValueMemberM{Value: positions}
}

// decodeRow reads a row's JSON, keeping numbers as they are written; nil for null.
func decodeRow(data json.RawMessage) (map[string]any, error) {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("read the row: %w", err)
	}
	return object, nil
}

// omitEmpty moves index fields that are null or "" out of the way and refuses those
// that can be no key at all.
func omitEmpty(item map[string]types.AttributeValue, indexes []string) error {
	omitted := map[string]types.AttributeValue{}
	for _, field := range indexes {
		switch v := item[field].(type) {
		case nil, *types.AttributeValueMemberN:
			continue
		case *types.AttributeValueMemberNULL:
			omitted[field] = v
		case *types.AttributeValueMemberS:
			if v.Value == "" {
				omitted[field] = v
			}
		default:
			return invalidAnswer("$.row.%s: an index needs a text or a number here", field)
		}
		if omitted[field] != nil {
			delete(item, field)
		}
	}
	if len(omitted) > 0 {
		item[rowOmitted] = &types.AttributeValueMemberM{Value: omitted}
	}
	return nil
}
