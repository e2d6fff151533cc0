package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const workflow = ".github/workflows/deploy.yml"

// gitRepository is a repository that git knows.
func gitRepository(t *testing.T) repository {
	t.Helper()
	r := newRepository(t)
	require.NoError(t, os.Mkdir(filepath.Join(r.root, ".git"), 0o755))
	return r
}

// called is a workflow that calls another one.
type called struct {
	On          map[string]struct{ Branches []string }
	Permissions map[string]string
	Jobs        map[string]struct {
		Uses    string
		With    map[string]string
		Secrets map[string]string
	}
}

func (r repository) workflow() called {
	r.t.Helper()
	var read called
	require.NoError(r.t, yaml.Unmarshal([]byte(r.read(workflow)), &read))
	return read
}

// TestWorkflow follows the workflow through the life of a repository.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	r := gitRepository(t)
	out := r.run("platform --region eu-west-1 --env alpha --env main")
	assert.NotContains(t, out, workflow, "nobody gets one unasked")
	out, hints, err := r.try("platform", "--github")
	require.NoError(t, err)
	assert.Equal(t, "created", fate(t, out, workflow))
	assert.Contains(t, hints, "set the secrets, or the role")
	read := r.workflow()
	assert.Equal(t, []string{"alpha", "main"}, read.On["push"].Branches)
	assert.Equal(t, read.On["push"], read.On["pull_request"])
	assert.Equal(t, "reventless/pulumi-reventless/.github/workflows/deploy-reventless-aws.yml@v1.2.0-alpha.3", read.Jobs["deploy"].Uses)
	assert.Equal(t, map[string]string{"manifest": "deploy-manifest.yaml", "node-version": "", "python-version": "", "go-version": ""}, read.Jobs["deploy"].With)

	assert.NotContains(t, r.run("plugin catalog --handler python"), "updated    .github", "it needs no Python to be deployed")
	out = r.run("plugin ordering --handler go --language typescript")
	assert.Equal(t, "updated", fate(t, out, workflow))
	r.run("plugin shipping --handler go --language python")
	with := r.workflow().Jobs["deploy"].With
	assert.Equal(t, map[string]string{"manifest": "deploy-manifest.yaml", "node-version": "22", "python-version": "3.12", "go-version": "1.26",
		"build-command": "(cd ordering && go run ./build)\n(cd shipping && go run ./build)\n"}, with)
	assert.Equal(t, "unchanged", fate(t, r.run("platform"), workflow))

	r.write(workflow, r.read(workflow)+"# mine\n")
	assert.Equal(t, "kept (edited)", fate(t, r.run("platform --env beta"), workflow))
}

// TestWorkflowFits compares with the workflow that is called, and the example's.
func TestWorkflowFits(t *testing.T) {
	t.Parallel()
	r := gitRepository(t)
	r.run("platform --region eu-west-1 --github")
	r.run("plugin ordering --handler go")
	read := r.workflow()
	var reusable struct {
		On struct {
			Call struct{ Inputs, Secrets map[string]any } `yaml:"workflow_call"`
		}
	}
	text, err := os.ReadFile("../../.github/workflows/deploy-reventless-aws.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &reusable))
	for name := range read.Jobs["deploy"].With {
		assert.Contains(t, reusable.On.Call.Inputs, name)
	}
	for name, value := range read.Jobs["deploy"].Secrets {
		assert.Contains(t, reusable.On.Call.Secrets, name)
		assert.Equal(t, "${{ secrets."+name+" }}", value)
	}
	var example called
	text, err = os.ReadFile("../../examples/online-shop/.github/workflows/deploy-aws.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &example))
	assert.Equal(t, example.Permissions, read.Permissions)
	assert.Equal(t, example.Jobs["deploy"].Secrets, read.Jobs["deploy"].Secrets)
}

func TestWorkflowRefused(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	_, _, err := r.try("platform", "--region", "eu-west-1", "--github")
	require.ErrorContains(t, err, "is not the root of a git repository")
	assert.Empty(t, r.snapshot(), "nothing is written")

	r = gitRepository(t)
	const own = "name: mine\n"
	r.write(workflow, own)
	assert.False(t, strings.Contains(r.run("platform --region eu-west-1"), workflow))
	_, _, err = r.try("platform", "--github")
	require.ErrorContains(t, err, workflow+" is there and is yours")
	assert.Equal(t, own, r.read(workflow))
}
