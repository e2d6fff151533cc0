// Package shell checks the commands of documents without running them.
//
//  1. [Commands] reads a script with a shell's own grammar and gives the simple commands in
//     it, those within loops and $(…) too.
//  2. [Checker.Check] asks of each program whether it would take the command: the command
//     tree of reventless, pulumi's own help, the service descriptions of AWS's SDK, the
//     targets of the Makefile. What only changes the shell, or belongs to the machine, is a
//     short list.
//
// A placeholder such as <version> is an argument, whatever it stands for.
package shell

import (
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

var placeholder = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9 /.-]*>`)

// prompt begins the commands of a console, whose other lines are output.
const prompt = "$ "

// Script gives the commands of a console without their output.
func Script(console string) string {
	var script strings.Builder
	continued := false
	for line := range strings.Lines(console) {
		command, is := strings.CutPrefix(line, prompt)
		if is || continued {
			script.WriteString(command)
			continued = strings.HasSuffix(strings.TrimRight(command, "\n"), `\`)
		}
	}
	return script.String()
}

// Commands are the simple commands of a script, each with its words as they are written.
func Commands(script string) ([][]string, error) {
	script = placeholder.ReplaceAllString(script, "placeholder")
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return nil, fmt.Errorf("no shell reads this: %w", err)
	}
	var commands [][]string
	syntax.Walk(file, func(node syntax.Node) bool {
		if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			var words []string
			for _, argument := range call.Args {
				words = append(words, word(argument))
			}
			commands = append(commands, words)
		}
		return true
	})
	return commands, nil
}

// word is a word's text without its quotes; what a shell would fill in is a placeholder.
func word(argument *syntax.Word) string {
	var text strings.Builder
	var add func(parts []syntax.WordPart)
	add = func(parts []syntax.WordPart) {
		for _, part := range parts {
			switch part := part.(type) {
			case *syntax.Lit:
				text.WriteString(part.Value)
			case *syntax.SglQuoted:
				text.WriteString(part.Value)
			case *syntax.DblQuoted:
				add(part.Parts)
			default:
				text.WriteString("placeholder")
			}
		}
	}
	add(argument.Parts)
	return text.String()
}
