package generate

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
)

// outcome is what the command does.
type outcome struct {
	files *generated.Plan
	// environment and language are those of the stack that what comes next is said for.
	environment, language string
	release               skeleton.Release
}

// tidy is the command that finds the modules of a Go module. That of a command which was
// built from source is in no registry.
func (o *outcome) tidy(module string) string {
	const tidy = "go mod tidy && "
	if o.release.FromSource() {
		return "go mod edit -replace github.com/reventless/pulumi-reventless" + module + "=<sources of this command>" + module + " && " + tidy
	}
	return tidy
}

// report prints each file's fate to out, and what to do next to hints.
func (o *outcome) report(out, hints io.Writer, dryRun bool) {
	for _, change := range o.files.Changes {
		note := ""
		if change.Fate == generated.Kept {
			note = " (edited)"
		}
		fmt.Fprintf(out, "%-10s %s%s\n", change.Fate, change.Path, note)
	}
	if dryRun {
		fmt.Fprintln(hints, "Nothing was written, because of --dry-run.")
		return
	}
	var steps []string
	for _, change := range o.files.Changes {
		if step := o.next(change); step != "" {
			steps = append(steps, "  "+step)
		}
	}
	if len(steps) > 0 {
		fmt.Fprintln(hints, "\nNext:")
	}
	for _, step := range steps {
		fmt.Fprintln(hints, step)
	}
	if o.made("Pulumi." + o.environment + ".yaml") {
		fmt.Fprintf(hints, "\n  reventless up --stack %s     deploys all stacks of the manifest\n  reventless dev --stack %[1]s    runs them on a local AWS\n", o.environment)
	}
}

// made says whether a file of this name is new.
func (o *outcome) made(name string) bool {
	return slices.ContainsFunc(o.files.Changes, func(change generated.Change) bool {
		return change.Fate == generated.Created && path.Base(change.Path) == name
	})
}

// next is what to do about a file that is new, by the file that tells.
func (o *outcome) next(change generated.Change) string {
	if change.Fate != generated.Created {
		return ""
	}
	folder, name := path.Split(change.Path)
	folder = path.Clean(folder)
	in := func(command string) string { return "(cd " + folder + " && " + command + ")" }
	switch name {
	case "index.mjs":
		return "(cd " + path.Dir(folder) + " && node --test)"
	case "handler.py":
		return "(cd " + path.Dir(folder) + " && python3 -m unittest discover)"
	case "item.go":
		return in(o.tidy("") + "go test ./... && go run ./build")
	case path.Base(skeleton.WorkflowFile):
		return "set the secrets, or the role, that " + change.Path + " needs in the repository's settings (docs/github.md)"
	case "Pulumi.yaml":
		// Of the other languages `reventless up` installs what the program needs.
		if o.language == skeleton.Go {
			return in(strings.TrimSuffix(o.tidy("/sdk"), " && "))
		}
	}
	return ""
}
