// Package schema turns the GraphQL fragments of plugins into the one schema of an
// AppSync API.
//
//  1. [ParseFragment] parses a fragment, refuses what AppSync would refuse (all
//     problems at once, each with its place, the reason and the fix), folds
//     extensions, strips descriptions and comments, and prints what is left in one
//     canonical order. Subscriptions that the owner feeds itself ([WithFeeds]) get the
//     mutation that AppSync needs to trigger them.
//  2. [Composer.Set] takes fragments in any order. A root field belongs to one owner;
//     types of the same name are shared when they are equal and refused with their
//     difference when they are not. A refused fragment changes nothing.
//  3. [Composer.Compose] joins the printed texts, which are kept for each fragment,
//     and puts authorization directives where the API has several modes. The same
//     set of fragments gives the same bytes, whatever the order.
//  4. [ParseLive] reads the schema that an API has now. [Live.Matches] tells whether a
//     push is needed, [Live.Keep] carries a root field over to the next schema that no
//     fragment owns any more but that still has a resolver.
//
// A fragment is complete in itself: it defines every type that it uses, or takes it
// from the platform's fragment ([PlatformSDL]) or AppSync's scalars. So a fragment
// that is valid alone stays valid whatever it is composed with, and a plugin can go
// without breaking another one.
//
// Every step is linear in the size of its input. gqlparser's own schema validation is
// not used at run time: it stops at the first problem, knows nothing of AppSync, compares
// each root field with every other, and panics on some invalid documents. The tests hold
// what is accepted here against it.
package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Problem is one reason why a fragment or a composition is refused.
type Problem struct {
	// Code is one of the protocol package's codes: protocol.CodeInvalidSchema,
	// protocol.CodeFieldConflict or protocol.CodeTypeConflict.
	Code string
	// Message says what is wrong, why, and what to do about it. It does not repeat
	// File, Line and Column.
	Message string
	// File is the fragment's file as it was given to [ParseFragment].
	File string
	// Line and Column count from 1, in characters. Both are 0 where there is no place.
	Line, Column int
	// Other is the owner of the other fragment, empty when there is none.
	Other string
}

// String gives the problem on one line: file:line:column: message.
func (p Problem) String() string {
	place := place(p.File, p.Line, p.Column)
	if place == "" {
		return p.Message
	}
	return place + ": " + p.Message
}

// Join gives all problems, one a line.
func Join(problems []Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func place(file string, line, column int) string {
	if line == 0 {
		return file
	}
	at := fmt.Sprintf("%d:%d", line, column)
	if file == "" {
		return "line " + at
	}
	return file + ":" + at
}

// sortProblems orders problems by place, then by text, so that the same fragment is
// always refused in the same words.
func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
}

// lineColumn gives the line and column of a position, zeros for none.
func lineColumn(pos *ast.Position) (line, column int) {
	if pos == nil {
		return 0, 0
	}
	return pos.Line, pos.Column
}
