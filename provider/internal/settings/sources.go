package settings

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// Sources are the places where the values of a stack are looked for. The engine starts the
// provider in the project's folder, where the developer's own file is.
func Sources(ctx *pulumi.Context) (localconfig.Sources, error) {
	sources := localconfig.Sources{Environment: os.LookupEnv, Stack: ctx.GetConfig}
	folder, err := os.Getwd()
	if err != nil {
		return sources, err
	}
	sources.Local, err = localconfig.ReadFile(folder)
	return sources, err
}
