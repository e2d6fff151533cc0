package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/hostui"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// sitePlan is the host UI of a platform, and the name of its bucket.
type sitePlan struct {
	hostui.Plan
	bucket string
}

// planSite checks the host UI; without one it is nil.
func planSite(ctx *pulumi.Context, sources localconfig.Sources, args PlatformArgs, options []pulumi.ResourceOption) (*sitePlan, []validate.Problem, error) {
	if args.HostUI == nil {
		return nil, nil, warnWithoutSite(ctx, sources)
	}
	explicit, err := givenProvider(ctx, "aws", options)
	if err != nil {
		return nil, nil, err
	}
	plan, problems := hostui.Check(*args.HostUI, sources, ctx.Project(), ctx.Stack(), len(explicit) > 0)
	for _, warning := range plan.Warnings {
		if err := ctx.Log.Warn(warning, nil); err != nil {
			return nil, nil, err
		}
	}
	return &sitePlan{Plan: plan}, problems, nil
}

// warnWithoutSite tells who set a name for a site that there is none.
func warnWithoutSite(ctx *pulumi.Context, sources localconfig.Sources) error {
	for _, key := range []localconfig.Key{localconfig.HostUIBaseDomain, localconfig.HostUIHostedZoneID} {
		if found := sources.Look(key); found.Set() {
			return ctx.Log.Warn(key.Name+" is set ("+found.Name+"), but the platform has no host UI; give it the argument `hostUi: {}`", nil)
		}
	}
	return nil
}

// name names the bucket. Names of buckets are unique in the whole world, so the account is
// part of them.
func (s *sitePlan) name(ctx *pulumi.Context, platform string, options ...pulumi.InvokeOption) error {
	account, err := connection.Account(ctx, options...)
	if err != nil {
		return err
	}
	scope := component.Owner{Scope: naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Name: platform}}
	s.bucket = bucket.Name(scope, hostui.Part, account)
	return nil
}

// hostUI makes the host UI. It comes after the connection, which need not wait for it.
func (x *platformExpansion) hostUI() error {
	if x.site == nil {
		x.platform.HostUIURL = absent()
		return nil
	}
	config := hostui.Config{
		Platform:            x.owner.Name,
		GraphQLURL:          x.api.Uris.MapIndex(pulumi.String("GRAPHQL")),
		RealtimeURL:         x.api.Uris.MapIndex(pulumi.String("REALTIME")),
		Region:              x.api.Arn.ApplyT(naming.Region).(pulumi.StringOutput),
		AuthenticationModes: x.args.modes(),
	}
	config.More = pulumi.StringMap{}
	if x.userPool != nil {
		config.More["userPoolId"], config.More["userPoolClientId"] = x.userPool.ID, x.userPool.ClientID
	}
	if x.args.OpenIDConnect != nil {
		config.More["openIdConnectIssuer"] = x.args.OpenIDConnect.Issuer
	}
	url, err := x.site.Expand(x.ctx, x.owner, x.site.bucket, config)
	x.platform.HostUIURL = url.ToStringPtrOutput()
	return err
}
