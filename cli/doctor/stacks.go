package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// parallel is how many pulumi commands, or requests to AWS, run at once.
const parallel = 4

// patient is a stack that takes part in the environment, with what is known of it.
type patient struct {
	project.Target
	// info is nil for a stack that does not exist.
	info *pulumi.Info
	// configuration is nil when it is not known, unconfigured says why.
	configuration *stack.Configuration
	unconfigured  error
	// state is nil when it is not known, unread says why.
	state  *stack.Stack
	unread error
	// home is the platform of the stack's plugins, nil when it is not known.
	home *stack.Platform
}

// deployedState says whether the stack is known to have something deployed.
func (p *patient) deployedState() bool {
	return p.state != nil && p.info != nil && p.info.Resources > 0
}

// collect reads configurations and states.
func (e *examination) collect(ctx context.Context) {
	e.unlisted = errors.New("the pulumi command or its login does not work")
	if e.pulumi == nil || e.login.URL == "" || len(e.patients) == 0 {
		return
	}
	if e.existing, e.unlisted = e.pulumi.Stacks(ctx, e.patients[0].Folder); e.unlisted != nil {
		return
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, p := range e.patients {
		at := slices.IndexFunc(e.existing, func(info pulumi.Info) bool { return info.Is(p.Project, e.plan.Environment) })
		if at < 0 {
			continue
		}
		p.info = &e.existing[at]
		group.Go(func() error { e.configure(ctx, p); return nil })
		group.Go(func() error { p.state, p.unread = e.read(ctx, p.Folder, e.plan.Environment); return nil })
	}
	_ = group.Wait() // each keeps its own error
}

func (e *examination) configure(ctx context.Context, p *patient) {
	values, err := e.pulumi.Configuration(ctx, p.Folder, e.plan.Environment)
	if p.unconfigured = err; err == nil {
		p.configuration = &stack.Configuration{Folder: p.Folder, Project: p.Project, Stack: e.plan.Environment, Values: values}
	}
}

func (e *examination) read(ctx context.Context, folder, name string) (*stack.Stack, error) {
	deployment, err := e.pulumi.Export(ctx, folder, name)
	if err != nil {
		return nil, err
	}
	return stack.Parse(name, deployment)
}

// up is the command that deploys a stack of the manifest.
func (e *examination) up(name string) string {
	return fmt.Sprintf("run `reventless up --only %s --stack %s`", name, e.plan.Environment)
}

// inFolder is a command in the folder of a stack.
func (e *examination) inFolder(p *patient, command string) string {
	return fmt.Sprintf("run `%s --stack %s` in %s", command, e.plan.Environment, p.Path)
}

// deployed checks that a stack exists, has something deployed, and is in no update that did
// not end.
func (e *examination) deployed(ctx context.Context, p *patient) {
	switch {
	case e.unlisted != nil:
		e.unchecked(checkStack, p.Name, "%s", e.unlisted)
	case p.info == nil:
		e.add(checkStack, p.Name, Problem, e.up(p.Name)+", which makes and deploys it; `pulumi stack init` makes it alone",
			"no stack named %q found: it has not been created yet", p.Project+"/"+e.plan.Environment)
	case p.unread != nil:
		e.add(checkStack, p.Name, Problem, e.inFolder(p, "pulumi stack export")+" and mend what it says", "its state cannot be read: %s", p.unread)
	case e.interrupted(p), e.locked(ctx, p):
	case p.info.Resources == 0:
		e.add(checkStack, p.Name, Problem, e.up(p.Name), "the stack %s exists, but nothing is deployed", p.info.Name)
	case len(p.state.Plugins)+len(p.state.Platforms) == 0:
		e.add(checkStack, p.Name, Problem, "let its program make a reventless:index:"+component(p)+", then "+e.up(p.Name),
			"the stack %s has neither a platform nor a plugin deployed", p.info.Name)
	default:
		e.ok(checkStack, p.Name, "%s is deployed, %s", p.info.Name, plural(p.info.Resources, "resource"))
	}
}

func component(p *patient) string {
	if p.Platform {
		return "Platform"
	}
	return "Plugin"
}

// interrupted says whether operations are pending.
func (e *examination) interrupted(p *patient) bool {
	if p.state == nil || len(p.state.Pending) == 0 {
		return false
	}
	var texts []string
	for _, pending := range p.state.Pending {
		texts = append(texts, pending.Operation+" "+pending.URN[strings.LastIndex(pending.URN, "::")+len("::"):])
	}
	e.add(checkStack, p.Name, Problem, e.inFolder(p, "pulumi refresh")+", which asks about each of them, then "+e.up(p.Name),
		"an update of %s was interrupted, and nobody knows whether this was done: %s", p.info.Name, strings.Join(texts, ", "))
	return true
}

// locked says whether somebody updates the stack, as far as the backend tells.
func (e *examination) locked(ctx context.Context, p *patient) bool {
	locks, err := e.login.Locks(ctx, p.info.Name)
	if err != nil {
		e.unchecked(checkStack, p.Name, "whether something is updating %s now is not known: %s", p.info.Name, err)
	}
	if !p.info.UpdateInProgress && len(locks) == 0 {
		return false
	}
	e.add(checkStack, p.Name, Problem, "wait for it to end; if it is gone, "+e.inFolder(p, "pulumi cancel"),
		"%s is locked, something is updating it now (%s)", p.info.Name, cmp.Or(strings.Join(locks, ", "), "says the backend"))
	return true
}
