package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// introspected is SDL in the manner of AppSync's GetIntrospectionSchema.
const introspected = `schema {
  query: Query
  mutation: Mutation
}

"Tells the service this field/object has access authorized by an API key."
directive @aws_api_key on OBJECT | FIELD_DEFINITION

directive @aws_subscribe(
  mutations: [String]
) on FIELD_DEFINITION

directive @deprecated(reason: String) on FIELD_DEFINITION | ENUM_VALUE

scalar AWSDateTime

"""
implements X, Y
"""
interface HasID {
  id: ID!
}

interface HasName { name: String }

"A thing, — with a long dash"
type Thing implements HasID, HasName @aws_api_key {
  name: String
  at: AWSDateTime
  id: ID!
}

type Other @aws_api_key { id: ID! more: [More] }
type More { a: Int }

input Filter { name: String = null kind: Kind = A }
enum Kind { B A }

type Query {
  # a comment
  thing(id: ID!): HasID @aws_api_key
  other(filter: Filter): Other @deprecated(reason: "older") @aws_api_key
}

type Mutation {
  make(name: String): Thing
}
`

func TestParseLive(t *testing.T) {
	t.Parallel()
	live, err := ParseLive(introspected)
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"Query.thing": true, "Query.other": true, "Mutation.make": true}, live.RootFields())

	empty, err := ParseLive("")
	require.NoError(t, err)
	assert.Empty(t, empty.RootFields())

	other, err := ParseLive("schema { query: Root } type Root { a: Int } type Query { b: Int }")
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"Root.a": true}, other.RootFields())

	_, err = ParseLive("type Query {")
	assert.ErrorContains(t, err, "reading the schema that the API has now: live schema:1:")
}

