package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/reventless/pulumi-reventless/runtime/admin"
	"github.com/reventless/pulumi-reventless/runtime/connect"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/engine"
)

// handle serves one invocation of Lambda.
type handle func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error)

// Invoke implements [lambda.Handler]. That spares the decoding and encoding which
// aws-lambda-go does for other handlers: the payload is JSON on both sides.
func (h handle) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return h(ctx, payload) }

var _ lambda.Handler = handle(nil)

// roles are the functions without a handler.
var roles = map[string]func(context.Context) (handle, error){
	definition.FunctionAdmin: func(ctx context.Context) (handle, error) {
		a, err := admin.FromEnvironment(ctx)
		if err != nil {
			return nil, err
		}
		return a.Handle, nil
	},
	definition.FunctionConnect: func(ctx context.Context) (handle, error) {
		c, err := connect.FromEnvironment(ctx)
		if err != nil {
			return nil, err
		}
		return c.Handle, nil
	},
	definition.FunctionRelay: withoutHandler,
	definition.FunctionFeeds: withoutHandler,
}

// withoutHandler builds the engine of a function whose plugin's handler has no part in it.
func withoutHandler(ctx context.Context) (handle, error) {
	e, err := engine.FromEnvironment(ctx, nil)
	if err != nil {
		return nil, err
	}
	return e.Handle, nil
}

// wrapped are the functions with a handler.
var wrapped = []string{
	definition.FunctionCommands, definition.FunctionProjections,
	definition.FunctionReactions, definition.FunctionRelay,
	definition.FunctionAutomations, definition.FunctionTasks, definition.FunctionQueries,
}

// serveRole serves a function without a handler.
func serveRole(function string) int {
	build, ok := roles[function]
	if !ok {
		return refuse(unknownRole(function))
	}
	serve, err := build(context.Background())
	if err != nil {
		return refuse(err)
	}
	lambda.Start(serve)
	return 1
}

// unknownRole says what REVENTLESS_FUNCTION may be when there is no command to wrap.
func unknownRole(function string) error {
	if slices.Contains(wrapped, function) {
		return fmt.Errorf("%s=%s needs the plugin's handler, but no language runtime was given to run it:"+
			" set AWS_LAMBDA_EXEC_WRAPPER=%s on a function with a managed runtime", definition.EnvFunction, function, definition.EnginePath)
	}
	return fmt.Errorf("%s is %q, not one of the functions without a handler: %s",
		definition.EnvFunction, function, strings.Join(slices.Sorted(maps.Keys(roles)), ", "))
}
