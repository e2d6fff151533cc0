package schema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func TestResultsThatTheirCallersMaySee(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sdl  string
		want []string
	}{
		"nothing stated":             {"type Query { a: T } type T { x: Int }", nil},
		"open type":                  {"type Query { a: T @aws_iam } type T { x: Int }", nil},
		"platform's type":            {"type Mutation { m: CommandResult @aws_iam }", nil},
		"scalar":                     {"type Query { a: Int @aws_iam }", nil},
		"both":                       {"type Query { a: T @aws_iam @aws_cognito_user_pools } type T @aws_iam @aws_cognito_user_pools { x: Int }", nil},
		"one field is enough":        {"type Query { a: T @aws_iam } type T @aws_cognito_user_pools { x: Int y: Int @aws_iam }", nil},
		"a restricted type is":       {"type Query { a: T } type T @aws_cognito_user_pools(cognito_groups: [\"Admin\"]) { x: Int }", nil},
		"an abstract type may":       {"type Query { a: U @aws_iam } union U = T type T @aws_api_key { x: Int }", nil},
		"a feed opens its result":    {"type Mutation { a_s_feed(row: AWSJSON!): T @aws_iam } type T @aws_api_key { a: Int } type Subscription { s: T @aws_subscribe(mutations: [\"a_s_feed\"]) }", nil},
		"what looks like a feed":     {"type Mutation { m(row: AWSJSON!): T @aws_iam } type T @aws_api_key { a: Int } type Subscription { s: T @aws_subscribe(mutations: [\"m\"]) }", []string{"field Mutation.m lets in @aws_iam, but those callers may see no field of its type T"}},
		"a type without the mode":    {"type Query { a: [T!]! @aws_iam } type T @aws_cognito_user_pools { x: Int }", []string{"1:14: field Query.a lets in @aws_iam, but those callers may see no field of its type T"}},
		"the root type's directives": {"type Query @aws_iam { a: T } type T @aws_cognito_user_pools { x: Int }", []string{"field Query.a lets in @aws_iam"}},
		"fields without the mode":    {"type Mutation { m: T @aws_iam @aws_api_key } type T { x: Int @aws_api_key }", []string{"field Mutation.m lets in @aws_iam, but those callers may see no field of its type T"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := ParseFragment("a", "", test.sdl)
			require.Len(t, problems, len(test.want), "%s", Join(problems))
			for i, want := range test.want {
				assert.Contains(t, problems[i].String(), want)
				assert.Equal(t, protocol.CodeInvalidSchema, problems[i].Code)
			}
		})
	}
}

func TestCheckAuthorization(t *testing.T) {
	t.Parallel()
	two := []AuthMode{CognitoUserPools, IAM}
	for name, test := range map[string]struct {
		modes []AuthMode
		sdl   string
		want  []string
	}{
		"all is stated":              {two, "type Query { a: T @aws_iam } type T @aws_cognito_user_pools { b: Int }", nil},
		"out of reach":               {two, "type Query { a: Int @aws_iam } type T { b: Int }", nil},
		"no object":                  {two, "type Query { a(i: I): E @aws_iam b: N @aws_iam } input I { x: Int } enum E { A } interface N { x: Int }", nil},
		"no mode needs nothing":      {nil, "type Query { a: T } type T { b: Int }", nil},
		"one mode may get others":    {[]AuthMode{IAM}, "type Query { a: T } type T { b: Int }", []string{"Query.a has no", "T has no authorization directive"}},
		"token and function":         {[]AuthMode{OpenIDConnect, Lambda}, "type Query { a: T @aws_oidc b: Int @aws_lambda } type T @aws_lambda { b: Int }", nil},
		"root fields":                {two, "type Query { a: Int b: Int @aws_iam } type Mutation { m: Int }", []string{"Query.a has no", "Mutation.m has no"}},
		"a root type's do not count": {two, "type Query @aws_iam { a: Int }", []string{"Query.a has no"}},
		"a type behind another":      {two, "type Query { a: T @aws_iam } type T @aws_iam { u: [U!] } type U { x: Int }", []string{"U has no authorization directive"}},
		"a type behind a union":      {two, "type Query { a: N @aws_iam } union N = T | U type T @aws_iam { x: Int } type U { x: Int }", []string{"U has no authorization directive"}},
		"a type behind an interface": {two, "type Query { a: N @aws_iam } interface N { x: Int } type T implements N { x: Int }", []string{"T has no authorization directive"}},
		"another directive is none":  {two, "type Query { a: Int @deprecated }", []string{"Query.a has no"}},
		"aws_auth":                   {two, "type Query { a: T @aws_auth(cognito_groups: [\"A\"]) @aws_iam } type T @aws_iam @aws_auth { b: Int @aws_auth }", []string{"Query.a has @aws_auth", "T has @aws_auth", "T.b has @aws_auth"}},
		"aws_auth, one mode":         {[]AuthMode{CognitoUserPools}, "type Query { a: Int @aws_auth(cognito_groups: [\"A\"]) }", []string{"Query.a has @aws_auth"}},
		"no schema":                  {two, "type Query {", []string{"Expected"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := NewComposer(test.modes).CheckAuthorization(&Composition{SDL: test.sdl})
			if test.want == nil {
				require.Empty(t, problems, "%s", Join(problems))
				return
			}
			require.Len(t, problems, 1)
			assert.Equal(t, protocol.CodeInvalidSchema, problems[0].Code)
			for _, want := range test.want {
				assert.Contains(t, problems[0].Message, want)
			}
		})
	}
}

