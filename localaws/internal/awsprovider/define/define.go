// Package define is the contract between the provider server and the
// resource types: a Resource is a declaration (argument type, what forces a
// replacement, which outputs AWS computes) plus four functions that call AWS.
//
//  1. The server checks, compares and previews from the declaration alone.
//  2. Create, Read, Update and Delete are called with checked, known inputs.
//  3. Outputs are the inputs overlaid with what Read returns; a null in the
//     result of Read clears a property. Read runs after every Create and Update.
package define

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Request is what an operation gets.
type Request struct {
	ID      string          // "" on Create
	Inputs  property.Map    // checked inputs; on Delete the last ones
	Old     property.Map    // the inputs before an Update, else nil
	State   property.Map    // the last known outputs, nil on Create
	Changed map[string]bool // Update: top-level inputs that differ

	produced resource.PropertyMap
}

// NewRequest returns a request that collects what an operation produces.
func NewRequest(id string, inputs resource.PropertyMap) Request {
	return Request{ID: id, Inputs: property.Map(inputs), produced: resource.PropertyMap{}}
}

// Produce sets an output that only Create or Update itself can know.
func (r Request) Produce(name string, value any) {
	r.produced[resource.PropertyKey(name)] = property.Of(value)
}

// Produced returns what Produce has set.
func (r Request) Produced() resource.PropertyMap { return r.produced }

// AnyChanged tells whether one of the named inputs differs.
func (r Request) AnyChanged(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return r.Changed[n] })
}

// AutoName says which property is named after the logical name plus 7 hex
// digits when it is absent.
type AutoName struct {
	Property string
	Max      int    // longest name AWS takes
	FifoFlag string // boolean input that adds ".fifo" to the name, "" for none
	Prefix   string // input that replaces the logical name, "" for "namePrefix"
	Lower    bool   // the name takes no capital letters
}

// Range is an inclusive bound of a number.
type Range struct{ Min, Max int }

// Kind says how a property is compared.
type Kind int

// The ways to compare properties; the default is by value.
const (
	JSON         Kind = iota + 1 // semantically equal JSON is no difference; objects become text
	Policy                       // JSON with IAM's rules: order and one-element lists do not matter
	Set                          // order of the list does not matter
	FunctionName                 // the name of a Lambda function equals its ARN
)

// Operation creates, updates or deletes at AWS.
type Operation func(ctx context.Context, c *Clients, r Request) error

// Resource declares one resource type.
type Resource struct {
	Token  string       // aws:sqs/queue:Queue
	Noun   string       // in error messages: SQS Queue
	Args   reflect.Type // the SDK's xxxArgs
	Result reflect.Type // the SDK's resource struct, for the schema

	AutoName *AutoName
	Required []string       // required inputs that the argument type does not show as such
	Defaults map[string]any // applied to absent inputs
	Enums    map[string][]string
	Ranges   map[string]Range
	Kinds    map[string]Kind // property path to kind of comparison
	Validate func(inputs property.Map) []inputcheck.Failure

	ForceNew            []string // top-level inputs whose change replaces the resource
	ReplaceIf           func(old, updated property.Map, changed map[string]bool) []string
	DeleteBeforeReplace bool
	Computed            []string                                                    // outputs that AWS decides when the inputs do not
	Volatile            func(changed map[string]bool, inputs property.Map) []string // computed outputs that an update changes
	Secret              []string                                                    // secret outputs

	NotFoundCodes []string // error codes that mean "gone"
	// Create returns an id together with an error when the resource exists but
	// could not be completed; it is then kept in the state with that error.
	Create func(ctx context.Context, c *Clients, r Request) (id string, err error)
	Read   func(ctx context.Context, c *Clients, r Request) (property.Values, error) // nil, nil: gone
	Update Operation
	Delete Operation
}

// Function declares one invoke.
type Function struct {
	Token  string
	Args   reflect.Type
	Result reflect.Type
	Call   func(ctx context.Context, c *Clients, args property.Map) (property.Values, error)
}

// Label names a resource in messages: its id, else its name, else "new".
func (d *Resource) Label(id string, inputs property.Map) string {
	if id != "" {
		return id
	}
	if d.AutoName != nil {
		if name := inputs.String(d.AutoName.Property); name != "" {
			return name
		}
	}
	return "new"
}

// Gone tells whether err means that the resource does not exist.
func (d *Resource) Gone(err error) bool { return HasCode(err, d.NotFoundCodes...) }

// HasCode tells whether err is an AWS error with one of the codes.
func HasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// HasText tells whether err is an AWS error whose message contains a text.
func HasText(err error, code, text string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code && strings.Contains(api.ErrorMessage(), text)
}

// ArgsOf returns the struct type behind an SDK XxxArgs value.
func ArgsOf(args interface{ ElementType() reflect.Type }) reflect.Type {
	t := args.ElementType()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// JSONText is the validation of a property that must be a JSON document.
func JSONText(inputs property.Map, key string) []inputcheck.Failure {
	if !inputs.Known(key) {
		return nil
	}
	if _, ok := property.CanonicalJSON(inputs.String(key)); !ok && inputs.String(key) != "" {
		return []inputcheck.Failure{{Path: key, Reason: fmt.Sprintf("%q contains an invalid JSON document", key)}}
	}
	return nil
}

// Failed is shorthand for one refused input.
func Failed(path, format string, args ...any) []inputcheck.Failure {
	return []inputcheck.Failure{{Path: path, Reason: fmt.Sprintf(format, args...)}}
}

// Normalised returns the inputs in the form in which they are compared.
func (d *Resource) Normalised(m resource.PropertyMap) resource.PropertyMap {
	return normaliseObject(d.Kinds, m, "")
}
