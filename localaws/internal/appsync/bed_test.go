package appsync

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

// bed is a service behind an HTTP server, with the real SDK's client.
type bed struct {
	t       *testing.T
	service *Service
	faults  *faults.Faults
	client  *sdk.Client
	server  *httptest.Server
	lambda  *fakeLambda
	// enforcer knows who may sign, and lets everybody do everything.
	enforcer *enforcement.Enforcer
	// keys are those of every user pool.
	keys jose.JSONWebKeySet
	log  lockedBuffer
}

// lockedBuffer is a log that tests read while it is written.
type lockedBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lockedBuffer) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *lockedBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// fakeLambda answers every function with its handler and keeps the payloads.
type fakeLambda struct {
	mutex    sync.Mutex
	payloads []string
	handler  func(functionARN string, payload []byte) (result string, functionError string, err error)
	// permitted are the sources on whose behalf AppSync may invoke, by function.
	permitted map[string]string
}

func (f *fakeLambda) Allows(functionARN, service, sourceARN string) bool {
	return service == "appsync.amazonaws.com" && f.permitted[functionARN] == sourceARN
}

func (f *fakeLambda) Invoke(_ context.Context, functionARN string, payload []byte) ([]byte, string, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.payloads = append(f.payloads, string(payload))
	result, functionError, err := f.handler(functionARN, payload)
	return []byte(result), functionError, err
}

// serve routes as the local AWS does; other requests go to next.
func newBed(t *testing.T, endpoint string) *bed {
	t.Helper()
	b := &bed{t: t, faults: faults.New(), enforcer: enforcement.New(enforcement.Options{Off: true}), lambda: &fakeLambda{handler: func(string, []byte) (string, string, error) { return `null`, "", nil }}}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := strings.CutPrefix(r.URL.Path, "/graphql/"); ok {
			b.service.ServeGraphQL(w, r, id)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/.well-known/jwks.json") {
			_ = json.NewEncoder(w).Encode(b.keys)
			return
		}
		b.service.ServeAPI(w, r)
	}))
	t.Cleanup(b.server.Close)
	b.service = New(Options{Region: "eu-central-1", AccountID: "123456789012", BaseURL: b.server.URL, Endpoint: endpoint, Lambda: b.lambda, Enforcer: b.enforcer, Faults: &b.faults.Schema, KeepAlive: 20 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&b.log, nil))})
	t.Cleanup(b.service.Close)
	b.client = sdk.New(sdk.Options{Region: "eu-central-1", BaseEndpoint: &b.server.URL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")})
	return b
}

func (b *bed) api(mode types.AuthenticationType, additional ...types.AuthenticationType) string {
	b.t.Helper()
	input := &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: mode}
	for _, other := range additional {
		input.AdditionalAuthenticationProviders = append(input.AdditionalAuthenticationProviders, types.AdditionalAuthenticationProvider{AuthenticationType: other})
	}
	output, err := b.client.CreateGraphqlApi(b.t.Context(), input)
	require.NoError(b.t, err)
	return *output.GraphqlApi.ApiId
}

func (b *bed) key(api string) string {
	b.t.Helper()
	output, err := b.client.CreateApiKey(b.t.Context(), &sdk.CreateApiKeyInput{ApiId: &api})
	require.NoError(b.t, err)
	return *output.ApiKey.Id
}

// push starts a schema creation and waits for its end.
func (b *bed) push(api, sdl string) (types.SchemaStatus, string) {
	b.t.Helper()
	_, err := b.client.StartSchemaCreation(b.t.Context(), &sdk.StartSchemaCreationInput{ApiId: &api, Definition: []byte(sdl)})
	require.NoError(b.t, err)
	return b.ended(api)
}

func (b *bed) ended(api string) (types.SchemaStatus, string) {
	b.t.Helper()
	for {
		output, err := b.client.GetSchemaCreationStatus(b.t.Context(), &sdk.GetSchemaCreationStatusInput{ApiId: &api})
		require.NoError(b.t, err)
		if output.Status != types.SchemaStatusProcessing {
			return output.Status, aws.ToString(output.Details)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (b *bed) mustPush(api, sdl string) {
	b.t.Helper()
	status, details := b.push(api, sdl)
	require.Equal(b.t, types.SchemaStatusSuccess, status, details)
}

func (b *bed) none(api, name string) {
	b.t.Helper()
	_, err := b.client.CreateDataSource(b.t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: &name, Type: types.DataSourceTypeNone})
	require.NoError(b.t, err)
}

func (b *bed) function(api, name string) {
	b.t.Helper()
	_, err := b.client.CreateDataSource(b.t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: &name, Type: types.DataSourceTypeAwsLambda,
		ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/r"), LambdaConfig: &types.LambdaDataSourceConfig{LambdaFunctionArn: aws.String("arn:fn:" + name)}})
	require.NoError(b.t, err)
}

func (b *bed) table(api, name, table string) {
	b.t.Helper()
	_, err := b.client.CreateDataSource(b.t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: &name, Type: types.DataSourceTypeAmazonDynamodb,
		ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/r"), DynamodbConfig: &types.DynamodbDataSourceConfig{TableName: &table, AwsRegion: aws.String("eu-central-1")}})
	require.NoError(b.t, err)
}

var runtimeJS = &types.AppSyncRuntime{Name: types.RuntimeNameAppsyncJs, RuntimeVersion: aws.String("1.0.0")}

// resolver attaches code; code that is empty makes a direct Lambda resolver.
func (b *bed) resolver(api, field, source, code string) error {
	typeName, fieldName, _ := strings.Cut(field, ".")
	input := &sdk.CreateResolverInput{ApiId: &api, TypeName: &typeName, FieldName: &fieldName, DataSourceName: &source}
	if code != "" {
		input.Code, input.Runtime = &code, runtimeJS
	}
	_, err := b.client.CreateResolver(b.t.Context(), input)
	return err
}

// ask sends a GraphQL request and answers with the status and the body.
func (b *bed) ask(api, key, query string, variables map[string]any) (int, string) {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	require.NoError(b.t, err)
	headers := map[string]string{}
	if key != "" {
		headers["x-api-key"] = key
	}
	return b.send(api, body, headers)
}

func (b *bed) send(api string, body []byte, headers map[string]string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+"/graphql/"+api, bytes.NewReader(body))
	require.NoError(b.t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := b.server.Client().Do(request)
	require.NoError(b.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, string(text)
}

const echoCode = `export function request(ctx) { return { payload: ctx.args }; }
export function response(ctx) { return ctx.result; }`
