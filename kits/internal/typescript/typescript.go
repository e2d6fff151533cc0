// Package typescript writes the contract as TypeScript declarations.
//
//  1. Each object is an interface; one with variants is a type, a union in which a field
//     of another variant can only be undefined.
//  2. What a plugin shapes itself (commands, events, rows) is a type parameter with a
//     default, so the types work with and without a plugin's own.
//  3. At the end come the unions over all kinds, told apart by "kind".
package typescript

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/kits/internal/contract"
)

// head begins the file. Data is what has no type of its own.
const head = `// Written by generate-kits from the JSON Schemas of turns and answers. Do not edit.

/** A JSON object of the plugin's own shape. */
export type Data = Record<string, any>;

/** Something with a type and data: a command, an event or a message. */
export interface Typed<Type extends string = string, Of = Data> {
  type: Type;
  data: Of;
}
`

// Write is the text of the declarations.
func Write(c contract.Contract) string {
	w := &writer{contract: c}
	w.WriteString(head)
	for _, object := range c.Objects {
		w.object(object)
	}
	w.kinds()
	return w.String()
}

// shaped are the type parameters for what a plugin shapes itself, by the object with a type
// and data or by the field.
var shaped = map[string]string{
	"Command": "Commands", "CommandTo": "Commands", "Event": "Events", "RecordedEvent": "Events", "Message": "Messages",
	"ReceivedMessage": "Messages", "row": "Row", "snapshot": "Snapshot", "input": "Input", "arguments": "Arguments", "rows": "Rows",
	"result": "Result",
}

// anyValue are the type parameters for JSON values that the plugin makes, by the field.
var anyValue = map[string]string{"data": "Value"}

// writer writes one file.
type writer struct {
	strings.Builder
	contract contract.Contract
}

// object writes one object.
func (w *writer) object(o contract.Object) {
	w.comment("", o.Description)
	switch {
	case typed(o):
		w.typed(o)
	case len(o.Variants) > 0:
		w.variants(o)
	default:
		fmt.Fprintf(w, "export interface %s%s {\n", o.Name, w.parameters(o))
		w.fields("  ", o.Fields)
		w.WriteString("}\n")
	}
}

// variants writes an object with variants.
func (w *writer) variants(o contract.Object) {
	fmt.Fprintf(w, "export type %s%s = ", o.Name, w.parameters(o))
	if fields := common(o); len(fields) > 0 {
		w.WriteString("{\n")
		w.fields("  ", fields)
		w.WriteString("} & ")
	}
	w.WriteString("(\n")
	for _, variant := range o.Variants {
		w.WriteString("  | {\n")
		w.fields("      ", within(o, variant))
		w.WriteString("    }\n")
	}
	w.WriteString(");\n")
}

// typed writes an object with a type and data: what the plugin makes of these two, and
// the other fields beside it.
func (w *writer) typed(o contract.Object) {
	if others := beside(o); len(others) > 0 {
		fmt.Fprintf(w, "export type %s<Of extends Typed = Typed> = Of & {\n", o.Name)
		w.fields("  ", others)
		w.WriteString("};\n")
		return
	}
	fmt.Fprintf(w, "export type %s<Type extends string = string, Of = Data> = Typed<Type, Of>;\n", o.Name)
}

// typed says whether an object has a type and data of the plugin's own.
func typed(o contract.Object) bool { return len(o.Fields)-len(beside(o)) == 2 }

// beside are an object's fields other than type and data.
func beside(o contract.Object) []contract.Field {
	return slices.DeleteFunc(slices.Clone(o.Fields), func(field contract.Field) bool {
		return field.Name == "type" && field.Type.Form == contract.Text || field.Name == "data" && field.Type.Form == contract.Data
	})
}

// parameters declares an object's type parameters: those of commands, events and
// messages, then the others, each in the order of the fields.
func (w *writer) parameters(o contract.Object) string {
	var first, second []string
	for _, field := range o.Fields {
		name, fallback := w.parameter(field)
		declared := name + fallback
		switch {
		case name == "" || slices.Contains(first, declared) || slices.Contains(second, declared):
		case strings.HasPrefix(fallback, " extends"):
			first = append(first, declared)
		default:
			second = append(second, declared)
		}
	}
	if len(first)+len(second) == 0 {
		return ""
	}
	return "<" + strings.Join(append(first, second...), ", ") + ">"
}

