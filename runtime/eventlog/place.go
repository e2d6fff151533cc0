package eventlog

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of a place, in the map of its event.
const (
	attrHome   = "home"
	attrTag    = "tag"
	attrNumber = "number"
	attrIndex  = "index"
	attrTags   = "tags"
)

// encode adds the place to the map of its event.
func (p Place) encode(item map[string]types.AttributeValue) {
	item[attrHome] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		attrTag: text(p.Tag), attrID: text(p.ID), attrNumber: number(p.Number),
	}}
	item[attrIndex] = number(int64(p.Index))
	tags := make(map[string]types.AttributeValue, len(p.Tags))
	for name, values := range p.Tags {
		list := make([]types.AttributeValue, len(values))
		for i, value := range values {
			list[i] = text(value)
		}
		tags[name] = &types.AttributeValueMemberL{Value: list}
	}
	item[attrTags] = &types.AttributeValueMemberM{Value: tags}
}

// places reads the place of each event.
func (d *decoder) places() []Place {
	list, ok := d.item[attrEvents].(*types.AttributeValueMemberL)
	if !ok {
		return nil // events has noted it
	}
	places := make([]Place, len(list.Value))
	for i, element := range list.Value {
		m, ok := element.(*types.AttributeValueMemberM)
		if !ok {
			continue
		}
		inner := decoder{item: m.Value}
		if places[i] = inner.place(); len(inner.problems) > 0 {
			d.problem(fmt.Sprintf("%s[%d]", attrEvents, i), "a map with a home (tag, id, number), an index and tags (lists of strings)")
		}
	}
	return places
}

// place reads the place of one event from its map.
func (d *decoder) place() Place {
	home := decoder{item: d.child(attrHome)}
	p := Place{
		Tag: home.text(attrTag, true), ID: home.text(attrID, true), Number: home.number(attrNumber, 1),
		Index: int(d.number(attrIndex, 0)), Tags: map[string][]string{},
	}
	for name, value := range d.child(attrTags) {
		p.Tags[name] = d.texts(name, value)
	}
	d.problems = append(d.problems, home.problems...)
	return p
}

// child reads a map.
func (d *decoder) child(name string) map[string]types.AttributeValue {
	m, ok := d.item[name].(*types.AttributeValueMemberM)
	if !ok {
		d.problem(name, "a map")
		return nil
	}
	return m.Value
}

// texts reads a list of strings.
func (d *decoder) texts(name string, value types.AttributeValue) []string {
	list, ok := value.(*types.AttributeValueMemberL)
	if !ok {
		d.problem(name, "a list of strings")
		return nil
	}
	values := make([]string, len(list.Value))
	for i, element := range list.Value {
		inner := decoder{item: map[string]types.AttributeValue{name: element}}
		values[i] = inner.text(name, true)
		d.problems = append(d.problems, inner.problems...)
	}
	return values
}
