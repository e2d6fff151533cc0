// Package pulumi runs the user's own pulumi command for one stack at a time.
//
//  1. [Find] looks for the command and checks its version, with the Automation API's own
//     rules. The backend, the login and the plugins are the user's.
//  2. Every call names its stack and runs in its project's folder, so the stack that a user
//     has selected stays selected. The Automation API would select it, and ask for outputs
//     and history in calls of their own after each update, which took longer than small
//     updates themselves; so the command is called directly.
//  3. [Command.Run] deploys, previews, refreshes or destroys. What happens is read from the
//     engine's event log while the command writes it: progress, what changed, the stack's
//     outputs before and after. Secrets are masked in it by the engine.
//  4. A command that failed gives a [Failure] that says of which kind it is and what to do.
//
// The command runs in a process group of its own: an interrupt in the terminal reaches the
// caller only, who decides what it means. When the context ends, the command is interrupted,
// and it ends what is under way; it is never killed, for a killed one may lose what it has
// made. One that does not end can be interrupted again ([Request.Abort]): pulumi notes what was
// under way and ends at once.
package pulumi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// Command is the pulumi command.
type Command struct {
	// program is its name or path, environment what is added to that of every call.
	program     string
	environment []string
	// mortal says that it is killed with the caller, see [Command.EndWithCaller].
	mortal bool
}

// EndWithCaller lets the kernel kill the command when the caller is killed, where that is
// possible (on Linux). It is for backends that nobody uses any more then: a command that goes
// on would do so against the next caller's.
func (c *Command) EndWithCaller() { c.mortal = true }

// Find finds the command on the PATH. The environment, as NAME=value, is added to that of
// every call.
func Find(environment ...string) (*Command, error) {
	if _, err := auto.NewPulumiCommand(nil); err != nil {
		return nil, fmt.Errorf("the pulumi command, which deploys the stacks: %w; install it from https://www.pulumi.com/docs/install and put it on the PATH", err)
	}
	return &Command{program: "pulumi", environment: append([]string{
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_AUTOMATION_API=true",
		// Without it the command knows no --event-log; the Automation API sets it too.
		"PULUMI_DEBUG_COMMANDS=true",
	}, environment...)}, nil
}

// Info is what the backend knows of a stack without reading its state.
type Info struct {
	// Name is organization/project/stack.
	Name string `json:"name"`
	// LastUpdate is nil for a stack that was never deployed.
	LastUpdate *time.Time `json:"lastUpdate"`
	Resources  int        `json:"resourceCount"`
	// UpdateInProgress is known of some backends only.
	UpdateInProgress bool   `json:"updateInProgress"`
	URL              string `json:"url"`
	// elsewhere says that it is of another organization than a stack that is named without
	// one.
	elsewhere bool
}

// Is says whether it is the stack that the pulumi command means by a stack's name in a
// project: of the login's default organization.
func (i Info) Is(project, stack string) bool {
	return !i.elsewhere && (i.Name == project+"/"+stack || strings.HasSuffix(i.Name, "/"+project+"/"+stack))
}

// Stacks are all stacks of the backend, whatever their project. The folder may be any.
func (c *Command) Stacks(ctx context.Context, folder string) ([]Info, error) {
	printed, err := c.ask(ctx, folder, "stack", "ls", "--all", "--fully-qualify-stack-names", "--json")
	if err != nil {
		return nil, fmt.Errorf("list the stacks of the backend: %w", err)
	}
	var stacks []Info
	if err := json.Unmarshal(printed, &stacks); err != nil {
		return nil, fmt.Errorf("list the stacks of the backend: %w", err)
	}
	return stacks, c.locate(ctx, folder, stacks)
}

// locate marks the stacks of other organizations. Only a login to Pulumi Cloud may see several.
func (c *Command) locate(ctx context.Context, folder string, stacks []Info) error {
	organizations := map[string]bool{}
	for _, info := range stacks {
		organizations[info.organization()] = true
	}
	if len(organizations) < 2 {
		return nil
	}
	own, err := c.organization(ctx, folder)
	if err != nil {
		return fmt.Errorf("find the organization that the stacks are in: %w", err)
	}
	for i := range stacks {
		stacks[i].elsewhere = stacks[i].organization() != own
	}
	return nil
}

func (i Info) organization() string {
	organization, _, _ := strings.Cut(i.Name, "/")
	return organization
}

// organization is the one of a stack that is named without: the login's default, else its
// user.
func (c *Command) organization(ctx context.Context, folder string) (string, error) {
	for _, question := range [][]string{{"org", "get-default"}, {"whoami"}} {
		printed, err := c.ask(ctx, folder, question...)
		if err != nil {
			return "", err
		}
		// Without a default it prints a sentence, where names have no spaces.
		if name := strings.TrimSpace(string(printed)); name != "" && !strings.Contains(name, " ") {
			return name, nil
		}
	}
	return "", errors.New("the pulumi command names neither a default organization nor a user: log in with 'pulumi login', or choose with 'pulumi org set-default'")
}

// Create makes an empty stack, and selects it not.
func (c *Command) Create(ctx context.Context, folder, stack string) error {
	if _, err := c.ask(ctx, folder, "stack", "init", stack, "--no-select"); err != nil {
		return fmt.Errorf("make the stack %s: %w", stack, err)
	}
	return nil
}

// Outputs are the outputs of a stack; secrets are masked unless they are to be shown.
func (c *Command) Outputs(ctx context.Context, folder, stack string, showSecrets bool) (map[string]any, error) {
	arguments := []string{"stack", "output", "--json", "--stack", stack}
	if showSecrets {
		arguments = append(arguments, "--show-secrets")
	}
	printed, err := c.ask(ctx, folder, arguments...)
	if err != nil {
		return nil, err
	}
	outputs := map[string]any{}
	return outputs, json.Unmarshal(printed, &outputs)
}

// Install installs the plugins and packages that a project's program needs.
func (c *Command) Install(ctx context.Context, folder string, output io.Writer) error {
	var printed strings.Builder
	command := c.command(ctx, folder, "install")
	both := io.MultiWriter(output, &printed)
	command.Stdout, command.Stderr = both, both // one writer is written to by one goroutine
	if err := command.Run(); err != nil {
		return failure(ctx, printed.String(), nil)
	}
	return nil
}

// ask runs a command and gives what it prints.
func (c *Command) ask(ctx context.Context, folder string, arguments ...string) ([]byte, error) {
	var stdout, stderr strings.Builder
	command := c.command(ctx, folder, arguments...)
	command.Stdout, command.Stderr = &stdout, &stderr
	defer c.held()()
	if err := command.Run(); err != nil {
		return nil, failure(ctx, stderr.String()+stdout.String(), nil)
	}
	return []byte(stdout.String()), nil
}

// held keeps the thread that starts the command until the result is called, because a mortal
// command ends with the thread.
func (c *Command) held() func() {
	if !c.mortal {
		return func() {}
	}
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

func (c *Command) command(ctx context.Context, folder string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.program, append(arguments, "--non-interactive", "--color", "never")...)
	command.Dir = folder
	command.Env = append(os.Environ(), c.environment...)
	command.SysProcAttr = ownProcessGroup()
	if c.mortal {
		mortal(command.SysProcAttr)
	}
	command.Cancel = func() error { return interrupt(command.Process) }
	return command
}
