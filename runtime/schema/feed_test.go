package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

const catalogSDL = `
type Query { product(id: ID!): Product }
type Subscription { productChanged(id: ID, categoryId: ID): Product }
type Product { id: ID! categoryId: ID! name: String! price: Money stock: Int @aws_api_key category: Category }
type Category @aws_api_key { id: ID! name: String }
type Money { amount: Int! currency: String! }`

var catalogFeed = Feed{Subscription: "productChanged", Mutation: "catalog_productChanged_feed"}

func parseFed(t *testing.T, owner, sdl string, feeds ...Feed) *Fragment {
	t.Helper()
	f, problems := ParseFragment(owner, owner+".graphql", sdl, WithFeeds(feeds...))
	require.Empty(t, problems, "%s", Join(problems))
	return f
}

// TestFeedComposition is the whole schema that AppSync gets, directives included.
func TestFeedComposition(t *testing.T) {
	t.Parallel()
	f := parseFed(t, "catalog", catalogSDL, catalogFeed)
	assert.Equal(t, `type Query {
  product(id: ID!): Product @aws_api_key @aws_iam
}
type Mutation {
  catalog_productChanged_feed(row: AWSJSON!): Product @aws_iam
}
type Subscription {
  productChanged(categoryId: ID, id: ID): Product @aws_subscribe(mutations: ["catalog_productChanged_feed"]) @aws_api_key @aws_iam
}
type Category @aws_api_key @aws_iam {
  id: ID!
  name: String
}
type Money @aws_api_key @aws_iam {
  amount: Int!
  currency: String!
}
type Product @aws_api_key @aws_iam {
  category: Category
  categoryId: ID!
  id: ID!
  name: String!
  price: Money
  stock: Int @aws_api_key @aws_iam
}
`, mustCompose(t, composerOf(t, []AuthMode{APIKey, IAM}, f)).SDL)
	again := mustParse(t, "catalog", f.SDL())
	assert.Equal(t, f.SDL(), again.SDL(), "the canonical text needs no option")
	assert.Len(t, again.feeds, 1)
}

func TestFeedReachesWhatStandsBehindAbstractTypes(t *testing.T) {
	t.Parallel()
	f := parseFed(t, "a", `type Subscription { s: U } union U = A | B type A @aws_lambda { i: I } type B { q: Query }
interface I { x: Int @aws_oidc } type C implements I @aws_api_key { x: Int @aws_oidc } type Other @aws_api_key { x: Int }
type Query @aws_api_key { other: Other }`, Feed{Subscription: "s", Mutation: "a_s_feed", Argument: "it"})
	for _, want := range []string{"a_s_feed(it: AWSJSON!): U @aws_iam", "type A @aws_iam @aws_lambda {", "type C implements I @aws_api_key @aws_iam {", "type Other @aws_api_key {",
		"interface I {\n  x: Int @aws_iam @aws_oidc\n", "other: Other @aws_api_key\n"} {
		assert.Contains(t, f.SDL(), want)
	}
	assert.Equal(t, f.SDL(), mustParse(t, "a", f.SDL()).SDL())
}

func TestFeedOfARootTypesDirectiveIsNone(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "a", `type Mutation @aws_iam { a_s_feed(row: AWSJSON!): T } type T @aws_api_key { a: Int } type Subscription { s: T @aws_subscribe(mutations: ["a_s_feed"]) }`)
	assert.Equal(t, f.SDL(), mustParse(t, "a", f.SDL()).SDL(), "parsing again finds the same feeds")
}

// TestFeedIsKnownByItsName leaves a mutation of the plugin's own alone that has the form of a
// feed: its callers may see no more than the types say.
func TestFeedIsKnownByItsName(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "shop", `type Query { order(id: ID!): Order } type Mutation { importOrder(order: AWSJSON!): Order @aws_iam }
type Subscription { orderImported: Order @aws_subscribe(mutations: ["importOrder"]) }
type Order { id: ID! margin: Float @aws_cognito_user_pools(cognito_groups: ["Controlling"]) }`)
	assert.Contains(t, mustCompose(t, composerOf(t, []AuthMode{CognitoUserPools, IAM}, f)).SDL, "  margin: Float @aws_cognito_user_pools(cognito_groups: [\"Controlling\"])\n")
	assert.Empty(t, f.feeds)
}

