// Package bucket makes S3 buckets. That of a task ([New]) is private, encrypted, versioned,
// reachable over TLS only, and tells a queue of its new objects; that of a web site
// ([NewSite]) is read by one CloudFront distribution.
//
//  1. The bucket's name is fixed beforehand, with the account in it, because names of
//     buckets are unique in the whole world.
//  2. Versions are kept, so that each version of an object can be told apart and leads
//     to its commands once; old ones go after a while.
//  3. Its notification comes last: S3 tries whether it may send to the queue.
package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/queue"
)

// oldVersionDays is how long versions are kept that are no longer the newest: as long as
// a message about one may wait in a dead-letter queue, and then some.
const oldVersionDays = 30

// Bucket is a bucket.
type Bucket struct {
	Name     string
	ARN      pulumi.StringOutput
	resource *s3.BucketV2
	ready    []pulumi.Resource
}

// Name is the physical name of a part's bucket in an account.
func Name(owner component.Owner, part, account string) string {
	return owner.Physical(naming.Bucket, part, account)
}

// New makes a bucket, see the package comment. With forceDestroy it is deleted with all
// its objects, else only when it is empty.
func New(ctx *pulumi.Context, owner component.Owner, part, name string, forceDestroy bool) (*Bucket, error) {
	return create(ctx, owner, part, name, forceDestroy, func(b *Bucket) []setting {
		return []setting{b.version, b.expire, b.encrypt, b.closeToThePublic, b.own, b.requireTLS}
	})
}

// setting makes a resource that says how a bucket is.
type setting func(*pulumi.Context, component.Owner, string) (pulumi.Resource, error)

// create makes a bucket with its settings, in this order.
func create(ctx *pulumi.Context, owner component.Owner, part, name string, forceDestroy bool, settings func(*Bucket) []setting) (*Bucket, error) {
	resource, err := s3.NewBucketV2(ctx, owner.Logical(part), &s3.BucketV2Args{
		Bucket:       pulumi.String(name),
		ForceDestroy: pulumi.Bool(forceDestroy),
		Tags:         owner.TagsOf(part),
	}, owner.Kept())
	if err != nil {
		return nil, fmt.Errorf("the bucket %s: %w", part, err)
	}
	b := &Bucket{Name: name, ARN: resource.Arn, resource: resource}
	for _, step := range settings(b) {
		made, err := step(ctx, owner, part)
		if err != nil {
			return nil, fmt.Errorf("the settings of the bucket %s: %w", part, err)
		}
		b.ready = append(b.ready, made)
	}
	return b, nil
}

func (b *Bucket) version(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketVersioningV2(ctx, owner.Logical(part), &s3.BucketVersioningV2Args{
		Bucket:                  b.resource.ID().ToStringOutput(),
		VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, owner.Child())
}

func (b *Bucket) expire(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketLifecycleConfigurationV2(ctx, owner.Logical(part), &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.resource.ID().ToStringOutput(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("old-versions"),
			Status: pulumi.String("Enabled"),
			Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			NoncurrentVersionExpiration: &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(oldVersionDays),
			},
		}},
	}, owner.Child(pulumi.DependsOn(b.ready)))
}

func (b *Bucket) encrypt(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketServerSideEncryptionConfigurationV2(ctx, owner.Logical(part), &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.resource.ID().ToStringOutput(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}},
	}, owner.Child())
}

func (b *Bucket) closeToThePublic(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketPublicAccessBlock(ctx, owner.Logical(part), &s3.BucketPublicAccessBlockArgs{
		Bucket:                b.resource.ID().ToStringOutput(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, owner.Child())
}

func (b *Bucket) own(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketOwnershipControls(ctx, owner.Logical(part), &s3.BucketOwnershipControlsArgs{
		Bucket: b.resource.ID().ToStringOutput(),
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, owner.Child())
}

func (b *Bucket) requireTLS(ctx *pulumi.Context, owner component.Owner, part string) (pulumi.Resource, error) {
	return s3.NewBucketPolicy(ctx, owner.Logical(part), &s3.BucketPolicyArgs{
		Bucket: b.resource.ID().ToStringOutput(),
		Policy: iam.RequireTLS(b.ARN),
	}, owner.Child(pulumi.DependsOn(b.ready)))
}

// Notify sends a message to the queue, which has admitted the bucket, for each new object
// whose name has this beginning and this end.
func (b *Bucket) Notify(ctx *pulumi.Context, owner component.Owner, part string, to *queue.Queue, admitted pulumi.Resource, prefix, suffix string) (pulumi.Resource, error) {
	target := s3.BucketNotificationQueueArgs{
		QueueArn: to.ARN,
		Events:   pulumi.StringArray{pulumi.String("s3:ObjectCreated:*")},
	}
	if prefix != "" {
		target.FilterPrefix = pulumi.String(prefix)
	}
	if suffix != "" {
		target.FilterSuffix = pulumi.String(suffix)
	}
	notification, err := s3.NewBucketNotification(ctx, owner.Logical(part), &s3.BucketNotificationArgs{
		Bucket: b.resource.ID().ToStringOutput(),
		Queues: s3.BucketNotificationQueueArray{target},
	}, owner.Child(pulumi.DependsOn(append([]pulumi.Resource{admitted}, b.ready...))))
	if err != nil {
		return nil, fmt.Errorf("the notification of the bucket %s: %w", part, err)
	}
	return notification, nil
}

// AllowRead allows to read versions of objects. Whoever reads names the version, which
// S3 has an action of its own for.
func (b *Bucket) AllowRead() iam.Statement {
	return iam.Allow(iam.On(pulumi.Sprintf("%s/*", b.ARN)), "s3:GetObjectVersion")
}

// AllowWrite allows to write objects.
func (b *Bucket) AllowWrite() iam.Statement {
	return iam.Allow(iam.On(pulumi.Sprintf("%s/*", b.ARN)), "s3:PutObject")
}
