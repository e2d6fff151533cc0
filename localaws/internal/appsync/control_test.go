package appsync

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
)

const twoFields = "type Query { a(x: Int): Int b: Int }\ntype Item { c: Int }"

// refused checks an error's status, code and text.
func refused(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var known smithy.APIError
	require.ErrorAs(t, err, &known)
	var response *awshttp.ResponseError
	require.ErrorAs(t, err, &response)
	assert.Equal(t, status, response.HTTPStatusCode())
	assert.Equal(t, code, known.ErrorCode())
	assert.Equal(t, message, known.ErrorMessage())
}

func TestAPILifecycle(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	created, err := b.client.CreateGraphqlApi(t.Context(), &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeApiKey, Tags: map[string]string{"a": "1"}})
	require.NoError(t, err)
	api := created.GraphqlApi
	assert.Equal(t, b.server.URL+"/graphql/"+*api.ApiId, api.Uris["GRAPHQL"])
	assert.Equal(t, "arn:aws:appsync:eu-central-1:123456789012:apis/"+*api.ApiId, *api.Arn)
	assert.Equal(t, map[string]string{"a": "1"}, api.Tags)
	_, err = b.client.UpdateGraphqlApi(t.Context(), &sdk.UpdateGraphqlApiInput{ApiId: api.ApiId, Name: aws.String("shop2"), AuthenticationType: types.AuthenticationTypeAwsIam, XrayEnabled: true})
	require.NoError(t, err)
	got, err := b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: api.ApiId})
	require.NoError(t, err)
	assert.Nil(t, got.GraphqlApi.LogConfig)
	assert.Equal(t, "shop2", *got.GraphqlApi.Name)
	assert.True(t, got.GraphqlApi.XrayEnabled)
	assert.Equal(t, map[string]string{"a": "1"}, got.GraphqlApi.Tags)

	_, err = b.client.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: api.Arn, Tags: map[string]string{"b": "2"}})
	require.NoError(t, err)
	_, err = b.client.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: api.Arn, TagKeys: []string{"a"}})
	require.NoError(t, err)
	tags, err := b.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: api.Arn})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"b": "2"}, tags.Tags)

	_, err = b.client.DeleteGraphqlApi(t.Context(), &sdk.DeleteGraphqlApiInput{ApiId: api.ApiId})
	require.NoError(t, err)
	_, err = b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: api.ApiId})
	refused(t, err, 404, "NotFoundException", "GraphQL API "+*api.ApiId+" not found.")
	var typed *types.NotFoundException
	require.True(t, errors.As(err, &typed), "the SDK knows the error's type")
	assert.Empty(t, b.service.Inventory())
}

func TestAPILogConfig(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	config := &types.LogConfig{CloudWatchLogsRoleArn: aws.String("arn:aws:iam::123456789012:role/log"), FieldLogLevel: types.FieldLogLevelError, ExcludeVerboseContent: true}
	created, err := b.client.CreateGraphqlApi(t.Context(), &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeAwsIam, LogConfig: config})
	require.NoError(t, err)
	api := created.GraphqlApi.ApiId
	shown := func() *types.LogConfig {
		got, err := b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: api})
		require.NoError(t, err)
		return got.GraphqlApi.LogConfig
	}
	update := func(config *types.LogConfig) error {
		_, err := b.client.UpdateGraphqlApi(t.Context(), &sdk.UpdateGraphqlApiInput{ApiId: api, Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeAwsIam, LogConfig: config})
		return err
	}
	assert.Equal(t, config, shown())
	more := *config
	more.FieldLogLevel = types.FieldLogLevelDebug
	require.NoError(t, update(&more))
	assert.Equal(t, &more, shown())
	wrong := *config
	wrong.FieldLogLevel = "WARN"
	refused(t, update(&wrong), 400, "BadRequestException", `The fieldLogLevel of the logConfig is "WARN": give one of NONE, ERROR, ALL, INFO, DEBUG.`)
	wrong.CloudWatchLogsRoleArn, wrong.FieldLogLevel = aws.String(""), types.FieldLogLevelAll
	refused(t, update(&wrong), 400, "BadRequestException", "The logConfig requires a cloudWatchLogsRoleArn.")
	assert.Equal(t, &more, shown(), "what was refused changes nothing")
	require.NoError(t, update(nil))
	assert.Nil(t, shown(), "an update without it turns the log off")
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	expires := time.Now().Add(30 * 24 * time.Hour).Unix()
	created, err := b.client.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{ApiId: &api, Description: aws.String("d"), Expires: expires})
	require.NoError(t, err)
	assert.Regexp(t, `^da2-[a-z2-7]{26}$`, *created.ApiKey.Id)
	assert.Equal(t, expires-expires%3600, created.ApiKey.Expires)
	assert.Equal(t, created.ApiKey.Expires+60*24*3600, created.ApiKey.Deletes)
	updated, err := b.client.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiId: &api, Id: created.ApiKey.Id, Description: aws.String("e")})
	require.NoError(t, err)
	assert.Equal(t, "e", *updated.ApiKey.Description)
	assert.Equal(t, created.ApiKey.Expires, updated.ApiKey.Expires)
	for _, seconds := range []int64{time.Now().Unix(), time.Now().Add(400 * 24 * time.Hour).Unix()} {
		_, err = b.client.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{ApiId: &api, Expires: seconds})
		refused(t, err, 400, "ApiKeyValidityOutOfBoundsException", "API key must be valid for a minimum of 1 days and a maximum of 365 days.")
	}
	listed, err := b.client.ListApiKeys(t.Context(), &sdk.ListApiKeysInput{ApiId: &api})
	require.NoError(t, err)
	assert.Len(t, listed.ApiKeys, 1)
	_, err = b.client.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiId: &api, Id: created.ApiKey.Id})
	require.NoError(t, err)
	_, err = b.client.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiId: &api, Id: created.ApiKey.Id})
	require.Error(t, err)
	for range MaxKeys {
		b.key(api)
	}
	_, err = b.client.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{ApiId: &api})
	require.ErrorContains(t, err, "ApiKeyLimitExceededException")
}

