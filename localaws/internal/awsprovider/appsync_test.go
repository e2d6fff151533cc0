package awsprovider

import (
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var resolverInputs = property.Values{"apiId": "api", "type": "Query", "field": "order", "dataSource": "ds", "code": "export",
	"runtime": property.Values{"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}}

const resolvers = "/v1/apis/api/types/Query/resolvers"

func storedResolver() map[string]any {
	return map[string]any{"resolver": map[string]any{"typeName": "Query", "fieldName": "order", "dataSourceName": "ds", "kind": "UNIT",
		"code": "export", "resolverArn": "arn:resolver", "runtime": map[string]any{"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}}}
}

func TestResolverErrorsPassThrough(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond("POST "+resolvers, 404, awsError{"NotFoundException", "No field named order found on type Query"})
	err := newLab(t, connectedTo(f.URL), resolverType, "r").tryCreate(resolverInputs)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "operation error AppSync: CreateResolver, https response error StatusCode: 404")
	assert.Contains(t, err.Error(), "NotFoundException: No field named order found on type Query")
	assert.Nil(t, savedState(err), "nothing was created, nothing is saved")
	assert.Equal(t, 1, f.count("POST "+resolvers))
}

func TestResolverRetriesConcurrentModification(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	attempts := 0
	f.on("POST "+resolvers, func(map[string]any) (int, any) {
		if attempts++; attempts < 3 {
			return 409, awsError{"ConcurrentModificationException", "Schema is currently being altered, please wait until that is complete."}
		}
		return 200, storedResolver()
	})
	f.respond("GET "+resolvers+"/order", 200, storedResolver())
	f.respond("DELETE "+resolvers+"/order", 404, awsError{"NotFoundException", "No resolver found."})
	l := newLab(t, connectedTo(f.URL), resolverType, "r")
	state := l.create(resolverInputs)
	assert.Equal(t, 3, attempts)
	assert.Equal(t, "api-Query-order", l.id)
	assert.Equal(t, "arn:resolver", state.String("arn"))
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(resolverInputs).GetChanges())
	require.NoError(t, l.tryDelete())
}

func TestDataSourceDoesNotRetryConcurrentModification(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond("POST /v1/apis/api/datasources", 409, awsError{"ConcurrentModificationException", "busy"})
	err := newLab(t, connectedTo(f.URL), "aws:appsync/dataSource:DataSource", "d").
		tryCreate(property.Values{"apiId": "api", "name": "orders", "type": "NONE"})
	require.ErrorContains(t, err, "ConcurrentModificationException")
	assert.Equal(t, 1, f.count("POST /v1/apis/api/datasources"))
}

func TestDataSource(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	stored := map[string]any{"dataSource": map[string]any{"name": "orders", "type": "AMAZON_DYNAMODB", "dataSourceArn": "arn:ds",
		"dynamodbConfig": map[string]any{"tableName": "t", "awsRegion": "eu-west-1"}}}
	f.respond("POST /v1/apis/api/datasources", 200, stored)
	f.respond("GET /v1/apis/api/datasources/orders", 200, stored)
	l := newLab(t, connectedTo(f.URL), "aws:appsync/dataSource:DataSource", "d")
	state := l.create(property.Values{"apiId": "api", "name": "orders", "type": "AMAZON_DYNAMODB",
		"dynamodbConfig": property.Values{"tableName": "t"}})
	assert.Equal(t, "api-orders", l.id)
	assert.Equal(t, "eu-west-1", f.last("POST /v1/apis/api/datasources")["dynamodbConfig"].(map[string]any)["awsRegion"])
	assert.Equal(t, "eu-west-1", state.Object("dynamodbConfig").String("region"))
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(property.Values{"apiId": "api", "name": "orders", "type": "AMAZON_DYNAMODB",
		"dynamodbConfig": property.Values{"tableName": "t"}}).GetChanges())
}

func TestGraphQLAPINeverTouchesTheSchemaUnlessGiven(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	stored := map[string]any{"graphqlApi": map[string]any{"apiId": "api", "name": "shop", "authenticationType": "API_KEY", "arn": "arn:api",
		"uris": map[string]string{"GRAPHQL": "http://x/graphql/api"}, "apiType": "GRAPHQL", "visibility": "GLOBAL", "introspectionConfig": "ENABLED"}}
	f.respond("POST /v1/apis", 200, stored)
	f.respond("GET /v1/apis/api", 200, stored)
	f.respond("POST /v1/apis/api", 200, stored)
	l := newLab(t, connectedTo(f.URL), "aws:appsync/graphQLApi:GraphQLApi", "shop")
	state := l.create(property.Values{"name": "shop", "authenticationType": "API_KEY"})
	assert.Equal(t, "http://x/graphql/api", state.StringMap("uris")["GRAPHQL"])
	l.update(property.Values{"name": "shop", "authenticationType": "API_KEY", "xrayEnabled": true})
	assert.Zero(t, f.count("POST /v1/apis/api/schemacreation"))
}

func TestGraphQLAPILogConfig(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	stored := map[string]any{"graphqlApi": map[string]any{"apiId": "api", "name": "shop", "authenticationType": "API_KEY", "arn": "arn:api",
		"uris": map[string]string{"GRAPHQL": "http://x/graphql/api"}, "apiType": "GRAPHQL", "visibility": "GLOBAL", "introspectionConfig": "ENABLED",
		"logConfig": map[string]any{"cloudWatchLogsRoleArn": "arn:role", "fieldLogLevel": "ERROR", "excludeVerboseContent": true}}}
	f.respond("POST /v1/apis", 200, stored)
	f.respond("GET /v1/apis/api", 200, stored)
	inputs := property.Values{"name": "shop", "authenticationType": "API_KEY",
		"logConfig": property.Values{"cloudwatchLogsRoleArn": "arn:role", "fieldLogLevel": "ERROR", "excludeVerboseContent": true}}
	l := newLab(t, connectedTo(f.URL), "aws:appsync/graphQLApi:GraphQLApi", "shop")
	state := l.create(inputs)
	assert.Equal(t, map[string]any{"cloudWatchLogsRoleArn": "arn:role", "fieldLogLevel": "ERROR", "excludeVerboseContent": true}, f.last("POST /v1/apis")["logConfig"])
	assert.Equal(t, "arn:role", state.Object("logConfig").String("cloudwatchLogsRoleArn"))
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges())
	without := property.Values{"name": "shop", "authenticationType": "API_KEY"}
	assert.Equal(t, rpc.DiffResponse_DIFF_SOME, l.diff(without).GetChanges())
}

func TestGraphQLAPIAuthorizers(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	function := map[string]any{"authorizerUri": "arn:aws:lambda:eu-west-1:123456789012:function:f", "authorizerResultTtlInSeconds": 60.0, "identityValidationExpression": "^p"}
	tokens := map[string]any{"issuer": "https://login.example.com", "clientId": "web", "iatTTL": 1000.0, "authTTL": 2000.0}
	stored := map[string]any{"graphqlApi": map[string]any{"apiId": "api", "name": "shop", "authenticationType": "OPENID_CONNECT", "arn": "arn:api",
		"uris": map[string]string{"GRAPHQL": "http://x/graphql/api"}, "apiType": "GRAPHQL", "visibility": "GLOBAL", "introspectionConfig": "ENABLED",
		"openIDConnectConfig": tokens, "additionalAuthenticationProviders": []any{map[string]any{"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": function}}}}
	f.respond("POST /v1/apis", 200, stored)
	f.respond("GET /v1/apis/api", 200, stored)
	inputs := property.Values{"name": "shop", "authenticationType": "OPENID_CONNECT",
		"openidConnectConfig": property.Values{"issuer": "https://login.example.com", "clientId": "web", "iatTtl": 1000, "authTtl": 2000},
		"additionalAuthenticationProviders": []any{property.Values{"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": property.Values{
			"authorizerUri": "arn:aws:lambda:eu-west-1:123456789012:function:f", "authorizerResultTtlInSeconds": 60, "identityValidationExpression": "^p"}}}}
	l := newLab(t, connectedTo(f.URL), "aws:appsync/graphQLApi:GraphQLApi", "shop")
	l.create(inputs)
	sent := f.last("POST /v1/apis")
	assert.Equal(t, tokens, sent["openIDConnectConfig"])
	assert.Equal(t, []any{map[string]any{"authenticationType": "AWS_LAMBDA", "lambdaAuthorizerConfig": function}}, sent["additionalAuthenticationProviders"])
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges())
}

func TestAPIKeyIsSecret(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	key := map[string]any{"id": "da2-key", "description": "Managed by Pulumi", "expires": 1900000000}
	f.respond("POST /v1/apis/api/apikeys", 200, map[string]any{"apiKey": key})
	f.respond("GET /v1/apis/api/apikeys", 200, map[string]any{"apiKeys": []any{key}})
	l := newLab(t, connectedTo(f.URL), "aws:appsync/apiKey:ApiKey", "key")
	r, err := l.p.Create(t.Context(), &rpc.CreateRequest{Urn: l.urn, Properties: encoded(t, l.checked(property.Values{"apiId": "api"}))})
	require.NoError(t, err)
	assert.Equal(t, "api:da2-key", r.GetId())
	secret := r.GetProperties().GetFields()["key"].GetStructValue()
	require.NotNil(t, secret, "the key is wrapped as a secret")
	assert.Equal(t, "da2-key", secret.GetFields()["value"].GetStringValue())
}
