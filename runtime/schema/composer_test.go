package schema

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// appSyncPrelude declares what AppSync knows without a definition, for holding
// compositions against gqlparser's own validation.
const appSyncPrelude = `
scalar AWSDate scalar AWSDateTime scalar AWSEmail scalar AWSIPAddress scalar AWSJSON
scalar AWSPhone scalar AWSTime scalar AWSTimestamp scalar AWSURL
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_publish(subscriptions: [String!]!) on FIELD_DEFINITION
`

// validate is gqlparser's judgement of a composition.
func validate(sdl string) error {
	_, err := gqlparser.LoadSchema(
		&ast.Source{Name: "prelude", Input: appSyncPrelude}, &ast.Source{Name: "composition", Input: sdl})
	return err
}

func mustCompose(t testing.TB, c *Composer, kept ...KeptField) *Composition {
	t.Helper()
	composition, problems := c.Compose(kept...)
	require.Empty(t, problems, "%s", Join(problems))
	require.NoError(t, validate(composition.SDL), composition.SDL)
	return composition
}

func composerOf(t testing.TB, modes []AuthMode, fragments ...*Fragment) *Composer {
	t.Helper()
	c := NewComposer(modes)
	for _, f := range fragments {
		problems := c.Set(f)
		require.Empty(t, problems, "%s", Join(problems))
	}
	return c
}

func TestComposeSharesAndOwns(t *testing.T) {
	t.Parallel()
	a := mustParse(t, "a", "type Query { a: Money } type Money { amount: Int! currency: String! } type Mutation { doA: CommandResult }")
	b := mustParse(t, "b", "type Query { b: Money c: E } enum E { X } type Money { currency: String!, amount: Int! }")
	composition := mustCompose(t, composerOf(t, []AuthMode{APIKey}, b, a))
	assert.Equal(t, strings.Join([]string{
		"type Query {\n  a: Money @aws_api_key\n  b: Money @aws_api_key\n  c: E @aws_api_key\n}",
		"type Mutation {\n  doA: CommandResult @aws_api_key\n}",
		"type CommandResult @aws_api_key {\n  code: String\n  commandId: ID!\n  correlationId: ID!\n  details: AWSJSON\n  id: ID!\n  message: String\n  status: CommandStatus!\n  version: Int!\n}",
		"enum CommandStatus {\n  ACCEPTED\n  PENDING\n  REJECTED\n}",
		"enum E {\n  X\n}",
		"type Money @aws_api_key {\n  amount: Int!\n  currency: String!\n}\n",
	}, "\n"), composition.SDL)
	assert.Equal(t, map[string]string{"Query.a": "a", "Query.b": "b", "Query.c": "b", "Mutation.doA": "a"}, composition.Fields)
	assert.Len(t, composition.Hash, hashLength)
}

func TestComposeWithoutQueries(t *testing.T) {
	t.Parallel()
	c := NewComposer([]AuthMode{APIKey, IAM})
	assert.Equal(t, "type Query {\n  Platform_none: String @aws_api_key @aws_iam\n}\n", mustCompose(t, c).SDL)
	require.Empty(t, c.Set(mustParse(t, "a", "type Mutation { m: Int }")))
	composition := mustCompose(t, c)
	assert.Contains(t, composition.SDL, "Platform_none")
	assert.NotContains(t, composition.Fields, "Query.Platform_none")
	require.Empty(t, c.Set(mustParse(t, "b", "type Query { q: Int }")))
	assert.NotContains(t, mustCompose(t, c).SDL, "Platform_none")
}

func TestSetRefusesConflicts(t *testing.T) {
	t.Parallel()
	first := "type Query { product: Product list: [Product] }\ntype Product implements N @aws_iam { id: ID! price(in: Cur = EUR): Float old: Int }\ninterface N { id: ID! } enum Cur { EUR USD }\nunion U = Product\ninput In { a: Int = 1 }"
	tests := map[string]struct {
		sdl, code string
		want      []string
	}{
		"root field": {"type Query { other: Int\nproduct: Int }", protocol.CodeFieldConflict, []string{
			`b.graphql:2:1: field Query.product of plugin "b" (b.graphql:2:1) is already a field of plugin "a" (a.graphql:1:14); a root field has one owner, so rename one of the two (for example b_product)`}},
		"two root fields": {"type Query { list: Int product: Int }", protocol.CodeFieldConflict, []string{"field Query.list of", "field Query.product of"}},
		"kind":            {"type Query { b: Int } input Product { id: ID! }", protocol.CodeTypeConflict, []string{`(a.graphql:2:6): it is a type there and an input here;`}},
		"fields": {"type Query { b: Int } type Product { id: ID price(in: Cur = USD, x: Int): Float new: Int } enum Cur { EUR USD }", protocol.CodeTypeConflict, []string{
			"directive @aws_iam is only there, field id is `id: ID!` there and `id: ID` here, field new is only here, field old is only there, field price is `price(in: Cur = EUR): Float` there and `price(in: Cur = USD, x: Int): Float` here, and 1 more differences;"}},
		"enum values": {"type Query { b: Cur } enum Cur { EUR @deprecated(reason: \"x\") GBP }", protocol.CodeTypeConflict, []string{
			"value EUR is `EUR` there and `EUR @deprecated(reason: \"x\")` here, value GBP is only here, value USD is only there;"}},
		"union and input": {"type Query { b(x: In): U } union U = T type T { a: Int } input In { a: Int = 2 }", protocol.CodeTypeConflict, []string{
			"union U of plugin \"b\" (b.graphql:1:34) differs from that of plugin \"a\" (a.graphql:4:7): member Product is only there, member T is only here;",
			"field a is `a: Int = 1` there and `a: Int = 2` here"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := composerOf(t, nil, mustParse(t, "a", first))
			before := mustCompose(t, c)
			problems := c.Set(mustParse(t, "b", test.sdl))
			require.Len(t, problems, len(test.want), "%s", Join(problems))
			for i, want := range test.want {
				assert.Contains(t, problems[i].String(), want)
				assert.Equal(t, test.code, problems[i].Code)
				assert.Equal(t, "a", problems[i].Other)
			}
			assert.Equal(t, before, mustCompose(t, c), "a refused fragment changes nothing")
		})
	}
}

