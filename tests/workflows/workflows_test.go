package workflows

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	root      = "../.."
	reusable  = root + "/.github/workflows/deploy-reventless-aws.yml"
	action    = root + "/.github/actions/setup-reventless"
	waveCount = 5
)

// files are the workflows and actions of the repository and its examples.
func files(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, folder := range []string{root + "/.github", root + "/examples"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			parent := filepath.Base(filepath.Dir(path))
			if extension := filepath.Ext(path); (extension == ".yml" || extension == ".yaml") && (parent == "workflows" || entry.Name() == "action.yml") {
				found = append(found, path)
			}
			return nil
		}))
	}
	return found
}

func TestFilesKeepTheRules(t *testing.T) {
	t.Parallel()
	found := files(t)
	assert.GreaterOrEqual(t, len(found), 3)
	for _, path := range found {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		problems := slices.DeleteFunc(Check(text), func(problem string) bool { return slices.Contains(excused[filepath.Base(path)], problem) })
		assert.Empty(t, problems, path)
	}
}

// excused are problems by file that cannot be otherwise.
var excused = map[string][]string{
	"release.yml": {"archives may write contents"}, // it makes the release
}

// TestRules has for each rule a text that breaks it.
func TestRules(t *testing.T) {
	t.Parallel()
	const sha = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"
	job := func(lines string) string {
		return "on: push\npermissions: {}\njobs:\n  a:\n    timeout-minutes: 1\n    permissions: {contents: read}\n    " + strings.ReplaceAll(lines, "\n", "\n    ")
	}
	for name, test := range map[string]struct{ text, problem string }{
		"fine":                    {job("steps:\n  - uses: actions/checkout@" + sha + " # v5.0.0\n    with: {persist-credentials: false}"), ""},
		"no YAML":                 {"a: [", "did not find"},
		"foreign code":            {"on: {pull_request_target: {}}\npermissions: {}\njobs: {}", "pull_request_target runs with secrets"},
		"no permissions":          {"on: push\njobs: {a: {uses: reventless/pulumi-reventless/x@v1.0.0}}", "the workflow sets no permissions"},
		"no permissions of a job": {"on: push\npermissions: {}\njobs: {a: {timeout-minutes: 1, steps: [{run: x}]}}", "a sets no permissions"},
		"all permissions":         {"on: push\npermissions: write-all\njobs: {}", "the workflow has the permissions write-all"},
		"too many permissions":    {"on: push\npermissions: {contents: write}\njobs: {}", "the workflow may write contents"},
		"no timeout":              {"on: push\npermissions: {}\njobs: {a: {permissions: {}, steps: [{run: x}]}}", "a has no timeout"},
		"cancelled":               {"on: push\npermissions: {}\nconcurrency: {group: x, cancel-in-progress: true}", "may be cancelled"},
		"a tag":                   {job("steps: [{uses: actions/setup-node@v5}]"), "a uses actions/setup-node@v5, which is not pinned"},
		"a called workflow":       {job("uses: org/other/.github/workflows/x.yml@v1.0.0"), "which is not pinned"},
		"our branch":              {job("uses: reventless/pulumi-reventless/.github/workflows/x.yml@main"), "which is not pinned"},
		"no version":              {job("steps:\n  - uses: actions/setup-node@" + sha), "has no comment with its version"},
		"the token":               {job("steps: [{uses: actions/checkout@" + sha + "}]"), "a leaves the token"},
		"an expression":           {job("steps: [{run: 'echo ${{ inputs.x }}'}]"), "a runs a text with an expression"},
		"an action's expression":  {"runs: {steps: [{run: 'echo ${{ github.event.x }}'}]}", "the action runs a text with an expression"},
		"all secrets":             {job("secrets: inherit"), "a gives all secrets away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := strings.Join(Check([]byte(test.text)), "\n")
			if test.problem == "" {
				assert.Empty(t, problems)
			} else {
				assert.Contains(t, problems, test.problem)
			}
		})
	}
}

func readWorkflow(t *testing.T) (file, string) {
	t.Helper()
	text, err := os.ReadFile(reusable)
	require.NoError(t, err)
	var read file
	require.NoError(t, yaml.Unmarshal(text, &read))
	return read, string(text)
}

// TestWaves checks what is said once for each wave.
func TestWaves(t *testing.T) {
	t.Parallel()
	read, text := readWorkflow(t)
	assert.Contains(t, text, fmt.Sprintf("reventless ci detect --manifest \"$MANIFEST\" --waves %d\n", waveCount))
	assert.Len(t, read.Jobs, waveCount+3, "detect, preview, platform and the waves")
	needs := []any{"detect", "platform"}
	for number := 1; number <= waveCount; number++ {
		name := fmt.Sprintf("wave-%d", number)
		wave := read.Jobs[name]
		assert.Equal(t, needs, wave.Needs, name)
		assert.Equal(t, "${{ matrix.stack }}", wave.Name, "ci deploy finds the jobs of stacks by their names")
		assert.Equal(t, "deploy-${{ matrix.stack }}", wave.Environment)
		assert.Equal(t, false, wave.Strategy["fail-fast"])
		assert.Equal(t, map[string]any{"stack": fmt.Sprintf("${{ fromJSON(needs.detect.outputs.%s) }}", name)}, wave.Strategy["matrix"])
		assert.Contains(t, wave.If, fmt.Sprintf("needs.detect.outputs.%s != '[]'", name))
		assert.Contains(t, wave.If, "!cancelled() && needs.detect.result == 'success' && needs.detect.outputs.deploys == 'true'")
		assert.Contains(t, text, fmt.Sprintf("      %s: ${{ steps.detect.outputs.%[1]s }}\n", name))
		assert.Equal(t, read.Jobs["platform"].Steps, wave.Steps)
		needs = append(needs, name)
	}
	assert.Equal(t, "platform", read.Jobs["platform"].Name)
	assert.Equal(t, "deploy-platform", read.Jobs["platform"].Environment)
}

// TestRelease checks that a released workflow uses what is released with it.
func TestRelease(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(root + "/Makefile")
	require.NoError(t, err)
	release, _, _ := strings.Cut(regexp.MustCompile(`(?m)^VERSION \?= (\S+)$`).FindStringSubmatch(string(makefile))[1], "+")
	pulumi := regexp.MustCompile(`(?m)^PULUMI_VERSION := v(\S+)$`).FindStringSubmatch(string(makefile))[1]
	_, text := readWorkflow(t)
	assert.Contains(t, text, "default: "+release+"\n")
	assert.Contains(t, text, "default: "+pulumi+"\n")
	for _, path := range append(files(t), root+"/docs/github.md") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(regexp.QuoteMeta(own)+`\S+?@(\S+)`).FindAllStringSubmatch(string(text), -1) {
			assert.Equal(t, "v"+release, match[1], path)
		}
	}
}

func TestScriptsAreBash(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(action + "/*.sh")
	require.NoError(t, err)
	require.Len(t, scripts, 2)
	for _, script := range scripts {
		out, err := exec.Command("bash", "-n", script).CombinedOutput()
		require.NoError(t, err, "%s", out)
		info, err := os.Stat(script)
		require.NoError(t, err)
		assert.NotZero(t, info.Mode()&0o100, "%s is to be run", script)
	}
}