// parameter is the type parameter that a field needs, if any, and what it is by default.
func (w *writer) parameter(field contract.Field) (string, string) {
	t := field.Type
	if t.Form == contract.List {
		t = *t.Of
	}
	switch t.Form {
	case contract.Reference:
		if o, _ := w.contract.Find(t.Object); typed(o) {
			return shaped[t.Object], " extends Typed = Typed"
		}
	case contract.Data:
		return shaped[field.Name], " = Data"
	case contract.Any:
		return anyValue[field.Name], " = any"
	}
	return "", ""
}

// common are the fields that all variants have alike.
func common(o contract.Object) []contract.Field {
	var found []contract.Field
	for _, field := range o.Fields {
		if !o.Varying(field.Name) {
			found = append(found, field)
		}
	}
	return found
}

// within are the varying fields as one variant has them; those of others are of no form.
func within(o contract.Object, v contract.Variant) []contract.Field {
	var found []contract.Field
	for _, field := range o.Fields {
		if !o.Varying(field.Name) {
			continue
		}
		field.Required = false
		for _, name := range v.Required {
			field.Required = field.Required || name == field.Name
		}
		if !v.Has(field.Name) {
			field.Description, field.Type = "", never
		}
		found = append(found, field)
	}
	return found
}

// never is the type of a field that is not there.
var never = contract.Type{Form: contract.Literal}

// fields writes fields.
func (w *writer) fields(indent string, fields []contract.Field) {
	for _, field := range fields {
		w.comment(indent, field.Description)
		mark := "?"
		if field.Required {
			mark = ""
		}
		fmt.Fprintf(w, "%s%s%s: %s;\n", indent, field.Name, mark, w.typeOf(field.Name, field.Type))
	}
}

// typeOf writes the type of a field.
func (w *writer) typeOf(name string, t contract.Type) string {
	written := w.plainTypeOf(name, t)
	if t.Nullable {
		return written + " | null"
	}
	return written
}

// plainTypeOf writes a type that is not null.
func (w *writer) plainTypeOf(name string, t contract.Type) string {
	switch t.Form {
	case contract.Text:
		return "string"
	case contract.Integer:
		return "number"
	case contract.Boolean:
		return "boolean"
	case contract.Literal:
		return literal(t.Value)
	case contract.Reference:
		return w.reference(t.Object)
	case contract.List:
		return w.typeOf(name, *t.Of) + "[]"
	case contract.Map:
		return "Record<string, " + w.typeOf(name, *t.Of) + ">"
	case contract.Data:
		return cmp.Or(shaped[name], "Data")
	}
	return cmp.Or(anyValue[name], "any")
}

// literal writes a value.
func literal(value any) string {
	if value == nil {
		return "never"
	}
	return strings.ReplaceAll(fmt.Sprintf("%#v", value), `"`, "'")
}

// reference writes a reference to an object; what the plugin shapes is its parameter.
func (w *writer) reference(name string) string {
	o, _ := w.contract.Find(name)
	switch {
	case !typed(o):
		return name
	case len(beside(o)) == 0:
		return shaped[name]
	}
	return name + "<" + shaped[name] + ">"
}

// comment writes a description.
func (w *writer) comment(indent, text string) {
	if indent == "" {
		w.WriteString("\n")
	}
	if text != "" {
		fmt.Fprintf(w, "%s/** %s */\n", indent, text)
	}
}

// kinds writes the unions over all kinds.
func (w *writer) kinds() {
	w.comment("", "The turns, by their kind.")
	w.WriteString("export interface Turns {\n")
	for _, kind := range w.contract.Kinds {
		fmt.Fprintf(w, "  %s: %s;\n", kind.Name, kind.Turn)
	}
	w.WriteString("}\n")
	w.comment("", "The answers, by the kind of their turn.")
	w.WriteString("export interface Answers {\n")
	for _, kind := range w.contract.Kinds {
		fmt.Fprintf(w, "  %s: %s;\n", kind.Name, kind.Answer)
	}
	w.WriteString("}\n")
	w.WriteString(tail)
}

// tail ends the file.
const tail = `
/** What is asked. */
export type Kind = keyof Turns;

/** Any turn; its "kind" tells which. */
export type Turn = Turns[Kind];

/** The answer to a turn of any kind, or of some. */
export type Answer<Of extends Kind = Kind> = Answers[Of];

/** A plugin's handler: from a turn to its answer. It depends on nothing but the turn. Lambda wants it to be async. */
export type Handler = (turn: Turn) => Promise<Answer>;
`
