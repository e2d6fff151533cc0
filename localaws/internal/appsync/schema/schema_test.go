package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseRefusesWhatAppSyncRefuses(t *testing.T) {
	t.Parallel()
	const query = "type Query { a: String }\n"
	tests := map[string]struct{ sdl, details string }{
		"syntax":                {"type Query {", ParseFailure},
		"empty":                 {"", ParseFailure},
		"extension":             {query + "extend type Query { b: String }", ParseFailure},
		"directive definition":  {query + "directive @x on FIELD_DEFINITION", "Directive definitions are not supported."},
		"interface hierarchy":   {query + "interface A { a: String } interface B implements A { a: String }", ParseFailure},
		"own scalar":            {query + "scalar Money", ParseFailure},
		"comment null":          {query + "enum E {\n # null\n A }", ParseFailure},
		"comment true":          {query + "enum E {\n A\n # true\n B }", ParseFailure},
		"empty type":            {query + "type B", ParseFailure},
		"no query":              {"type Mutation { a: String }", "A schema MUST have a 'query' operation defined"},
		"undeclared directive":  {"type Query { a: String @mine }", "'Query.a' tried to use an undeclared directive 'mine'"},
		"redefined type":        {query + "type Query { b: String }", "'Query' type tried to redefine existing 'Query' type"},
		"redefined field":       {"type Query { a: String a: Int }", "'Query' type tried to redefine field 'a'"},
		"missing field type":    {"type Query { a: Nope }", "The field type 'Nope' is not present when resolving type 'Query'"},
		"missing argument type": {"type Query { a(x: Nope): Int }", "The input value type 'Nope' is not present when resolving type 'Query'"},
		"missing input type":    {query + "input I { a: Nope }", "The input value type 'Nope' is not present when resolving type 'I'"},
		"missing member":        {query + "union U = Nope", "The union member type 'Nope' is not present when resolving type 'U'"},
		"missing interface":     {query + "type T implements Nope { a: Int }", "The interface type 'Nope' is not present when resolving type 'T'"},
		"interface's field":     {query + "interface N { id: ID! } type T implements N { a: Int }", "The object type 'T' does not have a field 'id' required via interface 'N'"},
		"too large":             {query + strings.Repeat("#", MaxBytes), "Schema document is too large: the limit is 1 MB."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(test.sdl)
			require.EqualError(t, err, test.details)
		})
	}
}

const shop = `
"all queries"
type Query @aws_iam @aws_api_key {
  "one"
  product(id: ID!): Product @aws_api_key
  # harmless
  old: [String!]! @deprecated(reason: "no more")
}
scalar AWSJSON
type Mutation { add(input: NewProduct!): Product }
type Product implements Named & Priced { name: String! price: Float at: AWSDateTime }
interface Named { name: String! }
interface Priced { price: Float }
union Any = Product
input NewProduct { name: String! = "x", kind: Kind }
enum Kind { 
  "big" BIG 
  # small ones
  SMALL }
`

func TestSDLIsNormalised(t *testing.T) {
	t.Parallel()
	parsed, err := Parse(shop)
	require.NoError(t, err)
	full := parsed.SDL(true)
	assert.Contains(t, full, "schema {\n  query: Query\n  mutation: Mutation\n}")
	assert.Contains(t, full, "type Query @aws_iam @aws_api_key {")
	assert.NotContains(t, full, "all queries")
	assert.NotContains(t, full, "harmless")
	assert.NotContains(t, full, "scalar")
	assert.NotContains(t, full, "__schema")
	bare := parsed.SDL(false)
	assert.NotContains(t, bare, "@aws")
	assert.Contains(t, bare, `@deprecated(reason: "no more")`)
	again, err := Parse(full)
	require.NoError(t, err)
	assert.Equal(t, full, again.SDL(true), "printing is stable")
}

func TestSchemaKnowsItsFields(t *testing.T) {
	t.Parallel()
	parsed, err := Parse("schema { query: Root }\ntype Root { a: B }\ntype B { c: Int }\ninput I { d: Int }")
	require.NoError(t, err)
	assert.Equal(t, "Root", parsed.Root("query"))
	assert.Empty(t, parsed.Root("mutation"))
	assert.True(t, parsed.HasField("B", "c"))
	assert.False(t, parsed.HasField("B", "d"))
	assert.False(t, parsed.HasField("I", "d"), "input fields have no resolvers")
	assert.False(t, parsed.HasField("Root", "__schema"))
	assert.Equal(t, []string{"B", "I", "Root"}, parsed.TypeNames())
	assert.Contains(t, parsed.TypeSDL("B"), "type B {")
	assert.Empty(t, parsed.TypeSDL("C"))
}
