package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// orchestrated is what the tests read of a report.
type orchestrated struct {
	Result string
	Stacks []struct {
		Name, Status, Reason string
		Changes              map[string]int
		OutputsChanged       bool
		Errors               []string
	}
}

// statuses are those of the stacks, in their order.
func (o orchestrated) statuses() []string {
	var texts []string
	for _, stack := range o.Stacks {
		texts = append(texts, stack.Name+" "+stack.Status)
	}
	return texts
}

// orchestrate runs the command on the shop's manifest, which has to end with this code.
func (w *world) orchestrate(code int, arguments ...string) (report orchestrated, stderr string) {
	w.t.Helper()
	command := w.program("bin/reventless", append(arguments, "--cwd", w.projects, "--stack", "alpha", "--json")...)
	out, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.Equal(w.t, code, exit.ExitCode(), "%s%s", out, exit.Stderr)
		stderr = string(exit.Stderr)
	} else {
		require.NoError(w.t, err)
		require.Zero(w.t, code)
	}
	if len(out) > 0 {
		require.NoError(w.t, json.Unmarshal(out, &report), string(out))
	}
	return report, stderr
}

// home is where the workspace's pulumi keeps what a user selects.
func (w *world) home() string {
	for _, variable := range w.workspace.Variables() {
		if folder, found := strings.CutPrefix(variable, "PULUMI_HOME="); found {
			return folder
		}
	}
	return ""
}

// TestOrchestration deploys the shop's stacks by its manifest.
func TestOrchestration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := []string{"platform succeeded", "catalog succeeded", "ordering succeeded", "shipping succeeded"}
	w.disposable(platform) // its users go with it
	empty := w.inventory()
	w.step("the preview of the first deployment knows what will be there", func(t *testing.T) {
		report, _ := w.orchestrate(0, "preview")
		assert.Equal(t, all, report.statuses())
		for _, stack := range report.Stacks {
			assert.Greater(t, stack.Changes["create"], 20, stack.Name)
		}
		assert.Equal(t, empty, w.inventory(), "a preview makes nothing")
	})
	w.step("up deploys all of them", func(t *testing.T) {
		report, _ := w.orchestrate(0, "up")
		assert.Equal(t, all, report.statuses())
		selected, err := filepath.Glob(filepath.Join(w.home(), "workspaces", "*.json"))
		require.NoError(t, err)
		assert.Empty(t, selected, "the user's selected stack stays what it was")
		var outputs map[string]map[string]any
		out, err := w.program("bin/reventless", "outputs", "--cwd", w.projects, "--stack", "alpha").Output()
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &outputs))
		assert.Contains(t, outputs["catalog"], "_interopMeta")
	})
	w.step("again it changes nothing", func(t *testing.T) {
		report, _ := w.orchestrate(0, "up")
		for _, stack := range report.Stacks {
			assert.Empty(t, stack.Changes, stack.Name)
			assert.False(t, stack.OutputsChanged, stack.Name)
		}
	})
	w.step("the doctor finds nothing wrong, and then what was done to it", w.examines)
	w.step("the schema is printed, checked and compared", w.schemas)
	w.step("a failure blocks what depends on it, and the rest goes on when it is mended", func(t *testing.T) {
		schema := w.read("ordering/schema.graphql")
		w.write("ordering/schema.graphql", schema+"\ntype Mutation { again: Int }\n")
		report, stderr := w.orchestrate(2, "up")
		assert.Equal(t, []string{"platform succeeded", "catalog succeeded", "ordering failed", "shipping blocked"}, report.statuses())
		assert.Contains(t, stderr, "ordering failed; mend what is said above")
		assert.Contains(t, report.Stacks[2].Reason, "Mutation")
		w.write("ordering/schema.graphql", schema)
		report, _ = w.orchestrate(0, "up", "--resume")
		assert.Equal(t, []string{"platform unchanged", "catalog unchanged", "ordering succeeded", "shipping succeeded"}, report.statuses())
	})
	w.step("what others depend on is not destroyed alone", func(t *testing.T) {
		_, stderr := w.orchestrate(1, "destroy", "--yes", "--only", "catalog")
		assert.Contains(t, stderr, "catalog cannot be destroyed: ordering, shipping depend on it")
	})
	w.step("destroy goes the other way", func(t *testing.T) {
		report, _ := w.orchestrate(0, "destroy", "--yes")
		assert.Equal(t, all, report.statuses())
		assert.Equal(t, empty, w.inventory(), "nothing is left")
	})
	_, err := os.Stat(filepath.Join(w.projects, ".reventless", "runs", "up-alpha.json"))
	require.NoError(t, err)
}
