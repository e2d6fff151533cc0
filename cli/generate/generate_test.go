package generate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/generate"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// release is the version that generated programs ask for.
const release = "1.2.0-alpha.3+dev"

// repository is a folder called my-app in which the command runs.
type repository struct {
	t    *testing.T
	root string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, filepath.Join(t.TempDir(), "my-app")}
	require.NoError(t, os.Mkdir(r.root, 0o755))
	return r
}

// try runs the command and gives what it printed: fates, and what to do next.
func (r repository) try(arguments ...string) (out, hints string, err error) {
	r.t.Helper()
	var stdout, stderr bytes.Buffer
	command := generate.New(release, &stack.Selection{Folder: r.root})
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetOut(&stdout)
	command.SetErr(&stderr)
	command.SetArgs(arguments)
	err = command.ExecuteContext(r.t.Context())
	return stdout.String(), stderr.String(), err
}

// run runs a command that must succeed.
func (r repository) run(line string) string {
	r.t.Helper()
	out, _, err := r.try(strings.Fields(line)...)
	require.NoError(r.t, err)
	return out
}

// fate is what the command said of a file.
func fate(t *testing.T, out, path string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		if fields := strings.Fields(line); fields[1] == path {
			return strings.Join(append(fields[:1], fields[2:]...), " ")
		}
	}
	require.Fail(t, "nothing was said of "+path, out)
	return ""
}

func (r repository) read(path string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.root, path))
	require.NoError(r.t, err)
	return string(text)
}

func (r repository) write(path, text string) {
	r.t.Helper()
	file := filepath.Join(r.root, path)
	require.NoError(r.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(r.t, os.WriteFile(file, []byte(text), 0o644))
}

func (r repository) remove(path string) {
	r.t.Helper()
	require.NoError(r.t, os.Remove(filepath.Join(r.root, path)))
}

// snapshot is the text of every file.
func (r repository) snapshot() map[string]string {
	r.t.Helper()
	files := map[string]string{}
	require.NoError(r.t, filepath.WalkDir(r.root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, _ := filepath.Rel(r.root, path)
			files[filepath.ToSlash(relative)] = r.read(relative)
		}
		return err
	}))
	return files
}

// TestCommandsReadWhatIsGenerated reads a generated repository as the other commands do.
func TestCommandsReadWhatIsGenerated(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.run("platform shop --env alpha,main --region eu-central-1")
	r.run("plugin catalog --org acme")
	r.run("plugin ordering --depends-on catalog")

	read, err := manifest.Read(filepath.Join(r.root, manifest.File))
	require.NoError(t, err)
	plan, err := project.Read(read, "main")
	require.NoError(t, err)
	ordering, _ := plan.Target("ordering")
	assert.Equal(t, "shop-ordering", ordering.Project)
	assert.Equal(t, []string{"platform", "catalog"}, ordering.After)
	assert.Equal(t, []string{"acme/shop-platform/main", "acme/shop-catalog/main"}, ordering.References, "the organization is that of the other plugin")
	assert.Contains(t, r.read("ordering-aws/Pulumi.alpha.yaml"), "aws:region: eu-central-1\n  platform:stack: acme/shop-platform/alpha\n")
}

func TestNext(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	_, hints, err := r.try("platform", "--region", "eu-west-1", "-l", "typescript")
	require.NoError(t, err)
	assert.Contains(t, hints, "reventless up --stack alpha ")
	assert.Contains(t, hints, "reventless dev --stack alpha ")
	_, hints, err = r.try("plugin", "catalog", "--handler", "go")
	require.NoError(t, err)
	assert.Contains(t, hints, "(cd catalog && go mod edit -replace github.com/reventless/pulumi-reventless=<sources of this command> && go mod tidy && go test ./... && go run ./build)")
	_, hints, err = r.try("plugin", "catalog")
	require.NoError(t, err)
	assert.Empty(t, hints, "nothing is new")
}

// TestPluginOfAnotherRepository makes the first plugin of a repository without a platform.
func TestPluginOfAnotherRepository(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.run("plugin catalog --platform acme/shop-platform --region eu-west-1 --env main")
	assert.Contains(t, r.read("catalog-aws/Pulumi.main.yaml"), "platform:stack: acme/shop-platform/main\n")
	assert.NotContains(t, r.read(manifest.File), "\nplatform:")
	out := r.run("plugin stock --region eu-west-1 --env main")
	assert.Equal(t, "created", fate(t, out, "stock-aws/Pulumi.main.yaml"), "the platform is that of the other plugin")
	assert.Contains(t, r.read("stock-aws/Pulumi.main.yaml"), "platform:stack: acme/shop-platform/main\n")
	assert.Equal(t, "unchanged", fate(t, r.run("plugin catalog"), "catalog-aws/Pulumi.main.yaml"))
}

func TestPlatformOfAnExistingManifest(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	const text = "# Ours.\nplugins:\n- {name: stock,   path: stock-aws} # first\n"
	r.write(manifest.File, text)
	r.run("platform --region eu-west-1")
	assert.Equal(t, "# Ours.\nplatform:\n  path: platform-aws\n  name: my-app-platform\n\nplugins:\n- {name: stock,   path: stock-aws} # first\n", r.read(manifest.File))
}

func TestRegionOfTheShell(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	r := newRepository(t)
	r.run("platform")
	assert.Contains(t, r.read("platform-aws/Pulumi.alpha.yaml"), "aws:region: ap-south-1")
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("package.json", "{\n  \"workspaces\": [\"tools\"]\n}\n")
	r.write("go.work", "go 1.26\n")
	r.write("go.mod", "module example.com/shop\n\ngo 1.26\n")
	r.write("pyproject.toml", "[tool.uv.workspace]\nmembers = []\n")
	r.run("platform --region eu-west-1 --language python")
	r.run("plugin catalog --language typescript --handler go")
	assert.Equal(t, "{\n  \"workspaces\": [\"tools\", \"catalog-aws\"]\n}\n", r.read("package.json"))
	assert.Contains(t, r.read("go.work"), "use ./catalog\n")
	assert.Contains(t, r.read("catalog/go.mod"), "module example.com/shop/catalog\n")
	assert.Equal(t, "[tool.uv.workspace]\nmembers = [\"platform-aws\"]\n", r.read("pyproject.toml"))
	assert.Contains(t, r.read("platform-aws/Pulumi.yaml"), "toolchain: uv")
	assert.NoFileExists(t, filepath.Join(r.root, "platform-aws", "requirements.txt"))
	before := r.snapshot()
	r.run("plugin catalog")
	r.run("platform")
	assert.Equal(t, before, r.snapshot())
}
