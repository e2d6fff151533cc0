package doctor

import (
	"context"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// credentials checks whose credentials a stack is deployed with, and that it is the account
// and region of its platform.
func (e *examination) credentials(ctx context.Context, p *patient) {
	values := p.configured(e.plan.Environment).Values
	provider := stack.Provider{Region: values["aws:region"].Value, Profile: values["aws:profile"].Value}
	if p.configuration == nil {
		provider.Region = p.Region
	}
	identity, err := e.AWS.Identity(ctx, provider)
	if err != nil {
		e.add(checkCredentials, p.Name, Problem,
			"set aws:region in Pulumi."+e.plan.Environment+".yaml or AWS_REGION, and sign in: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or `aws sso login`; `aws sts get-caller-identity` shows who you are",
			"AWS does not know the credentials: %s", oneLine(err.Error()))
		return
	}
	if p.home == nil {
		e.add(checkCredentials, p.Name, Note, "", "%s in %s; its platform is not known, so the account and region are not compared", identity.ARN, identity.Region)
		return
	}
	account, region := p.home.Account, p.home.Provider.Region
	switch {
	case account != "" && account != identity.Account:
		e.add(checkCredentials, p.Name, Problem, "use credentials of the account "+account+", for instance by AWS_PROFILE",
			"the credentials are of the account %s, its platform is in %s", identity.Account, account)
	case region != "" && region != identity.Region:
		e.add(checkCredentials, p.Name, Problem, e.inFolder(p, "pulumi config set aws:region "+region),
			"the region is %s, its platform is in %s", identity.Region, region)
	default:
		e.ok(checkCredentials, p.Name, "%s in %s, as its platform", identity.ARN, identity.Region)
	}
}
