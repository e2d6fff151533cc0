package sdk

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What package registries show of each SDK.
const (
	repository  = "https://github.com/reventless/pulumi-reventless"
	description = "Event-sourced plugins behind one GraphQL API on AWS, one stack per plugin."
	downloadURL = "github://api.github.com/reventless"
)

// TestNodeJSPackage asks npm what it would publish.
func TestNodeJSPackage(t *testing.T) {
	t.Parallel()
	built := filepath.Join(root(t), "sdk", "nodejs", "bin")
	var manifest struct {
		Name, Description, License, Homepage, Repository string
		Keywords                                         []string
		Pulumi                                           struct {
			Resource     bool
			Name, Server string
		}
	}
	readJSON(t, filepath.Join(built, "package.json"), &manifest)
	assert.Equal(t, "@reventless/pulumi-reventless", manifest.Name)
	assert.Equal(t, description, manifest.Description)
	assert.Equal(t, "Apache-2.0", manifest.License)
	assert.Equal(t, []string{repository, repository}, []string{manifest.Homepage, manifest.Repository})
	assert.Subset(t, manifest.Keywords, []string{"pulumi", "reventless", "aws"})
	assert.True(t, manifest.Pulumi.Resource)
	assert.Equal(t, []string{"reventless", downloadURL}, []string{manifest.Pulumi.Name, manifest.Pulumi.Server})

	command := exec.CommandContext(t.Context(), "npm", "pack", "--dry-run", "--json", "--offline")
	command.Dir = built
	output, err := command.Output()
	require.NoError(t, err)
	var packed []struct {
		Files []struct{ Path string }
	}
	require.NoError(t, json.Unmarshal(output, &packed))
	require.Len(t, packed, 1)
	var files []string
	for _, file := range packed[0].Files {
		files = append(files, file.Path)
	}
	assert.Subset(t, files, []string{"README.md", "LICENSE", "package.json", "index.js", "index.d.ts", "plugin.d.ts", "types/input.d.ts"})
}

// TestNodeJSTypes refuses "any" in what programs in TypeScript see.
func TestNodeJSTypes(t *testing.T) {
	t.Parallel()
	comment, forbidden := regexp.MustCompile(`(?s)/\*.*?\*/`), regexp.MustCompile(`.*\bany\b.*`)
	checked := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(root(t), "sdk", "nodejs", "bin"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !regexp.MustCompile(`\.d\.ts$`).MatchString(path) {
			return err
		}
		text, err := os.ReadFile(path)
		checked++
		assert.Empty(t, forbidden.FindAllString(comment.ReplaceAllString(string(text), ""), -1), path)
		return err
	}))
	assert.Greater(t, checked, 5)
}

// TestPythonPackage builds the wheel that is published, and reads it.
func TestPythonPackage(t *testing.T) {
	t.Parallel()
	var project struct {
		Project struct {
			Name, Description, Readme string
			Keywords                  []string
			License                   struct{ Text string }
			URLs                      map[string]string
		}
	}
	_, err := toml.DecodeFile(filepath.Join(root(t), "sdk", "python", "pyproject.toml"), &project)
	require.NoError(t, err)
	assert.Equal(t, []string{"pulumi_reventless", description, "README.md", "Apache-2.0"},
		[]string{project.Project.Name, project.Project.Description, project.Project.Readme, project.Project.License.Text})
	assert.Subset(t, project.Project.Keywords, []string{"pulumi", "reventless", "aws"})
	assert.Equal(t, map[string]string{"Homepage": repository, "Repository": repository}, project.Project.URLs)

	source, wheels := filepath.Join(t.TempDir(), "source"), t.TempDir()
	require.NoError(t, os.CopyFS(source, os.DirFS(filepath.Join(root(t), "sdk", "python")))) // building writes into it
	python := filepath.Join(root(t), ".venv", "bin", "python")
	run(t, "python", nil, python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", wheels, source)
	built, err := filepath.Glob(filepath.Join(wheels, "pulumi_reventless-*-py3-none-any.whl"))
	require.NoError(t, err)
	require.Len(t, built, 1)
	wheel, err := zip.OpenReader(built[0])
	require.NoError(t, err)
	defer wheel.Close()
	var names []string
	for _, file := range wheel.File {
		names = append(names, file.Name)
	}
	assert.Subset(t, names, []string{"pulumi_reventless/py.typed", "pulumi_reventless/plugin.py", "pulumi_reventless/pulumi-plugin.json"})
	assert.True(t, slices.ContainsFunc(names, regexp.MustCompile(`dist-info/.*LICENSE$`).MatchString), "the licence")

	file, err := wheel.Open("pulumi_reventless/pulumi-plugin.json")
	require.NoError(t, err)
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.JSONEq(t, pluginJSON(t, "python", "pulumi_reventless"), string(text), "as in the repository")
}

// TestGoPackage checks what is in the package's folder.
func TestGoPackage(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"LICENSE", "README.md"} {
		assert.FileExists(t, filepath.Join(root(t), "sdk", "go", "reventless", file))
	}
	module, err := os.ReadFile(filepath.Join(root(t), "sdk", "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(module), "module github.com/reventless/pulumi-reventless/sdk\n")
	pluginJSON(t, "go", "reventless")
}

// pluginJSON checks where a package says that Pulumi gets the provider, and gives that file.
func pluginJSON(t *testing.T, path ...string) string {
	t.Helper()
	name := filepath.Join(append(append([]string{root(t), "sdk"}, path...), "pulumi-plugin.json")...)
	var plugin struct {
		Resource     bool
		Name, Server string
	}
	readJSON(t, name, &plugin)
	assert.True(t, plugin.Resource)
	assert.Equal(t, []string{"reventless", downloadURL}, []string{plugin.Name, plugin.Server})
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err, "run 'make sdk-nodejs'")
	require.NoError(t, json.Unmarshal(text, value))
}
