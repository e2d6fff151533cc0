package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli/ci/githubtest"
)

// delivery is a repository that GitHub runs the workflow for, here: the commands of its jobs in
// their order, each in a clone of its own, with what GitHub says of a run in the environment.
type delivery struct {
	t      *testing.T
	github *githubtest.Server
	// remote is the bare repository, work the clone that somebody works in.
	remote, work, folder string
	workflow             map[string]workflowJob
	count                int
}

type workflowJob struct {
	Steps []struct {
		Name, ID, Run string
	}
}

// ran is what a run of the workflow did.
type ran struct {
	// jobs are the conclusions by the jobs' names.
	jobs map[string]string
	// outputs are those of detect; log and summary are of all jobs.
	outputs      map[string]string
	log, summary string
}

// deployed are the stacks that were deployed, sorted.
func (r ran) deployed() []string {
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(r.jobs)) {
		if r.jobs[name] == "success" && name != "detect" && name != "preview" {
			names = append(names, name)
		}
	}
	return names
}

func newDelivery(t *testing.T) *delivery {
	t.Helper()
	d := &delivery{t: t, github: githubtest.New(t), folder: t.TempDir()}
	d.remote, d.work = filepath.Join(d.folder, "remote.git"), filepath.Join(d.folder, "work")
	d.git(d.folder, "init", "--quiet", "--bare", "--initial-branch=alpha", d.remote)
	d.git(d.folder, "clone", "--quiet", d.remote, d.work)
	for _, name := range []string{"home", "state"} {
		require.NoError(t, os.Mkdir(filepath.Join(d.folder, name), 0o755))
	}
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), ".github", "workflows", "deploy-reventless-aws.yml"))
	require.NoError(t, err)
	var read struct{ Jobs map[string]workflowJob }
	require.NoError(t, yaml.Unmarshal(text, &read))
	d.workflow = read.Jobs
	d.manifest("catalog", "ordering: catalog", "search")
	for _, name := range []string{"platform", "catalog", "ordering", "search"} {
		d.project(name, "first")
	}
	d.write("search/package.json", `{"name": "search", "dependencies": {"shared": "file:../shared"}}`)
	d.write("search/index.js", "import \"shared\"\n")
	d.write("shared/index.js", "1")
	d.write(".gitignore", ".reventless/\n")
	return d
}

func (d *delivery) git(folder string, arguments ...string) string {
	d.t.Helper()
	command := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, arguments...)...)
	command.Dir = folder
	command.Env = append(d.environment(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := command.CombinedOutput()
	require.NoError(d.t, err, "git %v: %s", arguments, out)
	return strings.TrimSpace(string(out))
}

// environment is that of the test, without what says that it runs in a GitHub run itself.
func (d *delivery) environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "GIT") || strings.HasPrefix(entry, "AWS_") || strings.HasPrefix(entry, "PULUMI_") || strings.HasPrefix(entry, "PATH=")
	})
}

