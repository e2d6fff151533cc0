package inventory

import (
	"context"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// list answers the ids of all things of one type.
type list = func(context.Context) ([]string, error)

func listTables(client *dynamodb.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{}), func(o *dynamodb.ListTablesOutput) []string { return o.TableNames })
	}
}

func listQueues(client *sqs.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, sqs.NewListQueuesPaginator(client, &sqs.ListQueuesInput{}), func(o *sqs.ListQueuesOutput) []string { return each(o.QueueUrls, path.Base) })
	}
}

func listTopics(client *sns.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, sns.NewListTopicsPaginator(client, &sns.ListTopicsInput{}), func(o *sns.ListTopicsOutput) []string {
			return each(o.Topics, func(t snstypes.Topic) string { return aws.ToString(t.TopicArn) })
		})
	}
}

func listSubscriptions(client *sns.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, sns.NewListSubscriptionsPaginator(client, &sns.ListSubscriptionsInput{}), func(o *sns.ListSubscriptionsOutput) []string {
			return each(o.Subscriptions, func(s snstypes.Subscription) string { return aws.ToString(s.SubscriptionArn) })
		})
	}
}

func listRoles(client *iam.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, iam.NewListRolesPaginator(client, &iam.ListRolesInput{}), func(o *iam.ListRolesOutput) []string {
			return each(o.Roles, func(r iamtypes.Role) string { return aws.ToString(r.RoleName) })
		})
	}
}

func listLogGroups(client *logs.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, logs.NewDescribeLogGroupsPaginator(client, &logs.DescribeLogGroupsInput{}), func(o *logs.DescribeLogGroupsOutput) []string {
			return each(o.LogGroups, func(g logtypes.LogGroup) string { return aws.ToString(g.LogGroupName) })
		})
	}
}

func listAlarms(client *cloudwatch.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{}), func(o *cloudwatch.DescribeAlarmsOutput) []string {
			return each(o.MetricAlarms, func(a cloudwatchtypes.MetricAlarm) string { return aws.ToString(a.AlarmName) })
		})
	}
}

// userPoolPage is how many user pools Cognito lists at once; it asks for a number.
const userPoolPage = 60

func listUserPools(client *cognitoidentityprovider.Client) list {
	return func(ctx context.Context) ([]string, error) {
		input := &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(userPoolPage)}
		return pages(ctx, cognitoidentityprovider.NewListUserPoolsPaginator(client, input), func(o *cognitoidentityprovider.ListUserPoolsOutput) []string {
			return each(o.UserPools, func(p cognitotypes.UserPoolDescriptionType) string { return aws.ToString(p.Id) })
		})
	}
}

func listBuckets(client *s3.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, s3.NewListBucketsPaginator(client, &s3.ListBucketsInput{}), func(o *s3.ListBucketsOutput) []string {
			return each(o.Buckets, func(b s3types.Bucket) string { return aws.ToString(b.Name) })
		})
	}
}

func listCertificates(client *acm.Client) list {
	return func(ctx context.Context) ([]string, error) {
		return pages(ctx, acm.NewListCertificatesPaginator(client, &acm.ListCertificatesInput{}), func(o *acm.ListCertificatesOutput) []string {
			return each(o.CertificateSummaryList, func(c acmtypes.CertificateSummary) string { return aws.ToString(c.CertificateArn) })
		})
	}
}

// listRecords lists the records of all hosted zones, and the zones with them: each has
// records of its own.
func listRecords(client *route53.Client) list {
	return func(ctx context.Context) ([]string, error) {
		zones, err := client.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, zone := range zones.HostedZones {
			records, err := client.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: zone.Id})
			if err != nil {
				return ids, err
			}
			for _, r := range records.ResourceRecordSets {
				ids = append(ids, path.Base(aws.ToString(zone.Id))+" "+aws.ToString(r.Name)+" "+string(r.Type))
			}
		}
		return ids, nil
	}
}
