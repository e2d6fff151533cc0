package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// lister lists things of one type, all pages of them.
type lister struct {
	service, kind string
	ids           list
}

// Moto lists what exists in the services that moto_server plays: tables, queues,
// topics, subscriptions, roles, log groups, alarms, user pools, buckets, records and
// certificates.
func Moto(ctx context.Context, config aws.Config) ([]Item, error) {
	var items []Item
	var problems []error
	for _, l := range listers(config) {
		ids, err := l.ids(ctx)
		if err != nil {
			problems = append(problems, fmt.Errorf("list every %s of %s: %w", l.kind, l.service, err))
		}
		for _, id := range ids {
			items = append(items, Item{Service: l.service, Type: l.kind, ID: id})
		}
	}
	return items, errors.Join(problems...)
}

func listers(config aws.Config) []lister {
	return []lister{
		{"dynamodb", "table", listTables(dynamodb.NewFromConfig(config))},
		{"sqs", "queue", listQueues(sqs.NewFromConfig(config))},
		{"sns", "topic", listTopics(sns.NewFromConfig(config))},
		{"sns", "subscription", listSubscriptions(sns.NewFromConfig(config))},
		{"iam", "role", listRoles(iam.NewFromConfig(config))},
		{"logs", "log group", listLogGroups(logs.NewFromConfig(config))},
		{"cloudwatch", "alarm", listAlarms(cloudwatch.NewFromConfig(config))},
		{"cognito-idp", "user pool", listUserPools(cognitoidentityprovider.NewFromConfig(config))},
		{"s3", "bucket", listBuckets(s3.NewFromConfig(config))},
		{"route53", "record", listRecords(route53.NewFromConfig(config))},
		// Those of CloudFront are in this region.
		{"acm", "certificate", listCertificates(acm.NewFromConfig(config, func(o *acm.Options) { o.Region = "us-east-1" }))},
	}
}

// paginator is what the SDK's paginators of an output type have in common.
type paginator[Output, Option any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Option)) (Output, error)
}

// pages collects the ids of all pages.
func pages[Output, Option any](ctx context.Context, p paginator[Output, Option], ids func(Output) []string) ([]string, error) {
	var all []string
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, ids(page)...)
	}
	return all, nil
}

func each[T any](values []T, id func(T) string) []string {
	ids := make([]string, len(values))
	for i, value := range values {
		ids[i] = id(value)
	}
	return ids
}
