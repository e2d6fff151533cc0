package settings

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// localStack is the name of the stack whose own configuration file is called like the file
// with a developer's values. Such a stack has none of these.
const localStack = "local"

// Sources are the places where the values of a stack are looked for. The error names all
// that is wrong with the developer's own file; what can be read of it is there all the same.
func Sources(ctx *pulumi.Context) (localconfig.Sources, error) {
	sources := localconfig.Sources{Environment: os.LookupEnv, Stack: ctx.GetConfig}
	if ctx.Stack() == localStack {
		return sources, nil
	}
	folder, err := projectFolder()
	if err != nil {
		return sources, err
	}
	sources.Local, err = localconfig.ReadFile(folder)
	return sources, errors.Join(err, sources.Local.Check())
}

// projectFolder is the folder of Pulumi.yaml. The engine starts the provider in the folder
// of the program, which is another one when Pulumi.yaml has a `main`.
func projectFolder() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	path, err := workspace.DetectProjectPathFrom(folder)
	if errors.Is(err, workspace.ErrProjectNotFound) {
		return folder, nil
	}
	return filepath.Dir(path), err
}
