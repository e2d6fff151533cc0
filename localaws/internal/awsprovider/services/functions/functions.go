// Package functions declares the functions (invokes) of the stand-in provider
// that belong to no resource: getRegion, getCallerIdentity, getPartition.
package functions

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Functions lists the functions of this package.
func Functions() []*define.Function {
	return []*define.Function{
		{Token: "aws:index/getRegion:getRegion", Args: reflect.TypeFor[sdk.GetRegionArgs](),
			Result: reflect.TypeFor[sdk.GetRegionResult](), Call: getRegion},
		{Token: "aws:index/getCallerIdentity:getCallerIdentity", Args: reflect.TypeFor[sdk.GetCallerIdentityArgs](),
			Result: reflect.TypeFor[sdk.GetCallerIdentityResult](), Call: getCallerIdentity},
		{Token: "aws:index/getPartition:getPartition", Args: reflect.TypeFor[sdk.GetPartitionArgs](),
			Result: reflect.TypeFor[sdk.GetPartitionResult](), Call: getPartition},
	}
}

func getRegion(_ context.Context, c *define.Clients, args property.Map) (property.Values, error) {
	name := c.Region
	if wanted := args.String("name"); wanted != "" {
		name = wanted
	}
	return property.Values{"id": name, "name": name, "description": name,
		"endpoint": "ec2." + name + "." + dnsSuffix(name)}, nil
}

func getCallerIdentity(ctx context.Context, c *define.Clients, _ property.Map) (property.Values, error) {
	out, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, err
	}
	return property.Values{"id": out.Account, "accountId": out.Account, "arn": out.Arn, "userId": out.UserId}, nil
}

func getPartition(_ context.Context, c *define.Clients, _ property.Map) (property.Values, error) {
	partition := Partition(c.Region)
	reverse := "com.amazonaws"
	if partition == "aws-cn" {
		reverse = "cn.com.amazonaws"
	}
	return property.Values{"id": partition, "partition": partition, "dnsSuffix": dnsSuffix(c.Region),
		"reverseDnsPrefix": reverse}, nil
}

// Partition returns the AWS partition of a region.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

func dnsSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
