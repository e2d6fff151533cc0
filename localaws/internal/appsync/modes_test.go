package appsync

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const authorizerARN = "arn:aws:lambda:eu-central-1:123456789012:function:authorizer"

// everybody is a bed whose APIs have all modes: users of a pool, tokens of a provider of
// OpenID Connect, and a function that lets tokens in that begin with "partner-".
type everybody struct {
	*userPool
	issuer string
	login  jose.Signer
}

func newEverybody(t *testing.T) *everybody {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	e := &everybody{userPool: newUserPool(t)}
	e.login, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "login"}}, nil)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": e.issuer, "jwks_uri": e.issuer + "/keys"})
			return
		}
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "login"}}})
	}))
	t.Cleanup(server.Close)
	e.issuer = server.URL
	e.lambda.handler = func(function string, payload []byte) (string, string, error) {
		if function != authorizerARN {
			return "null", "", nil
		}
		return decide(payload)
	}
	return e
}

// decide is the function: it lets partners in, some of them without a field, and fails for
// tokens that ask for it.
func decide(payload []byte) (string, string, error) {
	var event struct{ AuthorizationToken string }
	_ = json.Unmarshal(payload, &event)
	name, known := strings.CutPrefix(event.AuthorizationToken, "partner-")
	switch {
	case event.AuthorizationToken == "fail":
		return `{"errorMessage":"no"}`, "Unhandled", nil
	case name == "small":
		return `{"isAuthorized":true,"resolverContext":{"partner":"small"},"deniedFields":["Query.machines","Item.margin"]}`, "", nil
	}
	return fmt.Sprintf(`{"isAuthorized":%v,"resolverContext":{"partner":%q}}`, known, name), "", nil
}

// everyMode makes an API with all modes.
func (e *everybody) everyMode() string {
	e.t.Helper()
	output, err := e.client.CreateGraphqlApi(e.t.Context(), &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeOpenidConnect,
		OpenIDConnectConfig: &types.OpenIDConnectConfig{Issuer: &e.issuer, ClientId: aws.String("^(?:web|app)$"), IatTTL: 3_600_000},
		AdditionalAuthenticationProviders: []types.AdditionalAuthenticationProvider{
			{AuthenticationType: types.AuthenticationTypeAwsLambda, LambdaAuthorizerConfig: &types.LambdaAuthorizerConfig{AuthorizerUri: aws.String(authorizerARN)}},
			{AuthenticationType: types.AuthenticationTypeAmazonCognitoUserPools, UserPoolConfig: &types.CognitoUserPoolConfig{UserPoolId: aws.String(poolID), AwsRegion: aws.String("eu-central-1")}},
			{AuthenticationType: types.AuthenticationTypeAwsIam}, {AuthenticationType: types.AuthenticationTypeApiKey},
		}})
	require.NoError(e.t, err)
	e.lambda.permitted = map[string]string{authorizerARN: *output.GraphqlApi.Arn}
	return *output.GraphqlApi.ApiId
}

// signedIn is a token of the provider.
func (e *everybody) signedIn(changes map[string]any) map[string]string {
	e.t.Helper()
	claims := map[string]any{"iss": e.issuer, "sub": "p-1", "aud": "web", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "email": "ada@example.com"}
	maps.Copy(claims, changes)
	text, err := jwt.Signed(e.login).Claims(claims).Serialize()
	require.NoError(e.t, err)
	return with(text)
}

func with(token string) map[string]string {
	return map[string]string{"Authorization": token, "host": "localhost"}
}

func TestEveryModeHasItsFields(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, `type Query {
  open: Item @aws_oidc @aws_lambda @aws_cognito_user_pools @aws_iam @aws_api_key
  tokens: Item @aws_oidc
  machines: Item @aws_lambda
  users: Item @aws_cognito_user_pools
  signed: Item @aws_iam
  unstated: Item
}
type Item @aws_oidc @aws_lambda @aws_cognito_user_pools @aws_iam @aws_api_key { id: Int margin: Int }`)
	fields := []string{"open", "tokens", "machines", "users", "signed", "unstated"}
	e.items(api, fields)
	key := map[string]string{"x-api-key": e.key(api)}
	for name, test := range map[string]struct {
		headers map[string]string // nil signs each request
		sees    []string
		margin  bool
	}{
		"token":                {e.signedIn(nil), []string{"open", "tokens", "unstated"}, true},
		"function":             {with("partner-acme"), []string{"open", "machines"}, true},
		"denied fields":        {with("partner-small"), []string{"open"}, false},
		"user":                 {e.token(nil), []string{"open", "users"}, true},
		"signature":            {nil, []string{"open", "signed"}, true},
		"key":                  {key, []string{"open"}, true},
		"a key before a token": {map[string]string{"x-api-key": key["x-api-key"], "Authorization": "partner-acme"}, []string{"open"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e.sees(t, api, test.headers, fields, test.sees, test.margin)
		})
	}
}

