// Package provider is the Pulumi component provider "reventless".
//
// It has two components, [Platform] and [Plugin]. Each expands in the same steps:
//
//  1. fill in defaults (platform_args.go, plugin_args.go);
//  2. find everything that is wrong, before anything is registered (package validate,
//     and for a plugin the answer of the platform's registry);
//  3. register the component and its resources (platform.go, plugin.go; the resources
//     themselves are made in the internal packages, one AWS concern each);
//  4. return the outputs.
package provider

import (
	_ "embed" // the SDKs' first pages
	"fmt"
	"reflect"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/provider/internal/schemafix"
	"github.com/reventless/pulumi-reventless/provider/internal/wire"
)

// Name is the provider's name, and the package part of its tokens.
const Name = "reventless"

// Version is the provider's version. A release sets it with
// -ldflags "-X github.com/reventless/pulumi-reventless/provider.Version=1.2.3".
var Version = "0.1.0-alpha.0+dev"

// The components' types.
const (
	platformToken = Name + ":index:Platform"
	pluginToken   = Name + ":index:Plugin"
)

// description is what package registries show.
const description = "Event-sourced plugins behind one GraphQL API on AWS, one stack per plugin."

// repository is where the provider and its SDKs live.
const repository = "github.com/reventless/pulumi-reventless"

// New is the provider.
func New() (p.Provider, error) {
	return build(deployment())
}

// Serve serves the provider to the engine until the engine ends it.
func Serve() error {
	return sdkprovider.Main(Name, server)
}

// Server is the provider as it is served, without an engine: it answers what needs none,
// such as its schema.
func Server() (rpc.ResourceProviderServer, error) {
	return server(nil)
}

// server is the provider on the gRPC protocol, with everything that wraps it there.
func server(host *sdkprovider.HostClient) (rpc.ResourceProviderServer, error) {
	prov, err := New()
	if err != nil {
		return nil, fmt.Errorf("building the provider: %w", err)
	}
	raw, err := p.RawServer(Name, Version, prov)(host)
	if err != nil {
		return nil, fmt.Errorf("starting the provider: %w", err)
	}
	return wire.Wrap(raw, map[string]schemafix.Component{
		platformToken: {Arguments: reflect.TypeFor[PlatformArgs](), Outputs: reflect.TypeFor[Platform]()},
		pluginToken:   {Arguments: reflect.TypeFor[PluginArgs](), Outputs: reflect.TypeFor[Plugin]()},
	}), nil
}

func build(e environment) (p.Provider, error) {
	return infer.NewProviderBuilder().
		WithDisplayName("Reventless").
		WithDescription(description).
		WithNamespace("reventless").
		WithPublisher("Reventless").
		WithHomepage("https://"+repository).
		WithRepository("https://"+repository).
		WithLicense("Apache-2.0").
		WithKeywords("pulumi", "reventless", "aws", "event-sourcing", "graphql", "category/cloud", "kind/component").
		WithPluginDownloadURL("github://api.github.com/reventless").
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"provider": "index", "declaration": "index"}).
		WithLanguageMap(languages()).
		WithComponents(infer.ComponentF(e.newPlatform), infer.ComponentF(e.newPlugin)).
		Build()
}

// The first pages of the SDKs' packages.
var (
	//go:embed readme/nodejs.md
	readmeNodeJS string
	//go:embed readme/python.md
	readmePython string
	//go:embed readme/go.md
	readmeGo string
)

// languages says how the SDKs are generated and what they are called.
func languages() map[string]any {
	return map[string]any{
		"nodejs": map[string]any{
			"packageName":          "@reventless/pulumi-reventless",
			"packageDescription":   description,
			"readme":               readmeNodeJS,
			"respectSchemaVersion": true,
		},
		"python": map[string]any{
			"packageName":          "pulumi_reventless",
			"readme":               readmePython,
			"respectSchemaVersion": true,
			"pyproject":            map[string]any{"enabled": true},
		},
		"go": map[string]any{
			"importBasePath":                 repository + "/sdk/go/reventless",
			"readme":                         readmeGo,
			"rootPackageName":                "reventless",
			"generateExtraInputTypes":        true,
			"generateResourceContainerTypes": true,
			"respectSchemaVersion":           true,
		},
		"java": map[string]any{
			"basePackage":  "io.github", // Maven Central gives it to whoever owns the GitHub organization
			"buildFiles":   "gradle",
			"dependencies": map[string]any{"com.pulumi:pulumi": "1.16.0", "com.google.code.gson:gson": "2.8.9", "com.google.code.findbugs:jsr305": "3.0.2"},
		},
	}
}
