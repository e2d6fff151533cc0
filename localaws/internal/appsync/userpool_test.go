package appsync

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
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

const poolID = "eu-central-1_Shop"

// userPool is a bed with a user pool that publishes its key.
type userPool struct {
	*bed
	signer jose.Signer
}

func newUserPool(t *testing.T) *userPool {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	require.NoError(t, err)
	p := &userPool{newBed(t, ""), signer}
	p.keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k", Algorithm: "RS256"}}}
	return p
}

// api has the user pool as its primary mode, and others.
func (p *userPool) api(additional ...types.AuthenticationType) string {
	p.t.Helper()
	input := &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeAmazonCognitoUserPools,
		UserPoolConfig: &types.UserPoolConfig{UserPoolId: aws.String(poolID), AwsRegion: aws.String("eu-central-1"), DefaultAction: types.DefaultActionAllow, AppIdClientRegex: aws.String("web")}}
	for _, other := range additional {
		input.AdditionalAuthenticationProviders = append(input.AdditionalAuthenticationProviders, types.AdditionalAuthenticationProvider{AuthenticationType: other})
	}
	output, err := p.client.CreateGraphqlApi(p.t.Context(), input)
	require.NoError(p.t, err)
	return *output.GraphqlApi.ApiId
}

// token is an ID token of a user in groups.
func (p *userPool) token(changes map[string]any, groups ...string) map[string]string {
	p.t.Helper()
	claims := map[string]any{"iss": "https://cognito-idp.eu-central-1.amazonaws.com/" + poolID, "sub": "u-1", "aud": "web", "token_use": "id",
		"exp": time.Now().Add(time.Hour).Unix(), "cognito:username": "ada"}
	if len(groups) > 0 {
		claims["cognito:groups"] = groups
	}
	maps.Copy(claims, changes)
	text, err := jwt.Signed(p.signer).Claims(claims).Serialize()
	require.NoError(p.t, err)
	return map[string]string{"Authorization": text, "host": "localhost"}
}

func TestUserPoolGuardsFieldsAndTypes(t *testing.T) {
	t.Parallel()
	p := newUserPool(t)
	api := p.api(types.AuthenticationTypeAwsIam, types.AuthenticationTypeApiKey)
	key := map[string]string{"x-api-key": p.key(api)}
	p.mustPush(api, `type Query {
  open: Item @aws_cognito_user_pools @aws_iam @aws_api_key
  users: Item @aws_cognito_user_pools
  admin: Item @aws_cognito_user_pools(cognito_groups: ["Admin"])
  staff: Item @aws_cognito_user_pools(cognito_groups: ["Admin", "Merchandiser"]) @aws_iam
  unstated: Item
  inert: Item @aws_auth(cognito_groups: ["Admin"])
}
type Item @aws_cognito_user_pools @aws_iam @aws_api_key { id: Int margin: Int @aws_cognito_user_pools(cognito_groups: ["Admin"]) }`)
	fields := []string{"open", "users", "admin", "staff", "unstated", "inert"}
	p.items(api, fields)
	for name, test := range map[string]struct {
		headers map[string]string // nil signs each request
		sees    []string
		margin  bool
	}{
		"no group":        {p.token(nil), []string{"open", "users", "unstated", "inert"}, false},
		"another group":   {p.token(nil, "Shopper"), []string{"open", "users", "unstated", "inert"}, false},
		"merchandiser":    {p.token(nil, "Shopper", "Merchandiser"), []string{"open", "users", "staff", "unstated", "inert"}, false},
		"admin":           {p.token(nil, "Admin"), fields, true},
		"access token":    {p.token(map[string]any{"token_use": "access", "client_id": "web", "username": "ada"}, "Admin"), fields, true},
		"signed requests": {nil, []string{"open", "staff"}, false},
		"API key":         {key, []string{"open"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.sees(t, api, test.headers, fields, test.sees, test.margin)
		})
	}
}

func TestUserPoolRefusesBadTokens(t *testing.T) {
	t.Parallel()
	p := newUserPool(t)
	api := p.api(types.AuthenticationTypeAwsIam)
	p.mustPush(api, "type Query { a: Int @aws_cognito_user_pools @aws_iam }")
	for name, test := range map[string]struct {
		headers map[string]string
		message string
	}{
		"none":           {nil, "Valid authorization header not provided."},
		"no token":       {map[string]string{"Authorization": "hello"}, "Unable to parse JWT token."},
		"expired":        {p.token(map[string]any{"exp": 1}), "Token has expired."},
		"another client": {p.token(map[string]any{"aud": "other"}), "You are not authorized to make this call."},
		"another pool":   {p.token(map[string]any{"iss": "https://example.com"}), "You are not authorized to make this call."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := p.send(api, []byte(`{"query":"{ a }"}`), test.headers)
			assert.Equal(t, http.StatusUnauthorized, status)
			assert.JSONEq(t, `{"errors":[{"errorType":"UnauthorizedException","message":"`+test.message+`"}]}`, body)
		})
	}
	other := newUserPool(t)
	status, _ := p.send(api, []byte(`{"query":"{ a }"}`), other.token(nil))
	assert.Equal(t, http.StatusUnauthorized, status, "a key of somebody else")
	signedOnly := p.bed.api(types.AuthenticationTypeAwsIam)
	p.mustPush(signedOnly, "type Query { a: Int }")
	status, _ = p.send(signedOnly, []byte(`{"query":"{ a }"}`), p.token(nil, "Admin"))
	assert.Equal(t, http.StatusUnauthorized, status, "an API without user pools")
}

