package shell

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli"
)

// Checker checks commands. It may be used by several goroutines; what was asked once is kept.
type Checker struct {
	// Root is the repository's root.
	Root  string
	asked sync.Map
}

// plain are the programs that are taken at their word: those of the shell, and those of the
// machine whose arguments say nothing of this project.
var plain = []string{
	".", "cd", "curl", "diff", "echo", "export", "git", "go", "jq", "mkdir", "node", "npm", "pip", "python3", "sha256sum", "source", "tar",
}

// Check is what is wrong with a script. The error names the command.
func (c *Checker) Check(ctx context.Context, script string) error {
	return c.check(ctx, script, false)
}

// Mention is what is wrong with a command that a sentence names, maybe without the arguments
// that it needs.
func (c *Checker) Mention(ctx context.Context, script string) error {
	return c.check(ctx, script, true)
}

func (c *Checker) check(ctx context.Context, script string, mentioned bool) error {
	commands, err := Commands(script)
	if err != nil {
		return err
	}
	for _, command := range commands {
		if err := c.command(ctx, command, mentioned); err != nil {
			return fmt.Errorf("`%s`: %w", strings.Join(command, " "), err)
		}
	}
	return nil
}

func (c *Checker) command(ctx context.Context, words []string, mentioned bool) error {
	program, arguments := filepath.Base(words[0]), words[1:]
	switch {
	case program == "reventless":
		return c.reventless(ctx, arguments, mentioned)
	case program == "pulumi":
		return c.once(words, func() error { return c.pulumi(ctx, arguments) })
	case program == "aws":
		return c.once(words, func() error { return c.aws(ctx, arguments) })
	case program == "make":
		return c.make(arguments)
	case slices.Contains(plain, program):
		return nil
	}
	return fmt.Errorf("the tests of the documents cannot check the program %s", program)
}

func (c *Checker) once(words []string, check func() error) error {
	asked, _ := c.asked.LoadOrStore(strings.Join(words, "\x00"), sync.OnceValue(check))
	return asked.(func() error)()
}

// reventless asks the command tree of the command line. What comes behind -- is pulumi's.
func (c *Checker) reventless(ctx context.Context, arguments []string, mentioned bool) error {
	own, further := arguments, []string(nil)
	if at := slices.Index(arguments, "--"); at >= 0 {
		own, further = arguments[:at], arguments[at+1:]
	}
	root := cli.New("0.0.0")
	command, rest, err := root.Find(own)
	if err != nil {
		return err
	}
	if err := accepts(command, rest, mentioned); err != nil {
		return err
	}
	if len(further) > 0 {
		return c.command(ctx, append([]string{"pulumi", command.Name()}, further...), false)
	}
	return nil
}

func accepts(command *cobra.Command, arguments []string, mentioned bool) error {
	if err := command.ParseFlags(arguments); err != nil {
		return err
	}
	if rest := command.Flags().Args(); command.HasSubCommands() && len(rest) > 0 {
		return fmt.Errorf("%s has no command %s", command.CommandPath(), rest[0])
	}
	if mentioned && len(command.Flags().Args()) == 0 {
		return nil
	}
	if err := command.ValidateRequiredFlags(); err != nil {
		return err
	}
	return command.ValidateArgs(command.Flags().Args())
}

var (
	targetLine = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	assignment = regexp.MustCompile(`^([A-Z]+)=`)
)

// make looks for targets and variables in the Makefile.
func (c *Checker) make(arguments []string) error {
	text, err := os.ReadFile(filepath.Join(c.Root, "Makefile"))
	if err != nil {
		return err
	}
	targets := map[string]bool{}
	for _, match := range targetLine.FindAllStringSubmatch(string(text), -1) {
		targets[match[1]] = true
	}
	if len(arguments) > 1 && arguments[0] == "-C" {
		arguments = arguments[2:] // the folder
	}
	for _, argument := range arguments {
		if match := assignment.FindStringSubmatch(argument); match != nil {
			if !strings.Contains(string(text), "("+match[1]+")") && !strings.Contains(string(text), match[1]+",") {
				return fmt.Errorf("the Makefile has no variable %s", match[1])
			}
			continue
		}
		if !targets[argument] {
			return fmt.Errorf("the Makefile has no target %s", argument)
		}
	}
	return nil
}
