package schema

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParseFragment holds what is accepted against gqlparser's own validation and
// against itself: the canonical form is a fixed point, and composing works.
func FuzzParseFragment(f *testing.F) {
	for _, seed := range []string{
		"", PlatformSDL, introspected, fragmentText(1, 2, 3, true),
		"type Query { a(x: In = {a: [1, null], b: \"\\u00e9\\n\"}): U @aws_iam } input In { a: [Int] b: String } union U = T type T { a: Int }",
		"type Mutation { m: CommandResult! } type Subscription { onM: CommandResult @aws_subscribe(mutations: [\"m\"]) }",
		"extend type Query { a: I } interface I { a(b: [[ID!]!] = [[\"x\"]]): I } type T implements I @aws_api_key { a(b: [[ID!]!], c: Float = 1e3): T }",
		"schema { query: Query } \"\"\"x\"\"\" type Query { \"y\" a: Int # z\n }", "type Query { a: [[[[[[[[Int]]]]]]]] }",
		"type Query { a(x: String = \"\"\"\n  b\n   c \\\"\"\"\n\"\"\"): Int } scalar AWSJSON", "\ufefftype Query{a:Int}",
		`type Subscription { s(a: Int): T @aws_subscribe(mutations: ["fuzz_s_feed"]) } type Mutation { fuzz_s_feed(row: AWSJSON!): T @aws_iam } type T @aws_api_key { a: Int! }`,
		`type Query { a(x: String = "\uD800 \u{1F600} \u0000", y: Int = -0): Int }`, mutationSeeds[0], mutationSeeds[1],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sdl string) { requireSound(t, sdl) })
}

// requireSound holds one text against the promises of ParseFragment and Compose, and
// tells whether it was accepted.
func requireSound(t *testing.T, sdl string) (accepted bool) {
	fragment, problems := ParseFragment("fuzz", "f", sdl)
	if len(problems) > 0 {
		require.Nil(t, fragment)
		return false
	}
	again, problems := ParseFragment("fuzz", "f", fragment.SDL())
	require.Empty(t, problems, "%s\n%s", Join(problems), fragment.SDL())
	require.Equal(t, fragment.SDL(), again.SDL())

	composer := NewComposer([]AuthMode{APIKey, IAM, CognitoUserPools, OpenIDConnect, Lambda})
	require.Empty(t, composer.Set(fragment))
	composition, problems := composer.Compose()
	if len(problems) > 0 {
		return true // larger with the directives than AppSync accepts
	}
	require.NoError(t, validate(composition.SDL), composition.SDL)
	assertEverythingAuthorized(t, composition.SDL)
	live, err := ParseLive(composition.SDL)
	require.NoError(t, err)
	require.True(t, live.Matches(composition))
	return true
}

// mutationSeeds are valid and touch every rule.
var mutationSeeds = []string{
	`type Query { a ( x : In = { a : 1 , b : [ "x" , null ] } , e : E = A ) : U @aws_iam  b : I  c : [ T ! ] ! @deprecated ( reason : "r" ) }
	input In { a : Int ! b : [ String ] c : In }  enum E { A B @deprecated }  union U = T | V
	interface I { id ( n : Int , m : ID ) : I  t : [ U ] }
	type T implements I @aws_api_key { id ( n : Int , m : ID ) : T ! t : [ T ! ] ! }
	type V implements I & J { id ( n : Int , m : ID , o : Float = 1.5 ) : V  t : [ U ! ]  j : AWSJSON }  interface J { j : AWSJSON }`,
	`type Mutation { m ( in : In ! ) : CommandResult !  n : T }  extend type Query { q : T }
	type Subscription { onM : CommandResult @aws_subscribe ( mutations : [ "m" ] )  onN : T @aws_subscribe ( mutations : [ "n" , "n" ] ) }
	input In { a : In2 ! } input In2 { b : In  c : [ In2 ! ] }  type T { a : CommandStatus }  extend type T @aws_cognito_user_pools ( cognito_groups : [ "A" ] ) { b : Boolean }
	schema { query : Query mutation : Mutation }  scalar AWSDate  extend union U = T  union U = Query`,
	`type Mutation { fuzz_s_feed ( row : AWSJSON ! ) : T @aws_iam  fuzz_t_feed ( row : AWSJSON ! ) : I @aws_iam }  extend type Query { q : T @aws_api_key }
	type Subscription { s ( id : ID a : Int ) : T @aws_subscribe ( mutations : [ "fuzz_s_feed" ] )  t ( a : Int ) : I @aws_subscribe ( mutations : [ "fuzz_t_feed" ] ) }
	type T implements I @aws_api_key { id : ID ! a : Int @aws_oidc b : U }  interface I { a : Int }  union U = T | V | Query  type V @aws_lambda { t : T }`,
}

// TestMutatedFragments changes valid fragments word by word, which reaches further than
// the fuzzer's changes of bytes.
func TestMutatedFragments(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	accepted := 0
	const rounds = 10000
	for i := range rounds {
		words := strings.Fields(mutationSeeds[i%len(mutationSeeds)])
		for range 1 + random.IntN(3) {
			at, from := random.IntN(len(words)), words[random.IntN(len(words))]
			switch random.IntN(4) {
			case 0:
				words = slices.Delete(words, at, at+1)
			case 1:
				words = slices.Insert(words, at, from)
			default:
				words[at] = from
			}
		}
		if requireSound(t, strings.Join(words, " ")) {
			accepted++
		}
	}
	require.Greater(t, accepted, rounds/50, "enough of them must be valid for the test to say something")
}

// FuzzParseLive only must not panic: what comes in is AppSync's.
func FuzzParseLive(f *testing.F) {
	for _, seed := range []string{"", introspected, "type A implements B, C { a: Int }", "extend type Query { a: Int }", "schema { query: Q }"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sdl string) {
		live, err := ParseLive(sdl)
		if err != nil {
			return
		}
		for name := range live.RootFields() {
			for _, root := range live.rootNames {
				if field, ok := cutRoot(name, root); ok {
					kept, err := live.Keep(root, field)
					require.NoError(t, err)
					NewComposer(nil).Compose(kept)
				}
			}
		}
	})
}

func cutRoot(name, root string) (string, bool) {
	if len(name) > len(root) && name[:len(root)] == root && name[len(root)] == '.' {
		return name[len(root)+1:], true
	}
	return "", false
}
