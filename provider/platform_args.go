package provider

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Defaults of the arguments. The annotations below repeat them for the SDKs.
const (
	defaultArchitecture     = ARM64
	defaultLogRetentionDays = 30
)

// AuthenticationMode is a way to be let into the GraphQL API.
type AuthenticationMode string

// The authentication modes.
const (
	APIKey AuthenticationMode = "API_KEY"
	IAM    AuthenticationMode = "AWS_IAM"
)

// Values lists the modes for the schema.
func (AuthenticationMode) Values() []infer.EnumValue[AuthenticationMode] {
	return []infer.EnumValue[AuthenticationMode]{
		{Name: "ApiKey", Value: APIKey, Description: "A key in the header x-api-key."},
		{Name: "Iam", Value: IAM, Description: "Requests signed with AWS credentials."},
	}
}

// Architecture is the instruction set of functions.
type Architecture string

// The architectures.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Values lists the architectures for the schema.
func (Architecture) Values() []infer.EnumValue[Architecture] {
	return []infer.EnumValue[Architecture]{
		{Name: "Arm64", Value: ARM64, Description: "64-bit ARM (AWS Graviton)."},
		{Name: "X86_64", Value: X8664, Description: "64-bit x86."},
	}
}

// PlatformArgs are the arguments of a platform. All are optional.
type PlatformArgs struct {
	Version             *string                       `pulumi:"version,optional"`
	AuthenticationModes []AuthenticationMode          `pulumi:"authenticationModes,optional"`
	APIKeyExpires       pulumi.StringPtrInput         `pulumi:"apiKeyExpires,optional"`
	Architecture        *Architecture                 `pulumi:"architecture,optional"`
	LogRetentionDays    *int                          `pulumi:"logRetentionDays,optional"`
	Tags                map[string]pulumi.StringInput `pulumi:"tags,optional"`
}

// Annotate describes the arguments in the schema.
func (a *PlatformArgs) Annotate(annotator infer.Annotator) {
	annotator.Describe(&a.Version, "The version of the platform that the registry shows. Default: the provider's version.")
	annotator.Describe(&a.AuthenticationModes, "How clients are let into the GraphQL API; the first mode is the primary one. Default: `[AWS_IAM]`.")
	annotator.Describe(&a.APIKeyExpires, "When the API key expires, in RFC 3339 and at most 365 days ahead, such as `2030-01-31T00:00:00Z`. "+
		"Only with the mode `API_KEY`. Default: 7 days after the key was made.")
	annotator.Describe(&a.Architecture, "The instruction set of the platform's functions, and the default for plugins.")
	annotator.SetDefault(&a.Architecture, string(defaultArchitecture))
	annotator.Describe(&a.LogRetentionDays, "How many days the logs of the platform and of its plugins are kept: a number that CloudWatch allows, 0 for ever.")
	annotator.SetDefault(&a.LogRetentionDays, defaultLogRetentionDays)
	annotator.Describe(&a.Tags, "Tags for all AWS resources of the platform.")
}

// modes are the authentication modes, with the default filled in.
func (a PlatformArgs) modes() []string {
	if len(a.AuthenticationModes) == 0 {
		return []string{string(IAM)}
	}
	modes := make([]string, len(a.AuthenticationModes))
	for i, mode := range a.AuthenticationModes {
		modes[i] = string(mode)
	}
	return modes
}

// Annotate describes the component and its outputs in the schema.
func (c *Platform) Annotate(annotator infer.Annotator) {
	annotator.Describe(&c, "What plugins share: one GraphQL API (AWS AppSync), the registry of plugins whose single writer composes the "+
		"API's schema, the runtime layer and the scheduler. Export its `connection` as the stack output `platform`.\n\n"+
		"```yaml\nresources:\n  platform:\n    type: reventless:index:Platform\noutputs:\n  platform: ${platform.connection}\n```\n")
	annotator.Describe(&c.Connection, "What plugins need to know of the platform: export it as the stack output `platform`, or give it to plugins of the same program.")
	annotator.Describe(&c.APIID, "The id of the AppSync API.")
	annotator.Describe(&c.APIARN, "The ARN of the AppSync API.")
	annotator.Describe(&c.GraphQLURL, "The URL of the GraphQL endpoint.")
	annotator.Describe(&c.APIKey, "The API key, a secret. Only with the mode `API_KEY`.")
	annotator.Describe(&c.PluginsTableName, "The name of the table of connected plugins.")
	annotator.Describe(&c.RegistryQueueURL, "The URL of the queue of requests to connect and disconnect.")
	annotator.Describe(&c.ConnectFunctionName, "The name of the function that plugins' stacks connect with.")
	annotator.Describe(&c.AdminFunctionName, "The name of the function that composes and pushes the schema.")
	annotator.Describe(&c.RuntimeLayerARN, "The ARN of the layer with the engine.")
}
