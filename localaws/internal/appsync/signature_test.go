package appsync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

var deployer = aws.Credentials{AccessKeyID: enforcement.UserAccessKeyID, SecretAccessKey: enforcement.UserSecretAccessKey}

// sign are the headers that sign a body posted to a path below /graphql/, with others.
func (b *bed) sign(as aws.Credentials, path, body string, others ...string) map[string]string {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+"/graphql/"+path, nil)
	require.NoError(b.t, err)
	for i := 0; i < len(others); i += 2 {
		request.Header.Set(others[i], others[i+1])
	}
	sum := sha256.Sum256([]byte(body))
	require.NoError(b.t, signer.NewSigner().SignHTTP(b.t.Context(), as, request, hex.EncodeToString(sum[:]), "appsync", "eu-central-1", time.Now()))
	headers := map[string]string{"host": request.URL.Host}
	for name, values := range request.Header {
		headers[name] = values[0]
	}
	return headers
}

// signed are the deployer's headers for a GraphQL request.
func (b *bed) signed(api, body string, others ...string) map[string]string {
	b.t.Helper()
	return b.sign(deployer, api, body, others...)
}

// signedStart is a start message that is signed.
func (b *bed) signedStart(as aws.Credentials, api, id, query string) string {
	b.t.Helper()
	data, err := json.Marshal(map[string]any{"query": query, "variables": nil})
	require.NoError(b.t, err)
	return startMessage(b.t, id, query, nil, b.sign(as, api, string(data)))
}

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

func TestSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeAwsIam)
	b.mustPush(api, "type Query { a: Int }")
	made := b.enforcer.Credentials(enforcement.Session{RoleARN: "arn:aws:iam::123456789012:role/r", Name: "f"})
	session := aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey, SessionToken: made.SessionToken}
	with := func(change func(*aws.Credentials)) aws.Credentials {
		changed := session
		change(&changed)
		return changed
	}
	const query, invalid, unknown = `{"query":"{ a }"}`, "InvalidSignatureException", "UnrecognizedClientException"
	tests := map[string]struct {
		as     aws.Credentials
		tamper func(map[string]string)
		kind   string
	}{
		"the deploying user": {deployer, nil, ""},
		"a session":          {session, nil, ""},
		"another body":       {session, func(h map[string]string) { h["body"] = `{"query":"{ b: a }"}` }, invalid},
		"another header": {session, func(h map[string]string) {
			h["X-Amz-Date"] = time.Now().Add(time.Minute).UTC().Format("20060102T150405Z")
		}, invalid},
		"the deployer's lie": {aws.Credentials{AccessKeyID: deployer.AccessKeyID, SecretAccessKey: "guessed"}, nil, invalid},
		"a session's lie":    {with(func(c *aws.Credentials) { c.SecretAccessKey = "guessed" }), nil, invalid},
		"no token":           {with(func(c *aws.Credentials) { c.SessionToken = "" }), nil, unknown},
		"another token":      {with(func(c *aws.Credentials) { c.SessionToken = "other" }), nil, unknown},
		"an unknown key":     {aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil, unknown},
		"half of a signature": {session, func(h map[string]string) {
			h["Authorization"] = strings.Replace(h["Authorization"], "Signature=", "Sign=", 1)
		}, "IncompleteSignatureException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			headers, body := b.sign(test.as, api, query), query
			if test.tamper != nil {
				test.tamper(headers)
			}
			if other := headers["body"]; other != "" {
				body = other
				delete(headers, "body")
			}
			status, answer := b.send(api, []byte(body), headers)
			if test.kind == "" {
				assert.Equal(t, http.StatusOK, status, answer)
				assert.JSONEq(t, `{"data":{"a":null}}`, answer)
				return
			}
			assert.Equal(t, http.StatusForbidden, status)
			assert.Contains(t, answer, `"errorType":"`+test.kind+`"`)
			switch test.kind {
			case invalid:
				assert.Contains(t, answer, `"message":"`+mismatch)
			case unknown:
				assert.JSONEq(t, `{"errors":[{"errorType":"UnrecognizedClientException","message":"The security token included in the request is invalid."}]}`, answer)
			}
		})
	}
}

// TestSignaturesOverAWebSocket signs the connection and each subscription; AppSync has
// other codes for them there.
func TestSignaturesOverAWebSocket(t *testing.T) {
	t.Parallel()
	b, api, _ := tickets(t)
	const query = "subscription { secret { id } }"
	guessed := aws.Credentials{AccessKeyID: deployer.AccessKeyID, SecretAccessKey: "guessed"}
	for name, test := range map[string]struct {
		headers map[string]string
		want    string
	}{
		"good":            {b.sign(deployer, api+"/connect", "{}"), `"type":"connection_ack"`},
		"a wrong secret":  {b.sign(guessed, api+"/connect", "{}"), `"errorType":"BadRequestException","message":"` + mismatch},
		"a request's":     {b.sign(deployer, api, `{"query":"{ a }"}`), `"errorType":"BadRequestException","message":"` + mismatch},
		"another API's":   {b.sign(deployer, "other/connect", "{}"), `"errorType":"BadRequestException","message":"` + mismatch},
		"an unknown key":  {b.sign(aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, api+"/connect", "{}"), `"errorType":"UnrecognizedClientException","message":"The security token included in the request is invalid.","errorCode":400`},
		"a header is not": {without(b.sign(deployer, api+"/connect", "{}", "Accept", "*/*"), "Accept"), `"errorType":"IncompleteSignatureException","message":"'accept' is named as a SignedHeader, but it does not exist in the HTTP request.","errorCode":400`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := b.dial(api, test.headers)
			s.t = t
			s.send(`{"type":"connection_init"}`)
			assert.Contains(t, s.next(), test.want)
		})
	}

	s := b.dial(api, b.sign(deployer, api+"/connect", "{}"))
	s.send(`{"type":"connection_init"}`)
	assert.Contains(t, s.next(), "connection_ack")
	s.send(b.signedStart(guessed, api, "1", query))
	assert.Contains(t, s.next(), `{"id":"1","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"`+mismatch)
	s.send(strings.Replace(b.signedStart(deployer, api, "1", query), "{ id }", "{ note }", 1))
	assert.Contains(t, s.next(), mismatch, "another selection than was signed")
	s.send(b.signedStart(deployer, api, "1", query))
	s.wants(`{"type":"start_ack","id":"1"}`)
}

func without(headers map[string]string, name string) map[string]string {
	delete(headers, name)
	return headers
}
