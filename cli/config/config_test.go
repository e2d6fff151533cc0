package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// show runs the command for a stack.
func show(t *testing.T, read *stack.Configuration, environ []string, arguments ...string) (data, notes string, err error) {
	t.Helper()
	e := &environment{
		read: func(context.Context, stack.Selection) (*stack.Configuration, error) {
			if read == nil {
				return nil, errors.New("no such stack")
			}
			return read, nil
		},
		selected: &stack.Selection{}, environ: func() []string { return environ },
	}
	command := e.command()
	var out, noted bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&noted)
	command.SetArgs(arguments)
	command.SilenceErrors, command.SilenceUsage = true, true
	err = command.ExecuteContext(t.Context())
	return out.String(), noted.String(), err
}

// configured is a stack with values in all places.
func configured(t *testing.T, file string) (*stack.Configuration, []string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, localconfig.File), []byte(file), 0o600))
	return &stack.Configuration{Folder: folder, Project: "shop", Stack: "alpha", Values: map[string]stack.ConfigurationValue{
		"platform:stack":    {Value: "o/p/from-stack"},
		"shop:lambdaMemory": {Secret: true},
		"platform:stak":     {Value: "o/p/s"},
		"aws:region":        {Value: "eu-west-1"},
	}}, []string{"HOME=/", "REVENTLESS_STACK=o/p/from-environment", "REVENTLESS_LAMBDA_MEMORY=", "REVENTLESS_STACKS=x"}
}

func TestText(t *testing.T) {
	t.Parallel()
	read, environ := configured(t, "stack: o/p/from-file\n")
	out, notes, err := show(t, read, environ)
	require.NoError(t, err)
	for _, pattern := range []string{
		`(?m)^KEY +VALUE +FROM$`,
		`(?m)^stack +o/p/from-environment +REVENTLESS_STACK\n +\(o/p/from-file\) +shadowed: Pulumi\.local\.yaml:1\n +\(o/p/from-stack\) +shadowed: platform:stack$`,
		`(?m)^lambdaMemory +\[secret\] +shop:lambdaMemory$`,
		`(?m)^dynamoDbBillingMode +not set: PAY_PER_REQUEST$`,
	} {
		assert.Regexp(t, pattern, out)
	}
	assert.Equal(t, `The configuration variable platform:stak is read by nobody. Did you mean "platform:stack"?
The environment variable REVENTLESS_STACKS is read by nobody. Did you mean "REVENTLESS_STACK"?
`, notes)
}

func TestJSON(t *testing.T) {
	t.Parallel()
	read, environ := configured(t, "")
	out, _, err := show(t, read, environ, "-o", "json")
	require.NoError(t, err)
	var lines []line
	require.NoError(t, json.Unmarshal([]byte(out), &lines))
	require.Len(t, lines, len(localconfig.Keys()))
	value := "o/p/from-environment"
	assert.Equal(t, line{
		Key: "stack", Is: localconfig.Stack.Is, Value: &value, Origin: localconfig.Environment, From: "REVENTLESS_STACK",
		Shadowed: []localconfig.Candidate{{Origin: localconfig.StackConfig, Name: "platform:stack", Value: "o/p/from-stack"}},
		Unset:    localconfig.Stack.Unset, Of: "Plugin", Variable: "REVENTLESS_STACK", Config: "platform:stack",
	}, lines[0])
	assert.Contains(t, out, `"value": null`)
}

func TestWrong(t *testing.T) {
	t.Parallel()
	read, _ := configured(t, "stak: o/p/s\nlambdaMemory: {}\ndynamoDbBillingMode: PROVISIONED\n")
	out, _, err := show(t, read, nil)
	assert.Contains(t, out, "PROVISIONED", "what can be read is shown")
	require.ErrorContains(t, err, `Pulumi.local.yaml:1: there is no key "stak". Did you mean "stack"?`)
	require.ErrorContains(t, err, "Pulumi.local.yaml:2")

	read.Stack = "local"
	_, _, err = show(t, read, nil)
	require.NoError(t, err, "the file is the stack's own")
	_, _, err = show(t, nil, nil)
	require.ErrorContains(t, err, "no such stack")
	_, _, err = show(t, read, nil, "-o", "yaml")
	require.ErrorContains(t, err, `"yaml" is not known: use text or json`)
}
