package proxy_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/reventless/pulumi-reventless/runtime/proxy"
)

// envRole makes the test binary play a process of its own: "wrapper" is an exec
// wrapper whose engine passes every invocation on as one turn, "runtime" is a
// language runtime that gives back what it gets.
const envRole = "PROXY_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(envRole) {
	case "wrapper":
		wrap(os.Args[1:])
	case "runtime":
		lambda.Start(echoHandler{})
	default:
		os.Exit(m.Run())
	}
}

type echoHandler struct{}

func (echoHandler) Invoke(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

// wrap is the shortest engine there is. One processor, as reventless-engine has it.
func wrap(command []string) {
	runtime.GOMAXPROCS(1)
	env := append(os.Environ(), envRole+"=runtime")
	p, err := proxy.Start(context.Background(), proxy.Options{Command: command, Env: env})
	if err == nil {
		err = p.Ready(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(lambda.Handler(p))
}
