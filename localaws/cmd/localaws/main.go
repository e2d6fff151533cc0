// Command localaws runs a local AWS until it is interrupted.
//
//  1. It starts the local AWS on a loopback port and prints one line with its
//     address when it is ready.
//  2. SIGINT and SIGTERM end it with everything that it started.
//
// Warnings and injected faults go to standard error.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/reventless/pulumi-reventless/localaws"
)

// defaultPort is the port that tools for local AWS emulators expect.
const defaultPort = 4566

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "localaws:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	options := localaws.Options{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags := flag.NewFlagSet("localaws", flag.ExitOnError)
	flags.IntVar(&options.Port, "port", defaultPort, "loopback port; 0 takes a free one")
	flags.StringVar(&options.DataDir, "data", "", "folder for unpacked code and logs (default: a temporary one)")
	flags.StringVar(&options.MotoCommand, "moto", "", "path of moto_server (default: $"+localaws.MotoVariable+", or "+localaws.DefaultMotoCommand+" here or above)")
	flags.StringVar(&options.Region, "region", localaws.DefaultRegion, "AWS region")
	flags.StringVar(&options.AccountID, "account", localaws.DefaultAccountID, "AWS account id")
	flags.BoolVar(&options.EnforceIAM, "enforce-iam", false, "let roles do only what their policies allow, as on AWS")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := localaws.Start(ctx, options)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Println("local AWS ready at", server.URL())
	select {
	case <-ctx.Done():
		return nil
	case <-server.Done():
		return localaws.ErrMotoEnded
	}
}