func TestLiveMatches(t *testing.T) {
	t.Parallel()
	same := `type Mutation { make(name: String): Thing } type Query { other(filter: Filter): Other thing(id: ID!): HasID }
		enum Kind { A B } input Filter { kind: Kind = A name: String } type More { a: Int } type Other { id: ID! more: [More] }
		type Thing implements HasName & HasID { id: ID! name: String at: AWSDateTime } interface HasID { id: ID! } interface HasName { name: String }`
	tests := map[string]struct {
		sdl  string
		want bool
	}{
		"the same":                     {same, true},
		"an unreachable type more":     {same + " type Unused { a: Int }", true},
		"a field's type":               {strings.Replace(same, "a: Int", "a: Float", 1), false},
		"a default value":              {strings.Replace(same, "= A", "= B", 1), false},
		"an argument less":             {strings.Replace(same, "(name: String)", "", 1), false},
		"a root field more":            {same + " extend type Query { x: Int }", false},
		"a root field less":            {strings.Replace(same, "other(filter: Filter): Other", "", 1), false},
		"a root field for another":     {strings.Replace(same, " other(", " another(", 1), false},
		"an implementation more":       {same + " type Third implements HasID { id: ID! }", false},
		"an enum value more":           {strings.Replace(same, "A B", "A B C", 1), false},
		"no mutation and another name": {strings.Replace(same, "type Mutation { make", "extend type Query { make", 1), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live, err := ParseLive(introspected)
			require.NoError(t, err)
			composition := mustCompose(t, composerOf(t, []AuthMode{APIKey, IAM}, mustParse(t, "a", test.sdl)))
			assert.Equal(t, test.want, live.Matches(composition))
			again, err := ParseLive(composition.SDL)
			require.NoError(t, err)
			assert.True(t, again.Matches(composition), "a composition matches itself")
		})
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	live, err := ParseLive(introspected)
	require.NoError(t, err)
	keep := func(typ, field string) KeptField {
		kept, err := live.Keep(typ, field)
		require.NoError(t, err)
		return kept
	}
	other, thing := keep("Query", "other"), keep("Query", "thing")
	assert.Equal(t, "Query.other", other.Type+"."+other.Name)
	modes := []AuthMode{APIKey, IAM}

	t.Run("with its types", func(t *testing.T) {
		t.Parallel()
		c := composerOf(t, modes, mustParse(t, "a", "type Query { z: Kind a: Int } enum Kind { A B }"))
		composition := mustCompose(t, c, other, other)
		assert.Equal(t, `type Query {
  a: Int @aws_api_key @aws_iam
  other(filter: Filter): Other @aws_api_key @deprecated(reason: "`+keptReason+`")
  z: Kind @aws_api_key @aws_iam
}
input Filter {
  kind: Kind = A
  name: String = null
}
enum Kind {
  A
  B
}
type More @aws_api_key @aws_iam {
  a: Int
}
type Other @aws_api_key {
  id: ID!
  more: [More]
}
`, composition.SDL)
		assert.Equal(t, map[string]string{"Query.a": "a", "Query.z": "a"}, composition.Fields)
		assert.NotEqual(t, composition.SDL, mustCompose(t, c).SDL, "nothing stays in the composer")

		again, err := ParseLive(composition.SDL)
		require.NoError(t, err)
		kept, err := again.Keep("Query", "other")
		require.NoError(t, err)
		assert.Equal(t, composition, mustCompose(t, c, kept), "keeping a kept field changes nothing")
	})
	t.Run("an interface with its implementations", func(t *testing.T) {
		t.Parallel()
		composition := mustCompose(t, NewComposer(nil), thing, keep("Mutation", "make"))
		assert.Contains(t, composition.SDL, "type Thing implements HasID & HasName")
		assert.NotContains(t, composition.SDL, "Platform_none", "a kept query is a query")
		assert.Contains(t, composition.SDL, "type Mutation {\n  make(name: String): Thing @deprecated")
	})
	t.Run("a field that came back is its owner's", func(t *testing.T) {
		t.Parallel()
		c := composerOf(t, nil, mustParse(t, "a", "type Query { other: Int }"))
		assert.Equal(t, mustCompose(t, c), mustCompose(t, c, other))
	})
	t.Run("a changed type is used as it is now", func(t *testing.T) {
		t.Parallel()
		c := composerOf(t, nil, mustParse(t, "a", "type Query { a: Other } type Other { new: Int }"))
		composition := mustCompose(t, c, other)
		assert.Contains(t, composition.SDL, "type Other {\n  new: Int\n}")
	})
	for name, test := range map[string]struct{ sdl, want string }{
		"result became an input":  {"type Query { a(x: Other): Int } input Other { a: Int }", "field Query.other gives the input type Other"},
		"argument became a type":  {"type Query { a: Filter } type Filter { a: Int }", "argument Query.other(filter:) has the type Filter, which is not for arguments"},
		"default value went":      {"type Query { a: Kind } enum Kind { B }", "the default of field Filter.kind is A"},
		"interface asks for more": {"type Query { a: HasID } interface HasID { id: ID! more: Int }", "type Thing implements HasID, but lacks its field more"},
	} {
		t.Run("clash: "+name, func(t *testing.T) {
			t.Parallel()
			composition, problems := composerOf(t, nil, mustParse(t, "a", test.sdl)).Compose(other, thing)
			assert.Nil(t, composition)
			require.Len(t, problems, 1, "%s", Join(problems))
			assert.Equal(t, protocol.CodeTypeConflict, problems[0].Code)
			assert.Contains(t, problems[0].Message, "Query.other, Query.thing must stay in the API until its resolver is gone")
			assert.Contains(t, problems[0].Message, test.want)
		})
	}
	t.Run("nobody else is let in", func(t *testing.T) {
		t.Parallel()
		live, err := ParseLive("type Query { a: T @aws_oidc b: T } type T @aws_oidc @aws_iam { a: Int @aws_oidc }")
		require.NoError(t, err)
		a, err := live.Keep("Query", "a")
		require.NoError(t, err)
		b, err := live.Keep("Query", "b")
		require.NoError(t, err)
		composition := mustCompose(t, NewComposer(modes), a, b)
		assert.Contains(t, composition.SDL, "  a: T @aws_oidc @deprecated")
		assert.Contains(t, composition.SDL, "  b: T @aws_api_key @aws_iam @deprecated")
		assert.Contains(t, composition.SDL, "type T @aws_iam {\n  a: Int @aws_oidc\n}")
	})
	for name, test := range map[string]struct{ now, want string }{
		"the same":                {`x: Int s: Int @aws_cognito_user_pools(cognito_groups: ["Admin", "Ops"])`, "@aws_cognito_user_pools @aws_iam"},
		"restricted":              {`x: Int @aws_iam s: Int @aws_cognito_user_pools(cognito_groups: ["Ops"])`, "@aws_cognito_user_pools @aws_iam"},
		"gone":                    {`x: Int y: Int`, "@aws_cognito_user_pools @aws_iam"},
		"open to all":             {`x: Int s: Int`, `@aws_cognito_user_pools(cognito_groups: ["Admin","Ops"])`},
		"open to another group":   {`x: Int s: Int @aws_cognito_user_pools(cognito_groups: ["Admin", "Sales"])`, `@aws_cognito_user_pools(cognito_groups: ["Admin","Ops"])`},
		"open to signed ones":     {`x: Int s: Int @aws_cognito_user_pools(cognito_groups: ["Admin", "Ops"]) @aws_iam`, `@aws_cognito_user_pools(cognito_groups: ["Admin","Ops"])`},
		"open to other modes":     {`x: Int t: Int @aws_cognito_user_pools`, `@aws_iam`},
		"nobody may see them all": {`x: Int @deprecated s: Int @aws_cognito_user_pools t: Int @aws_cognito_user_pools`, `@aws_cognito_user_pools(cognito_groups: ["reventless-nobody"])`},
	} {
		t.Run("another owner's type: "+name, func(t *testing.T) {
			t.Parallel()
			modes := []AuthMode{CognitoUserPools, IAM}
			before := mustCompose(t, composerOf(t, modes, mustParse(t, "a", `type Query { doc: Doc }
				type Doc { x: Int s: Int @aws_cognito_user_pools(cognito_groups: ["Admin", "Ops"]) t: Int @aws_iam }`)))
			live, err := ParseLive(before.SDL)
			require.NoError(t, err)
			doc, err := live.Keep("Query", "doc")
			require.NoError(t, err)
			c := composerOf(t, modes, mustParse(t, "b", "type Query { b: Doc } type Doc { "+test.now+" }"))
			composition := mustCompose(t, c, doc)
			assert.Contains(t, composition.SDL, "  doc: Doc "+test.want+" @deprecated(")

			live, err = ParseLive(composition.SDL)
			require.NoError(t, err)
			doc, err = live.Keep("Query", "doc")
			require.NoError(t, err)
			assert.Equal(t, composition, mustCompose(t, c, doc), "keeping it again changes nothing")
		})
	}
	t.Run("no such field", func(t *testing.T) {
		t.Parallel()
		_, err := live.Keep("Query", "othr")
		assert.EqualError(t, err, `keeping Query.othr: the API's schema has no such root field. Did you mean "Query.other" or "Query.thing"?`)
		_, err = live.Keep("Thing", "id")
		assert.Error(t, err)
	})
}
