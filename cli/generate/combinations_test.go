package generate_test

import (
	"encoding/json"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"

	"github.com/reventless/pulumi-reventless/cli/generate/generatetest"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// TestCombinations makes platforms and plugins in all languages with handlers in all
// languages, and looks at each file. tests/sdk compiles the programs, TestHandlers runs the
// handlers' tests.
func TestCombinations(t *testing.T) {
	t.Parallel()
	for _, platform := range skeleton.Languages {
		for _, plugin := range skeleton.Languages {
			for _, handler := range skeleton.Handlers {
				t.Run(platform+"/"+plugin+"/"+handler, func(t *testing.T) {
					t.Parallel()
					r := newRepository(t)
					r.run("platform --region eu-west-1 --language " + platform)
					r.run("plugin stock")
					r.run("plugin order-entry --depends-on stock --language " + plugin + " --handler " + handler)
					_, err := manifest.Read(filepath.Join(r.root, manifest.File))
					require.NoError(t, err)
					for path, text := range r.snapshot() {
						wellFormed(t, path, text)
					}
				})
			}
		}
	}
}

// wellFormed parses what Go can parse.
func wellFormed(t *testing.T, path, text string) {
	t.Helper()
	assert.NotContains(t, text, "<no value>", path)
	assert.NotRegexp(t, regexp.MustCompile(`<%|%>|[ \t]+\n|\n{4}|[^\n]$`), text, path)
	switch name := filepath.Base(path); {
	case strings.HasSuffix(name, ".go"):
		_, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		require.NoError(t, err)
		formatted, err := format.Source([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, string(formatted), text, path)
	case name == "go.mod":
		module, err := modfile.Parse(path, []byte(text), nil)
		require.NoError(t, err)
		assert.Equal(t, "v1.2.0-alpha.3", module.Require[len(module.Require)-1].Mod.Version)
	case strings.HasSuffix(name, ".json"):
		assert.True(t, json.Valid([]byte(text)), path)
	case strings.HasSuffix(name, ".yaml"):
		require.NoError(t, yaml.Unmarshal([]byte(text), &map[string]any{}), path)
	}
}

// TestYAMLPrograms compares the properties of programs in YAML with the schema of the
// provider.
func TestYAMLPrograms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../schema.json")
	require.NoError(t, err)
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal(text, &spec))
	for _, handler := range skeleton.Handlers {
		r := newRepository(t)
		r.run("platform --region eu-west-1")
		r.run("plugin catalog --handler " + handler)
		for _, file := range []string{"platform-aws/Pulumi.yaml", "catalog-aws/Pulumi.yaml"} {
			var program struct {
				Resources map[string]struct {
					Type       string
					Properties map[string]any
				}
			}
			require.NoError(t, yaml.Unmarshal([]byte(r.read(file)), &program))
			require.Len(t, program.Resources, 1)
			for _, resource := range program.Resources {
				of, known := spec.Resources[resource.Type]
				require.True(t, known, resource.Type)
				assert.NotEmpty(t, resource.Properties)
				properties(t, spec, file, resource.Properties, of.InputProperties)
				assert.Subset(t, keys(resource.Properties), of.RequiredInputs)
			}
		}
	}
}

// properties compares an object with the properties that its type has.
func properties(t *testing.T, spec schema.PackageSpec, at string, object map[string]any, known map[string]schema.PropertySpec) {
	t.Helper()
	for name, value := range object {
		property, exists := known[name]
		if assert.True(t, exists, "%s.%s", at, name) {
			of(t, spec, at+"."+name, value, property.TypeSpec)
		}
	}
}

// of compares a value with its type.
func of(t *testing.T, spec schema.PackageSpec, at string, value any, is schema.TypeSpec) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		require.NotNil(t, is.Items, at)
		for _, element := range value {
			of(t, spec, at, element, *is.Items)
		}
	case map[string]any:
		if reference, ours := strings.CutPrefix(is.Ref, "#/types/"); ours {
			properties(t, spec, at, value, spec.Types[reference].Properties)
		} else if is.AdditionalProperties != nil {
			for name, element := range value {
				of(t, spec, at+"."+name, element, *is.AdditionalProperties)
			}
		} else {
			for name := range value {
				assert.True(t, strings.HasPrefix(name, "fn::"), "%s.%s", at, name)
			}
		}
	case bool:
		assert.Equal(t, "boolean", is.Type, at)
	case string:
		if reference, ours := strings.CutPrefix(is.Ref, "#/types/"); ours {
			var values []any
			for _, one := range spec.Types[reference].Enum {
				values = append(values, one.Value)
			}
			assert.Contains(t, values, value, at)
		} else {
			assert.Equal(t, "string", is.Type, at)
		}
	}
}

func keys(object map[string]any) []string {
	var names []string
	for name := range object {
		names = append(names, name)
	}
	return names
}

// TestHandlers runs the tests of generated handlers as their authors would.
func TestHandlers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		command []string
		want    string
	}{
		skeleton.NodeJS: {[]string{"node", "--test"}, "# pass 8\n"},
		skeleton.Python: {[]string{"python3", "-m", "unittest", "discover"}, "Ran 2 tests"},
		skeleton.Go:     {[]string{"go", "test", "./..."}, "ok  \tmy-app/catalog\t"},
	}
	for handler, test := range tests {
		t.Run(handler, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			r.run("platform --region eu-west-1")
			r.run("plugin catalog --handler " + handler)
			if handler == skeleton.Go {
				root, err := filepath.Abs("../..")
				require.NoError(t, err)
				require.NoError(t, generatetest.UseModule(filepath.Join(r.root, "catalog"), root))
			}
			output, err := r.execute("catalog", test.command...)
			require.NoError(t, err, output)
			assert.Contains(t, output, test.want)
			assert.NoDirExists(t, filepath.Join(r.root, "catalog", "src", "__pycache__"), "it would be deployed")

			item := map[string]string{skeleton.NodeJS: "src/item.mjs", skeleton.Python: "src/item.py", skeleton.Go: "item.go"}[handler]
			r.write("catalog/"+item, strings.ReplaceAll(r.read("catalog/"+item), "ItemNotFound", "Other"))
			output, err = r.execute("catalog", test.command...)
			require.Error(t, err, "a wrong handler fails its test: %s", output)
		})
	}
}

func (r repository) execute(folder string, command ...string) (string, error) {
	run := exec.CommandContext(r.t.Context(), command[0], command[1:]...)
	run.Dir = filepath.Join(r.root, folder)
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	output, err := run.CombinedOutput()
	return string(output), err
}
