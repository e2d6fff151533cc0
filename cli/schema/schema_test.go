package schema

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	sdl "github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

const (
	catalogSchema  = "type Query {\n  product(id: ID!): Product\n}\ntype Product {\n  id: ID!\n  name: String\n}\ntype Subscription {\n  productChanged: Product\n}\n"
	orderingSchema = "type Query {\n  order(id: ID!): Order\n}\ntype Order {\n  id: ID!\n}\n"
	catalogProgram = `name: catalog
runtime: yaml
resources:
  catalog:
    type: reventless:index:Plugin
    properties:
      version: 1.2.3
      schema: {fn::readFile: ../catalog/schema.graphql}
      readModels: {Products: {subscriptions: {productChanged: {}}}}
      extensionPoints: {Products: {}}
`
)

// world is a repository and a platform in memory: catalog is in YAML, ordering is not.
type world struct {
	t        *testing.T
	folder   string
	deployed bool
	schema   string
	plugins  []Connected
	answer   protocol.ConnectResult
	asked    []protocol.ConnectRequest
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), deployed: true, answer: protocol.ConnectResult{OK: true}}
	w.write("deploy-manifest.yaml", "platform: {path: platform-aws}\nplugins: [{name: catalog, path: catalog-aws}, {name: ordering, path: ordering-aws}]\n")
	w.write("platform-aws/Pulumi.yaml", "name: platform\nruntime: yaml\nresources: {platform: {type: reventless:index:Platform, properties: {authenticationModes: [API_KEY]}}}")
	w.write("catalog-aws/Pulumi.yaml", catalogProgram)
	w.write("ordering-aws/Pulumi.yaml", "name: ordering\nruntime: nodejs\n")
	for _, name := range []string{"platform", "catalog", "ordering"} {
		w.write(name+"-aws/Pulumi.alpha.yaml", "config: {platform:stack: org/platform/alpha}")
	}
	w.write("catalog/schema.graphql", catalogSchema)
	w.write("ordering/schema.graphql", orderingSchema)
	w.schema = w.compose()
	return w
}

// compose is what the files make now, for the API to have.
func (w *world) compose() string {
	w.t.Helper()
	out, err := w.run("print", "--composed")
	require.NoError(w.t, err)
	return out
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.folder, filepath.FromSlash(name))
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o644))
}

func (w *world) Stacks(context.Context, string) ([]pulumi.Info, error) {
	if !w.deployed {
		return nil, nil
	}
	return []pulumi.Info{{Name: "org/platform/alpha", Resources: 3}}, nil
}

func (w *world) Export(context.Context, string, string) (json.RawMessage, error) {
	if !w.deployed {
		return nil, errors.New("no stack named 'org/platform/alpha' found")
	}
	return json.RawMessage(`{"resources": [{"urn": "urn:pulumi:alpha::p::reventless:index:Platform::platform", "type": "reventless:index:Platform",
		"outputs": {"apiId": "api", "connection": {"platform": "platform", "authenticationModes": "API_KEY,AWS_IAM"}}}]}`), nil
}

func (w *world) Schema(_ context.Context, platform stack.Platform) (string, error) {
	assert.Equal(w.t, "api", platform.APIID)
	return w.schema, nil
}

func (w *world) Connected(context.Context, stack.Platform) ([]Connected, error) {
	return w.plugins, nil
}

func (w *world) Check(_ context.Context, _ stack.Platform, request protocol.ConnectRequest) (protocol.ConnectResult, error) {
	w.asked = append(w.asked, request)
	return w.answer, nil
}

func (w *world) run(arguments ...string) (string, error) {
	e := &environment{api: w, find: func() (Pulumi, error) { return w, nil },
		plan: func(ctx context.Context, manifest string) (*project.Plan, error) {
			return project.Open(ctx, project.Selection{Folder: w.folder, Manifest: manifest, Environment: "alpha"}, func(string) (string, bool) { return "", false })
		}}
	command := e.command()
	var out bytes.Buffer
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetOut(&out)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(arguments)
	err := command.ExecuteContext(w.t.Context())
	return out.String(), err
}

func code(err error) int {
	var failed *exit.Error
	if errors.As(err, &failed) {
		return failed.Code
	}
	return -1
}

