package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxDifferences bounds how many differences of two types are told.
const maxDifferences = 5

// difference says in what two definitions of the same name differ, in the order of
// names; it is empty when they are equal but for the order. "There" is the first one,
// "here" the second.
func difference(there, here *ast.Definition) string {
	if there.Kind != here.Kind {
		return fmt.Sprintf("it is %s there and %s here", article(there.Kind), article(here.Kind))
	}
	theirs, ours := members(there), members(here)
	var list []string
	for _, name := range sortedKeys(theirs, ours) {
		a, inThere := theirs[name]
		b, inHere := ours[name]
		switch {
		case !inHere:
			list = append(list, name+" is only there")
		case !inThere:
			list = append(list, name+" is only here")
		case a != b:
			list = append(list, fmt.Sprintf("%s is `%s` there and `%s` here", name, a, b))
		}
	}
	if more := len(list) - maxDifferences; more > 0 {
		list = append(list[:maxDifferences], fmt.Sprintf("and %d more differences", more))
	}
	return strings.Join(list, ", ")
}

func article(kind ast.DefinitionKind) string {
	word := keywords[kind]
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// members gives all parts of a definition with their canonical texts.
func members(def *ast.Definition) map[string]string {
	copied := canonicalCopy(def)
	parts := map[string]string{}
	for _, directive := range copied.Directives {
		parts["directive @"+directive.Name] = textOf(func(p *printer) { p.directive(directive) })
	}
	for _, name := range copied.Interfaces {
		parts["interface "+name] = name
	}
	for _, name := range copied.Types {
		parts["member "+name] = name
	}
	for _, field := range copied.Fields {
		parts["field "+field.Name] = textOf(func(p *printer) { p.field(field) })
	}
	for _, value := range copied.EnumValues {
		parts["value "+value.Name] = textOf(func(p *printer) { p.add(value.Name); p.directives(value.Directives) })
	}
	return parts
}

// canonicalCopy gives a copy of def in canonical form.
func canonicalCopy(def *ast.Definition) *ast.Definition {
	return parsed(printed(def))
}

// parsed gives the canonical form of a definition that was printed before.
func parsed(text string) *ast.Definition {
	doc, err := parser.ParseSchema(&ast.Source{Input: text})
	if err != nil || len(doc.Definitions) != 1 {
		panic(fmt.Sprintf("runtime/schema: a printed definition does not parse: %v\n%s", err, text))
	}
	normalise(doc.Definitions[0])
	return doc.Definitions[0]
}

func sortedKeys(sets ...map[string]string) []string {
	var keys []string
	for _, set := range sets {
		keys = slices.AppendSeq(keys, maps.Keys(set))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func textOf(write func(p *printer)) string {
	var p printer
	write(&p)
	return strings.TrimSpace(string(p.out))
}
