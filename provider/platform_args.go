package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// Defaults of the arguments. The annotations below repeat them for the SDKs.
const (
	defaultArchitecture = ARM64
)

// AuthenticationMode is a way to be let into the GraphQL API.
type AuthenticationMode string

// The authentication modes.
const (
	CognitoUserPools AuthenticationMode = "AMAZON_COGNITO_USER_POOLS"
	APIKey           AuthenticationMode = "API_KEY"
	AWSIAM           AuthenticationMode = "AWS_IAM"
	OpenIDTokens     AuthenticationMode = "OPENID_CONNECT"
	AWSLambda        AuthenticationMode = "AWS_LAMBDA"
)

// Description describes the type in the schema.
func (AuthenticationMode) Description() string { return "A way to be let into the GraphQL API." }

// Values lists the modes for the schema. The names are such that the SDKs' members are
// API_KEY (Python), ApiKey (TypeScript) and AuthenticationModeApiKey (Go).
func (AuthenticationMode) Values() []infer.EnumValue[AuthenticationMode] {
	return []infer.EnumValue[AuthenticationMode]{
		{Name: "AmazonCognitoUserPools", Value: CognitoUserPools, Description: "Users of a Cognito user pool, with their token in the header `Authorization`. The schema may let in groups only."},
		{Name: "ApiKey", Value: APIKey, Description: "A key in the header `x-api-key`. The platform makes one key, its output `apiKey`."},
		{Name: "AwsIam", Value: AWSIAM, Description: "Requests signed with AWS credentials (Signature Version 4) of a principal that may do `appsync:GraphQL` on the API."},
		{Name: "OpenidConnect", Value: OpenIDTokens, Description: "Tokens of an OpenID Connect provider, in the header `Authorization`, without `Bearer`. Needs `openIdConnect`."},
		{Name: "AwsLambda", Value: AWSLambda, Description: "Whomever a Lambda function lets in, by what the header `Authorization` has. Needs `lambdaAuthorizer`."},
	}
}

// Architecture is the instruction set of functions.
type Architecture string

// The architectures.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Description describes the type in the schema.
func (Architecture) Description() string { return "The instruction set of Lambda functions." }

// Values lists the architectures for the schema.
func (Architecture) Values() []infer.EnumValue[Architecture] {
	return []infer.EnumValue[Architecture]{
		{Name: "Arm64", Value: ARM64, Description: "64-bit ARM (AWS Graviton), the cheaper one per millisecond."},
		{Name: "X86_64", Value: X8664, Description: "64-bit x86, for handlers with native code that is built for it only."},
	}
}

// PlatformArgs are the arguments of a platform. All are optional.
type PlatformArgs struct {
	Name                *string                       `pulumi:"name,optional"`
	Version             *string                       `pulumi:"version,optional"`
	AuthenticationModes []AuthenticationMode          `pulumi:"authenticationModes,optional"`
	APIKeyExpires       pulumi.StringPtrInput         `pulumi:"apiKeyExpires,optional"`
	CognitoUserPoolID   *string                       `pulumi:"cognitoUserPoolId,optional"`
	UserPoolClientIDs   []pulumi.StringInput          `pulumi:"userPoolClientIds,optional"`
	SelfSignUp          *bool                         `pulumi:"selfSignUp,optional"`
	OpenIDConnect       *OpenIDConnect                `pulumi:"openIdConnect,optional"`
	LambdaAuthorizer    *LambdaAuthorizer             `pulumi:"lambdaAuthorizer,optional"`
	Architecture        *Architecture                 `pulumi:"architecture,optional"`
	LogRetentionDays    *int                          `pulumi:"logRetentionDays,optional"`
	LogLevel            *LogLevel                     `pulumi:"logLevel,optional"`
	StackClass          *StackClass                   `pulumi:"stackClass,optional"`
	Alarms              *Alarms                       `pulumi:"alarms,optional"`
	Tracing             *bool                         `pulumi:"tracing,optional"`
	Tags                map[string]pulumi.StringInput `pulumi:"tags,optional"`
	HostUI              *declaration.HostUI           `pulumi:"hostUi,optional"`
}

