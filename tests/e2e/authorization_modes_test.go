package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// everyModesPlatform is a platform that lets everybody in: users, signed requests, a key,
// tokens of an issuer, and whom a function of the same program lets in.
func everyModesPlatform(issuer string) string {
	return strings.NewReplacer("authenticationModes: [AMAZON_COGNITO_USER_POOLS, AWS_IAM, API_KEY]", `authenticationModes: [OPENID_CONNECT, AMAZON_COGNITO_USER_POOLS, AWS_IAM, API_KEY, AWS_LAMBDA]
      openIdConnect: {issuer: "`+issuer+`", clientId: web|app, iatTtlSeconds: 3600}
      lambdaAuthorizer: {functionArn: "${authorizer.arn}", identityValidationExpression: "^[a-z]+-"}`,
		"resources:\n", `resources:
  role:
    type: aws:iam:Role
    properties:
      assumeRolePolicy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
  authorizer:
    type: aws:lambda:Function
    properties:
      runtime: python3.13
      handler: authorizer.handler
      role: ${role.arn}
      timeout: 10
      code: {fn::fileArchive: ./authorizer}
`).Replace(usersPlatform)
}

// authorizerCode lets partners in, one of them without two fields.
const authorizerCode = `def handler(event, context):
    kind, _, name = event["authorizationToken"].partition("-")
    request = event["requestContext"]
    denied = ["Query.products", request_arn(context, request) + "/types/Mutation/fields/importProduct"] if name == "small" else []
    return {"isAuthorized": kind == "partner", "deniedFields": denied, "resolverContext": {"partner": name}}


def request_arn(context, request):
    region = context.invoked_function_arn.split(":")[3]
    return "arn:aws:appsync:%s:%s:apis/%s" % (region, request["accountId"], request["apiId"])
`

// login is an OpenID Connect provider, on loopback.
type login struct {
	url    string
	signer jose.Signer
}

func newLogin(t *testing.T) *login {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	l := &login{}
	l.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "login"}}, nil)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": l.url, "jwks_uri": l.url + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "login", Algorithm: "RS256"}}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// token is a token of the provider; nil takes a claim away.
func (l *login) token(t *testing.T, changes map[string]any) string {
	t.Helper()
	claims := map[string]any{"iss": l.url, "sub": "p-1", "aud": "web", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "email": "ada@example.com"}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	text, err := jwt.Signed(l.signer).Claims(claims).Serialize()
	require.NoError(t, err)
	return text
}

// outsiders are callers that neither AWS nor Cognito knows.
func (u *users) outsiders(l *login) map[string]caller {
	u.t.Helper()
	return map[string]caller{
		"token":   {directive: "aws_oidc", client: graphqlclient.Client{URL: u.url, Token: l.token(u.t, nil)}},
		"partner": {directive: "aws_lambda", client: graphqlclient.Client{URL: u.url, Token: "partner-acme"}},
		"small": {directive: "aws_lambda", denied: []string{"products", "importProduct"},
			client: graphqlclient.Client{URL: u.url, Token: "partner-small"}},
	}
}

// outsidersAreKnown looks at what a handler is told of callers.
func (w *world) outsidersAreKnown(t *testing.T, l *login, callers map[string]caller) {
	t.Helper()
	imported := func(name string) map[string]any {
		w.ask(callers[name].client, `mutation { importProduct(sku: "s-`+name+`", title: "t", desc: "d", unitPrice: 1, currency: "EUR", category: "c-users", commandId: "by-`+name+`") { status } }`)
		actor := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(w.auditActor("by-"+name)), &actor))
		return actor
	}
	token := imported("token")
	claims, _ := token["claims"].(map[string]any)
	assert.Equal(t, "ada@example.com", claims["email"])
	delete(token, "claims")
	assert.Equal(t, map[string]any{"sub": "p-1", "issuer": l.url}, token)
	assert.Equal(t, map[string]any{"resolverContext": map[string]any{"partner": "acme"}}, imported("partner"))
}

// outsidersAreRefused has tokens that the provider or the function does not let in.
func (u *users) outsidersAreRefused(t *testing.T, l *login) {
	t.Helper()
	for name, test := range map[string]struct{ token, message string }{
		"expired":          {l.token(t, map[string]any{"exp": 1}), "Token has expired."},
		"issued long ago":  {l.token(t, map[string]any{"iat": time.Now().Add(-time.Hour).Unix()}), "Token has expired."},
		"another client":   {l.token(t, map[string]any{"aud": "webshop"}), "You are not authorized to make this call."},
		"somebody's key":   {newLogin(t).token(t, map[string]any{"iss": l.url}), "You are not authorized to make this call."},
		"another issuer":   {newLogin(t).token(t, nil), "You are not authorized to make this call."},
		"with a scheme":    {"Bearer " + l.token(t, nil), "Unable to parse JWT token."},
		"not a partner":    {"guest-1", "You are not authorized to make this call."},
		"not asked about":  {"PARTNER-1", "You are not authorized to make this call."},
		"a partner's name": {"acme", "You are not authorized to make this call."},
	} {
		client := graphqlclient.Client{URL: u.url, Token: test.token}
		answer, err := client.Do(t.Context(), `{ products { nextToken } }`, nil)
		require.NoError(t, err, name)
		require.Len(t, answer.Errors, 1, name)
		assert.Equal(t, "UnauthorizedException", answer.Errors[0].ErrorType, name)
		assert.Equal(t, test.message, answer.Errors[0].Message, name)
		_, err = client.Subscribe(t.Context(), `subscription { Platform_commandCompleted { id } }`, nil)
		assert.ErrorContains(t, err, test.message, name)
	}
}

