// Command reventless-engine is the one binary behind every function that the
// components create. Lambda starts it in one of two ways:
//
//  1. With arguments, as the exec wrapper (AWS_LAMBDA_EXEC_WRAPPER) of a plugin's
//     function. The arguments are the language runtime's command. It runs beside the
//     engine (package proxy), which serves Lambda's invocations and calls the handler
//     in it for each turn. REVENTLESS_FUNCTION is commands, projections, relay,
//     reactions, automations, tasks or queries.
//  2. Without arguments, from a bootstrap, as a function that has no handler.
//     REVENTLESS_FUNCTION is admin, connect, relay or feeds.
//
// REVENTLESS_FUNCTION=version prints the version and ends; a flag for that could not
// be told from the command of a language runtime.
//
// What keeps a function from starting is reported to Lambda as its init error, so it
// reaches whoever invokes the function, and written to standard error. The exit
// status is then 1, or the language runtime's own.
package main

import (
	"fmt"
	"os"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// version is set by the linker: -X main.version=1.2.3.
var version = "development"

func main() { os.Exit(run(os.Args[1:])) }

// run gives the exit status. It does not return while Lambda has work.
func run(arguments []string) int {
	function := os.Getenv(definition.EnvFunction)
	if len(arguments) == 0 && function == "version" {
		fmt.Println(version)
		return 0
	}
	if len(arguments) == 0 {
		return serveRole(function)
	}
	return wrap(function, arguments)
}
