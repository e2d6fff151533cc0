// Package schema is the command "schema", for the GraphQL schema of a platform: what it is
// now, what the manifest's plugins would make of it, and what that would mean for clients.
//
//  1. The fragments of the manifest's plugins are read from their files ([local]): those that
//     YAML programs name with fn::readFile, or <name>/schema.graphql.
//  2. They are composed as the platform does it (package runtime/schema), with those of plugins
//     of other repositories, which the platform's registry has.
//  3. "print" prints the schema of the API, or the composed one; with --owners it says whose
//     each root field is.
//  4. "check" says all that is wrong with the fragments, alone and together, and asks the
//     platform's connect function what it would say to each. That changes nothing.
//  5. "diff" compares the composed schema with that of the API (package schemadiff).
//
// Without a deployed platform "check" works with the files alone.
package schema

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Pulumi is what the commands need of the pulumi command, see [pulumi.Command].
type Pulumi interface {
	Stacks(ctx context.Context, folder string) ([]pulumi.Info, error)
	Export(ctx context.Context, folder, stack string) (json.RawMessage, error)
}

// API is what the commands ask of a platform, as the user.
type API interface {
	// Schema is the SDL of the AppSync API.
	Schema(ctx context.Context, platform stack.Platform) (string, error)
	// Connected are the plugins whose fields are in the API, without the platform's own.
	Connected(ctx context.Context, platform stack.Platform) ([]Connected, error)
	// Check asks whether the platform would connect a fragment.
	Check(ctx context.Context, platform stack.Platform, request protocol.ConnectRequest) (protocol.ConnectResult, error)
}

// Connected is a plugin as the registry has it.
type Connected struct {
	Plugin, Version, Stack string
	// Fields are its root fields, "Query.product".
	Fields []string
	// Fragment is its part of the schema; "" when the state of the platform does not tell
	// where the registry keeps it.
	Fragment string
}

// errNoPlatform is that no platform is deployed.
var errNoPlatform = errors.New("no platform is deployed in this environment")

// live is the platform of the environment.
type live struct {
	stack.Platform
	// stackName is organization/project/stack of it.
	stackName string
}

// findPlatform finds the platform of the environment: that of the manifest, or the one that
// the plugins' configuration names.
func findPlatform(ctx context.Context, command Pulumi, plan *project.Plan) (*live, error) {
	existing, err := command.Stacks(ctx, plan.Targets[0].Folder)
	if err != nil {
		return nil, err
	}
	for _, target := range plan.Targets {
		name := target.PlatformStack
		if name == "" {
			at := slices.IndexFunc(existing, func(info pulumi.Info) bool { return info.Is(target.Project, plan.Environment) })
			if at < 0 {
				continue
			}
			name = existing[at].Name
		}
		deployment, err := command.Export(ctx, target.Folder, name)
		if err != nil && strings.Contains(err.Error(), "no stack named") {
			continue // before the first deployment
		}
		if err != nil {
			return nil, fmt.Errorf("read the state of the stack %s, which %s names: %w", name, target.Name, err)
		}
		state, err := stack.Parse(name, deployment)
		if err != nil {
			return nil, fmt.Errorf("read the state of the stack %s: %w", name, err)
		}
		if len(state.Platforms) > 0 {
			return &live{Platform: state.Platforms[0], stackName: name}, nil
		}
	}
	return nil, errNoPlatform
}
