// Package contract reads what passes between engine and handler, for those who write
// types of it in other languages.
//
//  1. [Read] reads the JSON Schemas of all kinds of turn and their answers.
//  2. Each object in them becomes one [Object] with a name; objects of the same name must
//     be the same.
//  3. Where a schema says that some properties exclude each other, the object has
//     [Variant]s, which the languages write as a union.
package contract

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Contract is all that passes between engine and handler.
type Contract struct {
	// Objects are all objects, each after those that it consists of.
	Objects []Object
	// Kinds are the kinds of turn, in the order of [turn.Kinds].
	Kinds []Kind
}

// Kind is one kind of turn.
type Kind struct {
	// Name is its "kind"; Turn and Answer are names of objects.
	Name, Turn, Answer string
}

// Object is a JSON object with known fields.
type Object struct {
	Name, Description string
	Fields            []Field
	// Variants are the forms that the object has, none when it has one only.
	Variants []Variant
}

// Field is one field of an object.
type Field struct {
	Name, Description string
	// Required is meaningless for a field of [Object.Varying].
	Required bool
	Type     Type
}

// Variant is one form of an object. Of the fields that vary it has these and no others.
type Variant struct{ Required, Optional []string }

// Form is what a type is made of.
type Form int

// The forms of types.
const (
	// Any is any JSON value.
	Any Form = iota
	// Data is a JSON object of the plugin's own shape.
	Data
	// Text is a string, Integer a whole number, Boolean true or false.
	Text
	Integer
	Boolean
	// Literal is one value only.
	Literal
	// Reference is an object of the contract.
	Reference
	// List is a list, Map an object with names of the plugin's own.
	List
	Map
)

// Type is the type of a field.
type Type struct {
	Form Form
	// Nullable means that it may be null.
	Nullable bool
	// Value is that of a literal.
	Value any
	// Object is the name of the object that is referred to.
	Object string
	// Of is the type of the elements of a list, or of a map's values.
	Of *Type
}

// Varying says whether a field is not in all of the object's variants alike.
func (o Object) Varying(field string) bool {
	return slices.ContainsFunc(o.Variants, func(v Variant) bool { return v.Has(field) })
}

// Find is the object of a name.
func (c Contract) Find(name string) (Object, bool) {
	i := slices.IndexFunc(c.Objects, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return Object{}, false
	}
	return c.Objects[i], true
}

// Has says whether a variant has a field.
func (v Variant) Has(field string) bool {
	return slices.Contains(v.Required, field) || slices.Contains(v.Optional, field)
}

// names are those of the objects within turns and answers, by the property that holds
// them; a list's elements by the list's.
var names = map[string]string{
	"turn.meta": "Meta", "turn.recordedEvent": "RecordedEvent", "turn.command": "Command", "turn.attempt": "Attempt",
	"turn.message": "ReceivedMessage", "turn.object": "ObjectToRead",
	"answer.events": "Event", "answer.messages": "Message", "answer.commands": "CommandTo", "answer.objects": "ObjectToWrite",
	"answer.schedule": "ScheduleTo", "answer.unschedule": "ScheduleKey", "answer.reject": "Reject", "answer.giveUp": "Reject",
}

// descriptions are those of objects of which the schemas say nothing that holds for all
// places.
var descriptions = map[string]string{
	"Event": "An event that a command leads to.", "Message": "A message to publish.", "CommandTo": "A command to send.",
	"ObjectToWrite": "An object to write into the task's bucket.", "ScheduleTo": "A command to send later, once or again and again.",
	"ScheduleKey": "Names a schedule that a handler made.", "Reject": "A refusal by a rule of the domain, or giving up. It is an answer, not an error.",
	"Attempt": "How often the to-do row was tried.",
}

