// Command demo deploys the online shop to a local AWS and places an order.
//
//  1. It starts the local AWS on loopback.
//  2. It copies the shop's projects to .demo/shop, because Pulumi writes into them.
//  3. It runs `pulumi up` in platform-aws, catalog-aws, ordering-aws and shipping-aws.
//  4. It makes a user for each of the shop's roles (users.go).
//  5. They add a product to the catalog by GraphQL, wait until it has reached ordering,
//     place an order for it, wait until that has reached shipping and the catalog,
//     dispatch it and read it back; and they see what others may not (shop.go).
//  6. It shuts everything down, or with --keep waits for an interrupt first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

const (
	folder = ".demo"
	stack  = "alpha"
)

// options are the command line's flags.
type options struct {
	keep, verbose bool
	port          int
	version       string
}

func main() {
	var o options
	flag.BoolVar(&o.keep, "keep", false, "leave everything running until interrupted")
	flag.BoolVar(&o.verbose, "verbose", false, "print all that Pulumi prints")
	flag.IntVar(&o.port, "port", 0, "port of the local AWS; 0 takes a free one")
	flag.StringVar(&o.version, "provider-version", "0.1.0-alpha.0+dev", "version of the provider beside this program")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo stopped: %v\n", explain(err))
		os.Exit(1)
	}
}

// explain leaves out of a failed command's error what has been printed already.
func explain(err error) string {
	var failed *pulumicli.CommandError
	if errors.As(err, &failed) {
		return failed.Command + " failed; its last lines are:\n\n" + lastLines(failed.Output, 25)
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

func run(ctx context.Context, o options) error {
	started := time.Now()
	step("Starting a local AWS")
	server, err := localaws.Start(ctx, localaws.Options{Port: o.port, DataDir: filepath.Join(folder, "aws"), Region: region, EnforceIAM: true})
	if err != nil {
		return err
	}
	defer server.Close()
	// Not before: a demo that still runs has the folder, and then Start failed.
	for _, name := range []string{"shop", "pulumi", "tokens"} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	say("It listens on %s and knows nothing of any account of yours.", server.URL())
	workspace, err := newWorkspace(server.URL(), o.version)
	if err != nil {
		return err
	}
	outputs, err := deploy(ctx, workspace, o.verbose)
	if err != nil {
		return err
	}
	step("A user for each role of the shop")
	users, err := newUsers(ctx, server.URL(), outputs)
	if err != nil {
		return err
	}
	say("merch looks after the catalog, fulfil ships, shopper buys; a visitor has the API key.")
	shop := &shop{users: users, started: started}
	if err := shop.order(ctx); err != nil {
		return err
	}
	return finish(ctx, server, users, o.keep, time.Since(started))
}

// newWorkspace sets Pulumi up below .demo, and writes what a shell needs to use the same
// set-up to .demo/env.
func newWorkspace(endpoint, version string) (*pulumicli.Workspace, error) {
	directory, err := filepath.Abs(filepath.Join(folder, "pulumi"))
	if err != nil {
		return nil, err
	}
	workspace, err := pulumicli.New(pulumicli.Options{
		Directory: directory, Programs: programs(), ProviderVersion: version, Endpoint: endpoint,
	})
	if err != nil {
		return nil, err
	}
	lines := []string{"export PATH=" + strings.Join(programs(), ":") + `:"$PATH"`}
	for _, variable := range workspace.Variables() {
		lines = append(lines, "export "+variable)
	}
	return workspace, os.WriteFile(filepath.Join(folder, "env"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// deploy runs pulumi up in copies of the four folders and returns the platform's
// outputs.
func deploy(ctx context.Context, workspace *pulumicli.Workspace, verbose bool) (map[string]any, error) {
	shop := filepath.Join(folder, "shop")
	if err := pulumicli.CopyProjects("examples/online-shop", shop); err != nil {
		return nil, err
	}
	for _, name := range []string{"platform-aws", "catalog-aws", "ordering-aws", "shipping-aws"} {
		if err := up(ctx, workspace.Stack(filepath.Join(shop, name), stack), name, verbose); err != nil {
			return nil, err
		}
	}
	return workspace.Stack(filepath.Join(shop, "platform-aws"), stack).Outputs(ctx)
}

// programs are the folders of the programs that this one runs: its own, and that of
// the tools beside it.
func programs() []string {
	own, err := os.Executable()
	if err != nil {
		own = "bin/demo"
	}
	return []string{filepath.Dir(own), filepath.Join(filepath.Dir(filepath.Dir(own)), ".tools", "bin")}
}

func up(ctx context.Context, s *pulumicli.Stack, name string, verbose bool) error {
	step("pulumi up --stack %s in %s", stack, name)
	s.Output = &progress{verbose: verbose}
	began := time.Now()
	if _, err := s.Up(ctx); err != nil {
		return err
	}
	say("%s is up after %s.", name, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// finish says where things are, and waits if they are to be kept.
func finish(ctx context.Context, server *localaws.Server, u *users, keep bool, elapsed time.Duration) error {
	step("Done after %s", elapsed.Round(100*time.Millisecond))
	if !keep {
		say("Everything is shut down again. 'make demo KEEP=1' leaves it running, with GraphiQL to try it.")
		return nil
	}
	say("GraphQL    %s", u.url)
	say("API key    %s, to look around", u.key)
	say("Tokens     %s/{admin,fulfil,merch,shopper}, to act as one of them", tokens())
	for _, site := range server.Distributions() {
		say("Host UI    %s: give it the API key or a token", site.URL)
	}
	say("GraphiQL   %s", server.URL()+"/graphiql/"+filepath.Base(u.url)+"?apiKey="+u.key)
	say("Projects   %s: change something, then in another shell", filepath.Join(folder, "shop"))
	say("           source %s; cd %s; pulumi up --stack %s", filepath.Join(folder, "env"), filepath.Join(folder, "shop", "catalog-aws"), stack)
	say("Stop       Ctrl-C")
	u.keepSignedIn(ctx)
	return nil
}
