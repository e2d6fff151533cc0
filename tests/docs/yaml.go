package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/tests/docs/program"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// yaml finds out by the keys what a document is.
func (r *run) yaml() error {
	if _, is := r.Check["generated"]; is {
		return r.generated()
	}
	text, err := r.framed(".yaml")
	if err != nil {
		return err
	}
	var top map[string]any
	if err := yaml.Unmarshal([]byte(text), &top); err != nil {
		return err
	}
	has := func(key string) bool { _, is := top[key]; return is }
	switch {
	case has("resources"):
		return r.program(text)
	case has("jobs"):
		return r.workflow(text)
	case has("config"):
		_, err := configuration(text)
		return err
	case has("platform") || has("plugins"):
		return r.manifest(text)
	case r.isLocal(top):
		return r.local()
	}
	return errors.New("it is no program, workflow, configuration or manifest: name the frame that it is a piece of, <!-- check: in=plugin -->")
}

// program constructs a program, with the configuration of the same document if it is named.
func (r *run) program(text string) error {
	at := r.Check["file"]
	if at == "" {
		at = "program-aws/Pulumi.yaml"
	}
	options := program.Options{Folder: filepath.Join(r.folder, path.Dir(at))}
	if name := r.Check["config"]; name != "" {
		written, found := r.files[name]
		if !found {
			return fmt.Errorf("the document has no file %s", name)
		}
		var err error
		if options.Config, err = configuration(written); err != nil {
			return err
		}
	}
	if err := r.write(at, text); err != nil {
		return err
	}
	return program.Construct(r, text, options)
}

// workflow is a GitHub workflow. The reusable one is that of this repository, so that its
// inputs and secrets are looked at too.
func (r *run) workflow(text string) error {
	const own = "reventless/pulumi-reventless/.github/workflows/"
	text = regexp.MustCompile(regexp.QuoteMeta(own)+`(\S+?)@[\w.+-]+`).ReplaceAllString(text, "./.github/workflows/$1")
	// Only in a repository does actionlint look into the workflow that is called.
	workflows := filepath.Join(".github", "workflows")
	err := errors.Join(
		os.CopyFS(filepath.Join(r.folder, workflows), os.DirFS(filepath.Join(snippet.Root(), workflows))),
		r.write(".git/HEAD", ""), r.write(".github/workflows/document.yml", text),
	)
	if err != nil {
		return err
	}
	actionlint := filepath.Join(snippet.Root(), ".tools", "bin", "actionlint")
	if out, err := r.command(actionlint, "-shellcheck=", "-pyflakes=", "-no-color", ".github/workflows/document.yml").CombinedOutput(); err != nil {
		return failure(err, out)
	}
	return nil
}

// manifest lets the command line draw the manifest, whose projects are empty.
func (r *run) manifest(text string) error {
	type entry struct{ Path, Name string }
	var listed struct {
		Platform entry
		Plugins  []entry
	}
	if err := yaml.Unmarshal([]byte(text), &listed); err != nil {
		return err
	}
	for _, stack := range append(listed.Plugins, listed.Platform) {
		if stack.Path == "" {
			continue
		}
		name := stack.Name
		if stack != listed.Platform {
			name = "my-app-" + name
		}
		if err := r.write(stack.Path+"/Pulumi.yaml", "name: "+name+"\nruntime: yaml\n"); err != nil {
			return err
		}
		if err := r.write(stack.Path+"/Pulumi.alpha.yaml", "config: {}\n"); err != nil {
			return err
		}
	}
	if err := r.write("deploy-manifest.yaml", text); err != nil {
		return err
	}
	_, err := r.reventless("graph", "--cwd", r.folder, "--stack", "alpha")
	return err
}

// reventless runs the command line and gives what it prints.
func (r *run) reventless(arguments ...string) (string, error) {
	command := cli.New("0.1.0")
	var out, talk bytes.Buffer
	command.SetOut(&out)
	command.SetErr(&talk)
	command.SetArgs(arguments)
	if err := command.ExecuteContext(r); err != nil {
		return "", fmt.Errorf("%w\n%s", err, talk.String())
	}
	return out.String(), nil
}

// fullName is that of a stack.
var fullName = regexp.MustCompile(`^[\w.-]+/[\w.-]+/[\w.-]+$`)

// configuration is that of a stack as the provider gets it: every name is read by somebody,
// and every value is possible.
func configuration(text string) (map[string]string, error) {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for name, value := range file.Config {
		if err := configure(values, name, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return values, nil
}

func configure(values map[string]string, name string, value any) error {
	namespace, key, _ := strings.Cut(name, ":")
	switch {
	case namespace == "aws" && key != "":
		values[name] = fmt.Sprint(value)
		return nil
	case name == "interstack" || name == "interstack:dependencies":
		return dependencies(values, value)
	}
	for _, known := range localconfig.Keys() {
		project := known.Namespace == "" && namespace != localconfig.Namespace
		if known.Name != key || !project && known.Namespace != namespace {
			continue
		}
		values[name] = fmt.Sprint(value)
		if known.Name == localconfig.Stack.Name && !fullName.MatchString(values[name]) {
			return fmt.Errorf("%q is no stack's full name", value)
		}
		return known.Check(values[name])
	}
	return errors.New("nobody reads it")
}

func dependencies(values map[string]string, value any) error {
	if object, is := value.(map[string]any); is {
		value = object["dependencies"]
	}
	listed, is := value.([]any)
	if !is {
		return errors.New("it is no list of stacks")
	}
	for _, name := range listed {
		if text, is := name.(string); !is || !fullName.MatchString(text) {
			return fmt.Errorf("%v is no stack's full name", name)
		}
	}
	encoded, err := json.Marshal(listed)
	values["interstack:dependencies"] = string(encoded)
	return err
}

// isLocal says whether there are bare keys of configuration alone, as in Pulumi.local.yaml.
func (r *run) isLocal(top map[string]any) bool {
	return path.Base(r.Check["file"]) == localconfig.File
}

func (r *run) local() error {
	read, err := localconfig.ReadFile(filepath.Join(r.folder, path.Dir(r.Check["file"])))
	return errors.Join(err, read.Check())
}

// hash is that of a generated file.
var hash = regexp.MustCompile(`[0-9a-f]{16}`)

// generated is the beginning of a file that "reventless generate" makes, whatever its hash.
func (r *run) generated() error {
	if _, err := r.reventless("generate", "platform", "my-app", "--cwd", r.folder, "--region", "eu-west-1"); err != nil {
		return err
	}
	out, err := exec.CommandContext(r, "grep", "-rhF", strings.TrimSpace(hash.Split(r.Text, 2)[0]), r.folder).Output()
	if err != nil {
		return errors.New("no generated file begins so")
	}
	first, _, _ := strings.Cut(string(out), "\n")
	if hash.ReplaceAllString(first, "") != hash.ReplaceAllString(strings.TrimSpace(r.Text), "") {
		return fmt.Errorf("a generated file begins with %q", first)
	}
	return nil
}
