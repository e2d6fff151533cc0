package front

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/metrics"
)

// anything lets each role do everything.
type anything struct{}

func (anything) Policies(context.Context, string) ([]string, bool, error) {
	return []string{`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}, true, nil
}
func (anything) Trust(context.Context, string) (string, bool, error) { return "", false, nil }

// repeat answers with the body that it gets.
type repeat struct{ said }

func (repeat) ServeHTTP(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }

func TestRequestsOfRolesAreVerified(t *testing.T) {
	t.Parallel()
	moto := httptest.NewServer(repeat{})
	t.Cleanup(moto.Close)
	address, err := url.Parse(moto.URL)
	require.NoError(t, err)
	enforcer := enforcement.New(enforcement.Options{AccountID: "1", Roles: anything{}})
	server := httptest.NewServer(New(Options{Moto: address, Transport: NewTransport("eu-central-1", func(Change) {}), Lambda: repeat{}, AppSync: said{}, Buckets: passing{}, Policies: passing{},
		MoveTasks: moves{}, GraphiQL: said{}, Enforcer: enforcer, Faults: faults.New(), Metrics: &metrics.Counts{}, Logger: slog.New(slog.DiscardHandler)}))
	t.Cleanup(server.Close)
	made := enforcer.Credentials(enforcement.Session{RoleARN: "arn:aws:iam::1:role/r", Name: "f"})
	session := aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey, SessionToken: made.SessionToken}
	guessed := session
	guessed.SecretAccessKey = "guessed"
	tests := map[string]struct {
		service, path string
		as            aws.Credentials
		body          string
		status        int
		want          string
	}{
		"a table":                        {"dynamodb", "/", session, `{"TableName":"t"}`, 200, `{"TableName":"t"}`},
		"a table, wrong secret":          {"dynamodb", "/", guessed, `{"TableName":"t"}`, 400, `com.amazon.coral.service#InvalidSignatureException`},
		"a table, other body":            {"dynamodb", "/", session, `{"TableName":"u"}`, 400, `The request signature we calculated does not match the signature you provided.`},
		"an object":                      {"s3", "/b/a%20b", session, `{"TableName":"t"}`, 200, `{"TableName":"t"}`},
		"an object, wrong secret":        {"s3", "/b/a%20b", guessed, `{"TableName":"t"}`, 403, `<Code>SignatureDoesNotMatch</Code>`},
		"an object, other body":          {"s3", "/b/a%20b", session, `other`, 403, `<Code>XAmzContentSHA256Mismatch</Code>`},
		"a topic, wrong secret":          {"sns", "/", guessed, `{"TableName":"t"}`, 403, `<Code>SignatureDoesNotMatch</Code>`},
		"a function":                     {"lambda", "/2015-03-31/functions/f/invocations", session, `{"TableName":"t"}`, 200, `{"TableName":"t"}`},
		"a function, wrong secret":       {"lambda", "/2015-03-31/functions/f/invocations", guessed, `{"TableName":"t"}`, 403, `The request signature we calculated does not match`},
		"an API, no token":               {"appsync", "/v1/apis", aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey}, `{"TableName":"t"}`, 403, `The security token included in the request is invalid.`},
		"the deploying user, any secret": {"dynamodb", "/", aws.Credentials{AccessKeyID: "me", SecretAccessKey: "any"}, `{"TableName":"u"}`, 200, `{"TableName":"u"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+test.path, strings.NewReader(test.body))
			require.NoError(t, err)
			sum := sha256.Sum256([]byte(`{"TableName":"t"}`))
			hash := hex.EncodeToString(sum[:])
			switch test.service {
			case "s3":
				request.Method = http.MethodPut
				request.Header.Set("X-Amz-Content-Sha256", hash)
			case "dynamodb":
				request.Header.Set("X-Amz-Target", "DynamoDB_20120810.DescribeTable")
			}
			require.NoError(t, signer.NewSigner().SignHTTP(t.Context(), test.as, request, hash, test.service, "eu-central-1", time.Now(),
				func(o *signer.SignerOptions) { o.DisableURIPathEscaping = test.service == "s3" }))
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			answer, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, test.status, response.StatusCode, "%s", answer)
			assert.Contains(t, string(answer), test.want)
		})
	}
}

// TestASignatureSpeaksForOneKey names a second key in the header and the query.
func TestASignatureSpeaksForOneKey(t *testing.T) {
	t.Parallel()
	enforcer := enforcement.New(enforcement.Options{AccountID: "1", Roles: anything{}})
	victim := enforcer.Credentials(enforcement.Session{RoleARN: "arn:aws:iam::1:role/victim", Name: "f"})
	mine := aws.Credentials{AccessKeyID: enforcement.UserAccessKeyID, SecretAccessKey: enforcement.UserSecretAccessKey}
	request := httptest.NewRequest(http.MethodPost, "http://h/", nil)
	sum := sha256.Sum256(nil)
	require.NoError(t, signer.NewSigner().SignHTTP(t.Context(), mine, request, hex.EncodeToString(sum[:]), "lambda", "eu-central-1", time.Now()))
	other := "Credential=" + victim.AccessKeyID + "/20260101/eu-central-1/lambda/aws4_request, "
	request.Header.Set("Authorization", strings.Replace(request.Header.Get("Authorization"), "Credential=", other+"Credential=", 1))
	require.Equal(t, victim.AccessKeyID, accessKey(request))
	recorder := httptest.NewRecorder()
	f := &front{Options: Options{Enforcer: enforcer, Logger: slog.New(slog.DiscardHandler)}}
	assert.False(t, f.authorizePlayed(recorder, request, "lambda", "Invoke"))
	assert.Equal(t, http.StatusForbidden, recorder.Code)
}
