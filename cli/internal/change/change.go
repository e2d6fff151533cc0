// Package change finds which stacks of a manifest changed since a commit, and why.
//
//  1. [FindBase] is the commit to compare with. Without one everything changed.
//  2. [Compare] asks git which files differ from the base; [Read] reads the projects
//     meanwhile. [Comparison.Detect] looks each file up, with the folders that it is in,
//     among what the stacks are made of ([Rule]): their own folders, those beside them, what
//     their programs read and depend on (package program), what they watch.
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
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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

// Add adds what changed since another base: after it, a stack changed when it did since either.
func (r *Result) Add(other *Result) {
	for i := range r.Stacks {
		r.Stacks[i].add(other.Stacks[i].Reasons)
	}
	for _, removed := range other.Removed {
		if !slices.ContainsFunc(r.Removed, func(known Removed) bool { return known.Project == removed.Project }) {
			r.Removed = append(r.Removed, removed)
		}
	}
}

func (s *Stack) add(reasons []Reason) {
	for _, reason := range reasons {
		at := slices.IndexFunc(s.Reasons, func(known Reason) bool { return known.Rule == reason.Rule && known.Why == reason.Why })
		if at < 0 {
			s.Reasons = append(s.Reasons, reason)
			continue
		}
		files := slices.Concat(s.Reasons[at].Files, reason.Files)
		slices.Sort(files)
		s.Reasons[at].Files = slices.Compact(files)
	}
	slices.SortStableFunc(s.Reasons, func(a, b Reason) int { return compare(reason{a.Rule, a.Why}, reason{b.Rule, b.Why}) })
	s.Changed = len(s.Reasons) > 0
}

// Read reads the projects that a user means and finds those that changed since the base that
// was asked for, or that [FindBase] finds. lookup is [os.LookupEnv].
func Read(ctx context.Context, selected project.Selection, asked *string, lookup func(string) (string, bool)) (*project.Plan, *Result, error) {
	path, err := selected.Path()
	if err != nil {
		return nil, nil, err
	}
	// Nearly all that is read is kept, so collecting it often is a fifth of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var plan *project.Plan
	var comparison *Comparison
	reading, readingCtx := errgroup.WithContext(ctx)
	reading.Go(func() (err error) {
		plan, err = project.Open(readingCtx, selected, lookup)
		return err
	})
	var gitProblem error // what is wrong with the projects is said first
	reading.Go(func() error {
		comparison, gitProblem = compareFolder(readingCtx, filepath.Dir(path), asked, lookup)
		return nil
	})
	if err := reading.Wait(); err != nil {
		return nil, nil, err
	}
	if gitProblem != nil {
		return nil, nil, gitProblem
	}
	result, err := comparison.Detect(ctx, plan)
	return plan, result, err
}

// Since finds the stacks of a plan that changed since the base that was asked for, or that
// [FindBase] finds.
func Since(ctx context.Context, plan *project.Plan, asked *string, lookup func(string) (string, bool)) (*Result, error) {
	comparison, err := compareFolder(ctx, plan.Manifest.Folder, asked, lookup)
	if err != nil {
		return nil, err
	}
	return comparison.Detect(ctx, plan)
}

// Detect finds the stacks of a plan that changed.
func (c *Comparison) Detect(ctx context.Context, plan *project.Plan) (*Result, error) {
	d := &detection{Comparison: c, plan: plan, reasons: map[string]map[reason][]string{}}
	if c.since == nil {
		d.all(reason{RuleNoBase, c.base.Missing}, "")
	} else if err := d.compare(ctx); err != nil {
		return nil, err
	}
	return &Result{
		Environment: plan.Environment, Base: c.base, Head: c.head.Hash,
		SkipDeploy: SkipsDeploy(c.head.Message),
		Stacks:     d.stacks(), Removed: append([]Removed{}, d.removed...),
	}, nil
}

// detection is the state of one [Comparison.Detect].
type detection struct {
	*Comparison
	plan    *project.Plan
	reasons map[string]map[reason][]string
	removed []Removed
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
