package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/generate/generatetest"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/provider"
	"github.com/reventless/pulumi-reventless/tests/resourcegraph"
)

// TestLanguages deploys the shop with a program in Go, one in TypeScript and one in Python, by
// "pulumi up" in the example's folders, and uses it. Then it asks programs in all languages,
// YAML too, what each would do with these stacks: nothing, and with the same resources.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	yaml, typescript, python, golang := w.yaml(), w.typescript(), w.python(), w.golang()
	golang.up(t, platform)
	typescript.up(t, catalog)
	python.up(t, ordering)
	client := w.client(platform)

	w.step("an order is placed across the plugins", func(t *testing.T) {
		w.ask(client, addLamp)
		w.eventually(client, lampArrived, present("catalogProduct"))
		w.ask(client, orderLamp)
		w.eventually(client, lampOrder, present("order"))
	})

	for _, project := range []string{platform, catalog, ordering} {
		w.step(project, func(t *testing.T) {
			wanted := yaml.preview(t, project)
			require.Equal(t, w.countResources(project), len(wanted), "all that is deployed")
			for _, language := range []programs{typescript, python, golang} {
				graph := language.preview(t, project)
				for _, difference := range resourcegraph.Differences(graph, wanted) {
					assert.Fail(t, difference, "%s against YAML", language.folder)
				}
				for urn, resource := range graph {
					if resource.Operation != apitype.OpSame {
						assert.Fail(t, urn+": would be changed: "+string(resource.Operation), language.folder)
					}
				}
			}
		})
	}
	w.step("a stack changes its language", func(*testing.T) { w.unchanged(ordering) })
}

// programs are the shop's programs in one language.
type programs struct {
	world *world
	// folder has their projects, as they are in the example.
	folder string
	// path and environment are what the command line needs to run them: folders of programs, and
	// variables.
	path, environment []string
	// inline is what previews the program of a project, but for the file of events.
	inline func(project string) *exec.Cmd
}

// up deploys a project as a user does: the command line runs its program by the host of its
// language.
func (p programs) up(t *testing.T, project string) {
	t.Helper()
	workspace, err := pulumicli.New(pulumicli.Options{
		Directory: p.world.pulumi(), Programs: append(p.path, p.world.built()...),
		ProviderVersion: provider.Version, Endpoint: p.world.url, Environment: p.environment,
	})
	require.NoError(t, err)
	began := time.Now()
	_, err = workspace.Stack(filepath.Join(p.folder, project), "alpha").Up(t.Context())
	require.NoError(t, err)
	t.Logf("up of %s in %s: %s", project, filepath.Base(p.folder), time.Since(began).Round(time.Millisecond))
}

// preview asks the engine what the program of a project would do, by the Automation API.
func (p programs) preview(t *testing.T, project string) resourcegraph.Graph {
	t.Helper()
	events := filepath.Join(t.TempDir(), "events")
	command := p.inline(project)
	command.Args = append(command.Args, events)
	command.Dir = filepath.Join(p.folder, project)
	command.Env = append(p.world.workspace.Environment(), command.Env...)
	began := time.Now()
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	graph := readGraph(t, events)
	t.Logf("preview of %s in %s: %d resources, %s", project, filepath.Base(p.folder), len(graph), time.Since(began).Round(time.Millisecond))
	return graph
}

// countResources counts the resources of a stack without providers.
func (w *world) countResources(project string) int {
	w.t.Helper()
	resources, _, err := w.stack(project).State(w.t.Context())
	require.NoError(w.t, err)
	return len(slices.DeleteFunc(resources, func(r pulumicli.Resource) bool { return strings.HasPrefix(r.Type, "pulumi:providers:") }))
}

func readGraph(t *testing.T, events string) resourcegraph.Graph {
	t.Helper()
	file, err := os.Open(events)
	require.NoError(t, err)
	defer file.Close()
	graph, err := resourcegraph.Read(file)
	require.NoError(t, err)
	require.NotEmpty(t, graph)
	return graph
}

// inLanguage copies the example's programs in a language beside those in YAML.
func (w *world) inLanguage(language string) programs {
	w.t.Helper()
	example := "online-shop-" + language
	folder := filepath.Join(filepath.Dir(w.projects), example)
	require.NoError(w.t, pulumicli.CopyProjects(filepath.Join(moduleRoot(w.t), "examples", example), folder))
	return programs{world: w, folder: folder}
}

