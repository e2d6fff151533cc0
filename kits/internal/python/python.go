// Package python writes the contract as a Python module of TypedDicts.
//
//  1. Each object is a TypedDict; one with variants is a union of one TypedDict for each,
//     final, so that `"events" in answer` tells them apart.
//  2. What a plugin shapes itself (data, rows) is a dictionary: a TypedDict's type
//     parameters have no defaults before Python 3.13.
//  3. At the end come the unions over all kinds, told apart by "kind".
package python

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/kits/internal/contract"
)

// head begins the module.
const head = `"""What passes between engine and handler.

Written by generate-kits from the JSON Schemas of turns and answers. Do not edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NotRequired, TypedDict, Union, final

# A JSON object of the plugin's own shape.
Data = dict[str, Any]
`

// Write is the text of the module.
func Write(c contract.Contract) string {
	w := &writer{}
	w.WriteString(head)
	for _, object := range c.Objects {
		w.object(object)
	}
	w.kinds(c.Kinds)
	return w.String()
}

// writer writes one module.
type writer struct{ strings.Builder }

// object writes one object.
func (w *writer) object(o contract.Object) {
	if len(o.Variants) == 0 {
		w.class("", o.Name, o.Description, o.Fields)
		return
	}
	var names []string
	for _, variant := range o.Variants {
		name := o.Name + form(variant)
		names = append(names, name)
		w.class("@final\n", name, o.Description, within(o, variant))
	}
	w.union(o.Name, o.Description, names)
}

// form tells a variant from the others: by what only it has.
func form(v contract.Variant) string {
	if len(v.Required) == 0 {
		return "Alone"
	}
	name := v.Required[0]
	return "With" + strings.ToUpper(name[:1]) + name[1:]
}

// within are the fields that one variant of an object has.
func within(o contract.Object, v contract.Variant) []contract.Field {
	var found []contract.Field
	for _, field := range o.Fields {
		if o.Varying(field.Name) {
			if !v.Has(field.Name) {
				continue
			}
			field.Required = slices.Contains(v.Required, field.Name)
		}
		found = append(found, field)
	}
	return found
}

// class writes a TypedDict.
func (w *writer) class(decorator, name, description string, fields []contract.Field) {
	fmt.Fprintf(w, "\n\n%sclass %s(TypedDict):\n", decorator, name)
	fmt.Fprintf(w, "    \"\"\"%s\"\"\"\n\n", safe(description))
	for _, field := range fields {
		written := typeOf(field.Type)
		if !field.Required {
			written = "NotRequired[" + written + "]"
		}
		fmt.Fprintf(w, "    %s: %s\n", field.Name, written)
		if field.Description != "" {
			fmt.Fprintf(w, "    \"\"\"%s\"\"\"\n", safe(field.Description))
		}
	}
}

// safe is text that can stand between three quotation marks.
func safe(text string) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	if strings.HasSuffix(text, `"`) {
		return text + " "
	}
	return text
}

// union writes a union of classes.
func (w *writer) union(name, description string, names []string) {
	fmt.Fprintf(w, "\n\n# %s\n%s = Union[\n", description, name)
	for _, each := range names {
		fmt.Fprintf(w, "    %s,\n", each)
	}
	w.WriteString("]\n")
}

// typeOf writes a type.
func typeOf(t contract.Type) string {
	written := plainTypeOf(t)
	if t.Nullable {
		return written + " | None"
	}
	return written
}

// plainTypeOf writes a type that is not None.
func plainTypeOf(t contract.Type) string {
	switch t.Form {
	case contract.Text:
		return "str"
	case contract.Integer:
		return "int"
	case contract.Boolean:
		return "bool"
	case contract.Literal:
		return fmt.Sprintf("Literal[%#v]", t.Value)
	case contract.Reference:
		return t.Object
	case contract.List:
		return "list[" + typeOf(*t.Of) + "]"
	case contract.Map:
		return "dict[str, " + typeOf(*t.Of) + "]"
	case contract.Data:
		return "Data"
	}
	return "Any"
}

// kinds writes the unions over all kinds.
func (w *writer) kinds(kinds []contract.Kind) {
	var turns, answers []string
	for _, kind := range kinds {
		turns, answers = append(turns, kind.Turn), append(answers, kind.Answer)
	}
	w.union("Turn", `Any turn; its "kind" tells which.`, turns)
	w.union("Answer", "The answer to a turn of any kind.", answers)
	w.WriteString("\n# A plugin's handler: from a turn, and Lambda's context, to the turn's answer. It depends on nothing but the turn.\n" +
		"Handler = Callable[[Turn, Any], Answer]\n")
}
