// Command pulumi-resource-reventless is the provider as Pulumi starts it from a release.
// With --version it prints its version and ends.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"

	"github.com/reventless/pulumi-reventless/provider"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("pulumi-resource-reventless version", provider.Version)
		return
	}
	if err := provider.Serve(); err != nil {
		cmdutil.ExitError(err.Error())
	}
}
