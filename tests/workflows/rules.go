// Package workflows checks the project's GitHub workflows and actions: that they cannot be made
// to run what others write, give away no permissions, and are what the commands of ci expect.
//
//  1. [Check] looks at a file by rules that the linter of make lint does not have.
//  2. The tests run them on all files and, each, on a text that breaks it; they run the
//     scripts of the action against releases of their own.
package workflows

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// own is this repository, whose workflows and actions are pinned by release.
const own = "reventless/pulumi-reventless/"

var (
	pinned   = regexp.MustCompile(`^[^@]+@[0-9a-f]{40}$`)
	released = regexp.MustCompile(`^[^@]+@v\d+\.\d+\.\d+(-[a-z]+\.\d+)?$`)
	// version is the comment that says which release a commit is.
	version = regexp.MustCompile(`uses:\s+\S+@[0-9a-f]{40}\s*(#\s*v\d+\.\d+\.\d+)?`)
)

// writable are the permissions to write that a job may have.
var writable = []string{"id-token", "pull-requests"}

type file struct {
	On          any            `yaml:"on"`
	Permissions any            `yaml:"permissions"`
	Concurrency map[string]any `yaml:"concurrency"`
	Jobs        map[string]job `yaml:"jobs"`
	Runs        struct {
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

type job struct {
	Name        string         `yaml:"name"`
	Uses        string         `yaml:"uses"`
	Needs       any            `yaml:"needs"`
	If          string         `yaml:"if"`
	Permissions any            `yaml:"permissions"`
	Environment string         `yaml:"environment"`
	Timeout     int            `yaml:"timeout-minutes"`
	Secrets     any            `yaml:"secrets"`
	Strategy    map[string]any `yaml:"strategy"`
	Steps       []step         `yaml:"steps"`
}

type step struct {
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
}

// Check gives what is wrong with a workflow or action.
func Check(text []byte) []string {
	var read file
	if err := yaml.Unmarshal(text, &read); err != nil {
		return []string{err.Error()}
	}
	var problems []string
	wrong := func(format string, values ...any) { problems = append(problems, fmt.Sprintf(format, values...)) }
	for _, match := range version.FindAllStringSubmatch(string(text), -1) {
		if match[1] == "" {
			wrong("%s has no comment with its version", match[0])
		}
	}
	for _, event := range []string{"pull_request_target", "workflow_run", "issue_comment"} {
		if strings.Contains(fmt.Sprint(read.On), event) {
			wrong("%s runs with secrets on what others write", event)
		}
	}
	if len(read.Jobs) > 0 && read.Permissions == nil {
		wrong("the workflow sets no permissions")
	}
	if read.Concurrency["cancel-in-progress"] == true {
		wrong("a run that deploys may be cancelled")
	}
	checkPermissions("the workflow", read.Permissions, wrong)
	for _, name := range slices.Sorted(maps.Keys(read.Jobs)) {
		checkJob(name, read.Jobs[name], wrong)
	}
	checkSteps("the action", read.Runs.Steps, wrong)
	return problems
}

func checkJob(name string, job job, wrong func(string, ...any)) {
	checkPermissions(name, job.Permissions, wrong)
	checkSteps(name, job.Steps, wrong)
	checkPinned(name, job.Uses, wrong)
	if job.Secrets == "inherit" {
		wrong("%s gives all secrets away", name)
	}
	if len(job.Steps) > 0 && job.Permissions == nil {
		wrong("%s sets no permissions", name)
	}
	if len(job.Steps) > 0 && job.Timeout == 0 {
		wrong("%s has no timeout", name)
	}
}

func checkPermissions(name string, permissions any, wrong func(string, ...any)) {
	if all, is := permissions.(string); is {
		wrong("%s has the permissions %s", name, all)
	}
	each, _ := permissions.(map[string]any)
	for _, scope := range slices.Sorted(maps.Keys(each)) {
		if each[scope] == "write" && !slices.Contains(writable, scope) {
			wrong("%s may write %s", name, scope)
		}
	}
}

func checkSteps(name string, steps []step, wrong func(string, ...any)) {
	for _, step := range steps {
		checkPinned(name, step.Uses, wrong)
		if strings.Contains(step.Run, "${{") {
			wrong("%s runs a text with an expression in it, give it by env: %s", name, step.Run)
		}
		if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
			wrong("%s leaves the token in the checkout", name)
		}
	}
}

func checkPinned(name, uses string, wrong func(string, ...any)) {
	if uses == "" || pinned.MatchString(uses) || strings.HasPrefix(uses, own) && released.MatchString(uses) {
		return
	}
	wrong("%s uses %s, which is not pinned", name, uses)
}