func TestUserPoolIdentityInResolvers(t *testing.T) {
	t.Parallel()
	p := newUserPool(t)
	api := p.api(types.AuthenticationTypeAwsIam)
	p.mustPush(api, "type Query { me: AWSJSON @aws_cognito_user_pools }")
	p.function(api, "fn")
	require.NoError(t, p.resolver(api, "Query.me", "fn", commandCode))
	status, body := p.send(api, []byte(`{"query":"{ me }"}`), p.token(nil, "Admin", "Shopper"))
	require.Equal(t, http.StatusOK, status, body)
	var payload struct{ Identity map[string]any }
	require.Len(t, p.lambda.payloads, 1)
	require.NoError(t, json.Unmarshal([]byte(p.lambda.payloads[0]), &payload))
	claims, _ := payload.Identity["claims"].(map[string]any)
	assert.Equal(t, "web", claims["aud"])
	delete(payload.Identity, "claims")
	assert.Equal(t, map[string]any{"sub": "u-1", "username": "ada", "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/" + poolID,
		"groups": []any{"Admin", "Shopper"}, "sourceIp": []any{"127.0.0.1"}, "defaultAuthStrategy": "ALLOW"}, payload.Identity)
}

func TestUserPoolGuardsSubscriptions(t *testing.T) {
	t.Parallel()
	p := newUserPool(t)
	api := p.api(types.AuthenticationTypeAwsIam)
	p.mustPush(api, `type Query { a: Int @aws_iam }
type Mutation { m: Int @aws_iam }
type Subscription { forAdmins: Int @aws_subscribe(mutations: ["m"]) @aws_cognito_user_pools(cognito_groups: ["Admin"]) }`)
	subscribe := func(headers map[string]string) string {
		s := p.dial(api, headers)
		s.send(`{"type":"connection_init"}`)
		s.wants(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
		s.send(startMessage(t, "1", "subscription { forAdmins }", nil, headers))
		return s.next()
	}
	assert.JSONEq(t, `{"id":"1","type":"start_ack"}`, subscribe(p.token(nil, "Admin")))
	refused := subscribe(p.token(nil, "Shopper"))
	assert.Contains(t, refused, "Not Authorized to access forAdmins on type Subscription")
	expired := p.dial(api, p.token(map[string]any{"exp": 1}, "Admin"))
	expired.send(`{"type":"connection_init"}`)
	assert.Contains(t, expired.next(), "Token has expired.")
}

func TestUserPoolSettings(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	pool := func(action types.DefaultAction) *types.UserPoolConfig {
		return &types.UserPoolConfig{UserPoolId: aws.String(poolID), AwsRegion: aws.String("eu-central-1"), DefaultAction: action}
	}
	cognito, iam := types.AuthenticationTypeAmazonCognitoUserPools, types.AuthenticationTypeAwsIam
	for name, test := range map[string]struct {
		primary    types.AuthenticationType
		config     *types.UserPoolConfig
		additional []types.AdditionalAuthenticationProvider
		err        string
	}{
		"primary":                     {cognito, pool(types.DefaultActionAllow), nil, ""},
		"additional":                  {iam, nil, []types.AdditionalAuthenticationProvider{{AuthenticationType: cognito, UserPoolConfig: &types.CognitoUserPoolConfig{UserPoolId: aws.String(poolID), AwsRegion: aws.String("eu-central-1")}}}, ""},
		"no pool":                     {cognito, nil, nil, "requires a userPoolConfig"},
		"additional without pool":     {iam, nil, []types.AdditionalAuthenticationProvider{{AuthenticationType: cognito}}, "requires a userPoolConfig"},
		"DENY with additional others": {cognito, pool(types.DefaultActionDeny), []types.AdditionalAuthenticationProvider{{AuthenticationType: iam}}, "default action DENY cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.client.CreateGraphqlApi(t.Context(), &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: test.primary,
				UserPoolConfig: test.config, AdditionalAuthenticationProviders: test.additional})
			if test.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.err)
		})
	}
}

// TestUserPoolDefaultAction has what the SDK itself does not let through.
func TestUserPoolDefaultAction(t *testing.T) {
	t.Parallel()
	pool := func(action string) map[string]any {
		return map[string]any{"userPoolId": poolID, "awsRegion": "eu-central-1", "defaultAction": action}
	}
	require.ErrorContains(t, checkAPI(document{"name": "shop", "authenticationType": modeUserPool, "userPoolConfig": pool("")}), "requires a defaultAction")
	require.ErrorContains(t, checkAPI(document{"name": "shop", "authenticationType": modeIAM,
		"additionalAuthenticationProviders": []any{map[string]any{"authenticationType": modeUserPool, "userPoolConfig": pool("ALLOW")}}}), "has no defaultAction")
}