func (d *delivery) write(name, text string) {
	d.t.Helper()
	path := filepath.Join(d.work, filepath.FromSlash(name))
	require.NoError(d.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(d.t, os.WriteFile(path, []byte(text), 0o644))
}

// manifest has plugins, each as "name" or "name: what it comes after".
func (d *delivery) manifest(plugins ...string) {
	text := "platform: {path: platform-aws}\nplugins:\n"
	for _, plugin := range plugins {
		name, after, _ := strings.Cut(plugin, ": ")
		text += fmt.Sprintf("  - {name: %s, path: %[1]s-aws, depends-on: [%s]}\n", name, after)
	}
	d.write("deploy-manifest.yaml", text)
}

// project is a stack without resources whose output is a text.
func (d *delivery) project(name, text string) {
	d.write(name+"-aws/Pulumi.yaml", fmt.Sprintf("name: shop-%s\nruntime: yaml\noutputs: {said: %q}\n", name, text))
	d.write(name+"-aws/Pulumi.alpha.yaml", "config: {}\n")
}

// push commits all of the working tree to a branch and pushes it.
func (d *delivery) push(branch, message string, options ...string) string {
	d.git(d.work, "add", "--all")
	d.git(d.work, "commit", "--quiet", "--allow-empty", "--message", message)
	d.git(d.work, append([]string{"push", "--quiet", "origin", "HEAD:" + branch}, options...)...)
	return d.git(d.work, "rev-parse", "HEAD")
}

// pushed pushes, and runs the workflow as GitHub does for it.
func (d *delivery) pushed(branch, message string, options ...string) ran {
	d.t.Helper()
	before := strings.Repeat("0", 40)
	if line := d.git(d.work, "ls-remote", "origin", "refs/heads/"+branch); line != "" {
		before = line[:40]
	}
	commit := d.push(branch, message, options...)
	run := d.begin(map[string]any{"before": before, "after": commit}, func(clone string) { d.git(clone, "checkout", "--quiet", branch) },
		"GITHUB_EVENT_NAME=push", "GITHUB_REF_NAME="+branch, "GITHUB_REF_TYPE=branch", "GITHUB_WORKFLOW_REF=org/shop/.github/workflows/deploy-aws.yml@refs/heads/"+branch)
	success := run.job("detect", "detect")
	if run.outputs["platform"] == "true" && success {
		run.job("platform", "platform")
	}
	for number := 1; success && number <= 5 && run.jobs["platform"] != "failure"; number++ {
		var stacks []string
		require.NoError(d.t, json.Unmarshal([]byte(run.outputs[fmt.Sprintf("wave-%d", number)]), &stacks))
		for _, stack := range stacks {
			run.job(fmt.Sprintf("wave-%d", number), stack)
		}
	}
	d.github.Ran(githubtest.Run{Commit: commit, Branch: branch, Event: "push", Message: message, Success: !slices.Contains(slices.Collect(maps.Values(run.jobs)), "failure")})
	return run.ran
}

// running is a run of the workflow that goes on.
type running struct {
	*delivery
	ran
	variables []string
	checkout  func(clone string)
}

// begin begins a run for an event.
func (d *delivery) begin(event map[string]any, checkout func(string), variables ...string) *running {
	d.t.Helper()
	d.count++
	text, err := json.Marshal(event)
	require.NoError(d.t, err)
	path := filepath.Join(d.folder, fmt.Sprintf("event-%d.json", d.count))
	require.NoError(d.t, os.WriteFile(path, text, 0o600))
	d.github.NewRun()
	root := moduleRoot(d.t)
	return &running{delivery: d, checkout: checkout, ran: ran{jobs: map[string]string{}, outputs: map[string]string{}}, variables: append(variables,
		"GITHUB_ACTIONS=true", "CI=true", "GITHUB_EVENT_PATH="+path, "GITHUB_API_URL="+d.github.URL, "GITHUB_REPOSITORY="+githubtest.Repository,
		"GITHUB_TOKEN="+githubtest.Token, "GITHUB_RUN_ID=7", "MANIFEST=deploy-manifest.yaml", "PARALLEL=2",
		"PULUMI_HOME="+filepath.Join(d.folder, "home"), "PULUMI_BACKEND_URL=file://"+filepath.Join(d.folder, "state"), "PULUMI_CONFIG_PASSPHRASE=a passphrase",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PATH="+strings.Join([]string{filepath.Join(root, "bin"), filepath.Join(root, ".tools", "bin"), os.Getenv("PATH")}, string(os.PathListSeparator)))}
}

// job runs the commands of a job of the workflow file, and tells GitHub its conclusion.
func (r *running) job(id, name string) bool {
	r.t.Helper()
	clone, err := os.MkdirTemp(r.folder, "clone-")
	require.NoError(r.t, err)
	r.git(clone, "clone", "--quiet", "file://"+r.remote, ".")
	r.checkout(clone)
	output, summary := filepath.Join(clone, ".git", "output"), filepath.Join(clone, ".git", "summary")
	conclusion := "success"
	for _, step := range r.commands(id) {
		command := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step)
		command.Dir = clone
		command.Env = append(append(r.environment(), r.variables...), "STACK="+name, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary)
		out, err := command.CombinedOutput()
		r.log += string(out)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			conclusion = "failure"
		} else {
			require.NoError(r.t, err)
		}
	}
	r.jobs[name] = conclusion
	r.github.Job("deploy / "+name, conclusion)
	text, _ := os.ReadFile(output)
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		r.outputs[key] = value
	}
	text, _ = os.ReadFile(summary)
	r.summary += string(text)
	return conclusion == "success"
}

