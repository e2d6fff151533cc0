// Package cloudwatch declares the CloudWatch types of the stand-in provider: MetricAlarm.
// Its client is of a release that speaks the protocol which moto understands.
package cloudwatch

import (
	"context"
	"reflect"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// maxQueries is how many metrics and expressions CloudWatch takes in an alarm.
const maxQueries = 10

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{{
		Token:    "aws:cloudwatch/metricAlarm:MetricAlarm",
		Noun:     "CloudWatch Metric Alarm",
		Args:     define.ArgsOf(sdk.MetricAlarmArgs{}),
		Result:   reflect.TypeFor[sdk.MetricAlarm](),
		AutoName: &define.AutoName{Property: "name", Max: 255},
		Required: []string{"comparisonOperator", "evaluationPeriods"},
		Defaults: map[string]any{"actionsEnabled": true, "treatMissingData": "missing"},
		Enums: map[string][]string{
			"comparisonOperator": {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
				"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"},
			"treatMissingData": {"breaching", "notBreaching", "ignore", "missing"},
		},
		Kinds:         map[string]define.Kind{"alarmActions": define.Set, "okActions": define.Set, "insufficientDataActions": define.Set, "metricQueries": define.Set},
		Validate:      validate,
		ForceNew:      []string{"name"},
		Computed:      []string{"arn", "evaluateLowSampleCountPercentiles"},
		NotFoundCodes: []string{"ResourceNotFound", "ResourceNotFoundException"},
		Create:        create,
		Read:          read,
		Update:        update,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			_, err := c.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{r.ID}})
			return err
		},
	}}
}

// search is what CloudWatch refuses in the expression of an alarm.
var search = regexp.MustCompile(`(?i)\bSEARCH\s*\(`)

func validate(inputs property.Map) []inputcheck.Failure {
	queries := inputs.Objects("metricQueries")
	if len(queries) > maxQueries {
		return define.Failed("metricQueries", "an alarm has at most %d metrics and expressions, got %d", maxQueries, len(queries))
	}
	returned := 0
	for _, query := range queries {
		if search.MatchString(query.String("expression")) {
			return define.Failed("metricQueries", "SEARCH is not supported in the expression of an alarm")
		}
		if query.Bool("returnData") {
			returned++
		}
	}
	if len(queries) > 0 && returned != 1 {
		return define.Failed("metricQueries", "exactly one of them must return data, %d do", returned)
	}
	return nil
}

func create(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	in := alarm(r.Inputs)
	in.Tags = tagsOf(r.Inputs.StringMap("tags"))
	if _, err := c.CloudWatch.PutMetricAlarm(ctx, in); err != nil {
		return "", err
	}
	return r.Inputs.String("name"), nil
}

// names are the inputs that CloudWatch calls otherwise.
var names = mapping.Rename{"name": "AlarmName"}

func alarm(inputs property.Map) *cloudwatch.PutMetricAlarmInput {
	in := &cloudwatch.PutMetricAlarmInput{}
	mapping.Into(inputs, in, names)
	in.Dimensions, in.Tags = dimensionsOf(inputs.StringMap("dimensions")), nil
	if threshold := inputs.Get("threshold"); threshold.IsNumber() {
		in.Threshold = aws.Float64(threshold.NumberValue())
	}
	for _, query := range inputs.Objects("metricQueries") {
		in.Metrics = append(in.Metrics, queryOf(query))
	}
	return in
}

func queryOf(query property.Map) types.MetricDataQuery {
	out := types.MetricDataQuery{Id: query.StringPtr("id"), Expression: query.StringPtr("expression"), Label: query.StringPtr("label"),
		ReturnData: aws.Bool(query.Bool("returnData"))}
	if metric := query.Object("metric"); metric != nil {
		out.MetricStat = &types.MetricStat{Period: metric.Int32Ptr("period"), Stat: metric.StringPtr("stat"),
			Metric: &types.Metric{Namespace: metric.StringPtr("namespace"), MetricName: metric.StringPtr("metricName"),
				Dimensions: dimensionsOf(metric.StringMap("dimensions"))}}
	}
	return out
}

func dimensionsOf(m map[string]string) []types.Dimension {
	var dimensions []types.Dimension
	for name, value := range m {
		dimensions = append(dimensions, types.Dimension{Name: &name, Value: &value})
	}
	return dimensions
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{r.ID}})
	if err != nil || len(out.MetricAlarms) == 0 {
		return nil, err
	}
	found := out.MetricAlarms[0]
	tags, err := c.CloudWatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: found.AlarmArn})
	if err != nil {
		return nil, err
	}
	own := map[string]string{}
	for _, tag := range tags.Tags {
		own[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return property.Values{"arn": found.AlarmArn, "name": found.AlarmName, "alarmDescription": found.AlarmDescription,
		"comparisonOperator": found.ComparisonOperator, "threshold": found.Threshold, "evaluationPeriods": found.EvaluationPeriods,
		"datapointsToAlarm": found.DatapointsToAlarm, "treatMissingData": found.TreatMissingData,
		"alarmActions": property.OrNull(found.AlarmActions), "okActions": property.OrNull(found.OKActions),
		"evaluateLowSampleCountPercentiles": aws.ToString(found.EvaluateLowSampleCountPercentile),
		"tags":                              property.OrNull(own)}, nil
}

func update(ctx context.Context, c *define.Clients, r define.Request) error {
	if _, err := c.CloudWatch.PutMetricAlarm(ctx, alarm(r.Inputs)); err != nil {
		return err
	}
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(remove) > 0 {
		if _, err := c.CloudWatch.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.CloudWatch.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: arn, Tags: tagsOf(set)})
	return err
}