func TestListsArePaginated(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	sdl := "type Query {"
	for i := range 60 {
		sdl += fmt.Sprintf(" f%02d: Int", i)
	}
	b.mustPush(api, sdl+"}")
	b.none(api, "source00")
	for i := range 60 {
		if i > 0 {
			b.none(api, fmt.Sprintf("source%02d", i))
		}
		require.NoError(t, b.resolver(api, fmt.Sprintf("Query.f%02d", i), "source00", echoCode))
	}
	var names, fields []string
	sources := sdk.NewListDataSourcesPaginator(b.client, &sdk.ListDataSourcesInput{ApiId: &api})
	for sources.HasMorePages() {
		page, err := sources.NextPage(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.DataSources), MaxPage)
		for _, source := range page.DataSources {
			names = append(names, *source.Name)
		}
	}
	assert.Len(t, names, 60)
	resolvers := sdk.NewListResolversPaginator(b.client, &sdk.ListResolversInput{ApiId: &api, TypeName: aws.String("Query"), MaxResults: 7})
	for resolvers.HasMorePages() {
		page, err := resolvers.NextPage(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Resolvers), 7)
		for _, resolver := range page.Resolvers {
			fields = append(fields, *resolver.FieldName)
		}
	}
	assert.Len(t, fields, 60)
	assert.IsIncreasing(t, fields)
}

