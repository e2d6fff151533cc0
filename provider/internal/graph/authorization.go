package graph

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The authentication modes that need something: a key, a user pool, a provider of tokens, and
// a function to ask.
const (
	APIKey    = "API_KEY"
	UserPools = "AMAZON_COGNITO_USER_POOLS"
	Tokens    = "OPENID_CONNECT"
	Lambda    = "AWS_LAMBDA"
)

// Authorization is how an API lets clients in.
type Authorization struct {
	// Modes are the modes, the primary one first.
	Modes []string
	// Pool is the pool of the mode [UserPools].
	Pool UserPool
	// OpenIDConnect is the provider of the mode [Tokens], Function the function of the mode
	// [Lambda]; nil without the mode.
	OpenIDConnect *OpenIDConnect
	Function      *LambdaAuthorizer
}

// UserPool is a Cognito user pool.
type UserPool struct {
	ID pulumi.StringInput
	// Clients are the ids of the app clients whose tokens are let in.
	Clients pulumi.StringArrayInput
}

// pattern is the regular expression for the ids of the clients.
func (p UserPool) pattern() pulumi.StringOutput {
	return p.Clients.ToStringArrayOutput().ApplyT(func(ids []string) string {
		for i, id := range ids {
			ids[i] = regexp.QuoteMeta(id)
		}
		return "^(" + strings.Join(ids, "|") + ")$"
	}).(pulumi.StringOutput)
}

// OpenIDConnect is an OpenID Connect provider.
type OpenIDConnect struct {
	Issuer                        pulumi.StringInput
	ClientID                      pulumi.StringPtrInput
	IatTTLSeconds, AuthTTLSeconds pulumi.IntPtrInput
}

// pattern is the regular expression for clients, nil for all. AppSync does not say whether a
// part of an id is enough, so this says that it is not.
func (o OpenIDConnect) pattern() pulumi.StringPtrInput {
	if o.ClientID == nil {
		return nil
	}
	return o.ClientID.ToStringPtrOutput().ApplyT(func(expression *string) *string {
		if expression == nil {
			return nil
		}
		whole := "^(?:" + *expression + ")$"
		return &whole
	}).(pulumi.StringPtrOutput)
}

// milliseconds are what AppSync counts in, nil for nothing given.
func milliseconds(seconds pulumi.IntPtrInput) pulumi.IntPtrInput {
	if seconds == nil {
		return nil
	}
	return seconds.ToIntPtrOutput().ApplyT(func(seconds *int) *int {
		if seconds == nil {
			return nil
		}
		milliseconds := *seconds * 1000
		return &milliseconds
	}).(pulumi.IntPtrOutput)
}

// LambdaAuthorizer is a function that AppSync asks whom to let in.
type LambdaAuthorizer struct {
	FunctionARN                  pulumi.StringInput
	ResultTTLSeconds             pulumi.IntPtrInput
	IdentityValidationExpression pulumi.StringPtrInput
}

// primary puts the settings of the primary mode into those of the API.
func (a Authorization) primary(args *appsync.GraphQLApiArgs) {
	args.AuthenticationType = pulumi.String(a.Modes[0])
	switch a.Modes[0] {
	case UserPools:
		// AppSync refuses DENY beside other modes. The schema says of every field who may use
		// it, so the default never counts.
		args.UserPoolConfig = appsync.GraphQLApiUserPoolConfigArgs{
			UserPoolId: a.Pool.ID, DefaultAction: pulumi.String("ALLOW"), AppIdClientRegex: a.Pool.pattern(),
		}
	case Tokens:
		args.OpenidConnectConfig = appsync.GraphQLApiOpenidConnectConfigArgs{
			Issuer: a.OpenIDConnect.Issuer, ClientId: a.OpenIDConnect.pattern(),
			IatTtl: milliseconds(a.OpenIDConnect.IatTTLSeconds), AuthTtl: milliseconds(a.OpenIDConnect.AuthTTLSeconds),
		}
	case Lambda:
		args.LambdaAuthorizerConfig = appsync.GraphQLApiLambdaAuthorizerConfigArgs{
			AuthorizerUri: a.Function.FunctionARN, AuthorizerResultTtlInSeconds: a.Function.ResultTTLSeconds,
			IdentityValidationExpression: a.Function.IdentityValidationExpression,
		}
	}
}

// additional are the settings of all modes but the primary one.
func (a Authorization) additional() appsync.GraphQLApiAdditionalAuthenticationProviderArray {
	var providers appsync.GraphQLApiAdditionalAuthenticationProviderArray
	for _, mode := range a.Modes[1:] {
		providers = append(providers, a.additionalMode(mode))
	}
	return providers
}

func (a Authorization) additionalMode(mode string) appsync.GraphQLApiAdditionalAuthenticationProviderArgs {
	provider := appsync.GraphQLApiAdditionalAuthenticationProviderArgs{AuthenticationType: pulumi.String(mode)}
	switch mode {
	case UserPools:
		provider.UserPoolConfig = appsync.GraphQLApiAdditionalAuthenticationProviderUserPoolConfigArgs{
			UserPoolId: a.Pool.ID.ToStringOutput(), AppIdClientRegex: a.Pool.pattern(),
		}
	case Tokens:
		provider.OpenidConnectConfig = appsync.GraphQLApiAdditionalAuthenticationProviderOpenidConnectConfigArgs{
			Issuer: a.OpenIDConnect.Issuer, ClientId: a.OpenIDConnect.pattern(),
			IatTtl: milliseconds(a.OpenIDConnect.IatTTLSeconds), AuthTtl: milliseconds(a.OpenIDConnect.AuthTTLSeconds),
		}
	case Lambda:
		provider.LambdaAuthorizerConfig = appsync.GraphQLApiAdditionalAuthenticationProviderLambdaAuthorizerConfigArgs{
			AuthorizerUri: a.Function.FunctionARN, AuthorizerResultTtlInSeconds: a.Function.ResultTTLSeconds,
			IdentityValidationExpression: a.Function.IdentityValidationExpression,
		}
	}
	return provider
}
