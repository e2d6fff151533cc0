package function

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
)

// Permit lets a service of AWS invoke somebody else's function on behalf of one resource. arn
// is that of the function, or of a version or an alias, which have policies of their own.
func Permit(ctx *pulumi.Context, owner component.Owner, part string, arn pulumi.StringInput, service string, source pulumi.StringInput) error {
	_, err := lambda.NewPermission(ctx, owner.Logical(part), &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"),
		Function: arn.ToStringOutput().ApplyT(func(arn string) string {
			function, _ := qualified(arn)
			return function
		}).(pulumi.StringOutput),
		Qualifier: arn.ToStringOutput().ApplyT(func(arn string) *string {
			_, qualifier := qualified(arn)
			return qualifier
		}).(pulumi.StringPtrOutput),
		Principal: pulumi.String(service),
		SourceArn: source.ToStringOutput().ToStringPtrOutput(),
	}, owner.Child())
	if err != nil {
		return fmt.Errorf("the permission to invoke the function of %s: %w", part, err)
	}
	return nil
}

// qualified splits the version or alias off a function's ARN, nil where there is none.
func qualified(arn string) (function string, qualifier *string) {
	parts := strings.Split(arn, ":")
	if len(parts) < 8 {
		return arn, nil
	}
	return strings.Join(parts[:7], ":"), &parts[7]
}
