// The provider as Pulumi builds it from source, see PulumiPlugin.yaml.
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
