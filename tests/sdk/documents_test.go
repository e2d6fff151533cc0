package sdk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// programs writes the programs and handlers of the documents into a folder, each named after
// its place, and gives the names.
func programs(t *testing.T, folder, extension string, languages ...string) []string {
	t.Helper()
	var names []string
	for _, language := range languages {
		blocks, err := snippet.Programs(language)
		require.NoError(t, err)
		for _, block := range blocks {
			name := fmt.Sprintf("%s_%d%s", strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(block.Document), block.Line, extension)
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(block.Text), 0o600))
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

// TestDocumentedTypeScript type-checks what the documents show, with the SDK and the kit.
func TestDocumentedTypeScript(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	names := programs(t, folder, ".ts", "typescript", "ts")
	installPackages(t, folder)
	require.NoError(t, os.Symlink(filepath.Join(root(t), "kits", "nodejs"), filepath.Join(folder, "node_modules", "@reventless", "handler")))
	options := `{"compilerOptions": {"strict": true, "noEmit": true, "target": "es2022", "module": "nodenext", "moduleResolution": "nodenext",
		"skipLibCheck": true, "preserveSymlinks": true, "types": ["node"]}, "files": ["` + strings.Join(names, `", "`) + `"]}`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tsconfig.json"), []byte(options), 0o600))
	run(t, folder, nil, filepath.Join("node_modules", ".bin", "tsc"), "--project", ".")
}

// TestDocumentedPython type-checks what the documents show, with the SDK and the kit.
func TestDocumentedPython(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	names := programs(t, folder, ".py", "python")
	python := filepath.Join(root(t), ".venv", "bin", "python")
	paths := filepath.Join(root(t), "sdk", "python") + string(filepath.ListSeparator) + filepath.Join(root(t), "kits", "python", "src")
	arguments := append([]string{"-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", t.TempDir()}, names...)
	run(t, folder, []string{"MYPYPATH=" + paths, "PYTHONDONTWRITEBYTECODE=1"}, python, arguments...)
}

// TestDocumentedGo compiles the programs that the documents show.
func TestDocumentedGo(t *testing.T) {
	t.Parallel()
	module := filepath.Join(root(t), "examples", "online-shop-go")
	folder := t.TempDir()
	for _, name := range programs(t, folder, ".go", "go") {
		run(t, module, nil, "go", "vet", filepath.Join(folder, name))
	}
}
