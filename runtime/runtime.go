// Package runtime runs a plugin that is written in Go.
//
// The plugin's bootstrap is a main function that calls [Start] with its [Handler]:
//
//		func main() { runtime.Start(handle) }
//
//	 1. Start reads the function's environment and the plugin's definition, which the
//	    provider put there, and builds the engine around the handler.
//	 2. For each invocation of Lambda the engine gives the handler as many turns as it
//	    takes, one at a time. The handler does no I/O: everything that it needs is in
//	    the turn, everything that it wants is in its answer.
//	 3. An error or a panic of the handler fails the turn, not the process. A handler that
//	    hangs fails its turn too; once the invocation is answered the program starts anew,
//	    in the same process.
//
// Plugins in other languages need nothing of this package; the same engine runs beside
// their language's runtime.
package runtime

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/reventless/pulumi-reventless/runtime/engine"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Handler answers one turn. It may be called for the same turn more than once and must
// depend on nothing but the turn. A refusal by the domain's rules is an answer
// ([turn.Answer].Reject), not an error. The context ends with the time that there is
// for the turn.
type Handler func(ctx context.Context, t turn.Turn) (turn.Answer, error)

// Start serves the invocations of this Lambda function with the handler. It returns
// only by ending the process; with exit status 1 and a line on standard error when
// the environment is not what the provider makes.
func Start(handler Handler) {
	e, err := engine.FromEnvironment(context.Background(), NewInvoker(handler))
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(e.Lambda())
}
