package sdk

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/generate/generatetest"
)

// block is a block of code in a component's description.
var block = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// examples are the programs of the components' descriptions in a language, each in a file of
// a folder of its own below the one that is given. It gives those folders, relative to it.
func examples(t *testing.T, language, folder, file string) []string {
	t.Helper()
	var spec schema.PackageSpec
	readJSON(t, filepath.Join(root(t), "schema.json"), &spec)
	var folders []string
	for token, component := range spec.Resources {
		shown := 0
		for _, found := range block.FindAllStringSubmatch(component.Description, -1) {
			if found[1] != language {
				continue
			}
			shown++
			name := fmt.Sprintf("%s%d", strings.ToLower(token[strings.LastIndex(token, ":")+1:]), shown)
			require.NoError(t, os.MkdirAll(filepath.Join(folder, name), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(folder, name, file), []byte(found[2]), 0o600))
			folders = append(folders, name)
		}
		require.Positive(t, shown, "examples of %s in %s", token, language)
	}
	return folders
}

func TestExamplesTypeScript(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	folders := examples(t, "typescript", folder, "index.ts")
	installPackages(t, folder)
	project := `{"compilerOptions": {"strict": true, "noEmit": true, "target": "es2022", "module": "nodenext", "skipLibCheck": true, "types": ["node"]}, ` +
		`"files": ["` + strings.Join(folders, `/index.ts", "`) + `/index.ts"]}`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tsconfig.json"), []byte(project), 0o600))
	run(t, folder, nil, filepath.Join("node_modules", ".bin", "tsc"), "--project", ".", "--preserveSymlinks")
}

func TestExamplesPython(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	folders := examples(t, "python", folder, "program.py")
	environment := []string{"MYPYPATH=" + filepath.Join(root(t), "sdk", "python"), "PYTHONDONTWRITEBYTECODE=1"}
	check := []string{"-m", "mypy", "--strict", "--follow-imports=silent", "--scripts-are-modules", "--cache-dir", t.TempDir()}
	for _, example := range folders {
		run(t, filepath.Join(folder, example), environment, filepath.Join(root(t), ".venv", "bin", "python"), append(check, "program.py")...)
	}
}

func TestExamplesGo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	examples(t, "go", folder, "main.go")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module examples\n\ngo 1.26.0\n\nrequire github.com/reventless/pulumi-reventless/sdk v0.0.0\n"), 0o600))
	require.NoError(t, generatetest.UseModule(folder, filepath.Join(root(t), "sdk")))
	run(t, folder, []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}, "go", "vet", "./...")
}
