// Package settings reads what differs from one deployment of a program to the next:
//
//  1. [Sources] are the places of a stack in which [localconfig.Sources.Look] finds values:
//     the environment, the developer's own file and the stack's configuration. [Memory] and
//     [BillingMode] are such values; an error says where the wrong one is, see [Place].
//  2. [Dependencies] are the stacks of the plugins whose extension points a plugin uses:
//     interstack:dependencies of the stack's configuration, as a list, or as the bare
//     object `interstack: {dependencies: […]}`, which the Pulumi CLI stores under
//     <project>:interstack.
//
// [Output] reads the outputs of such a stack, with errors that say what to do.
package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// MissingPlatform is the error of a plugin that nothing tells where its platform is.
func MissingPlatform() error {
	key := localconfig.Stack
	//lint:ignore ST1005 the first line is Pulumi's own text, which the guide quotes
	return fmt.Errorf("Missing required configuration variable '%s'\n"+
		"Set it to the stack of the platform:\n"+
		"    pulumi config set %[1]s <org>/<platform-project>/<stack>\n"+
		"or set it in the environment variable %s, or as `%s: …` in %s,\n"+
		"or, when the platform is in this program, give the plugin `platform: ${<platform>.connection}`",
		key.Config(), key.Variable(), key.Name, localconfig.File)
}

// Dependencies are the stacks of interstack:dependencies in the order given, each once.
func Dependencies(ctx *pulumi.Context) ([]string, error) {
	var stacks []string
	if value, set := ctx.GetConfig("interstack:dependencies"); set {
		if err := json.Unmarshal([]byte(value), &stacks); err != nil {
			return nil, dependenciesError("interstack:dependencies")
		}
	}
	if value, set := ctx.GetConfig(ctx.Project() + ":interstack"); set {
		var bare struct {
			Dependencies []string `json:"dependencies"`
		}
		if err := json.Unmarshal([]byte(value), &bare); err != nil {
			return nil, dependenciesError("interstack")
		}
		stacks = append(stacks, bare.Dependencies...)
	}
	return Distinct(stacks), nil
}

// Distinct keeps the first of equal texts.
func Distinct(texts []string) []string {
	var distinct []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(distinct, text) {
			distinct = append(distinct, text)
		}
	}
	return distinct
}

func dependenciesError(key string) error {
	return fmt.Errorf("the configuration variable '%s' is no list of stacks; write it as\n"+
		"    interstack:\n      dependencies:\n        - <org>/<project>/<stack>", key)
}

// Memory is the memory in MB that is set for all plugins of the stack, or the fallback where
// none is set or it is wrong.
func Memory(ctx *pulumi.Context, sources localconfig.Sources, fallback int) (int, error) {
	found := sources.Look(localconfig.LambdaMemory.In(ctx.Project()))
	if !found.Set() {
		return fallback, nil
	}
	if err := localconfig.LambdaMemory.Check(found.Value); err != nil {
		return fallback, fmt.Errorf("%s is %q; %w", Place(found.Candidate), found.Value, err)
	}
	return strconv.Atoi(found.Value)
}

// BillingMode is that of the stack's tables, on demand where it is not set.
func BillingMode(ctx *pulumi.Context, sources localconfig.Sources) (string, error) {
	found := sources.Look(localconfig.BillingMode.In(ctx.Project()))
	if !found.Set() {
		return localconfig.OnDemand, nil
	}
	if err := localconfig.BillingMode.Check(found.Value); err != nil {
		return "", fmt.Errorf("%s is %q; %w", Place(found.Candidate), found.Value, err)
	}
	return found.Value, nil
}

// Place says where a value was found, for an error.
func Place(found localconfig.Candidate) string {
	switch found.Origin {
	case localconfig.Environment:
		return fmt.Sprintf("the environment variable '%s'", found.Name)
	case localconfig.LocalFile:
		return fmt.Sprintf("the value in %s", found.Name)
	case localconfig.StackConfig:
	}
	return fmt.Sprintf("the configuration variable '%s'", found.Name)
}
