package localaws

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

const greeting = `type Query { greet(name: String): String } schema { query: Query }`

// greet is a resolver without a data source behind it.
const greet = `export function request(ctx) { return { payload: 'hello ' + ctx.args.name } }
export function response(ctx) { return ctx.result }`

// api makes an API with a schema, a resolver and a key, and gives its address and key.
func (b *bed) api() (url, key string) {
	client := appsync.NewFromConfig(config(b.server))
	made, err := client.CreateGraphqlApi(b.Context(), &appsync.CreateGraphqlApiInput{Name: &b.name, AuthenticationType: appsynctypes.AuthenticationTypeApiKey, Tags: map[string]string{"a": "b"}})
	require.NoError(b, err)
	id := made.GraphqlApi.ApiId
	created, err := client.CreateApiKey(b.Context(), &appsync.CreateApiKeyInput{ApiId: id})
	require.NoError(b, err)
	_, err = client.StartSchemaCreation(b.Context(), &appsync.StartSchemaCreationInput{ApiId: id, Definition: []byte(greeting)})
	require.NoError(b, err)
	b.eventually("the schema is there", func() bool {
		status, err := client.GetSchemaCreationStatus(b.Context(), &appsync.GetSchemaCreationStatusInput{ApiId: id})
		return err == nil && status.Status == appsynctypes.SchemaStatusSuccess
	})
	_, err = client.CreateDataSource(b.Context(), &appsync.CreateDataSourceInput{ApiId: id, Name: aws.String("none"), Type: appsynctypes.DataSourceTypeNone})
	require.NoError(b, err)
	b.eventually("a resolver can be made", func() bool {
		_, err = client.CreateResolver(b.Context(), &appsync.CreateResolverInput{ApiId: id, TypeName: aws.String("Query"), FieldName: aws.String("greet"), DataSourceName: aws.String("none"),
			Code: aws.String(greet), Runtime: &appsynctypes.AppSyncRuntime{Name: appsynctypes.RuntimeNameAppsyncJs, RuntimeVersion: aws.String("1.0.0")}})
		return err == nil
	})
	return made.GraphqlApi.Uris["GRAPHQL"], *created.ApiKey.Id
}

func greeted(ctx context.Context, url, key string) (string, error) {
	var data struct{ Greet string }
	client := graphqlclient.Client{URL: url, Key: key}
	err := client.Data(ctx, &data, `{ greet(name: "Ada") }`, nil)
	return data.Greet, err
}

