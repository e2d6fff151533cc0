package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// newTestAPI makes a client of a server.
func newTestAPI(t *testing.T, serve http.HandlerFunc) *appSync {
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	api, err := newAppSync(server.URL+"/graphql", aws.Config{
		Region: "eu-central-1", HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "token"),
	})
	require.NoError(t, err)
	api.retry = eventlog.Retry{Attempts: 4, Base: time.Microsecond, Cap: time.Millisecond}
	return api
}

func TestAMutationIsSignedAndSent(t *testing.T) {
	t.Parallel()
	api := newTestAPI(t, func(w http.ResponseWriter, r *http.Request) {
		authorization := r.Header.Get("Authorization")
		assert.True(t, strings.HasPrefix(authorization, "AWS4-HMAC-SHA256 Credential=AKID/"), authorization)
		assert.Contains(t, authorization, "/eu-central-1/appsync/aws4_request")
		assert.Contains(t, authorization, "content-type;host;")
		assert.NotEmpty(t, r.Header.Get("X-Amz-Date"))
		assert.Equal(t, "token", r.Header.Get("X-Amz-Security-Token"))
		assert.Equal(t, "/graphql", r.URL.Path)
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.JSONEq(t, `{"query":"mutation { a }","variables":{"row":"{}"}}`, string(body))
		_, _ = w.Write([]byte(`{"data":{"a":null}}`))
	})
	assert.NoError(t, api.Mutate(t.Context(), "mutation { a }", map[string]any{"row": "{}"}))
	assert.ErrorContains(t, api.Mutate(t.Context(), "", map[string]any{"row": func() {}}), "write the mutation")
}

func TestAnswersOfTheAPI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers  []string // status, space, body
		requests int32
		want     []string
	}{
		"throttled, then done": {[]string{"429 {}", "500 x", "503 ", `200 {"data":{}}`}, 4, nil},
		"always throttled":     {[]string{"429 "}, 4, []string{"429 Too Many Requests", "attempt 4"}},
		"errors":               {[]string{`200 {"errors":[{"message":"no","errorType":"Unauthorized"},{"message":"nor this"},{}]}`}, 1, []string{"Unauthorized: no; nor this; no message"}},
		"refused":              {[]string{`401 {"errors":[{"errorType":"UnauthorizedException","message":"Permission denied"}]}`}, 1, []string{"401: UnauthorizedException: Permission denied"}},
		"refused without text": {[]string{`403 `}, 1, []string{"403 Forbidden"}},
		"no JSON":              {[]string{`200 <html>`}, 1, []string{"no JSON"}},
		"too long":             {[]string{"200 " + strings.Repeat(" ", maxGraphQLResponse+1)}, 1, []string{"more than 5242880 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			api := newTestAPI(t, func(w http.ResponseWriter, _ *http.Request) {
				n := int(requests.Add(1))
				status, body, _ := strings.Cut(c.answers[min(n, len(c.answers))-1], " ")
				var code int
				_ = json.Unmarshal([]byte(status), &code)
				w.WriteHeader(code)
				_, _ = w.Write([]byte(body))
			})
			err := api.Mutate(t.Context(), "mutation { a }", nil)
			assert.Equal(t, c.requests, requests.Load())
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
			if c.want == nil {
				assert.NoError(t, err)
			}
		})
	}
}

func TestLostConnectionsAreTriedAgain(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	api := newTestAPI(t, func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client has gone
			<-r.Context().Done()
		default:
			_, _ = w.Write([]byte(`{}`))
		}
	})
	api.timeout = 200 * time.Millisecond
	require.NoError(t, api.Mutate(t.Context(), "mutation { a }", nil))
	assert.Equal(t, int32(3), requests.Load())
}

func TestAMutationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	api := newTestAPI(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	api.retry = eventlog.Retry{Attempts: 100, Base: time.Hour, Cap: time.Hour}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	assert.ErrorContains(t, api.Mutate(ctx, "mutation { a }", nil), "attempt 1")
	api.credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("none") })
	assert.ErrorContains(t, api.Mutate(t.Context(), "mutation { a }", nil), "get the function's credentials: none")
	_, err := newAppSync("api", aws.Config{})
	assert.ErrorContains(t, err, `"api" is no URL`)
}