// commands are the texts that a job runs.
func (r *running) commands(id string) (texts []string) {
	r.t.Helper()
	for _, step := range r.workflow[id].Steps {
		if step.Run != "" {
			texts = append(texts, step.Run)
		}
	}
	require.NotEmpty(r.t, texts, "the workflow's job %s runs something", id)
	return texts
}

// previewed runs the workflow for the pull request of a branch into alpha.
func (d *delivery) previewed(branch string) ran {
	d.t.Helper()
	side := map[string]any{"repo": map[string]string{"full_name": githubtest.Repository}}
	run := d.begin(map[string]any{"pull_request": map[string]any{"number": 5, "head": side, "base": side}}, func(clone string) {
		d.git(clone, "checkout", "--quiet", "--detach", "origin/alpha")
		d.git(clone, "merge", "--quiet", "--no-ff", "--message", "Merge", "origin/"+branch)
	}, "GITHUB_EVENT_NAME=pull_request", "GITHUB_BASE_REF=alpha", "GITHUB_HEAD_REF="+branch, "GITHUB_REF_NAME=5/merge", "GITHUB_REF_TYPE=branch",
		"GITHUB_WORKFLOW_REF=org/shop/.github/workflows/deploy-aws.yml@refs/pull/5/merge")
	if run.job("detect", "detect") {
		run.job("preview", "preview")
	}
	return run.ran
}

// said is the output of a stack, "" when there is no stack.
func (d *delivery) said(name string) string {
	text, err := os.ReadFile(filepath.Join(d.folder, "state", ".pulumi", "stacks", "shop-"+name, "alpha.json"))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	require.NoError(d.t, err)
	var state struct {
		Checkpoint struct {
			Latest struct {
				Resources []struct{ Outputs map[string]any }
			}
		}
	}
	require.NoError(d.t, json.Unmarshal(text, &state))
	for _, resource := range state.Checkpoint.Latest.Resources {
		if said, is := resource.Outputs["said"].(string); is {
			return said
		}
	}
	return ""
}

