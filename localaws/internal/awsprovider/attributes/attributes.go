// Package attributes converts between properties and the string attributes
// that SQS and SNS use instead of structures.
package attributes

import (
	"strconv"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Kind is the type of an attribute's property.
type Kind int

// The property types of attributes.
const (
	Text Kind = iota
	Number
	Flag
)

// Attribute pairs a property with the AWS attribute.
type Attribute struct {
	Property, Name string
	Kind           Kind
	SendFalse      bool // false differs from AWS's default and must be sent on create
}

// ForCreate returns the attributes to send on create: everything that is set
// and not a zero value, since AWS refuses some attributes even with their
// default (FIFO attributes of a standard queue).
func ForCreate(table []Attribute, inputs property.Map) map[string]string {
	out := map[string]string{}
	for _, a := range table {
		v := a.text(inputs)
		zero := v == "" || v == "0" || v == "false"
		if inputs.Has(a.Property) && (!zero || a.SendFalse && v == "false") {
			out[a.Name] = v
		}
	}
	return out
}

// Changed returns the attributes of changed properties; a removed text is "",
// which resets the attribute.
func Changed(table []Attribute, inputs property.Map, changed map[string]bool) map[string]string {
	out := map[string]string{}
	for _, a := range table {
		if changed[a.Property] {
			out[a.Name] = a.text(inputs)
		}
	}
	return out
}

func (a Attribute) text(inputs property.Map) string {
	switch a.Kind {
	case Number:
		return strconv.Itoa(inputs.Int(a.Property))
	case Flag:
		return strconv.FormatBool(inputs.Bool(a.Property))
	default:
		return inputs.String(a.Property)
	}
}

// Values reads attributes into properties. An absent attribute is null.
func Values(table []Attribute, attributes map[string]string) property.Values {
	values := property.Values{}
	for _, a := range table {
		text, ok := attributes[a.Name]
		values[a.Property] = nil
		if ok && text != "" {
			values[a.Property] = a.value(text)
		}
	}
	return values
}

func (a Attribute) value(text string) any {
	switch a.Kind {
	case Number:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
		return nil
	case Flag:
		return text == "true"
	default:
		return text
	}
}