// Annotate describes the arguments in the schema.
func (a *PlatformArgs) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a.Name, "The platform's name, part of the names of its AWS resources, which are replaced when it changes: 1 to 100 letters, digits and `-_.`, "+
		"beginning with a letter. Default: the resource's name, or the one it had before, when an alias tells.")
	annotator.Describe(&a.Version, "The version of the platform that the registry shows, in the query `Platform_plugins`. Default: the provider's version.")
	annotator.Describe(&a.AuthenticationModes, "How clients are let into the GraphQL API: `AMAZON_COGNITO_USER_POOLS`, `AWS_IAM`, `API_KEY`, `OPENID_CONNECT` and `AWS_LAMBDA`, one or several. The first mode is the "+
		"API's primary one; a field is open to all of them unless the plugin's schema restricts it (`@aws_iam`, `@aws_cognito_user_pools(cognito_groups: [\"Admin\"])`). `AWS_IAM` is added when it is not among them: "+
		"the plugins' own functions feed subscriptions by it. Default: `[AMAZON_COGNITO_USER_POOLS, AWS_IAM]`. Example: `[API_KEY, AWS_IAM]`.")
	annotator.Describe(&a.APIKeyExpires, "When the API key expires, in RFC 3339 and at most 365 days ahead, such as `2030-01-31T00:00:00Z`; "+
		"AppSync rounds it down to the hour. Only with the mode `API_KEY`. Default: 7 days after the key was made.")
	annotator.Describe(&a.CognitoUserPoolID, "The id of the user pool to use, such as `eu-west-1_AbCdEfGhI`, in the stack's account and region; the platform adds a client of its own to it and "+
		"changes nothing else. `REVENTLESS_COGNITO_USER_POOL_ID`, `Pulumi.local.yaml` and `platform:cognitoUserPoolId` go before it. Only with the mode "+
		"`AMAZON_COGNITO_USER_POOLS`. Default: a pool of the platform's own, with the group `Admin`.")
	annotator.Describe(&a.UserPoolClientIDs, "The ids of further app clients of the user pool whose users are let in, beside the platform's own client. Default: none.")
	annotator.Describe(&a.SelfSignUp, "Whether everybody may make an account in the platform's own user pool. Default: false, operators make the accounts.")
	annotator.SetDefault(&a.SelfSignUp, false)
	annotator.Describe(&a.OpenIDConnect, "Whose tokens the mode `OPENID_CONNECT` lets in. Only with that mode. Example: `{issuer: https://login.example.com, clientId: web|mobile}`.")
	annotator.Describe(&a.LambdaAuthorizer, "The function that the mode `AWS_LAMBDA` asks. Only with that mode. Example: `{functionArn: ${authorizer.arn}, resultTtlSeconds: 60}`.")
	annotator.Describe(&a.Architecture, "The instruction set of the platform's functions, and the default for its plugins: `arm64` or `x86_64`. Default: `arm64`.")
	annotator.SetDefault(&a.Architecture, string(defaultArchitecture))
	annotator.Describe(&a.LogRetentionDays, "How many days CloudWatch keeps the logs of the platform and of its plugins: one of "+
		strings.Trim(fmt.Sprint(validate.LogRetentions), "[]")+", where 0 is for ever. Default: 365 in a production stack, 3 in a disposable one, else 30.")
	annotator.Describe(&a.LogLevel, "How much AppSync logs of the API, into the log group `/aws/appsync/apis/<apiId>`: `NONE`, `ERROR`, `INFO`, `DEBUG` or `ALL`. With all but `NONE` it also writes a summary "+
		"of each request; headers and the contexts of resolvers are left out. Default: `NONE` in a disposable stack, else `ERROR`.")
	annotator.Describe(&a.StackClass, "What the loss of the stack would mean, which decides on defaults, for the plugins of the platform too: `production`, `standard` or `disposable`. "+
		"Default: `production` for a stack called `prod` or `main`, `disposable` for `pr-…`, else `standard`.")
	annotator.Describe(&a.Alarms, "CloudWatch alarms of the platform, and the default for its plugins. Default: in a production stack there are alarms that nobody is told of. "+
		"Example: `{email: operators@example.com}`.")
	annotator.Describe(&a.Tracing, "Whether AWS X-Ray traces requests of the API and of the platform's functions, and the default for plugins. Default: false.")
	annotator.SetDefault(&a.Tracing, false)
	annotator.Describe(&a.Tags, fmt.Sprintf("Tags for all AWS resources of the platform that can have some, beside `reventless:platform`, `reventless:stack` and `reventless:component`; at most %d. "+
		"Example: `{team: shop}`.", validate.MaxTags))
	annotator.Describe(&a.HostUI, "The web site that the platform serves over CloudFront, see the output `hostUiUrl`. `{}` is the platform's own page, which shows its plugins. Default: no site.")
}

