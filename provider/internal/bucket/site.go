package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
)

// NewSite makes the bucket of a web site: private and encrypted. It keeps no versions and
// is deleted with all that is in it, because a deployment can write its objects anew.
func NewSite(ctx *pulumi.Context, owner component.Owner, part, name string) (*Bucket, error) {
	return create(ctx, owner, part, name, true, func(b *Bucket) []setting {
		return []setting{b.encrypt, b.closeToThePublic, b.own}
	})
}

// RegionalDomainName is the name under which CloudFront reads the bucket.
func (b *Bucket) RegionalDomainName() pulumi.StringOutput { return b.resource.BucketRegionalDomainName }

// ServeThrough lets one CloudFront distribution read the bucket's objects, and nobody
// anything without TLS. It may not list them: what is missing answers 403.
func (b *Bucket) ServeThrough(ctx *pulumi.Context, owner component.Owner, part string, distribution pulumi.StringInput) error {
	_, err := s3.NewBucketPolicy(ctx, owner.Logical(part), &s3.BucketPolicyArgs{
		Bucket: b.resource.ID().ToStringOutput(),
		Policy: iam.ServeThrough(b.ARN, distribution),
	}, owner.Child(pulumi.DependsOn(b.ready)))
	if err != nil {
		return fmt.Errorf("the policy of the bucket %s: %w", part, err)
	}
	return nil
}

// Object is what is written under one key. It has either a file or a text.
type Object struct {
	Key, ContentType, CacheControl string
	// Path is that of the file, Hash identifies its content.
	Path, Hash string
	Text       pulumi.StringInput
}

// Put writes an object, after all of ready. An object whose file or text has not changed is
// not written again, and one that is no longer declared is deleted.
func (b *Bucket) Put(ctx *pulumi.Context, owner component.Owner, part string, object Object, ready ...pulumi.Resource) (pulumi.Resource, error) {
	args := &s3.BucketObjectv2Args{
		Bucket:       b.resource.ID().ToStringOutput(),
		Key:          pulumi.String(object.Key),
		ContentType:  pulumi.String(object.ContentType),
		CacheControl: pulumi.String(object.CacheControl),
	}
	if object.Text != nil {
		args.Content = object.Text.ToStringOutput().ToStringPtrOutput()
	} else {
		args.Source, args.SourceHash = pulumi.NewFileAsset(object.Path), pulumi.String(object.Hash)
	}
	made, err := s3.NewBucketObjectv2(ctx, owner.Logical(part, object.Key), args,
		owner.Child(pulumi.DependsOn(append(ready, b.ready...))))
	if err != nil {
		return nil, fmt.Errorf("the object %s: %w", object.Key, err)
	}
	return made, nil
}
