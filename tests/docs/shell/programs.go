package shell

import (
	"context"
	_ "embed" // the script that asks AWS's SDK
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// usage is the line of pulumi's help that says what a command takes.
var usage = regexp.MustCompile(`(?m)^\s+(pulumi .*)$`)

// pulumi asks the command for its help, which it gives only when it knows all flags before.
func (c *Checker) pulumi(ctx context.Context, arguments []string) error {
	command := exec.CommandContext(ctx, filepath.Join(c.Root, ".tools", "bin", "pulumi"), append(arguments, "--help")...)
	out, err := command.CombinedOutput()
	if err != nil {
		return errors.New(strings.TrimSpace(string(out)))
	}
	_, told, found := strings.Cut(string(out), "Usage:")
	if !found {
		return fmt.Errorf("pulumi's help has no usage: %s", out)
	}
	return takes(usage.FindStringSubmatch(told)[1], arguments)
}

// takes compares arguments with a usage, "pulumi stack init [stack-name] [flags]": all words
// of the command are among the arguments, and more of them only if it takes some.
func takes(told string, arguments []string) error {
	var path, parameters []string
	for _, word := range strings.Fields(told)[1:] {
		switch {
		case word == "[flags]":
		case strings.ContainsAny(word, "[]<>{}|") || len(parameters) > 0:
			parameters = append(parameters, word)
		default:
			path = append(path, word)
		}
	}
	if len(parameters) > 0 && parameters[0] == "[command]" || len(parameters) == 0 {
		var words []string
		for _, argument := range arguments {
			if strings.HasPrefix(argument, "-") {
				break
			}
			words = append(words, argument)
		}
		if len(words) > len(path) {
			return fmt.Errorf("pulumi %s takes no %q", strings.Join(path, " "), words[len(path)])
		}
	}
	return nil
}

//go:embed aws.py
var askAWS string

// aws asks the descriptions of AWS's services, which the AWS command line is made of.
func (c *Checker) aws(ctx context.Context, arguments []string) error {
	python := filepath.Join(c.Root, ".venv", "bin", "python")
	out, err := exec.CommandContext(ctx, python, append([]string{"-c", askAWS}, arguments...)...).CombinedOutput()
	if err != nil {
		return errors.New(strings.TrimSpace(string(out)))
	}
	return nil
}
