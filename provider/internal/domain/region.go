package domain

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
)

// certificateRegion is the region of the certificates that CloudFront takes.
const certificateRegion = "us-east-1"

// usEast1 is an aws provider for us-east-1. A component should make no providers; in
// release 6 of pulumi-aws there is no other way to a second region.
//
// An explicit provider takes nothing of the stack's configuration by itself. So the
// variables aws:… of the stack, such as aws:profile, aws:assumeRole and aws:endpoints, are
// copied to it, all but the region. What is in the environment, such as AWS_PROFILE and
// AWS_ENDPOINT_URL, reaches each provider anyway. The settings of another explicit provider
// cannot be read; who gives the component one is asked for a certificate instead.
func usEast1(ctx *pulumi.Context, owner component.Owner, part string) (*aws.Provider, error) {
	inherit := func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		return &pulumi.ResourceTransformationResult{Props: inherited(ctx), Opts: args.Opts}
	}
	return aws.NewProvider(ctx, owner.Logical(part, certificateRegion), &aws.ProviderArgs{},
		pulumi.Parent(owner.Resource), pulumi.Transformations([]pulumi.ResourceTransformation{inherit}))
}

// inherited are the stack's settings of the aws provider, with the other region. Values that
// are no texts are JSON in the configuration, which is how providers take them.
func inherited(ctx *pulumi.Context) pulumi.Map {
	settings := pulumi.Map{}
	for _, key := range settingsOfProvider() {
		value, set := ctx.GetConfig("aws:" + key)
		switch {
		case !set:
		case ctx.IsConfigSecret("aws:"+key) || secrets[key]:
			settings[key] = pulumi.ToSecret(pulumi.String(value))
		default:
			settings[key] = pulumi.String(value)
		}
	}
	settings["region"] = pulumi.String(certificateRegion)
	return settings
}

// secrets are the settings that are secrets, whatever the configuration says.
var secrets = map[string]bool{"accessKey": true, "secretKey": true, "token": true}

// settingsOfProvider are the names of all settings of the aws provider.
func settingsOfProvider() []string {
	var names []string
	for _, field := range reflect.VisibleFields(aws.ProviderArgs{}.ElementType()) {
		if name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
