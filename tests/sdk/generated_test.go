package sdk

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli"
	"github.com/reventless/pulumi-reventless/cli/generate/generatetest"
)

// handlers are the languages of handlers, each the name of a plugin here.
var handlers = []string{"nodejs", "python", "go"}

// generate makes a platform, and plugins with handlers in all languages, whose programs are
// in one language. It gives the root and the programs' folders.
func generate(t *testing.T, language string) (string, []string) {
	t.Helper()
	root := t.TempDir()
	folders := []string{"platform-aws"}
	commands := [][]string{{"platform", "my-app", "--region", "eu-west-1"}}
	for i, handler := range handlers {
		plugin := []string{"plugin", handler + "-shop", "--handler", handler}
		if i > 0 {
			plugin = append(plugin, "--depends-on", handlers[0]+"-shop")
		}
		commands = append(commands, plugin)
		folders = append(folders, handler+"-shop-aws")
	}
	for _, arguments := range commands {
		command := cli.New("0.1.0")
		command.SetOut(&bytes.Buffer{})
		command.SetErr(&bytes.Buffer{})
		command.SetArgs(slices.Concat([]string{"generate", "--cwd", root, "--language", language}, arguments))
		require.NoError(t, command.ExecuteContext(t.Context()))
	}
	return root, folders
}

func TestGeneratedTypeScript(t *testing.T) {
	t.Parallel()
	generated, folders := generate(t, "typescript")
	installPackages(t, generated)
	// All at once, because the compiler takes seconds to read Pulumi's types.
	project := `{"extends": "./platform-aws/tsconfig.json", "files": ["` + strings.Join(folders, `/index.ts", "`) + `/index.ts"]}`
	require.NoError(t, os.WriteFile(filepath.Join(generated, "tsconfig.json"), []byte(project), 0o600))
	compiler := filepath.Join("node_modules", ".bin", "tsc")
	run(t, generated, nil, compiler, "--project", ".", "--noEmit", "--preserveSymlinks")
	// The handler is JavaScript, which editors check by its comments.
	handler := []string{"--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node",
		"nodejs-shop/src/index.mjs", "nodejs-shop/test/item.test.mjs"}
	run(t, generated, nil, compiler, handler...)
}

// installPackages puts the SDK and the packages that programs in TypeScript need into a folder.
func installPackages(t *testing.T, folder string) {
	t.Helper()
	installed := filepath.Join(root(t), "tests", "sdk", "nodejs", "node_modules")
	packages := filepath.Join(folder, "node_modules")
	entries, err := os.ReadDir(installed)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(packages, "@reventless"), 0o755))
	for _, entry := range entries {
		require.NoError(t, os.Symlink(filepath.Join(installed, entry.Name()), filepath.Join(packages, entry.Name())))
	}
	require.NoError(t, os.Symlink(filepath.Join(root(t), "sdk", "nodejs"), filepath.Join(packages, "@reventless", "pulumi-reventless")))
}

func TestGeneratedPython(t *testing.T) {
	t.Parallel()
	generated, folders := generate(t, "python")
	python := filepath.Join(root(t), ".venv", "bin", "python")
	environment := []string{"MYPYPATH=" + filepath.Join(root(t), "sdk", "python"), "PYTHONDONTWRITEBYTECODE=1"}
	cache := t.TempDir()
	for _, folder := range folders {
		run(t, filepath.Join(generated, folder), environment, python, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", cache, "__main__.py")
	}
	run(t, filepath.Join(generated, "python-shop"), nil, python, "-m", "mypy", "--strict", "--cache-dir", cache, "src", "tests")
}

func TestGeneratedGo(t *testing.T) {
	t.Parallel()
	generated, folders := generate(t, "go")
	for _, folder := range folders {
		require.NoError(t, generatetest.UseModule(filepath.Join(generated, folder), filepath.Join(root(t), "sdk")))
		run(t, filepath.Join(generated, folder), []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}, "go", "vet", "./...")
	}
}
