// Package change finds which stacks of a manifest changed since a commit, and why.
//
//  1. [FindBase] is the commit to compare with. Without one everything changed.
//  2. Git says which files differ from the base. Each is looked up, with the folders that it
//     is in, among what the stacks are made of ([Rule]): their own folders, those beside
//     them, what their programs read and depend on (package program), what they watch.
//  3. The manifest is compared with that of the base, entry by entry; Pulumi projects that it
//     had and has not any more are reported with the command that destroys their stack.
//  4. What all stacks share changes all of them.
//
// The JSON of a [Result] is described by [Schema]. A stack does not change because one that
// it comes after does.
package change

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// Schema is the JSON Schema of a [Result].
//
//go:embed result.schema.json
var Schema []byte

// skipMark in the message of the head commit asks for no deployment.
const skipMark = "[skip deploy]"

// SkipsDeploy says whether the message of a commit asks for no deployment: it has [skip
// deploy], in whatever case.
func SkipsDeploy(message string) bool { return strings.Contains(strings.ToLower(message), skipMark) }

// Result is which stacks changed.
type Result struct {
	// Environment is the name of the stacks.
	Environment string `json:"environment"`
	Base        Base   `json:"base"`
	// Head is the commit that is checked out, "" before the first one. Changes that are not
	// committed count too.
	Head string `json:"head"`
	// SkipDeploy says that the head commit's message has [skip deploy]; what that means is
	// for the caller to say.
	SkipDeploy bool `json:"skipDeploy"`
	// Stacks are all of the manifest, in its order.
	Stacks []Stack `json:"stacks"`
	// Removed are the projects that the base's manifest had and that it has not any more.
	// Without a base nothing is known of them.
	Removed []Removed `json:"removed"`
}

// Stack is whether a stack changed.
type Stack struct {
	Name    string `json:"name"`
	Path    string `json:"path"`
	Project string `json:"project"`
	Changed bool   `json:"changed"`
	// Skipped is why the stack does not take part in the environment, "" when it does.
	Skipped string   `json:"skipped,omitempty"`
	Reasons []Reason `json:"reasons"`
}

// Reason is a part of why a stack changed.
type Reason struct {
	Rule Rule `json:"rule"`
	// Why is for people.
	Why string `json:"why"`
	// Files are the changed files, relative to the repository's root, sorted; none when it
	// is no file that changed the stack.
	Files []string `json:"files,omitempty"`
}

// Changed are the names of the stacks that changed and take part in the environment.
func (r *Result) Changed() []string {
	var names []string
	for _, stack := range r.Stacks {
		if stack.Changed && stack.Skipped == "" {
			names = append(names, stack.Name)
		}
	}
	return names
}

// Since finds the stacks of a plan that changed since the base that was asked for, or that
// [FindBase] finds.
func Since(ctx context.Context, plan *project.Plan, asked *string, lookup func(string) (string, bool)) (*Result, error) {
	repository, err := git.Open(ctx, plan.Manifest.Folder)
	if err != nil {
		return nil, err
	}
	base, err := FindBase(ctx, repository, asked, lookup)
	if err != nil {
		return nil, err
	}
	return Detect(ctx, repository, plan, base)
}

// Detect finds the stacks of a plan that changed since the base.
func Detect(ctx context.Context, repository *git.Repository, plan *project.Plan, base Base) (*Result, error) {
	head, exists, err := repository.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the head commit: %w", err)
	}
	d := &detection{repository: repository, plan: plan, base: base, reasons: map[string]map[reason][]string{}}
	if exists && base.Commit != "" {
		err = d.compare(ctx)
	} else {
		d.all(reason{RuleNoBase, base.Missing}, "")
	}
	if err != nil {
		return nil, err
	}
	return &Result{
		Environment: plan.Environment, Base: base, Head: head.Hash,
		SkipDeploy: SkipsDeploy(head.Message),
		Stacks:     d.stacks(), Removed: append([]Removed{}, d.removed...),
	}, nil
}

// detection is the state of one [Detect].
type detection struct {
	repository *git.Repository
	plan       *project.Plan
	base       Base
	reasons    map[string]map[reason][]string
	removed    []Removed
}

// because notes why a stack changed; file is "" when it is no file.
func (d *detection) because(stack string, why reason, file string) {
	if d.reasons[stack] == nil {
		d.reasons[stack] = map[reason][]string{}
	}
	files := d.reasons[stack][why]
	if file != "" {
		files = append(files, file)
	}
	d.reasons[stack][why] = files
}

func (d *detection) all(why reason, file string) {
	for _, target := range d.plan.Targets {
		d.because(target.Name, why, file)
	}
}

// stacks are the plan's with what was noted, the rules in their order.
func (d *detection) stacks() []Stack {
	var stacks []Stack
	for _, target := range d.plan.Targets {
		stack := Stack{Name: target.Name, Path: target.Path, Project: target.Project, Skipped: target.Skip, Reasons: []Reason{}}
		noted := d.reasons[target.Name]
		for _, why := range slices.SortedFunc(maps.Keys(noted), compare) {
			slices.Sort(noted[why])
			stack.Reasons = append(stack.Reasons, Reason{why.rule, why.why, slices.Compact(noted[why])})
		}
		stack.Changed = len(stack.Reasons) > 0
		stacks = append(stacks, stack)
	}
	return stacks
}
