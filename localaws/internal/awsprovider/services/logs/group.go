// Package logs declares the CloudWatch Logs types of the stand-in provider:
// LogGroup.
package logs

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{{
		Token:         "aws:cloudwatch/logGroup:LogGroup",
		Noun:          "CloudWatch Logs Log Group",
		Args:          define.ArgsOf(sdk.LogGroupArgs{}),
		Result:        reflect.TypeFor[sdk.LogGroup](),
		AutoName:      &define.AutoName{Property: "name", Max: 512},
		Defaults:      map[string]any{"retentionInDays": 0, "skipDestroy": false},
		Enums:         map[string][]string{"logGroupClass": {"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"}},
		Validate:      validate,
		ForceNew:      []string{"name", "namePrefix", "logGroupClass"},
		Computed:      []string{"arn", "logGroupClass", "namePrefix"},
		NotFoundCodes: []string{"ResourceNotFoundException"},
		Create:        create,
		Read:          read,
		Update:        update,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			if r.Inputs.Bool("skipDestroy") {
				return nil
			}
			_, err := c.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &r.ID})
			return err
		},
	}}
}

var retentions = []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func validate(inputs property.Map) []inputcheck.Failure {
	if !inputs.Known("retentionInDays") {
		return nil
	}
	for _, days := range retentions {
		if inputs.Int("retentionInDays") == days {
			return nil
		}
	}
	return define.Failed("retentionInDays", "expected %q to be one of %v, got %d", "retentionInDays", retentions, inputs.Int("retentionInDays"))
}

func create(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	name := r.Inputs.String("name")
	_, err := c.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: &name, KmsKeyId: r.Inputs.StringPtr("kmsKeyId"), Tags: r.Inputs.StringMap("tags"),
		LogGroupClass: types.LogGroupClass(r.Inputs.String("logGroupClass"))})
	if err != nil {
		return "", err
	}
	return name, setRetention(ctx, c, name, r.Inputs.Int("retentionInDays"))
}

func setRetention(ctx context.Context, c *define.Clients, name string, days int) error {
	if days == 0 {
		return nil
	}
	_, err := c.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: &name, RetentionInDays: aws.Int32(int32(days))})
	return err
}

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	group, err := find(ctx, c, r.ID)
	if err != nil || group == nil {
		return nil, err
	}
	arn := strings.TrimSuffix(aws.ToString(group.Arn), ":*")
	tags, err := c.Logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return nil, err
	}
	class := group.LogGroupClass
	if class == "" {
		class = types.LogGroupClassStandard
	}
	return property.Values{"arn": arn, "name": group.LogGroupName, "namePrefix": "", "logGroupClass": class,
		"retentionInDays": aws.ToInt32(group.RetentionInDays), "kmsKeyId": group.KmsKeyId,
		"tags": property.OrNull(tags.Tags)}, nil
}

func find(ctx context.Context, c *define.Clients, name string) (*types.LogGroup, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.Logs,
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.LogGroups {
			if aws.ToString(g.LogGroupName) == name {
				return &g, nil
			}
		}
	}
	return nil, nil
}

func update(ctx context.Context, c *define.Clients, r define.Request) error {
	if r.Changed["retentionInDays"] {
		if err := updateRetention(ctx, c, r); err != nil {
			return err
		}
	}
	if r.Changed["kmsKeyId"] {
		if err := updateKey(ctx, c, r); err != nil {
			return err
		}
	}
	return updateTags(ctx, c, r)
}

func updateRetention(ctx context.Context, c *define.Clients, r define.Request) error {
	if days := r.Inputs.Int("retentionInDays"); days != 0 {
		return setRetention(ctx, c, r.ID, days)
	}
	_, err := c.Logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &r.ID})
	return err
}

func updateKey(ctx context.Context, c *define.Clients, r define.Request) error {
	if key := r.Inputs.StringPtr("kmsKeyId"); key != nil {
		_, err := c.Logs.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: &r.ID, KmsKeyId: key})
		return err
	}
	_, err := c.Logs.DisassociateKmsKey(ctx, &cloudwatchlogs.DisassociateKmsKeyInput{LogGroupName: &r.ID})
	return err
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(remove) > 0 {
		in := &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: remove}
		if _, err := c.Logs.UntagResource(ctx, in); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.Logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: set})
	return err
}