// modes are the authentication modes, with the default filled in. AWS_IAM is always one:
// it is how the plugins' own functions feed subscriptions.
func (a PlatformArgs) modes() []string {
	if a.AuthenticationModes == nil {
		return []string{string(CognitoUserPools), string(AWSIAM)}
	}
	modes := make([]string, len(a.AuthenticationModes))
	for i, mode := range a.AuthenticationModes {
		modes[i] = string(mode)
	}
	if !slices.Contains(modes, string(AWSIAM)) {
		modes = append(modes, string(AWSIAM))
	}
	return modes
}

// Annotate describes the component and its outputs in the schema.
func (c *Platform) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "What plugins share: one GraphQL API (AWS AppSync), the registry of plugins whose single writer composes the "+
		"API's schema, the runtime layer and the scheduler. Export its `connection` as the stack output `platform`.\n\n"+platformExamples)
	annotator.Describe(&c.Connection, "What plugins need to know of the platform. Export it as the stack output `platform`, or give it to "+
		"plugins of the same program as their argument `platform`. It holds no secret.")
	annotator.Describe(&c.APIID, "The id of the AppSync API.")
	annotator.Describe(&c.APIARN, "The ARN of the AppSync API, for policies that allow `appsync:GraphQL`.")
	annotator.Describe(&c.GraphQLURL, "The URL of the GraphQL endpoint, such as `https://….appsync-api.eu-west-1.amazonaws.com/graphql`.")
	annotator.Describe(&c.APIKey, "The API key, a secret. Absent without the mode `API_KEY`.")
	annotator.Describe(&c.UserPoolID, "The id of the Cognito user pool. Absent without the mode `AMAZON_COGNITO_USER_POOLS`.")
	annotator.Describe(&c.UserPoolClientID, "The id of the platform's client in the user pool, for programs that sign users in. It has no secret. Absent without the mode `AMAZON_COGNITO_USER_POOLS`.")
	annotator.Describe(&c.PluginsTableName, "The name of the DynamoDB table of connected plugins, which the query `Platform_plugins` reads.")
	annotator.Describe(&c.RegistryQueueURL, "The URL of the SQS FIFO queue of requests to connect and disconnect.")
	annotator.Describe(&c.DeadLetterQueueURLs, "The URLs of the queues with what could not be processed, by what it was sent to: `registry`, the requests, and `sweeps`, the reminders to look for kept fields.")
	annotator.Describe(&c.ConnectFunctionName, "The name of the Lambda function that plugins' stacks connect with. Who deploys a plugin must be allowed to invoke it.")
	annotator.Describe(&c.AdminFunctionName, "The name of the Lambda function that composes and pushes the API's schema.")
	annotator.Describe(&c.HostUIURL, "The URL of the host UI, such as `https://….cloudfront.net`. Absent without the argument `hostUi`.")
	annotator.Describe(&c.RuntimeLayerARN, "The ARN of the version of the Lambda layer with the engine, which plugins' functions use.")
}
