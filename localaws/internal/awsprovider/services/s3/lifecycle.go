package s3

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const smallObjects = "all_storage_classes_128K"

func lifecycle() *define.Resource {
	d := setting("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "S3 Bucket Lifecycle Configuration",
		define.ArgsOf(sdk.BucketLifecycleConfigurationV2Args{}), reflect.TypeFor[sdk.BucketLifecycleConfigurationV2](), "NoSuchLifecycleConfiguration", putLifecycle)
	d.Defaults = map[string]any{"transitionDefaultMinimumObjectSize": smallObjects}
	d.Enums = map[string][]string{"transitionDefaultMinimumObjectSize": {smallObjects, "varies_by_storage_class"}}
	d.Validate = validateLifecycle
	d.Read = readLifecycle
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.DeleteBucketLifecycle(ctx, &s3.DeleteBucketLifecycleInput{Bucket: &r.ID})
		return err
	}
	return d
}

func validateLifecycle(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	refuse := func(i int, format string, args ...any) {
		failures = append(failures, define.Failed(fmt.Sprintf("rules[%d]", i), format, args...)...)
	}
	for i, rule := range inputs.Objects("rules") {
		if status := rule.String("status"); rule.Known("status") && status != "Enabled" && status != "Disabled" {
			refuse(i, "expected status to be one of [Enabled Disabled], got %s", status)
		}
		if rule.Object("filter").Object("and").Has("tags") {
			refuse(i, "the stand-in does not know filter.and.tags; use filter.prefix or filter.tag")
		}
		dated := rule.Object("expiration").Has("date")
		for _, transition := range rule.Objects("transitions") {
			dated = dated || transition.Has("date")
		}
		if dated {
			refuse(i, "the stand-in does not know dates in lifecycle rules; use days")
		}
	}
	return failures
}

func putLifecycle(ctx context.Context, c *define.Clients, r define.Request) error {
	config := &types.BucketLifecycleConfiguration{}
	mapping.Into(r.Inputs, config, nil)
	for i, rule := range r.Inputs.Objects("rules") {
		filter := config.Rules[i].Filter
		if filter == nil && !rule.Has("prefix") {
			filter = &types.LifecycleRuleFilter{}
			config.Rules[i].Filter = filter
		}
		// A rule without a filter is for the whole bucket, which is said with an empty
		// prefix.
		if filter != nil && filter.And == nil && filter.Tag == nil && filter.Prefix == nil && filter.ObjectSizeGreaterThan == nil && filter.ObjectSizeLessThan == nil {
			filter.Prefix = aws.String("")
		}
	}
	_, err := c.S3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: r.Inputs.StringPtr("bucket"), LifecycleConfiguration: config,
		TransitionDefaultMinimumObjectSize: types.TransitionDefaultMinimumObjectSize(r.Inputs.String("transitionDefaultMinimumObjectSize"))})
	return err
}

func readLifecycle(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &r.ID})
	if err != nil {
		return nil, err
	}
	v := mapping.From(&types.BucketLifecycleConfiguration{Rules: out.Rules}, define.ArgsOf(sdk.BucketLifecycleConfigurationV2Args{}), nil)
	v["bucket"] = r.ID
	keepEmptyPrefixes(v, r.Inputs)
	if out.TransitionDefaultMinimumObjectSize != "" {
		v["transitionDefaultMinimumObjectSize"] = out.TransitionDefaultMinimumObjectSize
	}
	return v, nil
}

// keepEmptyPrefixes gives rules for the whole bucket the filter that they were made with:
// S3 answers both with and without one in the same way.
func keepEmptyPrefixes(read property.Values, inputs property.Map) {
	rules, _ := read["rules"].([]any)
	for i, rule := range inputs.Objects("rules") {
		if filter := rule.Object("filter"); i < len(rules) && filter.Has("prefix") && filter.String("prefix") == "" {
			if found, ok := rules[i].(property.Values); ok {
				found["filter"] = property.Values{"prefix": ""}
			}
		}
	}
}
