package graphqlclient_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

var keys = credentials.NewStaticCredentialsProvider(enforcement.UserAccessKeyID, enforcement.UserSecretAccessKey, "")

const feedCode = `export function request(ctx) { return { payload: ctx.args.row }; }
export function response(ctx) { return ctx.result; }`

// world is a local AppSync with one API: a feed that only AWS_IAM may call.
type world struct {
	service     *appsync.Service
	api         *sdk.Client
	id          string
	key, signed graphqlclient.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if id, ok := strings.CutPrefix(r.URL.Path, "/graphql/"); ok {
			w.service.ServeGraphQL(rw, r, id)
			return
		}
		w.service.ServeAPI(rw, r)
	}))
	t.Cleanup(server.Close)
	w.service = appsync.New(appsync.Options{Region: "eu-central-1", AccountID: "123456789012", BaseURL: server.URL, Enforcer: enforcement.New(enforcement.Options{Off: true})})
	t.Cleanup(w.service.Close)
	w.api = sdk.New(sdk.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: keys})
	w.create(t)
	w.key = graphqlclient.Client{URL: server.URL + "/graphql/" + w.id, Key: w.key.Key}
	w.signed = graphqlclient.Client{URL: w.key.URL, Credentials: keys, Region: "eu-central-1"}
	return w
}

func (w *world) create(t *testing.T) {
	t.Helper()
	created, err := w.api.CreateGraphqlApi(t.Context(), &sdk.CreateGraphqlApiInput{Name: aws.String("shop"), AuthenticationType: types.AuthenticationTypeApiKey,
		AdditionalAuthenticationProviders: []types.AdditionalAuthenticationProvider{{AuthenticationType: types.AuthenticationTypeAwsIam}}})
	require.NoError(t, err)
	w.id = *created.GraphqlApi.ApiId
	key, err := w.api.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{ApiId: &w.id})
	require.NoError(t, err)
	w.key.Key = *key.ApiKey.Id
	_, err = w.api.StartSchemaCreation(t.Context(), &sdk.StartSchemaCreationInput{ApiId: &w.id, Definition: []byte(`type Query { a: Int }
type Mutation { feed(row: AWSJSON!): Product @aws_iam }
type Subscription { changed(id: ID): Product @aws_subscribe(mutations: ["feed"]) @aws_api_key @aws_iam }
type Product @aws_api_key @aws_iam { id: ID! name: String }`)})
	require.NoError(t, err)
	_, err = w.api.CreateDataSource(t.Context(), &sdk.CreateDataSourceInput{ApiId: &w.id, Name: aws.String("none"), Type: types.DataSourceTypeNone})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err = w.api.CreateResolver(t.Context(), &sdk.CreateResolverInput{ApiId: &w.id, TypeName: aws.String("Mutation"), FieldName: aws.String("feed"),
			DataSourceName: aws.String("none"), Code: aws.String(feedCode), Runtime: &types.AppSyncRuntime{Name: types.RuntimeNameAppsyncJs, RuntimeVersion: aws.String("1.0.0")}})
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
}

func (w *world) feed(t *testing.T, client graphqlclient.Client, row string) *graphqlclient.Response {
	t.Helper()
	response, err := client.Do(t.Context(), "mutation($row: AWSJSON!) { feed(row: $row) { id name } }", map[string]any{"row": row})
	require.NoError(t, err)
	return response
}

