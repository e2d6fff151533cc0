package s3

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// validationTimeout is how long the real provider waits until S3 sees the destinations'
// policies.
const validationTimeout = 2 * time.Minute

func notification() *define.Resource {
	d := setting("aws:s3/bucketNotification:BucketNotification", "S3 Bucket Notification", define.ArgsOf(sdk.BucketNotificationArgs{}),
		reflect.TypeFor[sdk.BucketNotification](), "NoSuchBucket", putNotification)
	d.Defaults = map[string]any{"eventbridge": false}
	d.Kinds = map[string]define.Kind{"queues.events": define.Set, "topics.events": define.Set, "lambdaFunctions.events": define.Set}
	d.Read = readNotification
	d.Delete = func(ctx context.Context, c *define.Clients, r define.Request) error {
		_, err := c.S3.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: &r.ID, NotificationConfiguration: &types.NotificationConfiguration{}})
		return err
	}
	return d
}

func putNotification(ctx context.Context, c *define.Clients, r define.Request) error {
	config := &types.NotificationConfiguration{}
	for i, q := range r.Inputs.Objects("queues") {
		config.QueueConfigurations = append(config.QueueConfigurations, types.QueueConfiguration{Id: idOf(q, "queue", i), QueueArn: q.StringPtr("queueArn"), Events: eventsOf(q), Filter: filterOf(q)})
	}
	for i, t := range r.Inputs.Objects("topics") {
		config.TopicConfigurations = append(config.TopicConfigurations, types.TopicConfiguration{Id: idOf(t, "topic", i), TopicArn: t.StringPtr("topicArn"), Events: eventsOf(t), Filter: filterOf(t)})
	}
	for i, f := range r.Inputs.Objects("lambdaFunctions") {
		config.LambdaFunctionConfigurations = append(config.LambdaFunctionConfigurations,
			types.LambdaFunctionConfiguration{Id: idOf(f, "lambda", i), LambdaFunctionArn: f.StringPtr("lambdaFunctionArn"), Events: eventsOf(f), Filter: filterOf(f)})
	}
	if r.Inputs.Bool("eventbridge") {
		config.EventBridgeConfiguration = &types.EventBridgeConfiguration{}
	}
	unseen := func(err error) bool {
		return define.HasText(err, "InvalidArgument", "Unable to validate the following destination configurations")
	}
	return retry.While(ctx, validationTimeout, unseen, func() error {
		_, err := c.S3.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: r.Inputs.StringPtr("bucket"), NotificationConfiguration: config})
		return err
	})
}

// idOf is the id that is given, or one that the provider makes.
func idOf(entry property.Map, what string, place int) *string {
	if id := entry.StringPtr("id"); id != nil {
		return id
	}
	return aws.String(fmt.Sprintf("tf-s3-%s-%03d", what, place+1))
}

func eventsOf(entry property.Map) []types.Event {
	var events []types.Event
	for _, event := range entry.Strings("events") {
		events = append(events, types.Event(event))
	}
	return events
}

func filterOf(entry property.Map) *types.NotificationConfigurationFilter {
	var rules []types.FilterRule
	for name, key := range map[types.FilterRuleName]string{types.FilterRuleNamePrefix: "filterPrefix", types.FilterRuleNameSuffix: "filterSuffix"} {
		if value := entry.StringPtr(key); value != nil {
			rules = append(rules, types.FilterRule{Name: name, Value: value})
		}
	}
	if rules == nil {
		return nil
	}
	return &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: rules}}
}

func readNotification(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.S3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &r.ID})
	if err != nil {
		return nil, err
	}
	var queues, topics, functions []any
	for _, q := range out.QueueConfigurations {
		queues = append(queues, entryOf("queueArn", q.QueueArn, q.Id, q.Events, q.Filter))
	}
	for _, t := range out.TopicConfigurations {
		topics = append(topics, entryOf("topicArn", t.TopicArn, t.Id, t.Events, t.Filter))
	}
	for _, f := range out.LambdaFunctionConfigurations {
		functions = append(functions, entryOf("lambdaFunctionArn", f.LambdaFunctionArn, f.Id, f.Events, f.Filter))
	}
	wanted := r.Inputs.Has("queues") || r.Inputs.Has("topics") || r.Inputs.Has("lambdaFunctions") || r.Inputs.Bool("eventbridge")
	if wanted && queues == nil && topics == nil && functions == nil && out.EventBridgeConfiguration == nil {
		return nil, nil // somebody removed it
	}
	v := values(r)
	v["queues"], v["topics"], v["lambdaFunctions"] = property.OrNull(queues), property.OrNull(topics), property.OrNull(functions)
	v["eventbridge"] = out.EventBridgeConfiguration != nil
	return v, nil
}

func entryOf(arnKey string, arn, id *string, events []types.Event, filter *types.NotificationConfigurationFilter) property.Values {
	entry := property.Values{arnKey: arn, "id": id, "events": events}
	if filter == nil || filter.Key == nil {
		return entry
	}
	for _, rule := range filter.Key.FilterRules {
		key := "filterSuffix"
		if strings.EqualFold(string(rule.Name), "prefix") {
			key = "filterPrefix"
		}
		entry[key] = rule.Value
	}
	return entry
}
