// Command languages previews a program of the example as an inline program of the Automation API:
//
//	languages <project> <events>
//
// in the project's folder. What the engine tells is written to the file <events>.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/examples/online-shop-go/stacks"
)

// programs are the programs by the folder of their project.
var programs = map[string]pulumi.RunFunc{
	"platform-aws": stacks.Platform,
	"catalog-aws":  stacks.Catalog,
	"ordering-aws": stacks.Ordering,
}

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, project, file string) error {
	workspace, err := auto.NewLocalWorkspace(ctx, auto.WorkDir("."), auto.Program(programs[project]))
	if err != nil {
		return err
	}
	stack, err := auto.UpsertStack(ctx, "alpha", workspace)
	if err != nil {
		return err
	}
	stream := make(chan events.EngineEvent)
	written := make(chan error, 1)
	go func() { written <- write(file, stream) }()
	if _, err = stack.Preview(ctx, optpreview.EventStreams(stream)); err != nil {
		return err
	}
	return <-written
}

func write(name string, stream <-chan events.EngineEvent) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	encoder := json.NewEncoder(file)
	for event := range stream {
		if err := encoder.Encode(event.EngineEvent); err != nil {
			return err
		}
	}
	return nil
}