func TestPrint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plugins = []Connected{{Plugin: "catalog", Fields: []string{"Query.product"}}}
	out, err := w.run("print")
	require.NoError(t, err)
	assert.Equal(t, w.schema, out)
	out, err = w.run("print", "--owners")
	require.NoError(t, err)
	assert.Contains(t, out, "# Query.product: catalog\n")
	assert.Contains(t, out, "# Query.order: (nobody's, kept for its resolver)\n")
	assert.Contains(t, out, "# Query.Platform_plugins: Platform\n")
	read, err := sdl.ParseLive(out)
	require.NoError(t, err, "what is printed stays SDL")
	assert.True(t, read.RootFields()["Query.product"])
	out, err = w.run("print", "--composed", "--owners")
	require.NoError(t, err)
	assert.Contains(t, out, "# Query.order: ordering\n")
	assert.Contains(t, out, "catalog_productChanged_feed", "the mutation that feeds the subscription")
}

func TestPrintOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deployed = false
	_, err := w.run("print")
	require.ErrorContains(t, err, "no platform is deployed in this environment, alpha: deploy it with `reventless up --stack alpha`")
	_, err = w.run("print", "--composed")
	require.NoError(t, err)
}

func TestComposedHasPluginsOfOtherRepositories(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plugins = []Connected{{Plugin: "shelf", Fragment: "type Query { shelf: Int }"}, {Plugin: "catalog", Fragment: "type Query { old: Int }"}}
	out, err := w.run("print", "--composed", "--owners")
	require.NoError(t, err)
	assert.Contains(t, out, "# Query.shelf: shelf\n")
	assert.NotContains(t, out, "old")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		hurt func(w *world)
		want []string
	}{
		"well":          {func(*world) {}, nil},
		"syntax":        {func(w *world) { w.write("catalog/schema.graphql", "type Query {\n  a: Int\n") }, []string{"catalog/schema.graphql:3:", "syntax error", "(catalog)"}},
		"unknown types": {func(w *world) { w.write("ordering/schema.graphql", "type Query {\n  a: Nothing\n}\n") }, []string{"ordering/schema.graphql:2:", "Nothing", "(ordering)"}},
		"of both": {func(w *world) {
			w.write("catalog/schema.graphql", "type Query {\n  a: Nothing\n}\n")
			w.write("ordering/schema.graphql", "type Query {\n  a: Never\n}\n")
		}, []string{"catalog/schema.graphql:2:", "ordering/schema.graphql:2:"}},
		"field conflict": {func(w *world) { w.write("ordering/schema.graphql", "type Query {\n  product: Int\n}\n") }, []string{"ordering/schema.graphql:2:", "(ordering and catalog)"}},
		"type conflict": {func(w *world) {
			w.write("ordering/schema.graphql", "type Query {\n  b: Product\n}\ntype Product {\n  id: Int\n}\n")
		}, []string{"ordering/schema.graphql:", "(ordering and catalog)"}},
		"not fed": {func(w *world) {
			w.write("catalog/schema.graphql", catalogSchema+"extend type Subscription {\n  other: Product\n}\n")
		}, []string{"catalog/schema.graphql:12:", "other has no @aws_subscribe"}},
		"inline": {func(w *world) {
			w.write("catalog-aws/Pulumi.yaml", "name: catalog\nruntime: yaml\nresources:\n  shelf:\n    type: reventless:index:Plugin\n    properties:\n      schema: |\n        type Query {\n          a: Nothing\n        }\n")
		}, []string{"catalog-aws/Pulumi.yaml:9:", "(shelf)"}},
		"the platform refuses": {func(w *world) {
			w.answer = protocol.ConnectResult{Problems: []protocol.Problem{{Code: protocol.CodeNameTaken, Message: "the name is taken"}}}
		}, []string{"catalog/schema.graphql: the name is taken (catalog, says the platform)", "ordering/schema.graphql: the name is taken"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.hurt(w)
			out, err := w.run("check")
			if test.want == nil {
				require.NoError(t, err, out)
				return
			}
			assert.Equal(t, CodeFound, code(err), "%v", err)
			for _, text := range test.want {
				assert.Contains(t, out, text)
			}
		})
	}
}

func TestCheckAsksThePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.run("check", "--offline")
	require.NoError(t, err)
	assert.Empty(t, w.asked)
	out, err := w.run("check")
	require.NoError(t, err)
	assert.Equal(t, "The schemas are well, alone and together.\n", out)
	require.Len(t, w.asked, 2)
	asked := w.asked[0]
	assert.Equal(t, "catalog", asked.Plugin)
	assert.Equal(t, "1.2.3", asked.Version)
	assert.Equal(t, "org/catalog/alpha", asked.Stack)
	assert.Equal(t, []string{"Products"}, asked.ExtensionPoints)
	assert.Equal(t, sdl.Hash("1.2.3", asked.Fragment, asked.ExtensionPoints), asked.Hash)
	w.deployed, w.asked = false, nil
	_, err = w.run("check")
	require.NoError(t, err)
	assert.Empty(t, w.asked)
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ program, want string }{
		"no such file":  {"schema: {fn::readFile: ../nowhere.graphql}", "catalog-aws/Pulumi.yaml:4: read the schema of catalog"},
		"interpolated":  {"schema: {fn::readFile: \"${where}/schema.graphql\"}", "is known only when it is deployed; write its path"},
		"of a function": {"schema: {fn::invoke: {function: x}}", "catalog-aws/Pulumi.yaml:4: the schema of catalog is neither a text nor a file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("catalog-aws/Pulumi.yaml", "name: catalog\nruntime: yaml\nresources:\n  catalog: {type: reventless:index:Plugin, properties: {"+test.program+"}}\n")
			require.NoError(t, os.Remove(filepath.Join(w.folder, "ordering", "schema.graphql")))
			_, err := w.run("check", "--offline")
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "ordering-aws: the schema of ordering is not found: put it into ordering/schema.graphql or ordering-aws/schema.graphql")
		})
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := w.run("diff", "--fail-on-breaking")
	require.NoError(t, err)
	assert.Equal(t, "0 changes, 0 of them breaking\n", out)
	w.write("ordering/schema.graphql", "type Query {\n  order(id: ID!, at: Int!): Order\n}\ntype Order {\n  id: ID!\n  total: Int\n}\n")
	out, err = w.run("diff")
	require.NoError(t, err)
	assert.Equal(t, "safe      added    Order.total: the field was added: Int\n"+
		"breaking  added    Query.order(at:): the argument was added and has to be given: Int!\n2 changes, 1 of them breaking\n", out)
	out, err = w.run("diff", "--fail-on-breaking", "--json")
	assert.Equal(t, CodeFound, code(err))
	assert.Contains(t, out, `"breaking": 1,`)
	valid(t, "diff.schema.json", out)
	w.write("ordering/schema.graphql", "type Query {")
	_, err = w.run("diff")
	require.ErrorContains(t, err, "run `reventless schema check`")
}

// TestCheckAsJSON has a conflict, which has most of the properties.
func TestCheckAsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := w.run("check", "--offline", "--json")
	require.NoError(t, err)
	valid(t, "check.schema.json", out)
	w.write("ordering/schema.graphql", "type Query {\n  product: Int\n}\n")
	out, err = w.run("check", "--offline", "--json")
	assert.Equal(t, CodeFound, code(err))
	assert.Contains(t, out, `"other": "`)
	valid(t, "check.schema.json", out)
}

// valid checks what was printed against the published JSON Schema.
func valid(t *testing.T, file, printed string) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(file)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(printed))
	require.NoError(t, err)
	require.NoError(t, compiled.Validate(value))
}

// TestDocumentedDiff renames a field.
func TestDocumentedDiff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("ordering/schema.graphql", strings.Replace(orderingSchema, "order(", "theOrder(", 1))
	out, err := w.run("diff")
	require.NoError(t, err)
	assert.Equal(t, snippet.Output(t, "docs/operating.md", "schema-diff"), out)
}

type function struct{ payload, failure string }

func (f function) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	if f.failure == "denied" {
		return nil, errors.New("AccessDenied")
	}
	if f.failure != "" {
		return &lambda.InvokeOutput{FunctionError: aws.String("Unhandled"), Payload: []byte(f.failure)}, nil
	}
	var request protocol.ConnectRequest
	if err := json.Unmarshal(in.Payload, &request); err != nil || request.Action != protocol.ActionCheck || request.Applying {
		return nil, errors.New("not a check")
	}
	return &lambda.InvokeOutput{Payload: []byte(f.payload)}, nil
}

func TestCheckOfAFunction(t *testing.T) {
	t.Parallel()
	result, err := check(t.Context(), function{payload: `{"ok": true}`}, "connect", protocol.ConnectRequest{})
	require.NoError(t, err)
	assert.True(t, result.OK)
	for want, f := range map[string]function{
		"lambda:InvokeFunction is needed: AccessDenied": {failure: "denied"},
		"see its log group /reventless/connect: broken": {failure: "broken"},
		"is not understood":                             {payload: "nothing"},
	} {
		_, err := check(t.Context(), f, "connect", protocol.ConnectRequest{})
		require.ErrorContains(t, err, want)
	}
}
