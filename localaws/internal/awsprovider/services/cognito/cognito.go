// Package cognito declares the Cognito types of the stand-in provider: UserPool,
// UserPoolClient, UserGroup and the function getUserPool. The settings of a pool that it
// knows are listed in pool.go; others are refused rather than dropped.
package cognito

import (
	"fmt"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var notFound = []string{"ResourceNotFoundException"}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{userPool(), userPoolClient(), userGroup()}
}

// Functions lists the functions of this package.
func Functions() []*define.Function { return []*define.Function{getUserPool()} }

// known refuses inputs that the stand-in would not hand on.
func known(names map[string]bool) func(inputs property.Map) []inputcheck.Failure {
	return func(inputs property.Map) []inputcheck.Failure {
		var failures []inputcheck.Failure
		for key := range inputs {
			if name := string(key); inputs.Has(name) && !names[name] && name != "__defaults" {
				failures = append(failures, inputcheck.Failure{Path: name, Reason: fmt.Sprintf("the stand-in for the aws provider does not know %q", name)})
			}
		}
		return failures
	}
}

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range names {
		all[name] = true
	}
	return all
}
