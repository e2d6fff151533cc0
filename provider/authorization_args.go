package provider

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/reventless/pulumi-reventless/provider/internal/graph"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// defaultResultTTL is for how many seconds AppSync keeps a Lambda authorizer's answer. It is
// always sent: the default is 0 in AppSync's API reference and 300 in its guide. A 0 cannot be
// sent, the aws provider's SDK leaves it out.
const defaultResultTTL = 300

// OpenIDConnect is whose tokens the mode OPENID_CONNECT lets in.
type OpenIDConnect struct {
	Issuer         pulumi.StringInput    `pulumi:"issuer"`
	ClientID       pulumi.StringPtrInput `pulumi:"clientId,optional"`
	IatTTLSeconds  pulumi.IntPtrInput    `pulumi:"iatTtlSeconds,optional"`
	AuthTTLSeconds pulumi.IntPtrInput    `pulumi:"authTtlSeconds,optional"`
}

// Annotate describes the provider of tokens in the schema.
func (o *OpenIDConnect) Annotate(annotator infer.Annotator) {
	annotator.Describe(&o, "The OpenID Connect provider whose tokens are let in. AppSync reads its keys at `<issuer>/.well-known/openid-configuration`, so that must be reachable from the internet.")
	annotator.Describe(&o.Issuer, "The URL of the provider, exactly as its tokens have it as `iss`, such as `https://login.example.com/` or `https://example.eu.auth0.com/`: https, without a query. "+
		"`http` is for a provider on `localhost` or `127.0.0.1`, which only a local AWS reaches.")
	annotator.Describe(&o.ClientID, "A regular expression which the whole of a token's `aud` or `azp` must match, such as `web|mobile`. Default: tokens for all clients of the provider are let in.")
	annotator.Describe(&o.IatTTLSeconds, "For how many seconds after it was issued (`iat`) a token is let in, 1 or more, even if it expires later. Default: until it expires.")
	annotator.Describe(&o.AuthTTLSeconds, "For how many seconds after its user signed in (`auth_time`) a token is let in, 1 or more. Tokens without `auth_time` are refused then. Default: until it expires.")
}

// settings are the arguments as AppSync has them.
func (o *OpenIDConnect) settings() *graph.OpenIDConnect {
	if o == nil {
		return nil
	}
	return &graph.OpenIDConnect{Issuer: o.Issuer, ClientID: o.ClientID, IatTTLSeconds: o.IatTTLSeconds, AuthTTLSeconds: o.AuthTTLSeconds}
}

// known is what there is to check, nil without the argument.
func (o *OpenIDConnect) known(ctx *pulumi.Context) *validate.OpenIDConnect {
	if o == nil {
		return nil
	}
	return &validate.OpenIDConnect{Issuer: shown[string](ctx, o.Issuer.ToStringOutput()), ClientID: shownText(ctx, o.ClientID),
		IatTTL: shownNumber(ctx, o.IatTTLSeconds), AuthTTL: shownNumber(ctx, o.AuthTTLSeconds)}
}

// LambdaAuthorizer is the function that the mode AWS_LAMBDA asks.
type LambdaAuthorizer struct {
	FunctionARN                  pulumi.StringInput    `pulumi:"functionArn"`
	ResultTTLSeconds             pulumi.IntPtrInput    `pulumi:"resultTtlSeconds,optional"`
	IdentityValidationExpression pulumi.StringPtrInput `pulumi:"identityValidationExpression,optional"`
}

// Annotate describes the authorizer in the schema.
func (l *LambdaAuthorizer) Annotate(annotator infer.Annotator) {
	annotator.Describe(&l, "The Lambda function that decides whom to let in. AppSync invokes it with `{authorizationToken, requestContext}`, and it answers "+
		"`{isAuthorized, resolverContext, deniedFields, ttlOverride}` within 10 seconds. The platform permits this API to invoke it.")
	annotator.Describe(&l.FunctionARN, "The ARN of the function, or of a version or an alias of it, in the platform's account and region.")
	annotator.Describe(&l.ResultTTLSeconds, "For how many seconds AppSync keeps an answer and gives it to all requests with the same token, 0 to 3600; the answer's `ttlOverride` goes before it. "+
		"With 0 the function is asked for each request, as it must be if it looks at anything but the token; answer `ttlOverride: 0` too, since AWS says two things of 0. Default: 300.")
	annotator.SetDefault(&l.ResultTTLSeconds, defaultResultTTL)
	annotator.Describe(&l.IdentityValidationExpression, "A regular expression that a token must match before the function is invoked; others are refused at once. Default: the function gets every token.")
}

// settings are the arguments as AppSync has them.
func (l *LambdaAuthorizer) settings() *graph.LambdaAuthorizer {
	if l == nil {
		return nil
	}
	ttl := l.ResultTTLSeconds
	if ttl == nil {
		ttl = pulumi.IntPtr(defaultResultTTL)
	}
	return &graph.LambdaAuthorizer{FunctionARN: l.FunctionARN, ResultTTLSeconds: ttl, IdentityValidationExpression: l.IdentityValidationExpression}
}

// known is what there is to check, nil without the argument.
func (l *LambdaAuthorizer) known(ctx *pulumi.Context) *validate.LambdaAuthorizer {
	if l == nil {
		return nil
	}
	return &validate.LambdaAuthorizer{FunctionARN: shown[string](ctx, l.FunctionARN.ToStringOutput()), ResultTTL: shownNumber(ctx, l.ResultTTLSeconds),
		IdentityValidationExpression: shownText(ctx, l.IdentityValidationExpression)}
}

// shown is the value of an output, nil when it is not known yet, absent, or must not be shown.
func shown[T any](ctx *pulumi.Context, output pulumi.Output) *T {
	result, err := internals.UnsafeAwaitOutput(ctx.Context(), output)
	if err != nil || !result.Known || result.Secret {
		return nil
	}
	switch value := result.Value.(type) {
	case T:
		return &value
	case *T:
		return value
	}
	return nil
}

// shownText is the value of a text, shownNumber that of a number; nil when it is not given.
func shownText(ctx *pulumi.Context, input pulumi.StringPtrInput) *string {
	if input == nil {
		return nil
	}
	return shown[string](ctx, input.ToStringPtrOutput())
}

func shownNumber(ctx *pulumi.Context, input pulumi.IntPtrInput) *int {
	if input == nil {
		return nil
	}
	return shown[int](ctx, input.ToIntPtrOutput())
}
