package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

const sharedTypes = `"""A page of a connection."""
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""An amount in a currency's minor unit."""
type Money { amount: Int! currency: String! }
"""A postal address."""
type Address { line1: String! line2: String city: String! postalCode: String country: String! }
"""The direction of a sort."""
enum SortOrder { ASC DESC }
"""A closed range of instants."""
input DateRange { from: String to: String }
`

// ownTypes writes the types and root fields of plugin i: m object types of 8 fields, an
// enum, an input, and k queries and mutations each.
func ownTypes(out *strings.Builder, i, m, k int, keyword string, extra bool) {
	p, q := fmt.Sprintf("Plug%04d", i), fmt.Sprintf("plug%04d", i)
	fmt.Fprintf(out, "\"\"\"Life cycle of the things of %[1]s.\"\"\"\nenum %[1]sStatus {\n  DRAFT\n  ACTIVE\n  SUSPENDED\n  ARCHIVED\n}\n", p)
	fmt.Fprintf(out, "\ninput %[1]sInput {\n  name: String!\n  status: %[1]sStatus = DRAFT\n  note: String\n  tags: [String!]\n  window: DateRange\n}\n", p)
	for t := range m {
		fmt.Fprintf(out, "\"\"\"Thing %[2]d of %[1]s.\"\"\"\ntype %[1]sThing%02[2]d {\n  id: ID!\n  name: String!\n  status: %[1]sStatus!\n  total: Money\n  shippedTo: Address\n  createdAt: String!\n  page: PageInfo\n  related(first: Int = 10, after: String): [%[1]sThing%02[3]d!]!\n", p, t, (t+1)%m)
		if extra && t == 0 {
			out.WriteString("  addedLater: String\n")
		}
		out.WriteString("}\n")
	}
	fmt.Fprintf(out, "%s Query {\n", keyword)
	for j := range k {
		if j%2 == 0 {
			fmt.Fprintf(out, "  %sGet%02d(id: ID!): %sThing%02d\n", q, j, p, j%m)
		} else {
			fmt.Fprintf(out, "  %sList%02d(first: Int = 20, after: String, order: SortOrder = ASC, window: DateRange): [%sThing%02d!]!\n", q, j, p, j%m)
		}
	}
	if extra {
		fmt.Fprintf(out, "  %sAdded(id: ID!): %sThing00\n", q, p)
	}
	fmt.Fprintf(out, "}\n%s Mutation {\n", keyword)
	for j := range k {
		fmt.Fprintf(out, "  %sDo%02d(id: ID!, input: %sInput!): %sThing%02d!\n", q, j, p, p, j%m)
	}
	out.WriteString("}\n")
}

// fragmentText is one plugin's fragment: its own types and the shared ones.
func fragmentText(i, m, k int, extra bool) string {
	var out strings.Builder
	out.WriteString(sharedTypes)
	ownTypes(&out, i, m, k, "type", extra)
	return out.String()
}

// concatenation is all fragments as one document: what the floor loads.
func concatenation(n, m, k int) string {
	var out strings.Builder
	out.WriteString(sharedTypes + "type Query\ntype Mutation\n")
	for i := range n {
		ownTypes(&out, i+1, m, k, "extend type", false)
	}
	return out.String()
}

type size struct{ n, m, k int }

func (s size) String() string { return fmt.Sprintf("%dx%dx%d", s.n, s.m, s.k) }

var sizes = []size{{10, 10, 10}, {100, 20, 20}, {500, 20, 20}}

func (s size) texts() []string {
	texts := make([]string, s.n)
	for i := range texts {
		texts[i] = fragmentText(i+1, s.m, s.k, false)
	}
	return texts
}

func composeCold(t testing.TB, texts []string) (*Composer, *Composition) {
	c := NewComposer(nil, WithLimit(1<<30))
	for i, text := range texts {
		f, problems := ParseFragment(fmt.Sprintf("p%04d", i+1), "f", text)
		require.Empty(t, problems)
		require.Empty(t, c.Set(f))
	}
	composition, problems := c.Compose()
	require.Empty(t, problems)
	return c, composition
}

// BenchmarkFloor is what gqlparser needs to load and print the same schema; parse alone
// is what nothing can go below that reads the texts with it.
func BenchmarkFloor(b *testing.B) {
	for _, s := range sizes {
		text := concatenation(s.n, s.m, s.k)
		b.Run("parse/"+s.String(), func(b *testing.B) {
			for b.Loop() {
				_, err := parser.ParseSchema(&ast.Source{Input: text})
				require.NoError(b, err)
			}
		})
		b.Run("load+print/"+s.String(), func(b *testing.B) {
			for b.Loop() {
				schema, err := gqlparser.LoadSchema(&ast.Source{Input: text})
				require.NoError(b, err)
				var out bytes.Buffer
				formatter.NewFormatter(&out).FormatSchema(schema)
			}
		})
	}
}

func BenchmarkCold(b *testing.B) {
	for _, s := range sizes {
		texts := s.texts()
		b.Run(s.String(), func(b *testing.B) {
			for b.Loop() {
				composeCold(b, texts)
			}
		})
	}
}

func BenchmarkOneChanged(b *testing.B) {
	for _, s := range sizes {
		texts := s.texts()
		b.Run(s.String(), func(b *testing.B) {
			c, _ := composeCold(b, texts)
			at := max(1, s.n/2)
			variants := []string{fragmentText(at, s.m, s.k, true), fragmentText(at, s.m, s.k, false)}
			owner := fmt.Sprintf("p%04d", at)
			i := 0
			for b.Loop() {
				f, problems := ParseFragment(owner, "f", variants[i%2])
				require.Empty(b, problems)
				require.Empty(b, c.Set(f))
				_, problems = c.Compose()
				require.Empty(b, problems)
				i++
			}
		})
	}
}

// TestComposesLikeGqlparser holds a composition of many fragments against loading all
// of them as one document.
func TestComposesLikeGqlparser(t *testing.T) {
	t.Parallel()
	s := size{10, 5, 4}
	c, composition := composeCold(t, s.texts())
	require.NoError(t, validate(composition.SDL))
	want, err := ParseLive(concatenation(s.n, s.m, s.k))
	require.NoError(t, err)
	require.True(t, want.Matches(composition))

	f := mustParse(t, "p0005", fragmentText(5, s.m, s.k, true))
	require.Empty(t, c.Set(f))
	changed := mustCompose(t, c)
	require.False(t, want.Matches(changed))
	require.Contains(t, changed.SDL, "addedLater")
}