// TestImage ends a local AWS with work under way, and begins another one with its image.
func TestImage(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "image")
	schedules := newScheduleBed(t)
	b, first := schedules.bed, schedules.server
	events := b.function()
	stream := b.table()
	b.put("1", "before")
	mapping := b.mapping(stream, nil)
	b.eventually("delivered", func() bool { return slices.Contains(texts(events()), "before") })
	_, err := b.lambda.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: mapping.UUID, Enabled: aws.Bool(false)})
	require.NoError(t, err)
	b.eventually("it polls no more", func() bool {
		got, err := b.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: mapping.UUID})
		return err == nil && *got.State == "Disabled"
	})
	b.put("2", "meanwhile")

	layer, err := b.lambda.PublishLayerVersion(t.Context(), &lambda.PublishLayerVersionInput{LayerName: &b.name, Content: &lambdatypes.LayerVersionContentInput{ZipFile: archive(t, "file", "text")}})
	require.NoError(t, err)
	_, err = b.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: &b.name, Layers: []string{*layer.LayerVersionArn}})
	require.NoError(t, err)
	_, err = b.lambda.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: &b.name, ReservedConcurrentExecutions: aws.Int32(3)})
	require.NoError(t, err)
	_, err = b.lambda.AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: &b.name, StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("s3.amazonaws.com")})
	require.NoError(t, err)
	url, arn := b.queue(b.name, nil)
	b.send(url, "", "waiting")
	bucket := strings.ToLower(b.name)
	objects := s3.NewFromConfig(config(first))
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: DefaultRegion}})
	require.NoError(t, err)
	_, err = objects.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &bucket, SkipDestinationValidation: aws.Bool(true),
		NotificationConfiguration: &s3types.NotificationConfiguration{LambdaFunctionConfigurations: []s3types.LambdaFunctionConfiguration{
			{LambdaFunctionArn: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:" + b.name), Events: []s3types.Event{"s3:ObjectCreated:*"}}}}})
	require.NoError(t, err)
	policy := `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}`
	_, err = objects.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy})
	require.NoError(t, err)
	schedules.schedule(schedules.input(schedules.in(time.Hour), arn))
	api, key := b.api()
	functionBefore, err := b.lambda.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: &b.name})
	require.NoError(t, err)
	var inventory string
	b.eventually("the function has logged", func() bool {
		_, inventory = b.admin(http.MethodGet, "inventory", "")
		return strings.Contains(inventory, "log group")
	})
	require.NoError(t, first.Save(t.Context(), saved))
	first.Close()

	second, err := Start(t.Context(), Options{Restore: saved})
	require.NoError(t, err)
	t.Cleanup(second.Close)
	b = newBed(t, second)
	assert.Equal(t, first.URL(), second.URL())
	_, restored := b.admin(http.MethodGet, "inventory", "")
	assert.JSONEq(t, inventory, restored)
	said, err := greeted(t.Context(), api, key)
	require.NoError(t, err)
	assert.Equal(t, "hello Ada", said)
	function, err := b.lambda.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: &b.name})
	require.NoError(t, err)
	assert.Equal(t, functionBefore.Configuration, function.Configuration)
	assert.Equal(t, functionBefore.Concurrency, function.Concurrency)
	permissions, err := b.lambda.GetPolicy(t.Context(), &lambda.GetPolicyInput{FunctionName: &b.name})
	require.NoError(t, err)
	assert.Contains(t, *permissions.Policy, "s3.amazonaws.com")
	got, err := s3.NewFromConfig(config(second)).GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	require.NoError(t, err)
	assert.Equal(t, policy, *got.Policy)
	assert.Equal(t, "waiting", b.receive(url))
	assert.Equal(t, []string{"before"}, texts(events()), "nothing is delivered again")
	b.enable(mapping.UUID, true)
	b.eventually("the mapping goes on where it was", func() bool { return slices.Equal(texts(events()), []string{"before", "meanwhile"}) })
	_, err = s3.NewFromConfig(config(second)).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k"), Body: strings.NewReader("x")})
	require.NoError(t, err)
	b.eventually("the bucket still notifies", func() bool {
		received := events()
		return received[len(received)-1].Records[0].EventSource == "aws:s3"
	})
	schedules = &scheduleBed{bed: b, schedules: scheduler.NewFromConfig(config(second))}
	assert.True(t, schedules.exists())
	schedules.advance("2h")
	assert.Contains(t, b.receive(url), b.name, "the schedule fires")
}

// TestImageRefused says what is wrong with an image, so that one can begin without it.
func TestImageRefused(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "image")
	require.NoError(t, server.Save(t.Context(), saved))
	text, err := os.ReadFile(filepath.Join(saved, imageFile))
	require.NoError(t, err)
	tests := map[string]struct {
		change   func(text string) string
		options  Options
		unusable bool
		want     string
	}{
		"no image":       {change: func(string) string { return "" }, unusable: true, want: "unexpected end of JSON input"},
		"another format": {change: func(text string) string { return strings.Replace(text, `"Format":1`, `"Format":99`, 1) }, unusable: true, want: "it has the format 99, not 1"},
		"another moto": {change: func(text string) string { return strings.Replace(text, `"Moto":"moto `, `"Moto":"moto 4 `, 1) }, unusable: true,
			want: "it was made with moto 4"},
		"another region": {change: func(text string) string { return text }, options: Options{Region: "us-west-2"}, unusable: true, want: "it is of the account 123456789012 in eu-central-1"},
		"another port":   {change: func(text string) string { return text }, options: Options{Port: 1}, want: "what was saved needs the port"},
		"the port taken": {change: func(text string) string { return text }, want: "end what listens there"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, imageFile), []byte(test.change(string(text))), 0o600))
			test.options.Restore = folder
			_, err := Start(t.Context(), test.options)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, test.unusable, errors.Is(err, ErrImage))
		})
	}
}