// Read reads the contract from the schemas that [turn.TurnSchema] and [turn.AnswerSchema] give.
func Read() (Contract, error) {
	var contract Contract
	for _, kind := range turn.Kinds() {
		title := strings.ToUpper(string(kind[:1])) + string(kind[1:])
		read := Kind{string(kind), title + "Turn", title + "Answer"}
		if err := contract.add(read.Turn, "turn", turn.TurnSchema(kind)); err != nil {
			return contract, fmt.Errorf("the schema of %s turns: %w", kind, err)
		}
		if err := contract.add(read.Answer, "answer", turn.AnswerSchema(kind)); err != nil {
			return contract, fmt.Errorf("the schema of answers to %s turns: %w", kind, err)
		}
		contract.Kinds = append(contract.Kinds, read)
	}
	return contract, nil
}

// add reads one schema.
func (c *Contract) add(name, part string, text []byte) error {
	root, err := parse(text)
	if err != nil {
		return err
	}
	r := reader{c, part, root}
	return r.object(name, root)
}

// reader reads one schema into the contract.
type reader struct {
	contract *Contract
	// part is "turn" or "answer".
	part string
	root *schema
}

// object adds an object, after those that it consists of.
func (r reader) object(name string, s *schema) error {
	object := Object{Name: name, Description: cmp.Or(descriptions[name], s.Description), Variants: variants(s)}
	for _, each := range s.Properties {
		read, err := r.typeOf(each.name, each.schema)
		if err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
		required := slices.Contains(s.Required, each.name)
		object.Fields = append(object.Fields, Field{each.name, each.schema.Description, required, read})
	}
	former, there := r.contract.Find(name)
	if !there {
		r.contract.Objects = append(r.contract.Objects, object)
		return nil
	}
	if !reflect.DeepEqual(undescribed(former), undescribed(object)) {
		return fmt.Errorf("%s is another object than the one of this name before", name)
	}
	return nil
}

// undescribed is an object without descriptions, which may differ from place to place.
func undescribed(o Object) Object {
	o.Description, o.Fields = "", slices.Clone(o.Fields)
	for i := range o.Fields {
		o.Fields[i].Description = ""
	}
	return o
}

// typeOf is the type of a property, or of the elements of the list that it is.
func (r reader) typeOf(name string, s *schema) (Type, error) {
	if s.Ref != "" {
		name = strings.TrimPrefix(s.Ref, "#/$defs/")
		if s = r.root.Definitions.find(name); s == nil {
			return Type{}, fmt.Errorf("there is no definition %q", name)
		}
	}
	if s.Const != nil {
		return Type{Form: Literal, Value: s.Const}, nil
	}
	nullable := slices.Contains(s.Type, "null")
	kinds := slices.DeleteFunc(slices.Clone(s.Type), func(kind string) bool { return kind == "null" })
	if len(kinds) == 0 {
		return Type{Form: Any}, nil
	}
	if len(kinds) > 1 {
		return Type{}, fmt.Errorf("the kits know no type that is %s", strings.Join(kinds, " or "))
	}
	read, err := r.typeNamed(kinds[0], name, s)
	read.Nullable = nullable
	return read, err
}

// typeNamed is the type of a property whose schema has one type.
func (r reader) typeNamed(kind, name string, s *schema) (Type, error) {
	switch kind {
	case "string":
		return Type{Form: Text}, nil
	case "integer":
		return Type{Form: Integer}, nil
	case "boolean":
		return Type{Form: Boolean}, nil
	case "array":
		of, err := r.typeOf(name, s.Items)
		return Type{Form: List, Of: &of}, err
	case "object":
		return r.objectType(name, s)
	}
	return Type{}, fmt.Errorf("the kits know no type %q", kind)
}

// objectType is the type of a property that is an object.
func (r reader) objectType(name string, s *schema) (Type, error) {
	if s.Additional.values != nil {
		of, err := r.typeOf(name, s.Additional.values)
		return Type{Form: Map, Of: &of}, err
	}
	if len(s.Properties) == 0 {
		return Type{Form: Data}, nil
	}
	object, known := names[r.part+"."+name]
	if !known {
		return Type{}, fmt.Errorf("the object needs a name: enter %q into names in kits/internal/contract", r.part+"."+name)
	}
	return Type{Form: Reference, Object: object}, r.object(object, s)
}