// yaml has no Automation API, so its programs are run by the command line.
func (w *world) yaml() programs {
	command := filepath.Join(moduleRoot(w.t), ".tools", "bin", "pulumi")
	return programs{world: w, folder: w.projects, inline: func(string) *exec.Cmd {
		pulumi := exec.CommandContext(w.t.Context(), command, "preview", "--stack", "alpha", "--non-interactive", "--event-log")
		pulumi.Env = []string{"PULUMI_DEBUG_COMMANDS=true"} // it has the flag only then
		return pulumi
	}}
}

// typescript puts the package of the SDK, and the others that "npm install" would, beside the
// programs in TypeScript.
func (w *world) typescript() programs {
	w.t.Helper()
	programs := w.inLanguage("ts")
	root, packages := moduleRoot(w.t), filepath.Join(programs.folder, "node_modules")
	installed := filepath.Join(root, "tests", "sdk", "nodejs", "node_modules")
	entries, err := os.ReadDir(installed)
	require.NoError(w.t, err)
	require.NoError(w.t, os.MkdirAll(packages, 0o755))
	for _, entry := range entries {
		require.NoError(w.t, os.Symlink(filepath.Join(installed, entry.Name()), filepath.Join(packages, entry.Name())))
	}
	sdk := filepath.Join(root, "sdk", "nodejs", "bin")
	require.DirExists(w.t, sdk, "run 'make sdk-nodejs'")
	require.NoError(w.t, pulumicli.CopyProjects(sdk, filepath.Join(packages, "@reventless", "pulumi-reventless")))
	script := filepath.Join(root, "tests", "e2e", "testdata", "languages", "preview.js")
	programs.inline = func(project string) *exec.Cmd {
		command := exec.CommandContext(w.t.Context(), "node", script, compile(w.t, filepath.Join(programs.folder, project)))
		command.Env = []string{"NODE_PATH=" + packages}
		return command
	}
	return programs
}

// compile makes JavaScript of a project's program in TypeScript, beside it.
func compile(t *testing.T, project string) string {
	t.Helper()
	compiled := filepath.Join(project, "bin", "index.js")
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(project, "index.ts")}, Outfile: compiled,
		Bundle: true, Packages: api.PackagesExternal, Platform: api.PlatformNode, Write: true,
	})
	require.Empty(t, result.Errors)
	return compiled
}

// python installs the package of the SDK for the programs in Python.
func (w *world) python() programs {
	w.t.Helper()
	programs := w.inLanguage("python")
	root, packages := moduleRoot(w.t), w.t.TempDir()
	virtual := filepath.Join(root, ".venv", "bin")
	interpreter := filepath.Join(virtual, "python")
	sdk := filepath.Join(w.t.TempDir(), "sdk")
	require.NoError(w.t, os.CopyFS(sdk, os.DirFS(filepath.Join(root, "sdk", "python")))) // installing writes into it
	install := exec.CommandContext(w.t.Context(), interpreter, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--target", packages, sdk)
	output, err := install.CombinedOutput()
	require.NoError(w.t, err, "%s", output)
	script := filepath.Join(root, "tests", "e2e", "testdata", "languages", "preview.py")
	programs.path = []string{virtual}
	programs.environment = []string{"PYTHONPATH=" + packages, "PYTHONDONTWRITEBYTECODE=1"}
	programs.inline = func(project string) *exec.Cmd {
		command := exec.CommandContext(w.t.Context(), interpreter, script, filepath.Join(programs.folder, project), strings.TrimSuffix(project, "-aws"))
		command.Env = programs.environment
		return command
	}
	return programs
}

// golang lets the programs in Go use the SDK that is here, and builds those that are run inline,
// all of them into one.
func (w *world) golang() programs {
	w.t.Helper()
	programs := w.inLanguage("go")
	require.NoError(w.t, generatetest.UseModule(programs.folder, filepath.Join(moduleRoot(w.t), "sdk")))
	programs.environment = []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}
	binary := filepath.Join(w.t.TempDir(), "languages")
	build := exec.CommandContext(w.t.Context(), "go", "build", "-ldflags", "-s -w", "-o", binary, ".")
	build.Dir = filepath.Join("testdata", "languages", "go")
	output, err := build.CombinedOutput()
	require.NoError(w.t, err, "%s", output)
	programs.inline = func(project string) *exec.Cmd {
		return exec.CommandContext(w.t.Context(), binary, project)
	}
	return programs
}