func TestSetReplacesOwnFragment(t *testing.T) {
	t.Parallel()
	shared := " type Shared { a: Int }"
	c := composerOf(t, nil,
		mustParse(t, "a", "type Query { a: Own s: Shared } type Own { x: Int }"+shared), mustParse(t, "b", "type Query { b: Shared }"+shared))
	require.Empty(t, c.Set(mustParse(t, "a", "type Query { a: Own t: Shared } type Own { y: Int }"+shared)), "own types may change")
	composition := mustCompose(t, c)
	assert.Contains(t, composition.SDL, "y: Int")
	assert.NotContains(t, composition.Fields, "Query.s")

	problems := c.Set(mustParse(t, "a", "type Query { a: Shared } type Shared { b: Int }"))
	require.Len(t, problems, 1)
	assert.Equal(t, "b", problems[0].Other)

	c.Remove("b")
	c.Remove("nobody")
	require.Empty(t, c.Set(mustParse(t, "a", "type Query { a: Shared } type Shared { b: Int }")), "not shared any more")
	assert.Equal(t, "type Query {\n  a: Shared\n}\ntype Shared {\n  b: Int\n}\n", mustCompose(t, c).SDL)
}

func TestTakenPlatformTypesConflict(t *testing.T) {
	t.Parallel()
	platform := mustParse(t, protocol.PlatformPlugin, strings.Replace(PlatformSDL, "  code: String\n", "  code: Int\n", 1))
	c := composerOf(t, nil, platform)
	problems := c.Set(mustParse(t, "a", "type Mutation { m: CommandResult }"))
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Message, "field code is `code: Int` there and `code: String` here")
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	sdl := `type Query {
		open: Thing
		admin: Thing @aws_cognito_user_pools(cognito_groups: ["Admin"]) @aws_api_key
		old: Int @deprecated(reason: "x")
	}
	type Thing implements I { id: ID! secret: String @aws_iam }
	type Internal @aws_iam @aws_api_key { id: ID! }
	interface I { id: ID! } input In { a: Int } enum E { A } union U = Thing`
	tests := map[string]struct {
		modes         []AuthMode
		want, wantNot []string
		problems      []string
	}{
		"no mode known": {nil, []string{"  open: Thing\n", "admin: Thing @aws_api_key @aws_cognito_user_pools(cognito_groups: [\"Admin\"])\n", "type Internal @aws_api_key @aws_iam {"}, nil, nil},
		"one mode: what is for others only is refused": {[]AuthMode{APIKey}, nil, nil, []string{
			"field Thing.secret lets in only @aws_iam, but the platform's API has only the authorization modes API_KEY"}},
		"one mode": {[]AuthMode{IAM}, nil, nil, []string{"field Query.admin lets in only @aws_api_key and @aws_cognito_user_pools, but"}},
		"two modes": {[]AuthMode{IAM, APIKey}, []string{
			"  open: Thing @aws_api_key @aws_iam\n", "  admin: Thing @aws_api_key\n", "  old: Int @deprecated(reason: \"x\") @aws_api_key @aws_iam\n",
			"type Thing implements I @aws_api_key @aws_iam {\n", "  secret: String @aws_iam\n", "type Internal @aws_api_key @aws_iam {\n",
			"interface I {", "input In {", "enum E {", "union U = Thing\n"}, []string{"cognito"}, nil},
		"all modes": {[]AuthMode{IAM, APIKey, CognitoUserPools, OpenIDConnect, Lambda}, []string{
			"  open: Thing @aws_api_key @aws_cognito_user_pools @aws_iam @aws_lambda @aws_oidc\n",
			"  admin: Thing @aws_api_key @aws_cognito_user_pools(cognito_groups: [\"Admin\"])\n", "type Internal @aws_api_key @aws_iam {\n"}, nil, nil},
		"token and function, for whom nothing is": {[]AuthMode{OpenIDConnect, Lambda}, nil, nil, []string{
			"field Query.admin lets in only @aws_api_key and @aws_cognito_user_pools, but the platform's API has only the authorization modes AWS_LAMBDA, OPENID_CONNECT",
			"field Thing.secret lets in only @aws_iam", "type Internal lets in only @aws_api_key and @aws_iam"}},
		"the same mode twice is one": {[]AuthMode{IAM, IAM}, nil, nil, []string{"field Query.admin lets in only"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewComposer(test.modes)
			problems := c.Set(mustParse(t, "a", sdl))
			require.Len(t, problems, len(test.problems), "%s", Join(problems))
			for i, want := range test.problems {
				assert.Contains(t, problems[i].Message, want)
			}
			if len(problems) > 0 {
				return
			}
			composition := mustCompose(t, c)
			for _, want := range test.want {
				assert.Contains(t, composition.SDL, want)
			}
			for _, not := range test.wantNot {
				assert.NotContains(t, composition.SDL, not)
			}
			if len(c.auth.modes) > 0 {
				assertEverythingAuthorized(t, composition.SDL)
			}
		})
	}
}

