package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLocalConfiguration gives values in all places that there are. The provider has to find
// Pulumi.local.yaml however the real command line is called.
func TestLocalConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const project = "rival-aws"
	w.write(project+"/Pulumi.yaml", rival)
	w.write(project+"/Pulumi.alpha.yaml", "config:\n  aws:region: eu-west-1\n  online-shop-rival:lambdaMemory: 64\n")
	w.write(project+"/Pulumi.local.yaml", "# mine\nstack: organization/mine/alpha\nlambdaMemroy: 1\ndynamoDbBillingMode: FREE\n")
	folder := filepath.Join(w.projects, project)
	refused := func(t *testing.T, text string) {
		t.Helper()
		for _, want := range []string{
			`the stack "organization/mine/alpha" of the platform does not exist`, "the value in Pulumi.local.yaml:2",
			`Pulumi.local.yaml:3: there is no key "lambdaMemroy". Did you mean "lambdaMemory"?`, `the value in Pulumi.local.yaml:4 is "FREE"`,
			`the configuration variable 'online-shop-rival:lambdaMemory' is "64"`,
		} {
			assert.Contains(t, text, want)
		}
		assert.Len(t, errorLine.FindAllString(text, -1), 1, "all in one error:\n%s", text)
	}
	w.step("in the project's folder", func(t *testing.T) { refused(t, w.refusal(project, "preview")) })
	w.step("with --cwd", func(t *testing.T) {
		command := w.program(".tools/bin/pulumi", "preview", "-C", folder, "--stack", "alpha", "--non-interactive", "--color=never")
		command.Dir = t.TempDir()
		text, err := command.CombinedOutput()
		require.Error(t, err)
		refused(t, string(text))
	})
	w.step("the command shows them", func(t *testing.T) {
		out, err := w.program("bin/reventless", "config", "--cwd", folder, "--stack", "alpha").CombinedOutput()
		require.Error(t, err)
		assert.Regexp(t, `(?m)^stack +organization/mine/alpha +Pulumi\.local\.yaml:2$`, string(out))
		assert.Regexp(t, `(?m)^lambdaMemory +64 +online-shop-rival:lambdaMemory$`, string(out))
		assert.Contains(t, string(out), `Pulumi.local.yaml:3: there is no key "lambdaMemroy"`)
	})
	w.step("with the program in a folder below", func(t *testing.T) {
		head, resources, _ := strings.Cut(rival, "resources:")
		w.write(project+"/Pulumi.yaml", head+"main: program/\n")
		w.write(project+"/program/Main.yaml", "resources:"+strings.ReplaceAll(resources, "../catalog", "../../catalog"))
		refused(t, w.refusal(project, "preview"))
	})
	w.step("the environment goes before the file", func(t *testing.T) {
		command := w.program(".tools/bin/pulumi", "preview", "--stack", "alpha", "--non-interactive", "--color=never")
		command.Dir = folder
		command.Env = append(command.Env, "REVENTLESS_STACK=organization/theirs/alpha")
		text, err := command.CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(text), "organization/theirs/alpha")
		assert.Contains(t, string(text), "the environment variable 'REVENTLESS_STACK'")
		assert.NotContains(t, string(text), "organization/mine/alpha")
	})
	w.step("secrets are neither needed nor shown", func(t *testing.T) {
		w.write(project+"/Pulumi.yaml", rival)
		w.write(project+"/Pulumi.local.yaml", "stack: organization/mine/alpha\n")
		secret := w.program(".tools/bin/pulumi", "config", "set", "--secret", "--stack", "alpha", "dynamoDbBillingMode", "PROVISIONED")
		secret.Dir = folder
		text, err := secret.CombinedOutput()
		require.NoError(t, err, "%s", text)
		command := w.program("bin/reventless", "config", "--cwd", folder, "--stack", "alpha", "-o", "json")
		command.Env = append(command.Env, "PULUMI_CONFIG_PASSPHRASE=wrong")
		out, err := command.Output()
		require.NoError(t, err)
		var lines []struct {
			Key, From string
			Value     *string
		}
		require.NoError(t, json.Unmarshal(out, &lines))
		require.Equal(t, "dynamoDbBillingMode", lines[2].Key)
		assert.Equal(t, "[secret]", *lines[2].Value)
		assert.Equal(t, "online-shop-rival:dynamoDbBillingMode", lines[2].From)
	})
}