func TestFeedRefused(t *testing.T) {
	t.Parallel()
	const fed = "shop_s_feed"
	long := strings.Repeat("x", 45)
	tests := map[string]struct {
		sdl, subscription, mutation string
		want                        []string
	}{
		"fine, with a long mutation": {"type Subscription { " + long + "(a: Int): T } type T { a: Int }", long, FeedMutation("shop", long), nil},
		"no such subscription":       {"type Subscription { t: Int @aws_subscribe(mutations: [\"n\"]) } type Mutation { n: Int }", "s", fed, []string{`f: the subscription s is declared, but the fragment has no such field of Subscription; add "type Subscription { s: … }" or remove the declaration.`}},
		"no subscriptions":           {"type Query { a: Int }", "s", fed, []string{"the subscription s is declared, but the fragment has no such field"}},
		"triggered otherwise":        {"type Subscription { s: Int @aws_subscribe(mutations: [\"n\"]) } type Mutation { n: Int }", "s", fed, []string{"f:1:21: subscription s has @aws_subscribe, but it is declared as one that is fed"}},
		"another name":               {"type Subscription { s: Int }", "s", "my-shop_feed", []string{`f:1:21: subscription s is fed through mutation "my-shop_feed"; let it be shop_s_feed`}},
		"mutation is there":          {"type Subscription { s: Int }\ntype Mutation { shop_s_feed: Int }", "s", fed, []string{"f:1:21: field Mutation.shop_s_feed is defined a second time, the first time is on line 2"}},
		"argument and type":          {"type Subscription { s(b: Int): T! } type T { a: Int }", "s", fed, []string{"argument Subscription.s(b:) filters by the field of that name", "subscription s gives T!"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := ParseFragment("shop", "f", test.sdl, WithFeeds(Feed{Subscription: test.subscription, Mutation: test.mutation}))
			require.Len(t, problems, len(test.want), "%s", Join(problems))
			for i, want := range test.want {
				assert.Contains(t, problems[i].String(), want)
				assert.Equal(t, protocol.CodeInvalidSchema, problems[i].Code)
			}
		})
	}
	_, problems := ParseFragment("9shop", "f", "type Subscription { s: Int }", WithFeeds(Feed{Subscription: "s", Mutation: FeedMutation("9shop", "s")}))
	require.Len(t, problems, 1, "%s", Join(problems))
	assert.Contains(t, problems[0].String(), `f:1:21: subscription s is fed through mutation "9shop_s_feed", which is not a GraphQL name`)
}

func TestFeedNeedsIAM(t *testing.T) {
	t.Parallel()
	f := parseFed(t, "catalog", catalogSDL, catalogFeed)
	for name, modes := range map[string][]AuthMode{"one mode": {APIKey}, "two modes": {APIKey, CognitoUserPools}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := NewComposer(modes).Set(f)
			require.Len(t, problems, 1, "%s", Join(problems))
			assert.Contains(t, problems[0].String(), "catalog.graphql:3:21: subscription productChanged is fed through mutation catalog_productChanged_feed, which only callers with AWS_IAM may use, but the platform's API has only the authorization modes ")
		})
	}
	require.Empty(t, NewComposer([]AuthMode{IAM}).Set(parseFed(t, "a", "type Subscription { s: Int }", Feed{Subscription: "s", Mutation: "a_s_feed"})))
	require.Empty(t, NewComposer(nil).Set(f))
}

// TestPlatformFeed holds what platform.graphql has written out against the option.
func TestPlatformFeed(t *testing.T) {
	t.Parallel()
	plain := PlatformSDL
	for _, feed := range []string{"  Platform_completeCommand(result: AWSJSON!): CommandResult @aws_iam\n", "    @aws_subscribe(mutations: [\"Platform_completeCommand\"])\n"} {
		require.Contains(t, plain, feed)
		plain = strings.Replace(plain, feed, "", 1)
	}
	want := mustParse(t, protocol.PlatformPlugin, PlatformSDL)
	assert.Equal(t, want.SDL(), parseFed(t, protocol.PlatformPlugin, plain, PlatformFeed).SDL())
	composition := mustCompose(t, composerOf(t, []AuthMode{APIKey, IAM}, want))
	assert.Contains(t, composition.SDL, "  Platform_completeCommand(result: AWSJSON!): CommandResult @aws_iam\n")
	assert.Contains(t, composition.SDL, "  Platform_commandCompleted(commandId: ID, correlationId: ID, id: ID): CommandResult @aws_subscribe(mutations: [\"Platform_completeCommand\"]) @aws_api_key @aws_iam\n")
	assert.Contains(t, composition.SDL, "type CommandResult @aws_api_key @aws_iam {\n")
	assert.Equal(t, protocol.PlatformPlugin, composition.Fields["Subscription.Platform_commandCompleted"])
}

func TestKeptSubscription(t *testing.T) {
	t.Parallel()
	modes := []AuthMode{APIKey, IAM}
	before := mustCompose(t, composerOf(t, modes, parseFed(t, "catalog", catalogSDL, catalogFeed)))
	live, err := ParseLive(before.SDL)
	require.NoError(t, err)
	field, err := live.Keep("Subscription", "productChanged")
	require.NoError(t, err)
	feed, err := live.Keep("Mutation", catalogFeed.Mutation)
	require.NoError(t, err)
	other := mustParse(t, "b", "type Query { b: Int }")
	same := mustParse(t, "b", "type Query { b: Int } type Mutation { catalog_productChanged_feed: Product! } type Product { id: ID! }")
	changed := mustParse(t, "b", "type Query { b: Int } type Mutation { catalog_productChanged_feed: Int }")
	const kept = `productChanged(categoryId: ID, id: ID): Product @aws_api_key @aws_iam`
	const triggered = `@aws_subscribe(mutations: ["catalog_productChanged_feed"])`
	tests := map[string]struct {
		fragment  *Fragment
		kept      []KeptField
		triggered bool
	}{
		"without its mutation":             {other, []KeptField{field}, false},
		"with its mutation":                {other, []KeptField{field, feed}, true},
		"with a mutation of somebody else": {same, []KeptField{field}, true},
		"with a changed mutation":          {changed, []KeptField{field}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			composition := mustCompose(t, composerOf(t, modes, test.fragment), test.kept...)
			assert.Contains(t, composition.SDL, kept)
			assert.Equal(t, test.triggered, strings.Contains(composition.SDL, triggered))
			assert.NotContains(t, composition.Fields, "Subscription.productChanged")
		})
	}
}
