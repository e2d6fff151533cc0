// Package settings reads what a stack's configuration says to the components:
//
//  1. platform:stack, the stack of the platform that a plugin belongs to;
//  2. interstack:dependencies, the stacks of the plugins whose extension points a plugin
//     uses, as a list, or as the bare object `interstack: {dependencies: […]}`, which
//     the Pulumi CLI stores under <project>:interstack;
//  3. <project>:lambdaMemory and <project>:dynamoDbBillingMode.
//
// [Outputs] reads the outputs of such a stack, with errors that say what to do.
package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/table"
)

// PlatformStackKey is the configuration variable with the platform's stack.
const PlatformStackKey = "platform:stack"

// MissingPlatform is the error of a plugin that nothing tells where its platform is.
func MissingPlatform() error {
	//lint:ignore ST1005 the first line is Pulumi's own text, which the guide quotes
	return fmt.Errorf("Missing required configuration variable '%s'\n"+
		"Set it to the stack of the platform:\n"+
		"    pulumi config set %[1]s <org>/<platform-project>/<stack>\n"+
		"or, when the platform is in this program, give the plugin `platform: ${<platform>.connection}`", PlatformStackKey)
}

// PlatformStack is the platform's stack, "" when it is not configured.
func PlatformStack(ctx *pulumi.Context) string {
	value, _ := ctx.GetConfig(PlatformStackKey)
	return strings.TrimSpace(value)
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

// Memory is <project>:lambdaMemory in MB, or the fallback where it is not set or wrong.
func Memory(ctx *pulumi.Context, fallback int) (int, error) {
	key := ctx.Project() + ":lambdaMemory"
	value, set := ctx.GetConfig(key)
	if !set {
		return fallback, nil
	}
	memory, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return fallback, fmt.Errorf("the configuration variable '%s' is %q; set it to a number of MB, such as 1024", key, value)
	}
	return memory, nil
}

// BillingMode is <project>:dynamoDbBillingMode, on demand where it is not set.
func BillingMode(ctx *pulumi.Context) (string, error) {
	key := ctx.Project() + ":dynamoDbBillingMode"
	value, set := ctx.GetConfig(key)
	switch {
	case !set:
		return table.OnDemand, nil
	case value == table.OnDemand || value == table.Provisioned:
		return value, nil
	}
	return "", fmt.Errorf("the configuration variable '%s' is %q; use %s or %s", key, value, table.OnDemand, table.Provisioned)
}
