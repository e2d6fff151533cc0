package graph

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/iam"
)

// Trust lets AppSync take on a role for one API.
func Trust(apiARN pulumi.StringInput) iam.Trust {
	return iam.Trust{Service: iam.AppSync, Sources: iam.On(apiARN)}
}

// AllowSchema allows to push the schema of one API, to look at, probe and attach its
// resolvers, and to make the data source of the probes anew should somebody have deleted
// it. AppSync names the resources of its control plane in two ways, with and without the
// path of the request; both stand for this API only.
func AllowSchema(apiARN, apiID pulumi.StringInput) iam.Statement {
	path := pulumi.All(apiARN, apiID).ApplyT(func(values []any) string {
		arn, id := values[0].(string), values[1].(string)
		return arn[:len(arn)-len("apis/"+id)] + "/v1/apis/" + id
	}).(pulumi.StringOutput)
	return iam.Allow(iam.On(apiARN, pulumi.Sprintf("%s/*", apiARN), path, pulumi.Sprintf("%s/*", path)),
		"appsync:StartSchemaCreation", "appsync:GetSchemaCreationStatus", "appsync:GetIntrospectionSchema",
		"appsync:GetResolver", "appsync:CreateResolver", "appsync:UpdateResolver", "appsync:DeleteResolver", "appsync:CreateDataSource")
}