func TestRefusalsOfResolvers(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	b.mustPush(api, twoFields)
	b.none(api, "none")
	b.function(api, "function")
	require.NoError(t, b.resolver(api, "Query.a", "none", echoCode))
	tests := map[string]struct {
		do            func() error
		status        int
		code, message string
	}{
		"field not in schema":  {func() error { return b.resolver(api, "Query.x", "none", echoCode) }, 404, "NotFoundException", "No field named x found on type Query"},
		"type not in schema":   {func() error { return b.resolver(api, "Nope.x", "none", echoCode) }, 404, "NotFoundException", "Type Nope not found"},
		"unknown data source":  {func() error { return b.resolver(api, "Query.b", "nope", echoCode) }, 404, "NotFoundException", "No data source found named nope"},
		"second resolver":      {func() error { return b.resolver(api, "Query.a", "none", echoCode) }, 400, "BadRequestException", "Only one resolver is allowed per field."},
		"no code, no function": {func() error { return b.resolver(api, "Query.b", "none", "") }, 400, "BadRequestException", "Code is required for data sources other than AWS_LAMBDA."},
		"update, none stored": {func() error {
			_, err := b.client.UpdateResolver(t.Context(), &sdk.UpdateResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("b"), DataSourceName: aws.String("none"), Code: aws.String(echoCode), Runtime: runtimeJS})
			return err
		}, 404, "NotFoundException", "No resolver found."},
		"delete, none stored": {func() error {
			_, err := b.client.DeleteResolver(t.Context(), &sdk.DeleteResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("b")})
			return err
		}, 404, "NotFoundException", "No resolver found."},
		"delete, type unknown": {func() error {
			_, err := b.client.DeleteResolver(t.Context(), &sdk.DeleteResolverInput{ApiId: &api, TypeName: aws.String("Nope"), FieldName: aws.String("b")})
			return err
		}, 404, "NotFoundException", "Type Nope not found"},
		"get, none stored": {func() error {
			_, err := b.client.GetResolver(t.Context(), &sdk.GetResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("b")})
			return err
		}, 404, "NotFoundException", "No resolver found."},
		"list of an unknown type": {func() error {
			_, err := b.client.ListResolvers(t.Context(), &sdk.ListResolversInput{ApiId: &api, TypeName: aws.String("Nope")})
			return err
		}, 404, "NotFoundException", "Type Nope not found"},
		"pipeline": {func() error {
			_, err := b.client.CreateResolver(t.Context(), &sdk.CreateResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("b"), Kind: types.ResolverKindPipeline})
			return err
		}, 400, "BadRequestException", "The local AWS does not implement resolvers of kind PIPELINE; use UNIT."},
		"data source's name": {func() error {
			_, err := b.client.CreateDataSource(t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: aws.String("a-b"), Type: types.DataSourceTypeNone})
			return err
		}, 400, "BadRequestException", "Invalid data source name given, must match pattern [_A-Za-z][_0-9A-Za-z]*"},
		"data source twice": {func() error {
			_, err := b.client.CreateDataSource(t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: aws.String("none"), Type: types.DataSourceTypeNone})
			return err
		}, 400, "BadRequestException", "Data source with name none already exists"},
		"get unknown data source": {func() error {
			_, err := b.client.GetDataSource(t.Context(), &sdk.GetDataSourceInput{ApiId: &api, Name: aws.String("nope")})
			return err
		}, 404, "NotFoundException", "No data source found named nope"},
		"operation that is not there": {func() error {
			_, err := b.client.CreateFunction(t.Context(), &sdk.CreateFunctionInput{ApiId: &api, Name: aws.String("f"), DataSourceName: aws.String("none")})
			return err
		}, 400, "BadRequestException", "The local AWS does not implement the AppSync operation POST /v1/apis/" + api + "/functions."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, test.do(), test.status, test.code, test.message)
		})
	}
}

func TestCodeErrorsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	b.mustPush(api, twoFields)
	b.none(api, "none")
	err := b.resolver(api, "Query.a", "none", "export function request() {\n  let i = 0; i++;\n  while (true) {}\n}\nexport function response() {}")
	var typed *types.BadRequestException
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, "The code contains one or more errors.", typed.ErrorMessage())
	assert.Equal(t, types.BadRequestReasonCodeError, typed.Reason)
	require.Len(t, typed.Detail.CodeErrors, 2)
	assert.Equal(t, "LINT_ERROR", *typed.Detail.CodeErrors[0].ErrorType)
	assert.Equal(t, int32(2), typed.Detail.CodeErrors[0].Location.Line)
	assert.Equal(t, int32(3), typed.Detail.CodeErrors[1].Location.Line)
}

func TestSchemaCreation(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	status, _ := b.ended(api)
	assert.Equal(t, types.SchemaStatusNotApplicable, status)
	_, err := b.client.GetIntrospectionSchema(t.Context(), &sdk.GetIntrospectionSchemaInput{ApiId: &api, Format: types.OutputTypeSdl})
	require.ErrorContains(t, err, "No schema found")
	status, details := b.push(api, "type Query {")
	assert.Equal(t, types.SchemaStatusFailed, status)
	assert.Equal(t, "Failed to parse schema document - ensure it's a valid SDL-formatted document.", details)
	b.mustPush(api, "\"\"\"d\"\"\" type Query @aws_iam { a: Int }")
	status, _ = b.push(api, "directive @x on OBJECT type Query { a: Int }")
	assert.Equal(t, types.SchemaStatusFailed, status)
	for directives, want := range map[bool]string{true: "type Query @aws_iam {", false: "type Query {"} {
		output, err := b.client.GetIntrospectionSchema(t.Context(), &sdk.GetIntrospectionSchemaInput{ApiId: &api, Format: types.OutputTypeSdl, IncludeDirectives: &directives})
		require.NoError(t, err)
		assert.Contains(t, string(output.Schema), want, "the last good schema is live")
		assert.NotContains(t, string(output.Schema), "\"\"\"")
	}
	output, err := b.client.GetIntrospectionSchema(t.Context(), &sdk.GetIntrospectionSchemaInput{ApiId: &api, Format: types.OutputTypeJson})
	require.NoError(t, err)
	assert.Contains(t, string(output.Schema), `"__schema"`)
	kind, err := b.client.GetType(t.Context(), &sdk.GetTypeInput{ApiId: &api, TypeName: aws.String("Query"), Format: types.TypeDefinitionFormatSdl})
	require.NoError(t, err)
	assert.Contains(t, *kind.Type.Definition, "a: Int")
	_, err = b.client.GetType(t.Context(), &sdk.GetTypeInput{ApiId: &api, TypeName: aws.String("Nope"), Format: types.TypeDefinitionFormatSdl})
	refused(t, err, 404, "NotFoundException", "Type Nope not found")
	listed, err := b.client.ListTypes(t.Context(), &sdk.ListTypesInput{ApiId: &api, Format: types.TypeDefinitionFormatSdl})
	require.NoError(t, err)
	assert.Len(t, listed.Types, 1)
}