// assertEverythingAuthorized is the rule for all APIs: without a directive, AppSync lets in
// whatever is its first mode by then, and no other.
func assertEverythingAuthorized(t *testing.T, sdl string) {
	t.Helper()
	live, err := ParseLive(sdl)
	require.NoError(t, err)
	for _, def := range live.types {
		if def.Kind != ast.Object {
			continue
		}
		if !isRoot(def.Name) {
			assert.True(t, isAuthorized(def.Directives), "type %s", def.Name)
			continue
		}
		for _, field := range def.Fields {
			assert.True(t, isAuthorized(field.Directives), "%s.%s", def.Name, field.Name)
		}
	}
	assert.NotContains(t, sdl, "@aws_auth")
}

func TestComposeLimit(t *testing.T) {
	t.Parallel()
	c := NewComposer(nil, WithLimit(28))
	require.Empty(t, c.Set(mustParse(t, "a", "type Query { first: Int }")))
	composition, problems := c.Compose()
	require.Empty(t, problems)
	assert.Len(t, composition.SDL, 28)
	require.Empty(t, c.Set(mustParse(t, "b", "type Query { b: Int }")))
	composition, problems = c.Compose()
	assert.Nil(t, composition)
	require.Len(t, problems, 1)
	assert.Equal(t, "the schema of all plugins has 37 bytes, AppSync accepts 28; make fragments smaller or move plugins to another platform. Bytes by plugin: a 13, b 9", problems[0].Message)
}

// randomFragment gives one of a few fragments of an owner. Some share types, some
// conflict with those of other owners.
func randomFragment(t *testing.T, random *rand.Rand, owner string) *Fragment {
	var sdl strings.Builder
	sdl.WriteString("type Query { " + owner + ": Int")
	if random.IntN(8) == 0 {
		sdl.WriteString(" contested: Int")
	}
	var types string
	for _, name := range []string{"A", "B", "C"} {
		if random.IntN(2) == 0 {
			sdl.WriteString(" " + owner + name + ": " + name)
			types += " type " + name + " @aws_iam { id: ID! e: E }"
			if random.IntN(20) == 0 {
				types += " extend type " + name + " { more: Int }"
			}
		}
	}
	sdl.WriteString(" e: E } enum E { X Y }")
	text := strings.Replace(sdl.String(), " e: E", " "+owner+"E: E", 1) + types
	if random.IntN(2) == 0 {
		text += " type Mutation { do" + owner + ": CommandResult }"
	}
	return mustParse(t, owner, text)
}

func TestComposeDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	modes := []AuthMode{APIKey, IAM}
	for range 50 {
		c := NewComposer(modes)
		var accepted []*Fragment
		for _, owner := range []string{"a", "b", "c", "d", "e"} {
			if f := randomFragment(t, random, owner); len(c.Set(f)) == 0 {
				accepted = append(accepted, f)
			}
		}
		want := mustCompose(t, c)
		for range 5 {
			random.Shuffle(len(accepted), func(i, j int) { accepted[i], accepted[j] = accepted[j], accepted[i] })
			require.Equal(t, want, mustCompose(t, composerOf(t, modes, accepted...)))
		}
	}
}

func TestIncrementalEqualsCold(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	modes := []AuthMode{APIKey, IAM}
	owners := []string{"a", "b", "c", "d", "e", "f"}
	for range 20 {
		c := NewComposer(modes)
		now := map[string]*Fragment{}
		for range 40 {
			owner := owners[random.IntN(len(owners))]
			if random.IntN(4) == 0 {
				c.Remove(owner)
				delete(now, owner)
			} else if f := randomFragment(t, random, owner); len(c.Set(f)) == 0 {
				now[owner] = f
			}
			if random.IntN(3) > 0 {
				continue
			}
			cold := NewComposer(modes)
			for _, f := range now {
				require.Empty(t, cold.Set(f))
			}
			require.Equal(t, mustCompose(t, cold), mustCompose(t, c))
		}
	}
}