// signedPlatform lets in signed requests only.
const signedPlatform = `name: online-shop-platform
runtime: yaml
resources:
  platform:
    type: reventless:index:Platform
    properties:
      authenticationModes: [AWS_IAM]
      stackClass: disposable
outputs:
  platform: ${platform.connection}
  apiId: ${platform.apiId}
  graphqlUrl: ${platform.graphqlUrl}
`

// groups are what the shop's schema says of its users and of signed requests.
var groups = regexp.MustCompile(`\s*@aws_(?:iam|api_key|cognito_user_pools(?:\(cognito_groups: \[[^\]]*\]\))?)`)

// TestNewModesOpenNothingBeforeThePush gives an API with signed requests alone users, who come
// first then, and ends the deployment before the schema is pushed again. Whoever says nothing
// in the schema must not be open to them, nor closed to who was let in before.
func TestNewModesOpenNothingBeforeThePush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := cognito.NewFromConfig(w.aws()).CreateUserPool(t.Context(), &cognito.CreateUserPoolInput{PoolName: aws.String("company")})
	require.NoError(t, err)
	w.write("platform-aws/Pulumi.yaml", signedPlatform)
	w.write("catalog/schema.graphql", groups.ReplaceAllString(w.read("catalog/schema.graphql"), ""))
	w.up(platform, catalog)
	outputs, err := w.stack(platform).Outputs(t.Context())
	require.NoError(t, err)
	u := &users{world: w, cognito: cognito.NewFromConfig(w.aws()), pool: *made.UserPool.Id}
	u.api, _ = outputs["apiId"].(string)
	u.url, _ = outputs["graphqlUrl"].(string)
	signed := graphqlclient.Client{URL: u.url, Region: "eu-west-1", Credentials: w.aws().Credentials}
	schema := w.composedSchema(u.api)

	early, err := u.cognito.CreateUserPoolClient(t.Context(), &cognito.CreateUserPoolClientInput{UserPoolId: &u.pool, ClientName: aws.String("early")})
	require.NoError(t, err)
	u.clientID = *early.UserPoolClient.ClientId
	user := caller{directive: "aws_cognito_user_pools", client: u.token(t, "early@example.com")}
	api := appsync.NewFromConfig(w.aws())
	described, err := api.GetGraphqlApi(t.Context(), &appsync.GetGraphqlApiInput{ApiId: &u.api})
	require.NoError(t, err)
	_, err = api.UpdateGraphqlApi(t.Context(), &appsync.UpdateGraphqlApiInput{ApiId: &u.api, Name: described.GraphqlApi.Name,
		AuthenticationType:                appsynctypes.AuthenticationTypeAmazonCognitoUserPools,
		UserPoolConfig:                    &appsynctypes.UserPoolConfig{UserPoolId: &u.pool, AwsRegion: aws.String("eu-west-1"), DefaultAction: appsynctypes.DefaultActionAllow},
		AdditionalAuthenticationProviders: []appsynctypes.AdditionalAuthenticationProvider{{AuthenticationType: appsynctypes.AuthenticationTypeAwsIam}}})
	require.NoError(t, err)

	w.step("the API lets users in, and they may use nothing", func(t *testing.T) {
		for _, root := range []string{"Query", "Mutation", "Subscription"} {
			for _, field := range schema.Definitions.ForName(root).Fields {
				refused, err := user.refused(t, schema, root, field)
				require.NoError(t, err)
				assert.True(t, refused, "%s.%s", root, field.Name)
			}
		}
	})
	w.step("whoever was let in before sees all of the answers", func(*testing.T) {
		w.ask(signed, addLamp)
		w.eventually(signed, `{ product(id: "lamp") { id name price { amount } } }`, present("product"))
	})
	w.step("the next up opens the API, and at no moment closes it to others", func(t *testing.T) {
		w.write("platform-aws/Pulumi.yaml", strings.Replace(signedPlatform, "[AWS_IAM]\n", fmt.Sprintf("[AMAZON_COGNITO_USER_POOLS, AWS_IAM]\n      cognitoUserPoolId: %s\n      userPoolClientIds: [%s]\n", u.pool, u.clientID), 1))
		refusals := w.meanwhile(signed, `{ product(id: "lamp") { id name price { amount } } }`)
		w.up(platform)
		assert.Empty(t, refusals())
		answer, err := user.client.Do(t.Context(), `{ product(id: "lamp") { id name price { amount } } }`, nil)
		require.NoError(t, err)
		assert.Empty(t, answer.Errors)
		schema := w.composedSchema(u.api)
		assert.True(t, user.mayUse(fieldNamed(schema, "products")))
		assert.False(t, user.mayUse(fieldNamed(schema, "Platform_deactivatePlugin")))
	})
	w.destroy(catalog, platform)
}

// meanwhile asks the same again and again, until the function that it gives is called, which
// tells the errors that say that somebody may not.
func (w *world) meanwhile(client graphqlclient.Client, query string) func() []string {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan []string)
	go func() {
		var refusals []string
		for ctx.Err() == nil {
			answer, err := client.Do(ctx, query, nil)
			if err == nil {
				for _, problem := range answer.Errors {
					refusals = append(refusals, problem.ErrorType+": "+problem.Message)
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		done <- slices.Compact(refusals)
	}()
	return func() []string {
		cancel()
		return <-done
	}
}
