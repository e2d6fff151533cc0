package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// Suggest gives the candidates that name may be a misspelling of, the nearest first and
// three at most, as a sentence to put behind a message: ` Did you mean "a" or "b"?`. It
// is empty when nothing is near.
func Suggest(name string, candidates []string) string {
	near := suggestions(name, candidates)
	if len(near) == 0 {
		return ""
	}
	return " Did you mean " + core.QuotedOrList(near...) + "?"
}

func suggestions(name string, candidates []string) []string {
	// Sorted first: the list is ordered by distance only, and must not depend on the
	// order of a map.
	near := core.SuggestionList(name, slices.Sorted(slices.Values(candidates)))
	return near[:min(len(near), 3)]
}

// nearest gives the nearest of the scalars' names, or otherwise when none is near.
func nearest(name string, known map[string]*ast.Definition, otherwise string) string {
	if near := suggestions(name, slices.Collect(maps.Keys(known))); len(near) > 0 {
		return near[0]
	}
	return otherwise
}

func directiveNames() string {
	return "@" + strings.Join(slices.Sorted(maps.Keys(directiveRules)), ", @")
}
