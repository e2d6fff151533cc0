// Package appsyncjs runs resolver code of the runtime APPSYNC_JS 1.0.0.
//
//  1. [Compile] lints the code as written (lint.go): syntax that AppSync refuses is
//     a [CodeError], as in the answer of CreateResolver.
//  2. esbuild bundles the code with a stand-in for @aws-appsync/utils (aws-appsync-utils.js)
//     and lowers its syntax to what goja runs (bundle.go).
//  3. [Program.Evaluate] runs one handler, request or response, in a virtual machine
//     of its own: nothing is kept between evaluations but what the context carries.
//     The time for it is limited.
//  4. util.error ends an evaluation with a [Thrown]; util.appendError,
//     runtime.earlyReturn and extensions show in the [Evaluation]. Any other exception is a Thrown
//     of type "Code".
package appsyncjs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// MaxCodeLength is how many characters of code AppSync takes.
const MaxCodeLength = 32_768

// Timeout limits one evaluation, in the time of the clock: on a busy machine the code may
// have to wait for its turn. It is what AppSync gives a whole request.
const Timeout = 30 * time.Second

// Handler is the name of an exported function.
type Handler string

// The two functions that a resolver's code exports.
const (
	Request  Handler = "request"
	Response Handler = "response"
)

// CodeError is one reason why AppSync refuses code.
type CodeError struct {
	// Type is LINT_ERROR or PARSER_ERROR.
	Type     string   `json:"errorType"`
	Value    string   `json:"value"`
	Location Location `json:"location"`
}

// Location is a place in the code; lines and columns count from 1, Span is a number
// of characters.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Span   int `json:"span"`
}

// Program is compiled code.
type Program struct{ program *goja.Program }

// Compile checks and compiles code. Without errors the program is usable by many
// goroutines.
func Compile(code string) (*Program, []CodeError) {
	text, problems := bundle(code)
	if len(problems) > 0 {
		return nil, problems
	}
	if problems := lint(code); len(problems) > 0 {
		return nil, problems
	}
	program, err := goja.Compile("bundle.js", text, false)
	if err != nil {
		return nil, []CodeError{{Type: "PARSER_ERROR", Value: err.Error()}}
	}
	compiled := &Program{program}
	if problems := compiled.exports(); len(problems) > 0 {
		return nil, problems
	}
	return compiled, nil
}

// exports checks that the code exports both handlers.
func (p *Program) exports() []CodeError {
	machine, err := p.start()
	if err != nil {
		return []CodeError{{Type: "PARSER_ERROR", Value: err.Error()}}
	}
	var problems []CodeError
	for _, handler := range []Handler{Request, Response} {
		if !machine.call("exported", string(handler)).ToBoolean() {
			problems = append(problems, CodeError{Type: "LINT_ERROR", Location: Location{Line: 1, Column: 1},
				Value: fmt.Sprintf("The code must export a function named '%s'.", handler)})
		}
	}
	return problems
}

// Evaluation is what a handler did.
type Evaluation struct {
	// Result is the returned value in the types of encoding/json, numbers as
	// [json.Number]; nil if the handler returned undefined.
	Result any `json:"result"`
	// Stash is the context's stash afterwards.
	Stash any `json:"stash"`
	// Errors are those of util.appendError.
	Errors []Thrown `json:"errors"`
	// Early says that runtime.earlyReturn ended the handler: Result is the
	// resolver's value, the data source and the other handler are skipped.
	Early bool `json:"early"`
	// Error is that of util.error.
	Error *Thrown `json:"error"`
	// Extensions is what the handler asked of AppSync itself.
	Extensions Extensions `json:"extensions"`
}

// Extensions are the calls of extensions.*; those about the cache have no effect.
type Extensions struct {
	// Filter and InvalidationFilter are those of setSubscriptionFilter and
	// setSubscriptionInvalidationFilter, nil if they were not called.
	Filter             any `json:"filter"`
	InvalidationFilter any `json:"invalidationFilter"`
	// Invalidations are those of invalidateSubscriptions.
	Invalidations []Invalidation `json:"invalidations"`
}

// Invalidation ends the subscriptions to a field whose invalidation filter lets the
// payload through.
type Invalidation struct {
	Field   string `json:"subscriptionField"`
	Payload any    `json:"payload"`
}

// Thrown is an error made by the code.
type Thrown struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Data    any    `json:"data"`
	Info    any    `json:"info"`
}

// Error is the message with its type.
func (t *Thrown) Error() string { return t.Type + ": " + t.Message }

// Evaluate runs a handler on a context (see AppSync's resolver context). The error is
// a [Thrown]; the evaluation is usable even then, for its stash and errors.
func (p *Program) Evaluate(ctx context.Context, handler Handler, resolverContext map[string]any) (Evaluation, error) {
	text, err := json.Marshal(resolverContext)
	if err != nil {
		return Evaluation{}, &Thrown{Type: "Code", Message: "the context is no JSON: " + err.Error()}
	}
	machine, err := p.start()
	if err != nil {
		return Evaluation{}, thrown(err)
	}
	stop := machine.limit(ctx)
	defer stop()
	answer, err := machine.evaluate(string(handler), string(text))
	if err != nil {
		return Evaluation{}, thrown(err)
	}
	var evaluation Evaluation
	decoder := json.NewDecoder(strings.NewReader(answer))
	decoder.UseNumber()
	if err := decoder.Decode(&evaluation); err != nil {
		return Evaluation{}, thrown(err)
	}
	if evaluation.Error != nil {
		return evaluation, evaluation.Error
	}
	return evaluation, nil
}

// thrown words an exception of the virtual machine as AppSync does:
// code.js:LINE:COLUMN: TypeError: ….
func thrown(err error) *Thrown {
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		return &Thrown{Type: "Code", Message: fmt.Sprintf("The code took longer than %s.", Timeout)}
	}
	var exception *goja.Exception
	if !errors.As(err, &exception) {
		return &Thrown{Type: "Code", Message: err.Error()}
	}
	message := exception.Value().String()
	for _, frame := range exception.Stack() {
		if position := frame.Position(); strings.HasSuffix(position.Filename, codeFile) {
			return &Thrown{Type: "Code", Message: fmt.Sprintf("%s:%d:%d: %s", codeFile, position.Line, position.Column, message)}
		}
	}
	return &Thrown{Type: "Code", Message: message}
}
