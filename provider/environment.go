package provider

import (
	"context"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
	"github.com/reventless/pulumi-reventless/provider/internal/retry"
)

// minimumEngine is the first engine that reports every failed operation to error hooks.
// An older one makes the resources that have such a hook vanish.
const minimumEngine = ">=3.244.0"

// environment is what the components need of the engine that the SDK's mocks do not
// have, and of the clock.
type environment struct {
	// requireEngine refuses engines that are too old.
	requireEngine func(*pulumi.Context) error
	registerHook  retry.Registrar
	// runtimeLayer is the path of the runtime layer's zip file.
	runtimeLayer func() (string, error)
	now          func() time.Time
	claims       *claims
}

// deployment is the environment of real deployments.
func deployment() environment {
	return environment{
		requireEngine: func(ctx *pulumi.Context) error { return ctx.RequirePulumiVersion(minimumEngine) },
		registerHook:  retry.Register,
		runtimeLayer:  artifact.RuntimeLayer,
		now:           time.Now,
		claims:        &claims{},
	}
}

// hook registers the error hook of a component. Hook names are unique per program, hence
// the URN. free is the policy's.
func (e environment) hook(ctx *pulumi.Context, component pulumi.Resource, free func(context.Context, string) bool) (retry.Hook, error) {
	urn, err := internals.UnsafeAwaitOutput(ctx.Context(), component.URN())
	if err != nil {
		return retry.Hook{}, err
	}
	policy := retry.Default()
	policy.Free = free
	return e.registerHook(ctx, urn.Value.(pulumi.URN), policy)
}

// await is the value of an output, false when it is not known yet.
func await[T any](ctx *pulumi.Context, output pulumi.Output) (T, bool, error) {
	result, err := internals.UnsafeAwaitOutput(ctx.Context(), output)
	value, ok := result.Value.(T)
	return value, ok && result.Known, err
}

// givenProvider is the option that calls a function with the explicit provider of a
// package that the component was given, or inherits. None means the default provider. It
// is for calls before the component is registered, which cannot take it as their parent.
func givenProvider(ctx *pulumi.Context, pkg string, options []pulumi.ResourceOption) ([]pulumi.InvokeOption, error) {
	given, err := pulumi.NewResourceOptions(options...)
	if err != nil {
		return nil, err
	}
	for _, provider := range given.Providers {
		urn, err := internals.UnsafeAwaitOutput(ctx.Context(), provider.URN())
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(urn.Value.(pulumi.URN)), "pulumi:providers:"+pkg+"::") {
			return []pulumi.InvokeOption{pulumi.Provider(provider)}, nil
		}
	}
	return nil, nil
}

// stackName is organization/project/stack.
func stackName(ctx *pulumi.Context) string {
	return ctx.Organization() + "/" + ctx.Project() + "/" + ctx.Stack()
}

// or is the value behind a pointer, or the default.
func or[T any](pointer *T, fallback T) T {
	if pointer == nil {
		return fallback
	}
	return *pointer
}
