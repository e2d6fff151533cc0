// Package hostui makes the host UI of a platform, a web site:
//
//  1. [Check] finds everything that is wrong before anything is registered: it reads the
//     bundle (bundle.go), or takes the platform's own page with GraphiQL (shell.go), and
//     finds the site's name by the configuration (name.go).
//  2. [Plan.Expand] makes the bucket, the distribution, with a name of one's own the
//     certificate and the records, and one object for each file. index.html comes last, so
//     that it never asks for a file that is not there yet; what is no longer in the bundle
//     is deleted at the end of the deployment.
//  3. config.json tells the page where the API is (config.go).
//
// How long browsers and CloudFront keep a file is decided in cache.go.
package hostui

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/bucket"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/distribution"
	"github.com/reventless/pulumi-reventless/provider/internal/domain"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// Part is the site's part of the platform.
const Part = "host-ui"

// Plan is a site that was checked.
type Plan struct {
	declared declaration.HostUI
	files    []file
	name     name
	// shell says that the files are the platform's own page.
	shell bool
	// Warnings are for who deploys.
	Warnings []string
}

// Check checks what is declared, for a stack of a project. explicit says that the platform
// has an explicit aws provider.
func Check(declared declaration.HostUI, sources localconfig.Sources, project, stack string, explicit bool) (Plan, []validate.Problem) {
	plan := Plan{declared: declared, shell: declared.Bundle == nil}
	var problems []validate.Problem
	if plan.shell {
		plan.files, problems = shellFiles()
	} else {
		plan.files, problems = bundle(*declared.Bundle)
	}
	named, warnings, wrong := findName(declared, sources, project, stack, explicit)
	plan.name, plan.Warnings = named, warnings
	return plan, append(problems, wrong...)
}

// Expand makes the site's resources and returns its URL. bucketName is the physical name of
// its bucket.
func (p Plan) Expand(ctx *pulumi.Context, owner component.Owner, bucketName string, config Config) (pulumi.StringOutput, error) {
	none := pulumi.StringOutput{}
	site := distribution.Site{Part: Part, Domain: p.name.domain, ContentSecurityPolicy: p.policy(config)}
	var err error
	if site.Bucket, err = bucket.NewSite(ctx, owner, Part, bucketName); err != nil {
		return none, err
	}
	if site.Domain != "" {
		site.CertificateARN = pulumi.String(or(p.declared.CertificateARN, ""))
		if p.declared.CertificateARN == nil {
			if site.CertificateARN, err = domain.Certificate(ctx, owner, Part, p.name.domain, p.name.zone); err != nil {
				return none, err
			}
		}
	}
	made, err := distribution.New(ctx, owner, site)
	if err != nil {
		return none, err
	}
	if err := p.upload(ctx, owner, site.Bucket, config); err != nil {
		return none, err
	}
	if site.Domain == "" {
		return pulumi.Sprintf("https://%s", made.DomainName), nil
	}
	return pulumi.Sprintf("https://%s", site.Domain), domain.Point(ctx, owner, Part, p.name.domain, p.name.zone, made)
}

// upload writes the files, and index.html when all others are there.
func (p Plan) upload(ctx *pulumi.Context, owner component.Owner, to *bucket.Bucket, config Config) error {
	made, err := to.Put(ctx, owner, Part, bucket.Object{
		Key: configKey, ContentType: contentType(configKey), CacheControl: revalidate, Text: config.text(),
	})
	if err != nil {
		return err
	}
	ready := []pulumi.Resource{made}
	var index bucket.Object
	for _, f := range p.files {
		object := bucket.Object{
			Key: f.key, ContentType: contentType(f.key), CacheControl: cacheControl(f.key, p.declared.Immutable), Path: f.path, Hash: f.hash,
		}
		switch f.key {
		case configKey: // the platform's own stands in its place
		case distribution.Index:
			index = object
		default:
			if made, err = to.Put(ctx, owner, Part, object); err != nil {
				return err
			}
			ready = append(ready, made)
		}
	}
	_, err = to.Put(ctx, owner, Part, index, ready...)
	return err
}

// or is the value behind a pointer, or the default.
func or[T any](pointer *T, fallback T) T {
	if pointer == nil {
		return fallback
	}
	return *pointer
}
