package pulumi_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// bed is a project without resources on a backend of its own.
type bed struct {
	*pulumi.Command
	folder string
}

func newBed(t *testing.T) bed {
	t.Helper()
	_, err := exec.LookPath("pulumi-language-yaml")
	require.NoError(t, err, "run 'make tools', and put .tools/bin on the PATH")
	folder := t.TempDir()
	for _, name := range []string{"project", "home", "state"} {
		require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o755))
	}
	command, err := pulumi.Find("PULUMI_HOME="+filepath.Join(folder, "home"), "PULUMI_BACKEND_URL=file://"+filepath.Join(folder, "state"),
		"PULUMI_CONFIG_PASSPHRASE=x", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true")
	require.NoError(t, err)
	return bed{command, filepath.Join(folder, "project")}
}

func (b bed) program(t *testing.T, outputs string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(b.folder, "Pulumi.yaml"), []byte("name: shop\nruntime: yaml\noutputs: "+outputs+"\n"), 0o644))
}

func (b bed) run(t *testing.T, operation pulumi.Operation) pulumi.Outcome {
	t.Helper()
	var printed bytes.Buffer
	outcome, err := b.Run(t.Context(), pulumi.Request{Operation: operation, Folder: b.folder, Stack: "alpha", Output: &printed})
	require.NoError(t, err, printed.String())
	return outcome
}

func TestLifeOfAStack(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.program(t, "{a: 1}")
	require.NoError(t, b.Create(t.Context(), b.folder, "alpha"))

	outcome := b.run(t, pulumi.Preview)
	assert.Equal(t, map[string]int{"create": 1}, outcome.Changes)
	outcome = b.run(t, pulumi.Up)
	assert.Equal(t, map[string]any{"a": 1.0}, outcome.Outputs)
	assert.True(t, outcome.OutputsChanged)
	assert.Equal(t, 1, outcome.Resources)
	outcome = b.run(t, pulumi.Up)
	assert.Empty(t, outcome.Changes)
	assert.False(t, outcome.OutputsChanged, "nothing changed")

	b.program(t, "{a: 2, s: {fn::secret: confidential}}")
	outcome = b.run(t, pulumi.Up)
	assert.True(t, outcome.OutputsChanged)
	assert.NotContains(t, outcome.Outputs, "confidential")
	outputs, err := b.Outputs(t.Context(), b.folder, "alpha", false)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": 2.0, "s": "[secret]"}, outputs)
	outputs, err = b.Outputs(t.Context(), b.folder, "alpha", true)
	require.NoError(t, err)
	assert.Equal(t, "confidential", outputs["s"])

	stacks, err := b.Stacks(t.Context(), b.folder)
	require.NoError(t, err)
	require.Len(t, stacks, 1)
	assert.True(t, stacks[0].Is("shop", "alpha"), stacks[0].Name)
	assert.NotNil(t, stacks[0].LastUpdate)

	b.inspect(t, stacks[0].Name)

	b.run(t, pulumi.Refresh)
	outcome = b.run(t, pulumi.Destroy)
	assert.Equal(t, map[string]int{"delete": 1}, outcome.Changes)
	assert.Zero(t, outcome.Resources)

	selected, err := filepath.Glob(filepath.Join(b.folder, "..", "home", "workspaces", "*.json"))
	require.NoError(t, err)
	assert.Empty(t, selected, "no stack is selected for the user")
}

// inspect looks at the stack that was deployed.
func (b bed) inspect(t *testing.T, name string) {
	t.Helper()
	version, err := b.Version()
	require.NoError(t, err)
	assert.Regexp(t, `^3\.`, version)
	for _, named := range []string{"alpha", name} {
		deployment, err := b.Export(t.Context(), b.folder, named)
		require.NoError(t, err)
		state, err := stack.Parse(named, deployment)
		require.NoError(t, err)
		assert.InDelta(t, 2, state.Outputs["a"], 0)
	}
	_, err = b.Export(t.Context(), b.folder, "organization/shop/beta")
	require.ErrorContains(t, err, "no stack named 'organization/shop/beta' found")
	require.NoError(t, os.WriteFile(filepath.Join(b.folder, "Pulumi.alpha.yaml"), []byte("config: {platform:stack: a/b/c, shop:memory: 1}\n"), 0o644))
	values, err := b.Configuration(t.Context(), b.folder, "alpha")
	require.NoError(t, err)
	assert.Equal(t, map[string]stack.ConfigurationValue{"platform:stack": {Value: "a/b/c"}, "shop:memory": {Value: "1"}}, values)
}

func TestLoginAndLocks(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	login, err := b.Login(t.Context(), b.folder)
	require.NoError(t, err)
	assert.NotEmpty(t, login.User)
	locks, err := login.Locks(t.Context(), "organization/shop/alpha")
	require.NoError(t, err)
	assert.Empty(t, locks)
	lock := b.lock(t)
	locks, err = login.Locks(t.Context(), "organization/shop/alpha")
	require.NoError(t, err)
	assert.Equal(t, []string{lock}, locks)
	locks, err = pulumi.Login{URL: "https://app.pulumi.com/ada"}.Locks(t.Context(), "organization/shop/alpha")
	require.NoError(t, err)
	assert.Empty(t, locks, "of other backends it cannot be told")
}

// lock makes the lock that another process would hold.
func (b bed) lock(t *testing.T) string {
	t.Helper()
	lock := filepath.Join(filepath.Dir(b.folder), "state", ".pulumi", "locks", "organization", "shop", "alpha", "0f3a.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(lock), 0o755))
	require.NoError(t, os.WriteFile(lock, []byte(`{"pid":1,"username":"somebody","hostname":"elsewhere","timestamp":"2026-01-01T00:00:00Z"}`), 0o644))
	return lock
}

func TestFailures(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.program(t, "{a: '${nothing}'}")
	_, err := b.Run(t.Context(), pulumi.Request{Operation: pulumi.Up, Folder: b.folder, Stack: "alpha", Output: io.Discard})
	assert.ErrorContains(t, err, "no stack named 'alpha' found")

	require.NoError(t, b.Create(t.Context(), b.folder, "alpha"))
	_, err = b.Run(t.Context(), pulumi.Request{Operation: pulumi.Up, Folder: b.folder, Stack: "alpha", Output: io.Discard})
	var failed *pulumi.Failure
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, pulumi.Other, failed.Kind)
	assert.Contains(t, failed.Error(), `resource or variable named "nothing" could not be found`)
	assert.NotContains(t, failed.Error(), "<{%")
}

func TestLockedStack(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.program(t, "{a: 1}")
	require.NoError(t, b.Create(t.Context(), b.folder, "alpha"))
	b.lock(t)
	_, err := b.Run(t.Context(), pulumi.Request{Operation: pulumi.Up, Folder: b.folder, Stack: "alpha", Output: io.Discard})
	var failed *pulumi.Failure
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, pulumi.Locked, failed.Kind)
	assert.Contains(t, failed.Error(), "somebody@elsewhere")
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.program(t, "{a: 1}")
	require.NoError(t, b.Create(t.Context(), b.folder, "alpha"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := b.Run(ctx, pulumi.Request{Operation: pulumi.Up, Folder: b.folder, Stack: "alpha", Output: io.Discard})
	require.Error(t, err)
	locks, _ := filepath.Glob(filepath.Join(b.folder, "..", "state", ".pulumi", "locks", "organization", "shop", "alpha", "*"))
	assert.Empty(t, strings.Join(locks, " "), "an interrupted command takes its lock with it")
}
