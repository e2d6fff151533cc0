// Command bench prints the product's figures, each measured in this run:
//
//  1. requests.go: AWS requests of one accepted command, counted by the local AWS;
//  2. deployment.go: resources and state of each of the shop's stacks, and the start of
//     the provider;
//  3. orchestration.go: memory of the command line and of what it runs, with 8 stacks at
//     once; on Linux only;
//  4. the Go benchmarks of the proxy, of composition, and of the engine: commands,
//     decisions of slices, long histories, projections and rebuilds; and of the command
//     line: the overhead of many stacks, and finding which changed.
//
// Times are medians; compare only figures of one run on a machine that is otherwise
// quiet.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/provider"
)

const stack = "alpha"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if err := measureStart(ctx); err != nil {
		return err
	}
	if err := measureShop(ctx); err != nil {
		return err
	}
	if err := measureOrchestration(ctx); err != nil {
		return err
	}
	for _, benchmark := range [][]string{
		{"Overhead of the Runtime API proxy for each turn", "Proxy", "5000x", "./runtime/proxy"},
		{"Composition of schema fragments (plugins × types × fields), against parsing and printing with gqlparser alone", ".", "10x", "./runtime/schema"},
		{"Requests of one command on an aggregate, counted in memory", "Command", "200x", "./runtime/engine"},
		{"Requests of one decision of a slice, by what it reads and writes, counted in memory", "Execute", "200x", "./runtime/dcb"},
		{"A command on an aggregate of 10,000 events, with and without snapshots", "LongHistory", "20x", "./runtime/engine"},
		{"Rows made from batches of 100 records, one function", "Projection", "20x", "./runtime/engine"},
		{"Rebuild of 1,000 rows of 10 events each, one function", "Rebuild", "3x", "./runtime/engine"},
		{"50 stacks of 0.2 s each, 8 at once: time over the least possible", "Overhead", "5x", "./cli/orchestrate"},
		{"Which of 500 stacks changed, among 10,000 changed files", "Changed", "5x", "./cli/internal/change"},
	} {
		if err := goBenchmark(ctx, benchmark[0], benchmark[1], benchmark[2], benchmark[3]); err != nil {
			return err
		}
	}
	return nil
}

func title(text string) { fmt.Printf("\n%s\n", text) }

func goBenchmark(ctx context.Context, name, pattern, times, folder string) error {
	title(name)
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchtime", times, folder)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

// measureShop deploys the shop to a local AWS and measures what is there.
func measureShop(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "reventless-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	server, err := localaws.Start(ctx, localaws.Options{DataDir: filepath.Join(folder, "aws"), Region: "eu-west-1"})
	if err != nil {
		return err
	}
	defer server.Close()
	shop := filepath.Join(folder, "shop")
	if err := pulumicli.CopyProjects("examples/online-shop", shop); err != nil {
		return err
	}
	workspace, err := pulumicli.New(pulumicli.Options{
		Directory: filepath.Join(folder, "pulumi"), Programs: []string{"bin", filepath.Join(".tools", "bin")},
		ProviderVersion: provider.Version, Endpoint: server.URL(),
	})
	if err != nil {
		return err
	}
	if err := measureStacks(ctx, workspace, shop); err != nil {
		return err
	}
	outputs, err := workspace.Stack(filepath.Join(shop, "platform-aws"), stack).Outputs(ctx)
	if err != nil {
		return err
	}
	return measureRequests(ctx, server.URL(), outputs)
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
