// Package doctor is the command "doctor", which looks for what keeps the stacks of a
// manifest from being deployed or from working, in one environment.
//
//  1. The facts are collected first: the pulumi command and its login, the manifest, and of
//     each stack its configuration and state. Nothing is changed, no secret is decrypted.
//  2. The checks look at the facts, and a few ask AWS: who the credentials belong to, what
//     the platform's registry says of each plugin, and what the dead-letter queues hold.
//  3. Each check says of each stack that it is ok, a note, a warning or a problem, and for what
//     is not ok the command or edit that mends it. None ends the others; one that needs what
//     is missing says that it was not made, and why.
//  4. The result is a table, or JSON of [Schema]. The exit code says whether there is a
//     problem.
//
// There is one file for each group of checks; everything outside is behind [Pulumi], [AWS]
// and the functions of [Sources].
package doctor

import (
	"context"
	"encoding/json"
	"time"

	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// Pulumi is what the checks need of the pulumi command, see [pulumi.Command].
type Pulumi interface {
	Version() (string, error)
	Login(ctx context.Context, folder string) (pulumi.Login, error)
	Stacks(ctx context.Context, folder string) ([]pulumi.Info, error)
	Configuration(ctx context.Context, folder, stack string) (map[string]stack.ConfigurationValue, error)
	Export(ctx context.Context, folder, stack string) (json.RawMessage, error)
}

// AWS is what the checks ask of AWS, as the user.
type AWS interface {
	// Identity is whose credentials are used, and in which region.
	Identity(ctx context.Context, provider stack.Provider) (Identity, error)
	// Registry is what the platform's registry knows of plugins.
	Registry(ctx context.Context, platform stack.Platform) (Registry, error)
	// Count counts the messages of a dead-letter queue.
	Count(ctx context.Context, queue deadletter.Queue) (deadletter.Counted, error)
}

// Identity is the owner of credentials.
type Identity struct {
	Account, ARN, Region string
}

// Registry is what a platform's registry knows, by plugin.
type Registry struct {
	Rows  map[string]registry.Row
	Beats map[string]registry.Beat
}

// Sources are where the facts come from.
type Sources struct {
	// Find finds the pulumi command.
	Find func() (Pulumi, error)
	// Plan reads the manifest and its projects.
	Plan func(context.Context) (*project.Plan, error)
	AWS  AWS
	// Ignored says whether git ignores a file.
	Ignored func(ctx context.Context, path string) (bool, error)
	// Environ is [os.Environ].
	Environ []string
	Now     func() time.Time
	// Folder is where the user is, Version the release of this command.
	Folder, Version string
}

// examination collects facts and findings.
type examination struct {
	Sources
	pulumi   Pulumi
	login    pulumi.Login
	plan     *project.Plan
	existing []pulumi.Info
	// unlisted is why existing is not known.
	unlisted error
	patients []*patient
	findings []Finding
}

// Examine makes all checks.
func Examine(ctx context.Context, sources Sources) *Report {
	e := &examination{Sources: sources}
	began := e.Now()
	e.tools(ctx)
	e.projects(ctx)
	e.collect(ctx)
	for _, check := range []func(context.Context, *patient){
		e.deployed, e.localFile, e.values, e.platform, e.dependencies, e.order, e.credentials, e.releases, e.connection, e.deadLetters,
	} {
		for _, p := range e.patients {
			check(ctx, p)
		}
	}
	return e.report(began)
}
