package generate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// local is the environment whose configuration file would be that of local values.
const local = "local"

// suffix is what the folder of a plugin's Pulumi project has after the plugin's name.
const suffix = "-aws"

var (
	// plainName is what plugins and applications are called: names of folders, of packages
	// in all languages, and parts of names in AWS.
	plainName       = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
	regionName      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	pulumiName      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
)

// The longest names: a plugin's is limited by names in AWS, a project's by Pulumi.
const (
	longestPlugin  = 40
	longestProject = 100
)

// reserved are names that no plugin may have, with the reason.
var reserved = map[string]string{
	manifest.PlatformName: "it is the platform's name",
	"pulumi":              "Pulumi YAML has a variable of this name",
	"con":                 noFolder, "prn": noFolder, "aux": noFolder, "nul": noFolder,
}

const noFolder = "Windows has no folders of this name"

// name checks a name that becomes part of other names.
func (p *problems) name(what, name string) bool {
	if plainName.MatchString(name) {
		return true
	}
	hint := ""
	if plain := plain(name); plain != "" {
		hint = ", such as " + plain
	}
	p.add("%s cannot be called %q: use lower-case letters and digits, with single hyphens between them, and begin with a letter%s", what, name, hint)
	return false
}

var (
	hump    = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	noPlain = regexp.MustCompile(`[^a-z0-9]+`)
)

// plain is a name like another one that can be used, "" when there is none.
func plain(name string) string {
	name = strings.ToLower(hump.ReplaceAllString(name, "$1-$2"))
	name = strings.Trim(noPlain.ReplaceAllString(name, "-"), "-")
	if !plainName.MatchString(name) {
		return ""
	}
	return name
}

// pluginName checks the name of a plugin, and whether it is free.
func (p *problems) pluginName(r *repository, name string) {
	if !p.name("a plugin", name) {
		return
	}
	if len(name) > longestPlugin {
		p.add("the plugin's name %s has %d letters, but at most %d: it is part of names in AWS", name, len(name), longestPlugin)
	}
	if reason, is := reserved[name]; is {
		p.add("a plugin cannot be called %s: %s", name, reason)
		return
	}
	if strings.HasSuffix(name, suffix) {
		p.add("a plugin cannot be called %s: %s is how the folders of Pulumi projects end; leave it out", name, suffix)
	}
	for _, stack := range r.stacks {
		p.collision(name, stack)
	}
	p.folder(r, name)
	p.folder(r, name+suffix)
}

// collision checks a plugin's name against an entry of the manifest.
func (p *problems) collision(name string, stack manifest.Stack) {
	folder := path.Clean(stack.Path)
	switch {
	case stack.Name == name && folder != name+suffix:
		p.add("%s:%d: there is a plugin %s already, in %s", manifest.File, stack.Line, name, stack.Path)
	case stack.Name == name:
	case folder == name+suffix || folder == name:
		p.add("%s:%d: the folder %s is that of %s", manifest.File, stack.Line, stack.Path, stack.Name)
	case !stack.Platform && strings.EqualFold(skeleton.Pascal(stack.Name), skeleton.Pascal(name)):
		p.add("%s:%d: %s and %s would have the same names in the API, %sItem: choose another name", manifest.File, stack.Line, stack.Name, name, skeleton.Pascal(name))
	}
}

// folder checks that a folder may be written to.
func (p *problems) folder(r *repository, folder string) {
	foreign, err := r.foreign(folder)
	if err != nil {
		p.add("the folder %s cannot be used: %w", folder, err)
	} else if foreign {
		p.add("the folder %s is there, and nothing in it was generated: choose another name, or move it away", folder)
	}
}

// projectName checks the length of a project's name.
func (p *problems) projectName(name string) {
	if len(name) > longestProject {
		p.add("the Pulumi project would be called %s, which has %d letters, but at most %d", name, len(name), longestProject)
	}
}

// among tells of the names that there are.
func among(name string, known []string) string {
	if len(known) == 0 {
		return "."
	}
	return ", but " + strings.Join(known, ", ") + "." + schema.Suggest(name, known)
}

// dependencies checks what a plugin shall depend on. entry is its entry of the manifest.
func (p *problems) dependencies(r *repository, name string, given []string, entry manifest.Stack, exists bool) []string {
	if len(given) == 0 {
		return entry.DependsOn
	}
	for _, other := range given {
		switch {
		case other == name:
			p.add("--depends-on %s: a plugin cannot depend on itself", other)
		case !slices.Contains(r.plugins(), other):
			p.add("--depends-on %s: %s has no such plugin%s A stack of another repository goes into interstack:dependencies of Pulumi.<environment>.yaml",
				other, manifest.File, among(other, r.plugins()))
		case exists && !slices.Contains(entry.DependsOn, other):
			p.add("%s:%d: the entry of %s is yours by now: add %s to its depends-on, then run the command again without --depends-on", manifest.File, entry.Line, name, other)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(given)))
}