func next(t *testing.T, events <-chan graphqlclient.Event) graphqlclient.Event {
	t.Helper()
	select {
	case event, ok := <-events:
		require.True(t, ok, "the subscription ended")
		return event
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return graphqlclient.Event{}
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	const query = "subscription($id: ID) { changed(id: $id) { id name } }"
	keyed, err := w.key.Subscribe(ctx, query, map[string]any{"id": "1"})
	require.NoError(t, err)
	signed, err := w.signed.Subscribe(ctx, query, nil)
	require.NoError(t, err)

	assert.Equal(t, "Unauthorized", w.feed(t, w.key, `{"id":"1"}`).Errors[0].ErrorType, "only AWS_IAM may feed")
	assert.Empty(t, w.feed(t, w.signed, `{"id":"1","name":"lamp"}`).Errors)
	assert.Empty(t, w.feed(t, w.signed, `{"id":"2"}`).Errors)
	assert.JSONEq(t, `{"changed":{"id":"1","name":"lamp"}}`, string(next(t, keyed).Data))
	assert.JSONEq(t, `{"changed":{"id":"1","name":"lamp"}}`, string(next(t, signed).Data))
	assert.JSONEq(t, `{"changed":{"id":"2","name":null}}`, string(next(t, signed).Data))
	cancel()
	for _, events := range []<-chan graphqlclient.Event{keyed, signed} {
		_, open := <-events
		assert.False(t, open)
	}
}

func TestSubscriptionThatBreaks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events, err := w.key.Subscribe(t.Context(), "subscription { changed { id } }", nil)
	require.NoError(t, err)
	w.service.Close()
	require.Error(t, next(t, events).Err)
	_, open := <-events
	assert.False(t, open)
}

func TestSubscribeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := w.key
	wrong.Key = "da2-x"
	nobody := graphqlclient.Client{URL: w.key.URL}
	guessed := w.signed
	guessed.Credentials = credentials.NewStaticCredentialsProvider(enforcement.UserAccessKeyID, "guessed", "")
	tests := map[string]struct {
		client      graphqlclient.Client
		query, want string
	}{
		"a wrong key":      {wrong, "subscription { changed { id } }", "UnauthorizedException: You are not authorized to make this call."},
		"a wrong secret":   {guessed, "subscription { changed { id } }", "BadRequestException: The request signature we calculated does not match"},
		"an unknown field": {w.key, "subscription { nope { id } }", "Field 'nope' in type 'Subscription' is undefined"},
		"no credentials":   {nobody, "subscription { changed { id } }", "neither an API key nor a token nor credentials"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.client.Subscribe(t.Context(), test.query, nil)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "subscribe to "+w.key.URL)
		})
	}
	_, err := nobody.Do(t.Context(), "{ a }", nil)
	require.ErrorContains(t, err, "neither an API key nor a token nor credentials")
	var data map[string]any
	require.ErrorContains(t, wrong.Data(t.Context(), &data, "{ a }", nil), "UnauthorizedException")
	require.NoError(t, w.signed.Data(t.Context(), &data, "{ __typename }", nil))
	assert.Equal(t, map[string]any{"__typename": "Query"}, data)
}

// TestRealtimeAddress looks at where a client connects to, by what it fails with.
func TestRealtimeAddress(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		http.Error(w, "no", http.StatusTeapot)
	}))
	t.Cleanup(server.Close)
	client := graphqlclient.Client{URL: server.URL + "/graphql/x", Key: "k", Realtime: "ws" + strings.TrimPrefix(server.URL, "http") + "/elsewhere"}
	_, err := client.Subscribe(t.Context(), "subscription { a }", nil)
	require.Error(t, err)
	request := <-seen
	assert.Equal(t, "/elsewhere", request.URL.Path)
	assert.Equal(t, "graphql-ws", request.Header.Get("Sec-WebSocket-Protocol"))
	header, err := base64.StdEncoding.DecodeString(request.URL.Query().Get("header"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"host":"`+strings.TrimPrefix(server.URL, "http://")+`","x-api-key":"k"}`, string(header))
	assert.Equal(t, "e30=", request.URL.Query().Get("payload"))
}

// TestToken sees what a server gets from a client with a user's token.
func TestToken(t *testing.T) {
	t.Parallel()
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		_, _ = w.Write([]byte(`{"data":{"a":1}}`))
	}))
	t.Cleanup(server.Close)
	var data struct{ A int }
	require.NoError(t, graphqlclient.Client{URL: server.URL, Token: "a.b.c", Credentials: keys}.Data(t.Context(), &data, "{ a }", nil))
	assert.Equal(t, 1, data.A)
	assert.Equal(t, "a.b.c", got.Get("Authorization"))
	assert.Empty(t, got.Get("X-Amz-Date"), "not signed")
	require.NoError(t, graphqlclient.Client{URL: server.URL, Token: "a.b.c", Key: "da2"}.Data(t.Context(), &data, "{ a }", nil))
	assert.Empty(t, got.Get("Authorization"), "a key goes first")
}
