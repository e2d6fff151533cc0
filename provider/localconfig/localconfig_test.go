package localconfig_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// look looks for a key in an environment and a stack's configuration.
func look(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, exists := values[name]
		return value, exists
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	key := localconfig.Key{Name: "cognitoUserPoolId", Namespace: "platform"}
	const variable, config = "REVENTLESS_COGNITO_USER_POOL_ID", "platform:cognitoUserPoolId"
	environment := localconfig.Candidate{Origin: localconfig.Environment, Name: variable, Value: "pool-env"}
	file := localconfig.Candidate{Origin: localconfig.LocalFile, Name: "Pulumi.local.yaml:3", Value: "pool-file"}
	stack := localconfig.Candidate{Origin: localconfig.StackConfig, Name: config, Value: "pool-stack"}
	for name, c := range map[string]struct {
		environment, file, stack string
		want                     localconfig.Value
	}{
		"nobody":                  {"", "", "", localconfig.Value{}},
		"all":                     {"pool-env", "pool-file", "pool-stack", localconfig.Value{Candidate: environment, Shadowed: []localconfig.Candidate{file, stack}}},
		"file and stack":          {"", "pool-file", "pool-stack", localconfig.Value{Candidate: file, Shadowed: []localconfig.Candidate{stack}}},
		"environment and stack":   {"pool-env", "", "pool-stack", localconfig.Value{Candidate: environment, Shadowed: []localconfig.Candidate{stack}}},
		"stack":                   {"", "", "pool-stack", localconfig.Value{Candidate: stack, Shadowed: []localconfig.Candidate{}}},
		"white space is no value": {" \t", "", " pool-stack\n", localconfig.Value{Candidate: stack, Shadowed: []localconfig.Candidate{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := localconfig.Sources{
				Environment: look(map[string]string{variable: c.environment}),
				Local:       localconfig.Local{key.Name: {Value: c.file, Place: "Pulumi.local.yaml:3"}},
				Stack:       look(map[string]string{config: c.stack}),
			}.Look(key)
			assert.Equal(t, c.want, found)
			assert.Equal(t, c.environment+c.file+c.stack != "", found.Set())
		})
	}
	assert.False(t, localconfig.Sources{}.Look(key).Set())
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, namespace, variable, config string }{
		{"cognitoUserPoolId", "platform", "REVENTLESS_COGNITO_USER_POOL_ID", "platform:cognitoUserPoolId"},
		{"hostUiBaseDomain", "platform", "REVENTLESS_HOST_UI_BASE_DOMAIN", "platform:hostUiBaseDomain"},
		{"stack", "platform", "REVENTLESS_STACK", "platform:stack"},
		{"lambdaMemory", "", "REVENTLESS_LAMBDA_MEMORY", "shop:lambdaMemory"},
	} {
		key := localconfig.Key{Name: c.name, Namespace: c.namespace}.In("shop")
		assert.Equal(t, c.variable, key.Variable())
		assert.Equal(t, c.config, key.Config())
	}
	variables := map[string]bool{}
	for _, key := range localconfig.Keys() {
		assert.NotEmpty(t, key.Is, key.Name)
		assert.NotEmpty(t, key.Unset, key.Name)
		assert.NotEmpty(t, key.Of, key.Name)
		assert.False(t, variables[key.Variable()], key.Name)
		variables[key.Variable()] = true
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want localconfig.Local
		err  []string
	}{
		"the guide's form": {"# mine\ncognitoUserPoolId: eu-west-1_AbC # the shared one\n\nhostUiBaseDomain: \"example.com\"\n", localconfig.Local{
			"cognitoUserPoolId": {Value: "eu-west-1_AbC", Place: "Pulumi.local.yaml:2"},
			"hostUiBaseDomain":  {Value: "example.com", Place: "Pulumi.local.yaml:4"},
		}, nil},
		"lists, numbers and nothing": {"hostUiProdStacks: [prod, main]\nlambdaMemory: 1024\nstack:\n", localconfig.Local{
			"hostUiProdStacks": {Value: "prod,main", Place: "Pulumi.local.yaml:1"},
			"lambdaMemory":     {Value: "1024", Place: "Pulumi.local.yaml:2"},
			"stack":            {Place: "Pulumi.local.yaml:3"},
		}, nil},
		"empty":      {"# nothing yet\n", nil, nil},
		"null":       {"~\n", nil, nil},
		"no YAML":    {"a: [\n", nil, []string{"is no YAML", "line"}},
		"no mapping": {"- a\n", nil, []string{"Pulumi.local.yaml:1: it must have a line `key: value`"}},
		"wrong entries": {"platform:stack: o/p/s\na: {b: c}\nb: 1\nb: 2\nc: [[d]]\n", nil, []string{
			`Pulumi.local.yaml:1: write "stack" without "platform:"`, "Pulumi.local.yaml:2: the value must be a text",
			`Pulumi.local.yaml:4: "b" is there twice, first in line 3`, "Pulumi.local.yaml:5: a list may have texts only",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, localconfig.File), []byte(c.text), 0o600))
			local, err := localconfig.ReadFile(folder)
			if c.err == nil {
				require.NoError(t, err)
				assert.Equal(t, c.want, local)
			}
			for _, part := range c.err {
				assert.ErrorContains(t, err, part)
			}
		})
	}
	local, err := localconfig.ReadFile(t.TempDir())
	require.NoError(t, err)
	assert.Empty(t, local)
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, localconfig.File), 0o700))
	_, err = localconfig.ReadFile(folder)
	assert.ErrorContains(t, err, "read Pulumi.local.yaml")
}

func TestList(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"prod", "main"}, localconfig.List(" prod,, main ,"))
	assert.Empty(t, localconfig.List(""))
}
