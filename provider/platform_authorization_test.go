package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const issuer = "https://login.example.com/"

// authorized are a platform's arguments for both kinds of callers.
func authorized(modes ...AuthenticationMode) PlatformArgs {
	return PlatformArgs{
		AuthenticationModes: modes,
		OpenIDConnect: &OpenIDConnect{Issuer: pulumi.String(issuer), ClientID: pulumi.String("web|mobile"),
			IatTTLSeconds: pulumi.Int(3600), AuthTTLSeconds: pulumi.Int(86400)},
		LambdaAuthorizer: &LambdaAuthorizer{FunctionARN: pulumi.String(arn("lambda", "function:authorizer:live")),
			ResultTTLSeconds: pulumi.Int(0), IdentityValidationExpression: pulumi.String("^partner-")},
	}
}

func TestPlatformTokensAndFunction(t *testing.T) {
	t.Parallel()
	tokens := map[string]any{"issuer": issuer, "clientId": "^(?:web|mobile)$", "iatTtl": 3600000.0, "authTtl": 86400000.0}
	function := map[string]any{"authorizerUri": arn("lambda", "function:authorizer:live"), "authorizerResultTtlInSeconds": 0.0, "identityValidationExpression": "^partner-"}
	for name, modes := range map[string][]AuthenticationMode{
		"tokens first":        {OpenIDTokens, AWSLambda},
		"the function first":  {AWSLambda, OpenIDTokens, AWSIAM},
		"neither first":       {AWSIAM, OpenIDTokens, AWSLambda},
		"with everybody else": {CognitoUserPools, AWSIAM, APIKey, OpenIDTokens, AWSLambda},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			require.NoError(t, deployPlatform(t, e, authorized(modes...), nil))
			api := e.find(t, "GraphQLApi", "platform-api").Inputs.Mappable()
			found := map[string]any{}
			providers, _ := api["additionalAuthenticationProviders"].([]any)
			for _, provider := range append([]any{api}, providers...) {
				settings, _ := provider.(map[string]any)
				mode, _ := settings["authenticationType"].(string)
				for _, key := range []string{"openidConnectConfig", "lambdaAuthorizerConfig"} {
					if settings[key] != nil {
						found[mode] = settings[key]
					}
				}
			}
			assert.Equal(t, string(modes[0]), api["authenticationType"])
			assert.Equal(t, map[string]any{"OPENID_CONNECT": tokens, "AWS_LAMBDA": function}, found)

			permission := e.find(t, "Permission", "platform-authorizer")
			assert.Equal(t, map[string]any{
				"action": "lambda:InvokeFunction", "function": arn("lambda", "function:authorizer"), "qualifier": "live",
				"principal": "appsync.amazonaws.com", "sourceArn": arn("appsync", "apis/platform-api-id"),
			}, permission.Inputs.Mappable())
			connection := e.find(t, "Invocation", "platform-connection").RegisterRPC.GetDependencies()
			assert.True(t, slices.ContainsFunc(connection, func(urn string) bool { return strings.HasSuffix(urn, "::platform-authorizer") }),
				"the schema lets nobody in whom AppSync may not ask for yet")
			assert.Contains(t, e.find(t, "Function", "platform-admin").Inputs["environment"].String(), "OPENID_CONNECT")
		})
	}
}

func TestPlatformAuthorizationDefaults(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{AuthenticationModes: []AuthenticationMode{AWSLambda, OpenIDTokens},
		LambdaAuthorizer: &LambdaAuthorizer{FunctionARN: pulumi.String(arn("lambda", "function:authorizer"))},
		OpenIDConnect:    &OpenIDConnect{Issuer: pulumi.String("http://127.0.0.1:8080")}}, nil))
	api := e.find(t, "GraphQLApi", "platform-api").Inputs.Mappable()
	assert.Equal(t, map[string]any{"authorizerUri": arn("lambda", "function:authorizer"), "authorizerResultTtlInSeconds": 300.0}, api["lambdaAuthorizerConfig"])
	assert.Contains(t, api["additionalAuthenticationProviders"], map[string]any{"authenticationType": "OPENID_CONNECT", "openidConnectConfig": map[string]any{"issuer": "http://127.0.0.1:8080"}})
	assert.NotContains(t, e.find(t, "Permission", "platform-authorizer").Inputs, "qualifier")
}

// TestPlatformAuthorizationUnknown has arguments that other resources give.
func TestPlatformAuthorizationUnknown(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, e.run(nil, func(ctx *pulumi.Context) error {
		args := authorized(OpenIDTokens, AWSLambda)
		args.OpenIDConnect.Issuer = pulumi.ToSecret(pulumi.String("ftp://secret")).(pulumi.StringOutput)
		args.LambdaAuthorizer.FunctionARN = pulumi.String(arn("lambda", "function:late")).ToStringOutput()
		_, err := testEnvironment(t).newPlatform(ctx, "platform", args)
		return err
	}), "a secret is not checked, since the message would show it")
	assert.Equal(t, arn("lambda", "function:late"), e.find(t, "Permission", "platform-authorizer").Inputs["function"].StringValue())
}

func TestPlatformAuthorizationRefused(t *testing.T) {
	t.Parallel()
	e := newEngine()
	args := authorized(APIKey)
	args.OpenIDConnect.Issuer, args.OpenIDConnect.ClientID, args.OpenIDConnect.IatTTLSeconds = pulumi.String("http://login.example.com"), pulumi.String("web("), pulumi.Int(0)
	args.LambdaAuthorizer.FunctionARN, args.LambdaAuthorizer.ResultTTLSeconds = pulumi.String("authorizer"), pulumi.Int(3601)
	err := deployPlatform(t, e, args, nil)
	for _, want := range []string{"`openIdConnect`: no tokens", "`lambdaAuthorizer`: no function", "`openIdConnect.issuer`", "`openIdConnect.clientId`", "`openIdConnect.iatTtlSeconds`",
		"`lambdaAuthorizer.functionArn`", "`lambdaAuthorizer.resultTtlSeconds`"} {
		require.ErrorContains(t, err, want)
	}
	err = deployPlatform(t, e, PlatformArgs{AuthenticationModes: []AuthenticationMode{OpenIDTokens, AWSLambda}}, nil)
	require.ErrorContains(t, err, "`openIdConnect`: the mode OPENID_CONNECT needs to know whose tokens")
	require.ErrorContains(t, err, "`lambdaAuthorizer`: the mode AWS_LAMBDA needs the function")
	assert.Empty(t, e.listed(), "nothing is registered")
}
