package declaration

import "github.com/pulumi/pulumi-go-provider/infer"

// HostUI is the web site that a platform serves.
type HostUI struct {
	Bundle                *string  `pulumi:"bundle,optional"`
	Immutable             []string `pulumi:"immutable,optional"`
	ContentSecurityPolicy *string  `pulumi:"contentSecurityPolicy,optional"`
	BaseDomain            *string  `pulumi:"baseDomain,optional"`
	HostedZoneID          *string  `pulumi:"hostedZoneId,optional"`
	BaseName              *string  `pulumi:"baseName,optional"`
	ProdStacks            []string `pulumi:"prodStacks,optional"`
	CertificateARN        *string  `pulumi:"certificateArn,optional"`
}

// DefaultProdStacks are the stacks whose site has no stack in its name.
func DefaultProdStacks() []string { return []string{"prod", "main"} }

// Annotate describes the site in the schema.
func (h *HostUI) Annotate(annotator infer.Annotator) {
	annotator.Describe(&h, "The host UI: a web site in a private S3 bucket, served over HTTPS by CloudFront. Without a bundle it is a page that shows the platform's plugins.")
	annotator.Describe(&h.Bundle, "The site's files: the path of a folder, or of a .zip archive, relative to the folder of Pulumi.yaml, such as `../ui/dist`. It has an `index.html`, which also answers "+
		"paths that there is no file for, at most 1000 files, and none over 50 MB. The platform adds `/config.json`, with `graphqlUrl`, `region` and `authenticationModes`. Default: the platform's own page.")
	annotator.Describe(&h.Immutable, "Beginnings of the names of files that never change, since their content is a part of their name: browsers keep them for a year. "+
		"Default: files whose name has a hash that nobody could mistake for a word, such as `main.3f2a1b9c.js`. Example: `[assets/]`.")
	annotator.Describe(&h.ContentSecurityPolicy, "The header `Content-Security-Policy` of all files. Default: for the platform's own page, its own files and the GraphQL API only; "+
		"for a bundle `base-uri 'self'; object-src 'none'; frame-ancestors 'none'`.")
	annotator.Describe(&h.BaseDomain, "The domain below which the site is served, such as `apps.example.com`; needs `hostedZoneId`. The configuration value `hostUiBaseDomain` goes before it. "+
		"Default: the site is served at a name of CloudFront.")
	annotator.Describe(&h.HostedZoneID, "The id of the Route 53 hosted zone of `baseDomain`, such as `Z0123456789ABCDEFGHIJ`. The configuration value `hostUiHostedZoneId` goes before it.")
	annotator.Describe(&h.BaseName, "The first part of the site's name: `<baseName>-<stack>.<baseDomain>`, and `<baseName>.<baseDomain>` for the stacks of `prodStacks`. "+
		"The configuration value `hostUiBaseName` goes before it. Default: the project's name.")
	annotator.Describe(&h.ProdStacks, "The stacks whose site has no stack in its name. The configuration value `hostUiProdStacks`, with commas, goes before it. Default: `[prod, main]`.")
	annotator.Describe(&h.CertificateARN, "The ARN of an issued ACM certificate in us-east-1 for the site's name. Needed where the platform has an explicit `provider` for AWS, whose settings cannot be copied for us-east-1. "+
		"Default: a certificate is made and validated by DNS.")
}