// TestContinuousIntegration lives through the life of a repository on GitHub, with the commands
// of the workflow file, real git and real Pulumi. Its stacks have no resources, so it needs no AWS.
func TestContinuousIntegration(t *testing.T) {
	t.Parallel()
	d := newDelivery(t)
	step := func(name string, do func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			d.t = t
			do(t)
		})
		d.t = t
	}
	all := []string{"catalog", "ordering", "platform", "search"}
	step("the first run deploys all", func(t *testing.T) {
		run := d.pushed("alpha", "first")
		assert.Equal(t, all, run.deployed(), run.log)
		assert.Equal(t, `["catalog","search"]`, run.outputs["wave-1"])
		assert.Equal(t, "first", d.said("ordering"))
		assert.Contains(t, run.summary, "Everything is changed: no run of deploy-aws.yml on the branch alpha has deployed yet.")
	})
	step("a change of one plugin deploys it and what comes after it", func(t *testing.T) {
		d.project("catalog", "second")
		run := d.pushed("alpha", "change catalog")
		assert.Equal(t, []string{"catalog", "ordering"}, run.deployed(), run.log)
		assert.Equal(t, "second", d.said("catalog"))
		assert.Contains(t, run.summary, "| ordering | succeeded |")
	})
	step("a change of what a plugin depends on deploys it", func(t *testing.T) {
		d.write("shared/index.js", "2")
		run := d.pushed("alpha", "change shared")
		assert.Equal(t, []string{"search"}, run.deployed(), run.log)
	})
	step("[skip deploy] deploys nothing", func(t *testing.T) {
		d.project("search", "skipped")
		run := d.pushed("alpha", "change search [skip deploy]")
		assert.Equal(t, map[string]string{"detect": "success"}, run.jobs)
		assert.Equal(t, "first", d.said("search"))
	})
	step("a new plugin is deployed, and what was skipped", func(t *testing.T) {
		d.manifest("catalog", "ordering: catalog", "search", "shipping")
		d.project("shipping", "new")
		assert.Equal(t, []string{"search", "shipping"}, d.pushed("alpha", "add shipping").deployed())
		assert.Equal(t, "skipped", d.said("search"))
	})
	step("a removed plugin is left, and told", func(t *testing.T) {
		d.manifest("catalog", "ordering: catalog", "search")
		require.NoError(t, os.RemoveAll(filepath.Join(d.work, "shipping-aws")))
		run := d.pushed("alpha", "remove shipping")
		assert.Empty(t, run.deployed())
		assert.Contains(t, run.log, "\n::warning title=The stack of shop-shipping is left behind::")
		assert.Contains(t, run.log, "pulumi destroy --cwd ../removed-")
		assert.Equal(t, "new", d.said("shipping"))
	})
	step("a failure blocks what comes after it, and nothing else", func(t *testing.T) {
		d.project("catalog", "${missing}")
		d.project("search", "fourth")
		run := d.pushed("alpha", "break catalog")
		assert.Equal(t, map[string]string{"detect": "success", "catalog": "failure", "ordering": "failure", "search": "success"}, run.jobs)
		assert.Equal(t, "fourth", d.said("search"))
		assert.Contains(t, run.log, "::error title=up of catalog failed::")
		assert.Contains(t, run.log, "::error title=ordering is blocked::ordering was not deployed, because it comes after catalog")
	})
	step("the next run does what the failed one left", func(t *testing.T) {
		d.project("catalog", "third")
		assert.Equal(t, []string{"catalog", "ordering", "search"}, d.pushed("alpha", "mend catalog").deployed())
		assert.Equal(t, "third", d.said("catalog"))
	})
	step("an upgrade of the framework deploys all", func(t *testing.T) {
		d.write("package.json", `{"dependencies": {"framework": "2.0.0"}}`)
		assert.Equal(t, all, d.pushed("alpha", "upgrade").deployed())
	})
	step("a branch without stacks deploys nothing", func(t *testing.T) {
		assert.Equal(t, map[string]string{"detect": "success"}, d.pushed("feature/x", "work").jobs)
	})
	step("a pull request gets one comment", func(t *testing.T) {
		d.project("catalog", "proposed")
		d.push("proposal", "propose")
		run := d.previewed("proposal")
		assert.Equal(t, map[string]string{"detect": "success", "preview": "success"}, run.jobs, run.log)
		require.Len(t, d.github.Comments(), 1)
		first := d.github.Comments()[0].Body
		assert.Contains(t, first, "| catalog | succeeded |")
		assert.NotContains(t, first, "| search | succeeded |")

		d.project("search", "proposed")
		d.push("proposal", "propose more")
		assert.Equal(t, "success", d.previewed("proposal").jobs["preview"])
		require.Len(t, d.github.Comments(), 1)
		assert.Contains(t, d.github.Comments()[0].Body, "| search | succeeded |")

		d.project("search", "${missing}")
		d.push("proposal", "propose what is wrong")
		assert.Equal(t, "failure", d.previewed("proposal").jobs["preview"])
		assert.Contains(t, d.github.Comments()[0].Body, "**search failed**")
		assert.Equal(t, "third", d.said("catalog"), "a preview deploys nothing")
	})
	step("after a push with force all is deployed", func(t *testing.T) {
		d.git(d.work, "reset", "--quiet", "--hard", "origin/alpha~3")
		// Another branch may still have the commit, and then it is compared with as it is.
		d.git(d.work, "push", "--quiet", "origin", "--delete", "feature/x", "proposal")
		run := d.pushed("alpha", "another history", "--force")
		assert.Equal(t, all, run.deployed(), run.log)
		assert.Contains(t, run.summary, "as after a push with force")
	})
}
