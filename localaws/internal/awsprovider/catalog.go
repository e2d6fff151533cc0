package awsprovider

import (
	"slices"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/acm"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/appsync"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/cloudfront"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/cloudwatch"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/cognito"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/dynamodb"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/functions"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/iam"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/lambda"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/logs"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/route53"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/s3"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/scheduler"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/sns"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/services/sqs"
)

// Resources lists all resource types that the stand-in serves.
func Resources() []*define.Resource {
	return slices.Concat(acm.Resources(), appsync.Resources(), cloudfront.Resources(), cloudwatch.Resources(), cognito.Resources(),
		dynamodb.Resources(), iam.Resources(), lambda.Resources(),
		logs.Resources(), route53.Resources(), s3.Resources(), scheduler.Resources(), sns.Resources(), sqs.Resources())
}

// Functions lists all functions that the stand-in serves.
func Functions() []*define.Function {
	return slices.Concat(cognito.Functions(), functions.Functions(), lambda.Functions())
}
