// Package dev is the command "dev": the stacks of a manifest on a local AWS, deployed anew
// when their files change.
//
//  1. A local AWS starts (package localaws), with what the last dev saved (saved.go), or
//     empty. Pulumi gets a home, a backend and plugins of its own below
//     .reventless/dev; the user's own projects, stacks and credentials are not touched:
//     variables that lead to an account are taken out of the environment.
//  2. All stacks are deployed as `reventless up` does (package orchestrate), with the
//     configuration of one environment.
//  3. The files that the stacks are made of are watched, and the manifest. What changed is
//     deployed, and what reads outputs that changed. A deployment that fails is told of, and
//     tried again with the next change. With each change it is found out anew which stacks
//     there are and what they are made of. A stack that was taken out of the manifest is
//     told of and stays, unless Prune says otherwise.
//  4. After each deployment, and now and then when something was written, everything is saved
//     for the next dev, and at the end (keep.go).
//  5. What functions write is printed with the function's name before it.
//  6. A page shows what is deployed and what happens (package page).
package dev

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/cli/dev/page"
	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/cli/internal/watch"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
)

// Options say what to run.
type Options struct {
	// Only are the stacks, see package selection.
	Only []string
	// Port is that of the local AWS, PagePort that of the page; 0 takes a free one.
	Port, PagePort int
	// Version is the version of the provider.
	Version string
	// Programs are the folders in which the providers are looked for.
	Programs []string
	// Groups are those of the user that is signed in where the platform has users.
	Groups []string
	// Quiet leaves out what functions write.
	Quiet bool
	// Fresh begins empty, and forgets what an earlier dev saved.
	Fresh bool
	// Prune destroys stacks that the manifest does not have any more.
	Prune bool
}

// session is a running dev.
type session struct {
	options   Options
	plan      *project.Plan
	display   display.Display
	server    *localaws.Server
	workspace *workspace
	page      *page.Server
	region    string

	roots   roots
	watcher *watch.Watcher
	// pending are the stacks that changed and that no deployment was begun for yet.
	pending map[string]string
	saved   saved
	// steady is held by whoever changes or saves what is deployed.
	steady sync.Mutex
	// began says that something may have been deployed, so that there is something to save.
	// written is up to where that was saved, failure why it could not be.
	began   bool
	written int64
	failure string

	// told are the projects of which was said that their stacks are left, see left.
	told map[string]bool
	// checked are the projects that took part when left was called last.
	checked []string
}

// Run runs until the context ends.
func Run(ctx context.Context, plan *project.Plan, options Options, out io.Writer) error {
	shown := display.NewLines(out, pulumi.Up, false)
	shown.Brief = true
	s := &session{options: options, plan: plan, display: shown, pending: map[string]string{}, told: map[string]bool{}}
	if err := s.start(ctx); err != nil {
		s.close()
		return err
	}
	defer s.close()
	err := s.serve(ctx)
	s.end(ctx)
	return err
}

// folder is where everything is kept.
func (s *session) folder() string { return filepath.Join(s.plan.Manifest.Folder, report.Folder, "dev") }

// start starts everything that the deployments need.
func (s *session) start(ctx context.Context) error {
	var err error
	if s.region, err = region(s.plan); err != nil {
		return err
	}
	if err := report.MakeFolder(s.plan.Manifest.Folder, "dev"); err != nil {
		return err
	}
	s.page = page.New()
	s.saved = newSaved(s.folder(), s.plan.Environment)
	if err := s.beginWithSaved(ctx); err != nil {
		return err
	}
	return s.page.Start(s.options.PagePort, page.Environment{Plan: s.plan, AWS: s.server.URL(), Region: s.region})
}

// begin starts the local AWS and makes the workspace, with what was saved in a folder, or
// empty.
func (s *session) begin(ctx context.Context, folder string) error {
	options := localaws.Options{Port: s.options.Port, DataDir: filepath.Join(s.folder(), "aws"), Region: s.region, EnforceIAM: true, Output: s.printed, Written: s.page.Written}
	if folder != "" {
		options.Restore = filepath.Join(folder, savedAWS)
	}
	var err error
	if s.server, err = localaws.Start(ctx, options); err != nil {
		return err
	}
	if s.workspace, err = newWorkspace(s.plan.Manifest.Folder, s.folder(), s.server.URL(), s.options); err != nil || folder == "" {
		return err
	}
	return restore(folder, s.workspace)
}

