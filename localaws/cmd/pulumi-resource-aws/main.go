// Command pulumi-resource-aws is a stand-in for the aws provider plugin, for
// local development only. It
//
//  1. says what it is, on standard error and in the stack's diagnostics,
//  2. listens on a free loopback port and prints it on standard output, which
//     is how the Pulumi engine finds a plugin,
//  3. serves the provider protocol until the engine ends it.
//
// See package awsprovider for what it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
}

func run() error {
	fmt.Fprintln(os.Stderr, awsprovider.Banner)
	log, err := engineLog(os.Args[1:])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	server := grpc.NewServer(awsprovider.ServerOptions()...)
	rpc.RegisterResourceProviderServer(server, awsprovider.New(log))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, server.Stop)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// engineLog logs to the engine whose address the engine gives as an argument.
// Started by hand there is none; the engine that attaches gives it then.
func engineLog(args []string) (awsprovider.Log, error) {
	for _, arg := range args {
		if _, _, err := net.SplitHostPort(arg); err == nil {
			return awsprovider.EngineLog(arg)
		}
	}
	return nil, nil
}
