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

	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
	"github.com/reventless/pulumi-reventless/tests/resourcegraph"
)

// TestLanguages deploys the shop with a program in Go, one in TypeScript and one in Python, and
// uses it. Then it asks programs in all languages, YAML too, what each would do with these
// stacks: nothing, and with the same resources.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	yaml, typescript, python, golang := w.yaml(), w.typescript(), w.python(), w.golang()
	golang.run(t, "up", platform)
	typescript.run(t, "up", catalog)
	python.run(t, "up", ordering)
	client := w.client(platform)

	w.step("an order is placed across the plugins", func(t *testing.T) {
		w.ask(client, addLamp)
		w.eventually(client, lampArrived, present("catalogProduct"))
		w.ask(client, orderLamp)
		w.eventually(client, lampOrder, present("order"))
	})

	for _, project := range []string{platform, catalog, ordering} {
		w.step(project, func(t *testing.T) {
			wanted := yaml.run(t, "preview", project)
			require.Equal(t, w.countResources(project), len(wanted), "all that is deployed")
			for _, language := range []programs{typescript, python, golang} {
				graph := language.run(t, "preview", project)
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
	// folder has their projects.
	folder string
	// command is what runs the program of a project, but for the operation and the events.
	command func(operation, project string) *exec.Cmd
}

// run does an operation, up or preview, of the Automation API with a program. It gives what
// the engine tells of the resources.
func (p programs) run(t *testing.T, operation, project string) resourcegraph.Graph {
	t.Helper()
	events := filepath.Join(t.TempDir(), "events")
	command := p.command(operation, project)
	command.Args = append(command.Args, events)
	command.Dir = filepath.Join(p.folder, project)
	command.Env = append(p.world.workspace.Environment(), command.Env...)
	began := time.Now()
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	graph := readGraph(t, events)
	t.Logf("%s of %s in %s: %d resources, %s", operation, project, filepath.Base(p.folder), len(graph), time.Since(began).Round(time.Millisecond))
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

// inLanguage copies the projects of a language beside those in YAML, without the programs, which
// stay where they are.
func (w *world) inLanguage(language string) (programs, string) {
	w.t.Helper()
	source := filepath.Join(moduleRoot(w.t), "examples", "online-shop-"+language)
	target := filepath.Join(filepath.Dir(w.projects), "online-shop-"+language)
	for _, project := range []string{platform, catalog, ordering} {
		require.NoError(w.t, os.MkdirAll(filepath.Join(target, project), 0o755))
		for _, file := range []string{"Pulumi.yaml", "Pulumi.alpha.yaml"} {
			text, err := os.ReadFile(filepath.Join(source, project, file))
			require.NoError(w.t, err)
			require.NoError(w.t, os.WriteFile(filepath.Join(target, project, file), text, 0o600))
		}
	}
	return programs{world: w, folder: target}, source
}

// yaml has no Automation API, so its programs are run by the command line.
func (w *world) yaml() programs {
	command := filepath.Join(moduleRoot(w.t), ".tools", "bin", "pulumi")
	return programs{world: w, folder: w.projects, command: func(operation, _ string) *exec.Cmd {
		pulumi := exec.CommandContext(w.t.Context(), command, operation, "--stack", "alpha", "--non-interactive", "--event-log")
		pulumi.Env = []string{"PULUMI_DEBUG_COMMANDS=true"} // it has the flag only then
		return pulumi
	}}
}

// typescript compiles the programs in TypeScript and puts the package of the SDK beside them.
func (w *world) typescript() programs {
	w.t.Helper()
	programs, source := w.inLanguage("ts")
	root, compiled := moduleRoot(w.t), w.t.TempDir()
	for _, project := range []string{platform, catalog, ordering} {
		result := api.Build(api.BuildOptions{
			EntryPoints: []string{filepath.Join(source, project, "index.ts")}, Outfile: filepath.Join(compiled, project+".js"),
			Bundle: true, Packages: api.PackagesExternal, Platform: api.PlatformNode, Write: true,
		})
		require.Empty(w.t, result.Errors)
	}
	sdk := filepath.Join(root, "sdk", "nodejs", "bin")
	require.DirExists(w.t, sdk, "run 'make sdk-nodejs'")
	require.NoError(w.t, pulumicli.CopyProjects(sdk, filepath.Join(compiled, "node_modules", "@reventless", "pulumi-reventless")))
	script := filepath.Join(root, "tests", "e2e", "testdata", "languages", "run.js")
	programs.command = func(operation, project string) *exec.Cmd {
		command := exec.CommandContext(w.t.Context(), "node", script, operation, filepath.Join(compiled, project+".js"))
		command.Env = []string{"NODE_PATH=" + filepath.Join(root, "tests", "sdk", "nodejs", "node_modules")}
		return command
	}
	return programs
}

// python installs the package of the SDK for the programs in Python.
func (w *world) python() programs {
	w.t.Helper()
	programs, source := w.inLanguage("python")
	root, packages := moduleRoot(w.t), w.t.TempDir()
	interpreter := filepath.Join(root, ".venv", "bin", "python")
	sdk := filepath.Join(w.t.TempDir(), "sdk")
	require.NoError(w.t, os.CopyFS(sdk, os.DirFS(filepath.Join(root, "sdk", "python")))) // installing writes into it
	install := exec.CommandContext(w.t.Context(), interpreter, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--target", packages, sdk)
	output, err := install.CombinedOutput()
	require.NoError(w.t, err, "%s", output)
	script := filepath.Join(root, "tests", "e2e", "testdata", "languages", "run.py")
	programs.command = func(operation, project string) *exec.Cmd {
		command := exec.CommandContext(w.t.Context(), interpreter, script, operation, filepath.Join(source, project), strings.TrimSuffix(project, "-aws"))
		command.Env = []string{"PYTHONPATH=" + packages, "PYTHONDONTWRITEBYTECODE=1"}
		return command
	}
	return programs
}

// golang builds the programs in Go, all of them into one.
func (w *world) golang() programs {
	w.t.Helper()
	programs, _ := w.inLanguage("go")
	binary := filepath.Join(w.t.TempDir(), "languages")
	build := exec.CommandContext(w.t.Context(), "go", "build", "-ldflags", "-s -w", "-o", binary, ".")
	build.Dir = filepath.Join("testdata", "languages", "go")
	output, err := build.CombinedOutput()
	require.NoError(w.t, err, "%s", output)
	programs.command = func(operation, project string) *exec.Cmd {
		return exec.CommandContext(w.t.Context(), binary, operation, project)
	}
	return programs
}
