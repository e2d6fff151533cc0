package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestSelection(t *testing.T) {
	t.Parallel()
	const sdl = `type Query { p: Product u: U n: Node o: Only l: Loop c: CommandResult }
type Product { id: ID! tags: [String!] price: Money price2(in: Cur!): Money price3(in: Cur! = EUR): Money category: Category }
type Money { amount: Int! cur: Cur! } enum Cur { EUR }
type Category { id: ID! parent: Category products: [Product!]! owner: Owner } type Owner { name: String }
type Only { p(x: Int!): Int } type Loop { loop: Loop only: Only }
interface Node { id: ID! } type A implements Node { id: ID! x: Int price: Money u: U } type B implements Node { id: ID! x: String y: Float } union U = A | B`
	f := mustParse(t, "a", sdl)
	tests := map[string]struct {
		name  string
		depth int
		want  string
	}{
		"scalars only":            {"Product", 0, "{ id tags }"},
		"one level":               {"Product", 1, "{ category { id } id price { amount cur } price3 { amount cur } tags }"},
		"cycles are cut":          {"Product", 9, "{ category { id owner { name } } id price { amount cur } price3 { amount cur } tags }"},
		"the platform's type":     {"CommandResult", 3, "{ code commandId correlationId details id message status version }"},
		"an interface":            {"Node", 0, "{ __typename ... on A { id x } ... on B { id y } }"},
		"a union, not in itself":  {"U", 9, "{ __typename ... on A { id price { amount cur } x } ... on B { id y } }"},
		"below an object":         {"A", 2, "{ id price { amount cur } u { __typename ... on B { id x y } } x }"},
		"only required arguments": {"Only", 3, "{ __typename }"},
		"nothing below":           {"Loop", 3, "{ __typename }"},
		"a scalar":                {"ID", 3, ""},
		"an enum":                 {"Cur", 3, ""},
		"unknown":                 {"Nope", 3, ""},
	}
	types, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: appSyncPrelude}, &ast.Source{Input: mustCompose(t, composerOf(t, nil, f)).SDL})
	require.NoError(t, err)
	fields := map[string]string{"Product": "p", "U": "u", "Node": "n", "Only": "o", "Loop": "l", "CommandResult": "c"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.Selection(test.name, test.depth)
			assert.Equal(t, test.want, got)
			if field := fields[test.name]; field != "" {
				_, problems := gqlparser.LoadQueryWithRules(types, "{ "+field+" "+got+" }", rules.NewDefaultRules())
				assert.Empty(t, problems)
			}
		})
	}
}
