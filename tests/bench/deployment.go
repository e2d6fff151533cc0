package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

// measureStart measures how long the provider takes until it listens, the time that
// each pulumi command waits for it.
func measureStart(ctx context.Context) error {
	const rounds = 11
	var times []time.Duration
	for range rounds {
		took, err := startProvider(ctx)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	title("Start of the provider")
	fmt.Printf("  %-34s %v (median of %d)\n", "until it listens", median(times).Round(100*time.Microsecond), rounds)
	return nil
}

func startProvider(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join("bin", "pulumi-resource-reventless"))
	output, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("%w: run 'make build'", err)
	}
	_, err = bufio.NewReader(output).ReadString('\n') // the port
	took := time.Since(began)
	cancel()
	_ = command.Wait() // ended by us
	return took, err
}

// measureStacks deploys the shop's stacks and shows what each consists of.
func measureStacks(ctx context.Context, workspace *pulumicli.Workspace, shop string) error {
	title("Stacks of the shop")
	fmt.Printf("  %-14s %10s %10s %10s %10s\n", "", "resources", "resolvers", "state KB", "up")
	for _, project := range []string{"platform-aws", "catalog-aws", "ordering-aws", "shipping-aws"} {
		s := workspace.Stack(filepath.Join(shop, project), stack)
		began := time.Now()
		if _, err := s.Up(ctx); err != nil {
			return err
		}
		took := time.Since(began)
		resources, size, err := s.State(ctx)
		if err != nil {
			return err
		}
		ours, resolvers := count(resources)
		fmt.Printf("  %-14s %10d %10d %10d %10v\n", project, ours, resolvers, size/1000, took.Round(100*time.Millisecond))
	}
	return nil
}

// count counts the AWS resources, and the resolvers among them.
func count(resources []pulumicli.Resource) (all, resolvers int) {
	for _, r := range resources {
		if strings.HasPrefix(r.Type, "aws:") {
			all++
		}
		if r.Type == "aws:appsync/resolver:Resolver" {
			resolvers++
		}
	}
	return all, resolvers
}