func TestOrphansStayDetachedUntilUpdated(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	key := b.key(api)
	b.mustPush(api, "type Query { a: Int item: Item }\ntype Item { c: Int }")
	b.none(api, "none")
	code := `export function request(ctx) { return { payload: 7 }; }
export function response(ctx) { return ctx.result; }`
	require.NoError(t, b.resolver(api, "Query.a", "none", code))
	require.NoError(t, b.resolver(api, "Item.c", "none", code))
	_, body := b.ask(api, key, "{ a }", nil)
	assert.JSONEq(t, `{"data":{"a":7}}`, body)

	b.mustPush(api, "type Query { b: Int }")
	_, err := b.client.DeleteResolver(t.Context(), &sdk.DeleteResolverInput{ApiId: &api, TypeName: aws.String("Item"), FieldName: aws.String("c")})
	refused(t, err, 404, "NotFoundException", "Type Item not found")
	listed, err := b.client.ListResolvers(t.Context(), &sdk.ListResolversInput{ApiId: &api, TypeName: aws.String("Query")})
	require.NoError(t, err)
	assert.Len(t, listed.Resolvers, 1, "the orphan stays stored")
	update := &sdk.UpdateResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("a"), DataSourceName: aws.String("none"), Code: &code, Runtime: runtimeJS}
	_, err = b.client.UpdateResolver(t.Context(), update)
	refused(t, err, 404, "NotFoundException", "No field named a found on type Query")

	b.mustPush(api, "type Query { a: Int item: Item }\ntype Item { c: Int }")
	_, body = b.ask(api, key, "{ a }", nil)
	assert.JSONEq(t, `{"data":{"a":null}}`, body, "detached: never called")
	refused(t, b.resolver(api, "Query.a", "none", code), 400, "BadRequestException", "Only one resolver is allowed per field.")
	refused(t, b.resolver(api, "Item.c", "none", code), 400, "BadRequestException", "Only one resolver is allowed per field.")
	_, err = b.client.UpdateResolver(t.Context(), update)
	require.NoError(t, err)
	_, body = b.ask(api, key, "{ a }", nil)
	assert.JSONEq(t, `{"data":{"a":7}}`, body)
	assert.Contains(t, b.service.Inventory(), inventory.Item{Service: "appsync", Type: "resolver", ID: api + "/Item.c"})
}

func TestResolverAndDataSourceRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	b.mustPush(api, twoFields)
	b.table(api, "items", "t")
	require.NoError(t, b.resolver(api, "Query.a", "items", echoCode))
	got, err := b.client.GetResolver(t.Context(), &sdk.GetResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("a")})
	require.NoError(t, err)
	assert.Equal(t, "items", *got.Resolver.DataSourceName)
	assert.Equal(t, echoCode, *got.Resolver.Code)
	assert.Equal(t, types.ResolverKindUnit, got.Resolver.Kind)
	assert.Equal(t, types.RuntimeNameAppsyncJs, got.Resolver.Runtime.Name)
	assert.Equal(t, "arn:aws:appsync:eu-central-1:123456789012:apis/"+api+"/types/Query/resolvers/a", *got.Resolver.ResolverArn)
	source, err := b.client.GetDataSource(t.Context(), &sdk.GetDataSourceInput{ApiId: &api, Name: aws.String("items")})
	require.NoError(t, err)
	assert.Equal(t, "t", *source.DataSource.DynamodbConfig.TableName)
	_, err = b.client.UpdateDataSource(t.Context(), &sdk.UpdateDataSourceInput{ApiId: &api, Name: aws.String("items"), Type: types.DataSourceTypeNone, Description: aws.String("d")})
	require.NoError(t, err)
	_, err = b.client.DeleteResolver(t.Context(), &sdk.DeleteResolverInput{ApiId: &api, TypeName: aws.String("Query"), FieldName: aws.String("a")})
	require.NoError(t, err)
	_, err = b.client.DeleteDataSource(t.Context(), &sdk.DeleteDataSourceInput{ApiId: &api, Name: aws.String("items")})
	require.NoError(t, err)
	assert.Equal(t, []inventory.Item{{Service: "appsync", Type: "api", ID: api}}, b.service.Inventory())
}