func (s *session) close() {
	if s.page != nil {
		s.page.Close()
	}
	if s.server != nil {
		s.server.Close()
	}
}

// serve deploys, and deploys again what changes.
func (s *session) serve(ctx context.Context) error {
	var err error
	if s.roots, err = sources(ctx, s.plan); err != nil {
		return err
	}
	s.watcher = watch.New(watch.DefaultInterval, s.roots.all())
	s.display.Note("local AWS  " + s.server.URL() + "\nlive page  " + s.page.URL())
	if err := s.deploy(ctx, nil); err != nil || ctx.Err() != nil {
		return err
	}
	go s.saveNowAndThen(ctx)
	s.addresses()
	for {
		changed, err := s.changed(ctx)
		if err != nil || changed == nil {
			return err
		}
		if err := s.again(ctx, changed); err != nil {
			s.display.Note("nothing was deployed: " + err.Error())
		}
		if ctx.Err() == nil {
			s.display.Note("waiting for changes")
		}
	}
}

// changed waits for changes; nil when the context ends.
func (s *session) changed(ctx context.Context) ([]string, error) {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-s.server.Done():
			stop()
		case <-waiting.Done():
		}
	}()
	changed, err := s.watcher.Wait(waiting)
	switch {
	case err == nil:
		return changed, nil
	case ctx.Err() != nil:
		return nil, nil
	}
	return nil, localaws.ErrMotoEnded
}

// deploy deploys the stacks that changed, all when that is nil. That a stack fails is no
// error, that nothing could be begun is.
func (s *session) deploy(ctx context.Context, changed map[string]string) error {
	s.steady.Lock()
	defer s.steady.Unlock()
	s.began = true
	runner := orchestrate.Runner{Pulumi: s.workspace, Plan: s.plan, Display: s.display, Folder: s.folder()}
	done, err := runner.Run(ctx, ctx, orchestrate.Options{Operation: pulumi.Up, Only: s.options.Only, Changed: changed, Parallel: parallel, SkipInstall: true})
	if done != nil {
		s.page.Deployed(ctx, s.plan, done, s.credential(ctx))
		s.display.Note(fmt.Sprintf("%s in %.1f s", done.Result, done.Seconds))
	}
	if err != nil {
		return err
	}
	err = s.left(ctx)
	s.save(ctx)
	return err
}

// credential is what GraphiQL sends: the token of a user in the groups of [Options], or the
// API key of a platform without users; "" when there is neither yet.
func (s *session) credential(ctx context.Context) string {
	target, exists := s.plan.Target(manifest.PlatformName)
	if !exists {
		return ""
	}
	outputs, err := s.workspace.Outputs(ctx, target.Folder, s.plan.Environment, true)
	if err != nil {
		return ""
	}
	pool, _ := outputs["userPoolId"].(string)
	client, _ := outputs["userPoolClientId"].(string)
	if pool != "" && client != "" {
		user, err := userpool.New(s.server.URL(), s.region, pool, client).SignIn(ctx, developer, s.options.Groups...)
		if err == nil {
			return user.Token
		}
		s.display.Note("nobody could be signed in: " + err.Error())
	}
	key, _ := outputs["apiKey"].(string)
	return key
}

// developer is the user that dev signs in.
const developer = "developer@example.com"

// parallel is how many stacks are deployed at once: with a local AWS on the same computer
// more are not faster.
const parallel = 2

// addresses says where things are.
func (s *session) addresses() {
	for _, address := range s.page.Addresses() {
		s.display.Note(fmt.Sprintf("%-10s %s", address.Name, address.URL))
	}
	for _, site := range s.server.Distributions() {
		s.display.Note("host UI    " + site.URL)
	}
	s.display.Note("waiting for changes; Ctrl-C ends it")
}

// runtimeLines begin the lines that Lambda itself writes of each invocation.
var runtimeLines = []string{"START RequestId: ", "END RequestId: ", "REPORT RequestId: "}

// printed takes a line that a function wrote.
func (s *session) printed(function, line string) {
	for _, begin := range runtimeLines {
		if strings.HasPrefix(line, begin) {
			return
		}
	}
	if s.page != nil {
		s.page.Logged(function, line, time.Now())
	}
	if !s.options.Quiet {
		s.display.Note(function + " | " + line)
	}
}

// clearAccounts takes everything out of the environment that leads to an account of AWS or
// of Pulumi.
func clearAccounts() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "PULUMI_") {
			_ = os.Unsetenv(name)
		}
	}
}
