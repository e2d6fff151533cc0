package doctor

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/config"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// configured is the stack's configuration, or as much of it as is known before the stack
// exists: nothing, beside the file with local values and the environment.
func (p *patient) configured(environment string) *stack.Configuration {
	if p.configuration != nil {
		return p.configuration
	}
	return &stack.Configuration{Folder: p.Folder, Project: p.Project, Stack: environment}
}

// localFile checks the developer's own file: its keys, and that it stays out of git.
func (e *examination) localFile(ctx context.Context, p *patient) {
	file := filepath.Join(p.Folder, localconfig.File)
	sources, err := config.Sources(p.configured(e.plan.Environment), e.Environ)
	if err != nil {
		for _, text := range strings.Split(err.Error(), "\n") {
			e.add(checkLocalFile, p.Name, Problem, "edit "+p.Path+"/"+localconfig.File, "%s", text)
		}
	}
	if sources.Local == nil && err == nil {
		e.ok(checkLocalFile, p.Name, "there is no %s", localconfig.File)
		return
	}
	ignored, problem := e.Ignored(ctx, file)
	switch {
	case problem != nil:
		e.unchecked(checkLocalFile, p.Name, "git does not tell whether it ignores %s: %s", localconfig.File, problem)
	case !ignored:
		e.add(checkLocalFile, p.Name, Problem, fmt.Sprintf("add the line **/%s to .gitignore, and run `git rm --cached %[2]s/%[1]s` if it is in git already", localconfig.File, p.Path),
			"git does not ignore %s/%s, so a developer's own values would become everybody's", p.Path, localconfig.File)
	case err == nil:
		e.ok(checkLocalFile, p.Name, "%s is ignored by git, and all its keys are known", localconfig.File)
	}
}

// values checks the values of all keys, and names what is read by nobody.
func (e *examination) values(_ context.Context, p *patient) {
	if p.unconfigured != nil {
		e.add(checkValues, p.Name, Problem, e.inFolder(p, "pulumi config")+" and mend what it says", "its configuration cannot be read: %s", p.unconfigured)
		return
	}
	read := p.configured(e.plan.Environment)
	sources, _ := config.Sources(read, e.Environ)
	fine := true
	for _, key := range localconfig.Keys() {
		found := sources.Look(key.In(p.Project))
		if err := key.Check(found.Value); err != nil {
			fine = false
			e.add(checkValues, p.Name, Problem, err.Error(), "%s (%s) is %q", key.Name, found.Name, found.Value)
		}
	}
	for _, hint := range config.Hints(read, e.Environ) {
		fine = false
		e.add(checkValues, p.Name, Warning, "take it away, or write a name of those that `reventless config` shows", "%s", hint)
	}
	if fine && p.configuration == nil {
		e.unchecked(checkValues, p.Name, "the stack does not exist, so pulumi does not tell its configuration; the environment is right")
	} else if fine {
		e.ok(checkValues, p.Name, "all values are possible, and all names are known")
	}
}