// TestGroupsStayClosed makes sure that a field for groups is opened to nobody else, however
// many modes the API has, and that an API without user pools does not have it at all.
func TestGroupsStayClosed(t *testing.T) {
	t.Parallel()
	fragment := mustParse(t, "catalog", `type Query { products: [Product!] }
type Mutation {
  addProduct(id: ID!): CommandResult! @aws_cognito_user_pools(cognito_groups: ["Merchandiser", "Admin"])
  importProduct(id: ID!): CommandResult! @aws_iam @aws_cognito_user_pools(cognito_groups: ["Admin"])
}
type Product { id: ID! margin: Int @aws_cognito_user_pools(cognito_groups: ["Admin"]) }`)
	c := composerOf(t, []AuthMode{CognitoUserPools, IAM, APIKey}, fragment)
	composition := mustCompose(t, c)
	for _, want := range []string{
		"  addProduct(id: ID!): CommandResult! @aws_cognito_user_pools(cognito_groups: [\"Admin\",\"Merchandiser\"])\n",
		"  importProduct(id: ID!): CommandResult! @aws_cognito_user_pools(cognito_groups: [\"Admin\"]) @aws_iam\n",
		"  margin: Int @aws_cognito_user_pools(cognito_groups: [\"Admin\"])\n",
		"  products: [Product!] @aws_api_key @aws_cognito_user_pools @aws_iam\n",
		"type CommandResult @aws_api_key @aws_cognito_user_pools @aws_iam {\n",
	} {
		assert.Contains(t, composition.SDL, want)
	}
	assert.Empty(t, c.CheckAuthorization(composition))

	problems := NewComposer([]AuthMode{APIKey, IAM}).Set(fragment)
	require.Len(t, problems, 2)
	assert.Contains(t, problems[0].Message, "field Mutation.addProduct lets in only @aws_cognito_user_pools")
	assert.Contains(t, problems[1].Message, "field Product.margin lets in only @aws_cognito_user_pools")
}

func TestPlatformsOwnFieldsAreForOperators(t *testing.T) {
	t.Parallel()
	platform := mustParse(t, protocol.PlatformPlugin, PlatformSDL)
	for name, test := range map[string]struct {
		modes []AuthMode
		want  string
	}{
		"with a user pool":    {[]AuthMode{CognitoUserPools, IAM, APIKey}, `@aws_cognito_user_pools(cognito_groups: ["Admin"]) @aws_iam`},
		"without a user pool": {[]AuthMode{APIKey, IAM}, `@aws_iam`},
		"signed only":         {[]AuthMode{IAM}, `@aws_iam`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			composition := mustCompose(t, composerOf(t, test.modes, platform))
			for _, field := range []string{"Platform_activatePlugin(id: ID!)", "Platform_deactivatePlugin(id: ID!, reason: String)", "Platform_retirePlugin(id: ID!)"} {
				assert.Contains(t, composition.SDL, "  "+field+": CommandResult! "+test.want+"\n")
			}
			assert.Contains(t, composition.SDL, "  Platform_completeCommand(result: AWSJSON!): CommandResult @aws_iam\n")
		})
	}
}

