package define

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Clients holds the AWS clients of one configured provider. It is safe for
// concurrent use.
type Clients struct {
	Region     string
	ACM        *acm.Client
	AppSync    *appsync.Client
	CloudFront *cloudfront.Client
	CloudWatch *cloudwatch.Client
	Cognito    *cognitoidentityprovider.Client
	DynamoDB   *dynamodb.Client
	IAM        *iam.Client
	Lambda     *lambda.Client
	Logs       *cloudwatchlogs.Client
	Route53    *route53.Client
	S3         *s3.Client
	Scheduler  *scheduler.Client
	SNS        *sns.Client
	SQS        *sqs.Client
	STS        *sts.Client

	locks sync.Map // string to *sync.Mutex
}

// NewClients makes the clients of a configuration.
func NewClients(cfg aws.Config) *Clients {
	return &Clients{
		Region:     cfg.Region,
		ACM:        acm.NewFromConfig(cfg),
		AppSync:    appsync.NewFromConfig(cfg),
		CloudFront: cloudfront.NewFromConfig(cfg),
		CloudWatch: cloudwatch.NewFromConfig(cfg),
		Cognito:    cognitoidentityprovider.NewFromConfig(cfg),
		DynamoDB:   dynamodb.NewFromConfig(cfg),
		IAM:        iam.NewFromConfig(cfg),
		Lambda:     lambda.NewFromConfig(cfg),
		Logs:       cloudwatchlogs.NewFromConfig(cfg),
		Route53:    route53.NewFromConfig(cfg),
		S3:         s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		Scheduler:  scheduler.NewFromConfig(cfg),
		SNS:        sns.NewFromConfig(cfg),
		SQS:        sqs.NewFromConfig(cfg),
		STS:        sts.NewFromConfig(cfg),
	}
}

// Lock takes the mutex of a key and returns its release. The real provider
// serialises some operations within its process in the same way.
func (c *Clients) Lock(key string) (unlock func()) {
	mutex, _ := c.locks.LoadOrStore(key, &sync.Mutex{})
	mutex.(*sync.Mutex).Lock()
	return mutex.(*sync.Mutex).Unlock
}
