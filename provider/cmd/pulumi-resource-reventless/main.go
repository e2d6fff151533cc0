// Command pulumi-resource-reventless is the provider as Pulumi starts it from a release.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"

	"github.com/reventless/pulumi-reventless/provider"
)

func main() {
	if err := provider.Serve(); err != nil {
		cmdutil.ExitError(err.Error())
	}
}
