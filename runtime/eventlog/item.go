package eventlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// The attributes of a commit's item.
const (
	attrID            = "id"
	attrSeq           = "seq"
	attrCommandID     = "commandId"
	attrCorrelationID = "correlationId"
	attrCausationID   = "causationId"
	attrActor         = "actor"
	attrTime          = "time"
	attrEvents        = "events"
	attrType          = "type"
	attrData          = "data"
	attrPosition      = "position"
)

// EncodeItem writes a commit as a DynamoDB item. Empty members of the origin are left out.
func EncodeItem(c Commit) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{
		attrID:     text(c.ID),
		attrSeq:    number(c.Seq),
		attrEvents: encodeEvents(c.Events, c.Places),
	}
	if c.Position != 0 {
		item[attrPosition] = number(c.Position)
	}
	for name, value := range map[string]string{
		attrCommandID: c.CommandID, attrCorrelationID: c.CorrelationID, attrCausationID: c.CausationID,
		attrActor: string(c.Actor), attrTime: c.Time,
	} {
		if value != "" {
			item[name] = text(value)
		}
	}
	return item
}

// encodeEvents writes events as a list of maps.
func encodeEvents(list []turn.Event, places []Place) types.AttributeValue {
	encoded := make([]types.AttributeValue, len(list))
	for i, e := range list {
		item := map[string]types.AttributeValue{attrType: text(e.Type), attrData: text(string(e.Data))}
		if len(places) > 0 {
			places[i].encode(item)
		}
		encoded[i] = &types.AttributeValueMemberM{Value: item}
	}
	return &types.AttributeValueMemberL{Value: encoded}
}

// number is a number attribute.
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// text is a string attribute.
func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// DecodeItem reads a commit from a DynamoDB item. All that is wrong with the item is
// in the error.
func DecodeItem(item map[string]types.AttributeValue) (Commit, error) {
	d := decoder{item: item}
	c := Commit{
		ID:     d.text(attrID, true),
		Seq:    d.number(attrSeq, 1),
		Events: d.events(),
		Origin: Origin{
			CommandID:     d.text(attrCommandID, true),
			CorrelationID: d.text(attrCorrelationID, false),
			CausationID:   d.text(attrCausationID, false),
			Time:          d.text(attrTime, true),
		},
	}
	if actor := d.text(attrActor, false); actor != "" {
		c.Actor = json.RawMessage(actor)
	}
	if _, ok := item[attrPosition]; ok {
		c.Position, c.Places = d.number(attrPosition, 1), d.places()
	}
	if len(d.problems) > 0 {
		return Commit{}, fmt.Errorf("the item is no commit of an event log: %w", errors.Join(d.problems...))
	}
	return c, nil
}

// DecodeImage reads a commit from the new image of a stream record.
func DecodeImage(image map[string]events.DynamoDBAttributeValue) (Commit, error) {
	item, err := FromStream(image)
	if err != nil {
		return Commit{}, fmt.Errorf("the stream record's image is no commit of an event log: %w", err)
	}
	return DecodeItem(item)
}

// decoder reads attributes and collects what is wrong with them.
type decoder struct {
	item     map[string]types.AttributeValue
	problems []error
}

// problem notes that an attribute is not what it should be.
func (d *decoder) problem(name, want string) {
	d.problems = append(d.problems, fmt.Errorf("attribute %q must be %s", name, want))
}

// text reads a string, "" when it may be missing and is.
func (d *decoder) text(name string, required bool) string {
	value, present := d.item[name]
	s, ok := value.(*types.AttributeValueMemberS)
	switch {
	case !present && !required:
		return ""
	case !ok || (required && s.Value == ""):
		d.problem(name, "a string")
		return ""
	}
	return s.Value
}

// number reads an integer that is at least least.
func (d *decoder) number(name string, least int64) int64 {
	n, ok := d.item[name].(*types.AttributeValueMemberN)
	if ok {
		if value, err := strconv.ParseInt(n.Value, 10, 64); err == nil && value >= least {
			return value
		}
	}
	d.problem(name, fmt.Sprintf("an integer of at least %d", least))
	return 0
}

// events reads the list of events.
func (d *decoder) events() []turn.Event {
	list, ok := d.item[attrEvents].(*types.AttributeValueMemberL)
	if !ok || len(list.Value) == 0 {
		d.problem(attrEvents, "a list of at least one event")
		return nil
	}
	decoded := make([]turn.Event, len(list.Value))
	for i, element := range list.Value {
		m, ok := element.(*types.AttributeValueMemberM)
		if !ok {
			d.problem(fmt.Sprintf("%s[%d]", attrEvents, i), "a map")
			continue
		}
		inner := decoder{item: m.Value}
		decoded[i] = turn.Event{Type: inner.text(attrType, true), Data: json.RawMessage(inner.text(attrData, true))}
		if len(inner.problems) > 0 || !json.Valid(decoded[i].Data) {
			d.problem(fmt.Sprintf("%s[%d]", attrEvents, i), "a map of a type and of data as JSON text")
		}
	}
	return decoded
}
