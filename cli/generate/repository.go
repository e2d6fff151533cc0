package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// repository is what is there before anything is generated.
type repository struct {
	// root is the folder of the manifest, be it there or not; absolute.
	root string
	// text is the manifest's, nil when there is none; stacks are its entries.
	text   []byte
	stacks []manifest.Stack
}

func openRepository(folder string) (*repository, error) {
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is no folder %s: make it, or name another with --cwd", root)
	}
	r := &repository{root: root}
	r.text, err = os.ReadFile(filepath.Join(root, manifest.File))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	var content any
	if yaml.Unmarshal(r.text, &content) == nil && content == nil {
		return r, nil
	}
	read, err := manifest.Parse(manifest.File, r.text)
	if err != nil {
		return nil, err
	}
	r.stacks = read.Stacks
	return r, nil
}

// platform is the manifest's platform.
func (r *repository) platform() (manifest.Stack, bool) { return r.stack(manifest.PlatformName) }

func (r *repository) stack(name string) (manifest.Stack, bool) {
	for _, stack := range r.stacks {
		if stack.Name == name {
			return stack, true
		}
	}
	return manifest.Stack{}, false
}

// plugins are the names of the manifest's plugins.
func (r *repository) plugins() []string {
	var names []string
	for _, stack := range r.stacks {
		if !stack.Platform {
			names = append(names, stack.Name)
		}
	}
	return names
}

func (r *repository) path(parts ...string) string {
	return filepath.Join(r.root, filepath.FromSlash(path.Join(parts...)))
}

func (r *repository) exists(parts ...string) bool {
	_, err := os.Stat(r.path(parts...))
	return err == nil
}

// foreign says whether a folder is there and nothing in it was generated.
func (r *repository) foreign(folder string) (bool, error) {
	entries, err := os.ReadDir(r.path(folder))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return false, nil
	case err != nil:
		return false, err
	}
	known, err := generated.Known(r.root, folder)
	return !known, err
}

// project is the name of a stack's Pulumi project.
func (r *repository) project(stack manifest.Stack) (string, error) {
	if stack.Project != "" {
		return stack.Project, nil
	}
	name, err := manifest.ProjectName(r.path(stack.Path))
	if err != nil {
		return "", fmt.Errorf("%s:%d: the path %s of %s: %w", manifest.File, stack.Line, stack.Path, stack.Name, err)
	}
	return name, nil
}

// language is the language of the program in a folder, "" when there is none.
func (r *repository) language(folder string) (string, error) {
	file := path.Join(folder, "Pulumi.yaml")
	text, err := os.ReadFile(r.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var project struct {
		Runtime yaml.Node `yaml:"runtime"`
	}
	if err := yaml.Unmarshal(text, &project); err != nil {
		return "", fmt.Errorf("%s is no YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var options struct {
		Name string `yaml:"name"`
	}
	runtime := project.Runtime.Value
	if project.Runtime.Kind == yaml.MappingNode && project.Runtime.Decode(&options) == nil {
		runtime = options.Name
	}
	language, known := languages[runtime]
	if !known {
		return "", fmt.Errorf("%s has the runtime %q, for which nothing is generated, but for %s", file, runtime, strings.Join(slices.Sorted(maps.Keys(languages)), ", "))
	}
	return language, nil
}

// languages are those of programs, by their runtime.
var languages = map[string]string{
	"yaml": skeleton.YAML, "nodejs": skeleton.TypeScript, "python": skeleton.Python, "go": skeleton.Go,
}

// handler is the language of the handler in a folder, "" when there is none. The author may
// have moved files, so each of several tells.
func (r *repository) handler(folder string) string {
	for _, tells := range []struct{ file, language string }{
		{"src/index.mjs", skeleton.NodeJS}, {"src/handler.py", skeleton.Python}, {"main.go", skeleton.Go},
		{"go.mod", skeleton.Go}, {"pyproject.toml", skeleton.Python}, {"package.json", skeleton.NodeJS},
	} {
		if r.exists(folder, tells.file) {
			return tells.language
		}
	}
	return ""
}

// module is the Go module of the root, "" when there is none.
func (r *repository) module() string {
	text, err := os.ReadFile(r.path("go.mod"))
	if err != nil {
		return ""
	}
	return modfile.ModulePath(text)
}

// configuration is what a stack's configuration says of what is generated.
type configuration struct {
	region, platformStack string
}

// configurations are those of a project, by environment.
func (r *repository) configurations(folder string) (map[string]configuration, error) {
	files, err := filepath.Glob(filepath.Join(r.path(folder), "Pulumi.*.yaml"))
	if err != nil {
		return nil, err
	}
	found := map[string]configuration{}
	for _, file := range files {
		environment := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		if environment == local {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var read struct {
			Config map[string]yaml.Node `yaml:"config"`
		}
		if err := yaml.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("%s is no YAML: %s", path.Join(folder, filepath.Base(file)), strings.TrimPrefix(err.Error(), "yaml: "))
		}
		found[environment] = configuration{read.Config["aws:region"].Value, read.Config["platform:stack"].Value}
	}
	return found, nil
}

// platformStack is the platform's stack as a plugin of the manifest names it, those in
// folders first.
func (r *repository) platformStack(folders ...string) string {
	for _, stack := range r.stacks {
		if !stack.Platform {
			folders = append(folders, stack.Path)
		}
	}
	for _, folder := range folders {
		configurations, err := r.configurations(folder)
		if err != nil {
			continue // its own command says so
		}
		for _, environment := range sortedNames(configurations) {
			if found := configurations[environment].platformStack; strings.Count(found, "/") == 2 {
				return found
			}
		}
	}
	return ""
}

func sortedNames(configurations map[string]configuration) []string {
	names := make([]string, 0, len(configurations))
	for name := range configurations {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