func TestRequestsThatNoModeLetsIn(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, "type Query { a: Int @aws_oidc @aws_lambda }")
	unauthorized := func(message string) string {
		return `{"errors":[{"errorType":"UnauthorizedException","message":"` + message + `"}]}`
	}
	const stranger = "You are not authorized to make this call."
	for name, test := range map[string]struct {
		headers map[string]string
		status  int
		body    string
	}{
		"nothing":             {nil, 401, unauthorized("Valid authorization header not provided.")},
		"expired":             {e.signedIn(map[string]any{"exp": 1}), 401, unauthorized("Token has expired.")},
		"issued long ago":     {e.signedIn(map[string]any{"iat": time.Now().Add(-time.Hour).Unix()}), 401, unauthorized("Token has expired.")},
		"another client":      {e.signedIn(map[string]any{"aud": "webshop"}), 401, unauthorized(stranger)},
		"Bearer":              {with("Bearer " + e.signedIn(nil)["Authorization"]), 401, unauthorized("Unable to parse JWT token.")},
		"not let in":          {with("user-1"), 401, unauthorized(stranger)},
		"another issuer":      {e.signedIn(map[string]any{"iss": "https://else.example.com"}), 401, unauthorized(stranger)},
		"a function that has": {with("fail"), 400, `{"errors":[{"errorType":"BadRequestException"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := e.send(api, []byte(`{"query":"{ a }"}`), test.headers)
			assert.Equal(t, test.status, status)
			assert.JSONEq(t, test.body, body)
		})
	}
}

// TestTheFunctionSeesNoTokensOfOthers: a token of an issuer of the API is that issuer's
// affair, good or bad; one of somebody else is for the function.
func TestTheFunctionSeesNoTokensOfOthers(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, "type Query { a: Int @aws_lambda }")
	for _, headers := range []map[string]string{e.signedIn(nil), e.signedIn(map[string]any{"exp": 1}), e.token(nil), e.token(map[string]any{"exp": 1}),
		with("Bearer " + e.token(nil)["Authorization"]), e.signed(api, `{"query":"{ a }"}`)} {
		e.send(api, []byte(`{"query":"{ a }"}`), headers)
	}
	assert.Empty(t, e.lambda.payloads)
	foreign := e.signedIn(map[string]any{"iss": "https://else.example.com"})
	e.send(api, []byte(`{"query":"query Q($v: Int) { a }","operationName":"Q","variables":{"v":1}}`), foreign)
	require.Len(t, e.lambda.payloads, 1)
	var event struct {
		AuthorizationToken string
		RequestContext     map[string]any
		RequestHeaders     map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(e.lambda.payloads[0]), &event))
	assert.Equal(t, foreign["Authorization"], event.AuthorizationToken)
	assert.NotEmpty(t, event.RequestContext["requestId"])
	delete(event.RequestContext, "requestId")
	assert.Equal(t, map[string]any{"apiId": api, "accountId": "123456789012", "queryString": "query Q($v: Int) { a }", "operationName": "Q", "variables": map[string]any{"v": 1.0}}, event.RequestContext)
	assert.NotContains(t, event.RequestHeaders, "authorization")
}

func TestFunctionsThatAppSyncMayNotInvoke(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, "type Query { a: Int @aws_lambda }")
	e.lambda.permitted = nil
	status, body := e.send(api, []byte(`{"query":"{ a }"}`), with("partner-1"))
	assert.Equal(t, http.StatusBadRequest, status)
	assert.JSONEq(t, `{"errors":[{"errorType":"BadRequestException"}]}`, body)
	assert.Empty(t, e.lambda.payloads)
	assert.Contains(t, e.log.String(), "does not let appsync.amazonaws.com invoke it")
}

func TestIdentitiesOfTokensAndFunctions(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, "type Query { me: AWSJSON @aws_oidc @aws_lambda }")
	e.function(api, "fn")
	require.NoError(t, e.resolver(api, "Query.me", "fn", commandCode))
	identity := func(headers map[string]string) map[string]any {
		status, body := e.send(api, []byte(`{"query":"{ me }"}`), headers)
		require.Equal(t, http.StatusOK, status, body)
		var payload struct{ Identity map[string]any }
		require.NoError(t, json.Unmarshal([]byte(e.lambda.payloads[len(e.lambda.payloads)-1]), &payload))
		return payload.Identity
	}
	token := identity(e.signedIn(nil))
	claims, _ := token["claims"].(map[string]any)
	assert.Equal(t, "ada@example.com", claims["email"])
	delete(token, "claims")
	assert.Equal(t, map[string]any{"sub": "p-1", "issuer": e.issuer}, token)
	assert.Equal(t, map[string]any{"resolverContext": map[string]any{"partner": "acme"}}, identity(with("partner-acme")))
}

func TestTokensAndFunctionsGuardSubscriptions(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	api := e.everyMode()
	e.mustPush(api, `type Query { a: Int @aws_iam }
type Mutation { m: Int @aws_iam }
type Subscription { tokens: Int @aws_subscribe(mutations: ["m"]) @aws_oidc
  machines: Int @aws_subscribe(mutations: ["m"]) @aws_lambda }`)
	subscribe := func(headers map[string]string, field string) string {
		s := e.dial(api, headers)
		s.send(`{"type":"connection_init"}`)
		first := s.next()
		if !strings.Contains(first, "connection_ack") {
			return first
		}
		s.send(startMessage(t, "1", "subscription { "+field+" }", nil, headers))
		return s.next()
	}
	const started = `{"id":"1","type":"start_ack"}`
	assert.JSONEq(t, started, subscribe(e.signedIn(nil), "tokens"))
	assert.JSONEq(t, started, subscribe(with("partner-acme"), "machines"))
	assert.Contains(t, subscribe(e.signedIn(nil), "machines"), "Not Authorized to access machines on type Subscription")
	assert.Contains(t, subscribe(with("partner-acme"), "tokens"), "Not Authorized to access tokens on type Subscription")
	assert.Contains(t, subscribe(e.signedIn(map[string]any{"exp": 1}), "tokens"), "Token has expired.")
	assert.Contains(t, subscribe(with("user-1"), "machines"), "You are not authorized to make this call.")
	assert.Contains(t, subscribe(with("fail"), "machines"), "BadRequestException")
}

func TestAuthorizerSettings(t *testing.T) {
	t.Parallel()
	e := newEverybody(t)
	tokens, function := types.AuthenticationTypeOpenidConnect, types.AuthenticationTypeAwsLambda
	issuer := func(url string) *types.OpenIDConnectConfig { return &types.OpenIDConnectConfig{Issuer: &url} }
	authorizer := func(ttl int32) *types.LambdaAuthorizerConfig {
		return &types.LambdaAuthorizerConfig{AuthorizerUri: aws.String(authorizerARN), AuthorizerResultTtlInSeconds: ttl}
	}
	for name, test := range map[string]struct {
		input sdk.CreateGraphqlApiInput
		err   string
	}{
		"tokens":            {sdk.CreateGraphqlApiInput{AuthenticationType: tokens, OpenIDConnectConfig: issuer("https://login.example.com")}, ""},
		"a function":        {sdk.CreateGraphqlApiInput{AuthenticationType: function, LambdaAuthorizerConfig: authorizer(3600)}, ""},
		"no provider":       {sdk.CreateGraphqlApiInput{AuthenticationType: tokens}, "requires an openIDConnectConfig with issuer"},
		"http":              {sdk.CreateGraphqlApiInput{AuthenticationType: tokens, OpenIDConnectConfig: issuer("http://login.example.com")}, "must be a URL with https"},
		"no function":       {sdk.CreateGraphqlApiInput{AuthenticationType: function}, "requires a lambdaAuthorizerConfig"},
		"kept for too long": {sdk.CreateGraphqlApiInput{AuthenticationType: function, LambdaAuthorizerConfig: authorizer(3601)}, "give 0 to 3600"},
		"two functions": {sdk.CreateGraphqlApiInput{AuthenticationType: function, LambdaAuthorizerConfig: authorizer(0),
			AdditionalAuthenticationProviders: []types.AdditionalAuthenticationProvider{{AuthenticationType: function, LambdaAuthorizerConfig: authorizer(0)}}}, "only one AWS_LAMBDA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.input.Name = aws.String("shop")
			_, err := e.client.CreateGraphqlApi(t.Context(), &test.input)
			if test.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.err)
		})
	}
}