// TestTokensAndFunctions has fields for callers of OpenID Connect and of a Lambda authorizer.
func TestTokensAndFunctions(t *testing.T) {
	t.Parallel()
	sdl := `type Query { partner: T @aws_oidc machine: Int @aws_lambda @aws_iam both: T @aws_oidc @aws_lambda open: T }
type T @aws_oidc @aws_lambda @aws_iam { x: Int token: Int @aws_oidc }`
	for name, test := range map[string]struct {
		modes          []AuthMode
		want, problems []string
	}{
		"both": {[]AuthMode{OpenIDConnect, Lambda, IAM}, []string{"  partner: T @aws_oidc\n", "  machine: Int @aws_iam @aws_lambda\n", "  both: T @aws_lambda @aws_oidc\n",
			"  open: T @aws_iam @aws_lambda @aws_oidc\n", "type T @aws_iam @aws_lambda @aws_oidc {\n", "  token: Int @aws_oidc\n"}, nil},
		"tokens": {[]AuthMode{OpenIDConnect, IAM}, []string{"  partner: T @aws_oidc\n", "  machine: Int @aws_iam\n", "  both: T @aws_oidc\n",
			"  open: T @aws_iam @aws_oidc\n", "type T @aws_iam @aws_oidc {\n"}, nil},
		"a function": {[]AuthMode{Lambda, IAM}, nil, []string{"field Query.partner lets in only @aws_oidc, but the platform's API has only the authorization modes AWS_IAM, AWS_LAMBDA",
			"field T.token lets in only @aws_oidc"}},
		"neither": {[]AuthMode{CognitoUserPools, IAM}, nil, []string{"field Query.partner lets in only @aws_oidc", "field Query.both lets in only @aws_lambda and @aws_oidc, but", "field T.token lets in only @aws_oidc"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewComposer(test.modes)
			problems := c.Set(mustParse(t, "catalog", sdl))
			require.Len(t, problems, len(test.problems), "%s", Join(problems))
			for _, want := range test.problems {
				assert.Contains(t, Join(problems), want)
			}
			if len(problems) > 0 {
				return
			}
			composition := mustCompose(t, c)
			for _, want := range test.want {
				assert.Contains(t, composition.SDL, want)
			}
			assert.Empty(t, c.CheckAuthorization(composition))
		})
	}
}

// TestNewModesOpenNothing reads a schema as an API has it whose modes were changed and whose
// schema was not pushed again yet: nothing in it is left to the first mode.
func TestNewModesOpenNothing(t *testing.T) {
	t.Parallel()
	platform := mustParse(t, protocol.PlatformPlugin, PlatformSDL)
	plugin := mustParse(t, "catalog", "type Query { products: [Product!] } type Mutation { addProduct(id: ID!): CommandResult! } type Product { id: ID! price: Money } type Money { amount: Int }")
	for _, modes := range [][]AuthMode{{IAM}, {APIKey, IAM}, {CognitoUserPools, IAM}} {
		before := mustCompose(t, composerOf(t, modes, platform, plugin))
		live, err := ParseLive(before.SDL)
		require.NoError(t, err)
		assert.Empty(t, live.unauthorized(true), "%v", modes)
		for _, def := range live.types {
			for _, field := range def.Fields {
				for _, directive := range append(def.Directives, field.Directives...) {
					if mode := authDirectives[directive.Name]; mode != "" {
						assert.Contains(t, modes, mode, "%s.%s lets a mode in that the API does not have yet", def.Name, field.Name)
					}
				}
			}
		}
	}
}
