package e2e

import (
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// examined is what the tests read of a report of the doctor.
type examined struct {
	Result   string
	Counts   map[string]int
	Findings []struct{ Check, Stack, Status, Text, Fix string }
}

// bad are the findings that are not ok, as "stack check status".
func (e examined) bad() map[string]string {
	texts := map[string]string{}
	for _, finding := range e.Findings {
		if finding.Status != "ok" {
			texts[finding.Stack+" "+finding.Check+" "+finding.Status] = finding.Text + " → " + finding.Fix
		}
	}
	return texts
}

// onManifest runs a command on the shop's manifest, which has to end with this code.
func (w *world) onManifest(code int, arguments ...string) string {
	w.t.Helper()
	out, err := w.program("bin/reventless", append(arguments, "--cwd", w.projects, "--stack", "alpha")...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.Equal(w.t, code, exit.ExitCode(), "%s%s", out, exit.Stderr)
		return string(out)
	}
	require.NoError(w.t, err)
	require.Zero(w.t, code, string(out))
	return string(out)
}

func (w *world) doctor(code int) examined {
	w.t.Helper()
	var report examined
	out := w.onManifest(code, "doctor", "--json")
	require.NoError(w.t, json.Unmarshal([]byte(out), &report), out)
	return report
}

// examines has the doctor look at the deployed shop when it is well, and when it is not.
func (w *world) examines(t *testing.T) {
	report := w.doctor(0)
	// Shipping has the engine in its own program, so neither release nor layer tell of it.
	assert.Equal(t, []string{"shipping release note"}, slices.Collect(maps.Keys(report.bad())), "%v", report.bad())
	assert.Equal(t, "ok", report.Result)
	assert.Greater(t, report.Counts["ok"], 30)

	w.edit("catalog-aws/Pulumi.alpha.yaml", "organization/online-shop-platform/alpha", "organization/online-shop-platfrom/alpha")
	w.write("ordering-aws/Pulumi.local.yaml", "lambdaMemroy: 512\n")
	w.operated(w.client(platform), `Platform_deactivatePlugin(id: "shipping", reason: "costs too much")`)
	var queues []struct{ Owner, Part, URL string }
	require.NoError(t, json.Unmarshal(w.reventless(ordering, "dlq", "list", "-o", "json"), &queues))
	for _, queue := range queues {
		if queue.Part == "commands" {
			_, err := sqs.NewFromConfig(w.aws()).SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: &queue.URL, MessageBody: aws.String("{}"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
			})
			require.NoError(t, err)
		}
	}
	bad := w.doctor(2).bad()
	for subject, text := range map[string]string{
		"catalog platform problem":      `Did you mean "organization/online-shop-platform/alpha"`,
		"catalog connection unchecked":  "its platform is not known",
		"ordering local-file problem":   `Pulumi.local.yaml:1: there is no key "lambdaMemroy". Did you mean "lambdaMemory"?`,
		"ordering dead-letters problem": "1 message could not be processed: the dead-letter queue of ordering commands → `reventless dlq show commands --cwd ordering-aws --stack alpha`",
		"shipping connection problem":   "costs too much",
	} {
		assert.Contains(t, bad[subject], text, "%s in %v", subject, bad)
	}

	w.edit("catalog-aws/Pulumi.alpha.yaml", "organization/online-shop-platfrom/alpha", "organization/online-shop-platform/alpha")
	w.write("ordering-aws/Pulumi.local.yaml", "")
	w.operated(w.client(platform), `Platform_activatePlugin(id: "shipping")`)
	w.reventless(ordering, "dlq", "purge", "commands", "--yes")
	assert.NotContains(t, w.doctor(0).bad(), "shipping connection problem")
}

// schemas prints, checks and compares the shop's schema.
func (w *world) schemas(t *testing.T) {
	printed := w.onManifest(0, "schema", "print", "--owners")
	assert.Contains(t, printed, "# Query.product: catalog\n")
	assert.Contains(t, printed, "# Mutation.placeOrder: ordering\n")
	assert.Contains(t, printed, "# Query.Platform_plugins: Platform\n")
	assert.NotContains(t, printed, "(nobody's")
	assert.Contains(t, w.onManifest(0, "schema", "check"), "The schemas are well")
	assert.Equal(t, "0 changes, 0 of them breaking\n", w.onManifest(0, "schema", "diff", "--fail-on-breaking"))

	schema := w.read("ordering/schema.graphql")
	w.edit("ordering/schema.graphql", "  order(id: ID!): Order\n", "  product(id: ID!): Order\n")
	checked := w.onManifest(2, "schema", "check")
	assert.Regexp(t, `ordering/schema.graphql:\d+:\d+: .*\(ordering and catalog\)`, checked)
	w.write("ordering/schema.graphql", schema)
	w.edit("ordering/schema.graphql", "  order(id: ID!): Order\n", "  theOrder(id: ID!): Order\n")
	compared := w.onManifest(2, "schema", "diff", "--fail-on-breaking")
	assert.Contains(t, compared, "breaking  removed  Query.order: the field was removed\n")
	assert.Contains(t, compared, "safe      added    Query.theOrder: the field was added: Order\n")
	w.write("ordering/schema.graphql", schema)
}
