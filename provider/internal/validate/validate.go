// Package validate finds everything that is wrong with a plugin's declaration before
// anything is registered.
//
//  1. [Plugin] checks the declaration by itself (names, versions, runtimes, sources)
//     and against the plugin's GraphQL schema (commands against mutation fields, queries
//     against query fields, and every root field the other way round).
//  2. [Code], [Environment] and [Tags] check the arguments that may hold outputs, as far
//     as their values are known.
//  3. Each finding is a [Problem] with the property's path, the reason and the fix; all
//     of them are reported at once, by [Error].
//
// The engine would print the value at a problem's path, also that of a secret, the whole
// text of a schema, and objects as Go prints them. So [Error] quotes the paths, which
// then lead to no value, and a reason says the value itself where that helps.
package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Problem is one thing that is wrong with the arguments.
type Problem struct {
	// Path is the property's path, as Pulumi writes paths.
	Path string
	// Reason says what is wrong and what to do.
	Reason string
}

// Error makes one error of all problems, nil of none.
func Error(what string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	details := make([]errors.InputPropertyErrorDetails, len(problems))
	for i, problem := range problems {
		details[i] = errors.InputPropertyErrorDetails{PropertyPath: "`" + problem.Path + "`", Reason: problem.Reason}
	}
	noun := "problems"
	if len(problems) == 1 {
		noun = "problem"
	}
	return errors.NewInputPropertiesError(
		fmt.Sprintf("%s: %d %s, nothing was changed", what, len(problems), noun), details...)
}

// findings collects problems.
type findings []Problem

func (f *findings) add(path, format string, arguments ...any) {
	*f = append(*f, Problem{Path: path, Reason: fmt.Sprintf(format, arguments...)})
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Path joins the elements of a property's path: "a.b", and `a["b-c"]` for keys that are
// no identifiers.
func Path(elements ...string) string {
	var path strings.Builder
	for i, element := range elements {
		switch {
		case !plainKey.MatchString(element) && !strings.HasPrefix(element, "["):
			fmt.Fprintf(&path, "[%q]", element)
		case i > 0 && !strings.HasPrefix(element, "["):
			path.WriteString("." + element)
		default:
			path.WriteString(element)
		}
	}
	return path.String()
}

// index is a path's element for a place in a list.
func index(i int) string {
	return fmt.Sprintf("[%d]", i)
}

// maxListed is the number of candidates up to which a message lists them all.
const maxListed = 8

// DidYouMean suggests candidates that the text may be a misspelling of, or lists the
// candidates when there are few. It begins with a space, or is empty.
func DidYouMean(text string, candidates []string) string {
	if suggestion := schema.Suggest(text, candidates); suggestion != "" {
		return suggestion
	}
	if len(candidates) > 0 && len(candidates) <= maxListed {
		return " There is: " + strings.Join(slices.Sorted(slices.Values(candidates)), ", ") + "."
	}
	return ""
}

// sorted are the keys of a map in order: problems come in the same order every time.
func sorted[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
