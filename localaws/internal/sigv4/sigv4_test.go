package sigv4

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	now    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	issued = aws.Credentials{AccessKeyID: "ASIAKEY", SecretAccessKey: "secret", SessionToken: "token/+="}
)

const body = `{"query":"{ a }"}`

// shape is a request before it is signed, and how it is signed.
type shape struct {
	method, url, body string
	header            http.Header
	service           string
	as                aws.Credentials
	at                time.Time
	// payload is the payload's hash as it is signed; "" is that of the body.
	payload string
}

func post(change func(*shape)) shape {
	s := shape{method: http.MethodPost, url: "http://127.0.0.1:4566/graphql/abc", body: body, service: "appsync", as: issued, at: now,
		header: http.Header{"Content-Type": {"application/json"}, "X-Amz-Mine": {" two  spaces "}}}
	if change != nil {
		change(&s)
	}
	return s
}

func object(change func(*shape)) shape {
	s := shape{method: http.MethodPut, url: "http://127.0.0.1:4566/bucket/a%20b%2Bc/d%3De?x-id=PutObject", body: "content", service: "s3", as: issued, at: now,
		header: http.Header{"X-Amz-Content-Sha256": {hash([]byte("content"))}}}
	if change != nil {
		change(&s)
	}
	return s
}

func (s shape) request(t testing.TB) (*http.Request, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), s.method, s.url, strings.NewReader(s.body))
	require.NoError(t, err)
	for name, values := range s.header {
		request.Header[name] = values
	}
	if s.payload == "" {
		s.payload = hash([]byte(s.body))
	}
	return request, s.payload
}

// signed signs with the signer of the AWS SDK.
func (s shape) signed(t testing.TB) *http.Request {
	t.Helper()
	request, payload := s.request(t)
	require.NoError(t, signer.NewSigner().SignHTTP(context.Background(), s.as, request, payload, s.service, "eu-west-1", s.at, s.escaping))
	return request
}

func (s shape) escaping(o *signer.SignerOptions) { o.DisableURIPathEscaping = s.service == s3 }

// presigned is the request that a pre-signed URL is good for.
func (s shape) presigned(t testing.TB, expires string) *http.Request {
	t.Helper()
	request, payload := s.request(t)
	if expires != "" {
		query := request.URL.Query()
		query.Set("X-Amz-Expires", expires)
		request.URL.RawQuery = query.Encode()
	}
	address, header, err := signer.NewSigner().PresignHTTP(context.Background(), s.as, request, payload, s.service, "eu-west-1", s.at, s.escaping)
	require.NoError(t, err)
	request.URL, err = url.Parse(address)
	require.NoError(t, err)
	request.Header = header
	return request
}

// received is a request as a server reads it.
func received(t testing.TB, request *http.Request) Request {
	t.Helper()
	var wire bytes.Buffer
	require.NoError(t, request.Write(&wire))
	read, err := http.ReadRequest(bufio.NewReader(&wire))
	require.NoError(t, err)
	content, err := io.ReadAll(read.Body)
	require.NoError(t, err)
	return Request{HTTP: read, Body: content}
}

func verify(r Request, secret aws.Credentials, at time.Time) error {
	signature, err := Read(r.HTTP)
	if err != nil {
		return err
	}
	return signature.Verify(r, secret, at)
}

const (
	mismatch = CodeInvalid + ": The request signature we calculated does not match the signature you provided."
	unknown  = CodeUnknown + ": The security token included in the request is invalid."
)

func TestVerify(t *testing.T) {
	t.Parallel()
	plain := func(*http.Request) {}
	replace := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	remove := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	authorization := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, replacement, 1))
		}
	}
	at := func(by time.Duration) func(*shape) { return func(s *shape) { s.at = now.Add(by) } }
	tests := map[string]struct {
		shape  shape
		tamper func(*http.Request)
		want   string
	}{
		"good":                {post(nil), plain, ""},
		"no session":          {post(func(s *shape) { s.as.SessionToken = "" }), plain, unknown},
		"a header on the way": {post(nil), replace("X-Forwarded-For", "10.0.0.1"), ""},
		"another user agent":  {post(nil), replace("User-Agent", "other"), ""},
		"tampered body":       {post(nil), func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Replace(body, "a", "b", 1))) }, mismatch},
		"tampered header":     {post(nil), replace("Content-Type", "text/plain"), mismatch},
		"tampered path":       {post(nil), func(r *http.Request) { r.URL.Path = "/graphql/abd" }, mismatch},
		"tampered query":      {post(nil), func(r *http.Request) { r.URL.RawQuery = "a=b" }, mismatch},
		"tampered method":     {post(nil), func(r *http.Request) { r.Method = http.MethodPut }, mismatch},
		"tampered host":       {post(nil), func(r *http.Request) { r.Host = "localhost:4566" }, mismatch},
		"tampered signature":  {post(nil), authorization("Signature=", "Signature=0"), CodeIncomplete + ": Authorization header requires a 'Signature' parameter of 64 hexadecimal digits."},
		"another signature": {post(nil), func(r *http.Request) {
			text := r.Header.Get("Authorization")
			r.Header.Set("Authorization", text[:len(text)-64]+hash(nil))
		}, mismatch},
		"wrong secret":              {post(func(s *shape) { s.as.SecretAccessKey = "other" }), plain, mismatch},
		"wrong token":               {post(func(s *shape) { s.as.SessionToken = "other" }), plain, unknown},
		"missing token":             {post(nil), remove("X-Amz-Security-Token"), unknown},
		"token that is not signed":  {post(func(s *shape) { s.as.SessionToken = "" }), replace("X-Amz-Security-Token", issued.SessionToken), CodeInvalid + ": 'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."},
		"header that is not signed": {post(nil), replace("X-Amz-Target", "a.B"), CodeInvalid + ": 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."},
		"host that is not signed":   {post(nil), authorization(";host;", ";"), CodeInvalid + ": 'host' must be a 'SignedHeader' in the AWS Authorization."},
		"signed header that is not": {post(nil), remove("Content-Type"), CodeIncomplete + ": 'content-type' is named as a SignedHeader, but it does not exist in the HTTP request."},
		"a quarter of an hour":      {post(at(-15 * time.Minute)), plain, ""},
		"older":                     {post(at(-15*time.Minute - time.Second)), plain, CodeInvalid + ": Signature expired: 20260301T114459Z is now earlier than 20260301T114500Z (20260301T120000Z - 15 min.)"},
		"newer":                     {post(at(15*time.Minute + time.Second)), plain, CodeInvalid + ": Signature not yet current: 20260301T121501Z is still later than 20260301T121500Z (20260301T120000Z + 15 min.)"},
		"changed date":              {post(nil), replace("X-Amz-Date", "20260301T120001Z"), mismatch},
		"no date":                   {post(nil), remove("X-Amz-Date"), CodeIncomplete + ": Authorization header requires existence of an 'X-Amz-Date' header."},
		"another day's scope":       {post(nil), authorization("/20260301/", "/20260302/"), CodeInvalid + ": Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from '20260301T120000Z'."},
		"other service":             {post(func(s *shape) { s.service = "dynamodb" }), plain, CodeInvalid + ": Credential should be scoped to correct service: 'appsync'."},
		"other region":              {post(nil), authorization("/eu-west-1/", "/us-east-1/"), CodeInvalid + ": Credential should be scoped to a valid region, not 'us-east-1'."},
		"no signature":              {post(nil), replace("Authorization", Algorithm), CodeIncomplete + ": Authorization header requires a 'Credential' parameter"},
		"another algorithm":         {post(nil), authorization(Algorithm, "AWS4-ECDSA-P256-SHA256"), CodeIncomplete + ": Authorization header requires a 'Credential' parameter"},
		"unsigned outside S3":       {post(func(s *shape) { s.payload = unsigned }), plain, mismatch},
		"path with an ARN": {post(func(s *shape) {
			s.url = "http://127.0.0.1/v1/tags/arn%3Aaws%3Aappsync%2Fb?tagKeys=b&tagKeys=a%20b&tag=c~"
		}), plain, ""},
		"no body": {post(func(s *shape) { s.method, s.url, s.body = http.MethodGet, "http://127.0.0.1", "" }), plain, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := test.shape.signed(t)
			test.tamper(request)
			r := received(t, request)
			r.Service, r.Region = "appsync", "eu-west-1"
			wants(t, verify(r, issued, now), test.want)
		})
	}
}

func wants(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, want)
}

func TestPayloadsOfS3(t *testing.T) {
	t.Parallel()
	stated := func(value string) shape {
		return object(func(s *shape) { s.payload = value; s.header.Set("X-Amz-Content-Sha256", value) })
	}
	for name, test := range map[string]struct {
		shape shape
		body  string
		code  string
	}{
		"good":                 {object(nil), "content", ""},
		"tampered":             {object(nil), "another", "XAmzContentSHA256Mismatch"},
		"not signed":           {stated(unsigned), "another", ""},
		"in chunks":            {stated("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), "7\r\ncontent\r\n0\r\n\r\n", ""},
		"stated otherwise":     {object(func(s *shape) { s.payload = unsigned }), "content", "SignatureDoesNotMatch"},
		"no hash":              {object(func(s *shape) { s.header.Del("X-Amz-Content-Sha256") }), "content", "InvalidRequest"},
		"something else":       {stated("yes"), "content", "InvalidArgument"},
		"escaped twice":        {object(func(s *shape) { s.url = strings.Replace(s.url, "%20", "%2520", 1) }), "content", ""},
		"another key's secret": {object(func(s *shape) { s.as.SecretAccessKey = "x" }), "content", "SignatureDoesNotMatch"},
		"old":                  {object(func(s *shape) { s.at = now.Add(-time.Hour) }), "content", "RequestTimeTooSkewed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := received(t, test.shape.signed(t))
			r.Body = []byte(test.body)
			err := verify(r, issued, now)
			if test.code == "" {
				require.NoError(t, err)
				return
			}
			var refused *Error
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, test.code, refused.S3, refused.Message)
		})
	}
}

func TestPresigned(t *testing.T) {
	t.Parallel()
	get := func(change func(*shape)) shape {
		return object(func(s *shape) {
			s.method, s.body, s.payload, s.header = http.MethodGet, "", unsigned, http.Header{}
			if change != nil {
				change(s)
			}
		})
	}
	identity := post(func(s *shape) {
		s.method, s.body, s.service, s.url, s.header = http.MethodGet, "", "sts", "http://127.0.0.1/?Action=GetCallerIdentity&Version=2011-06-15", http.Header{}
	})
	query := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, replacement, 1) }
	}
	for name, test := range map[string]struct {
		shape   shape
		expires string
		after   time.Duration
		tamper  func(*http.Request)
		want    string
	}{
		"good":               {get(nil), "3600", time.Hour, nil, ""},
		"expired":            {get(nil), "3600", time.Hour + time.Second, nil, "Request has expired"},
		"too early":          {get(nil), "3600", -16 * time.Minute, nil, "Signature not yet current"},
		"too long":           {get(nil), "604801", 0, nil, "X-Amz-Expires must be a number of seconds between 0 and 604800."},
		"tampered expiry":    {get(nil), "60", time.Minute, query("X-Amz-Expires=60", "X-Amz-Expires=600"), mismatch},
		"tampered key":       {get(nil), "60", 0, func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/bucket/other", "" }, mismatch},
		"tampered token":     {get(nil), "60", 0, query("X-Amz-Security-Token=token", "X-Amz-Security-Token=other"), unknown},
		"wrong secret":       {get(func(s *shape) { s.as.SecretAccessKey = "x" }), "60", 0, nil, mismatch},
		"half of it":         {get(nil), "60", 0, query("X-Amz-Algorithm", "Algorithm"), CodeIncomplete + ": AWS query-string parameters must include"},
		"a header more":      {get(nil), "60", 0, func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, "'x-amz-acl' must be a 'SignedHeader'"},
		"of another service": {identity, "", 15 * time.Minute, nil, ""},
		"and old":            {identity, "", 16 * time.Minute, nil, "Signature expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := test.shape.presigned(t, test.expires)
			if test.tamper != nil {
				test.tamper(request)
			}
			wants(t, verify(received(t, request), issued, now.Add(test.after)), test.want)
		})
	}
}

// TestExamplesOfAWS verifies what AWS publishes: the test suite of Signature Version 4, and
// the examples of S3's documentation, with the secrets that they name.
func TestExamplesOfAWS(t *testing.T) {
	t.Parallel()
	const (
		suite    = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
		bucket   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
		scope    = " Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
		s3scope  = " Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
		noBody   = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		chunked  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
		download = "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" +
			"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n"
	)
	for name, test := range map[string]struct{ request, secret, at string }{
		"get-vanilla": {"GET / HTTP/1.1\nHost: example.amazonaws.com\nX-Amz-Date: 20150830T123600Z\nAuthorization: " + Algorithm + scope +
			"SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\n\n", suite, "20150830T123600Z"},
		"post-vanilla": {"POST / HTTP/1.1\nHost: example.amazonaws.com\nX-Amz-Date: 20150830T123600Z\nAuthorization: " + Algorithm + scope +
			"SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b\n\n", suite, "20150830T123600Z"},
		"a query": {"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost: iam.amazonaws.com\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n" +
			"X-Amz-Date: 20150830T123600Z\nAuthorization: " + Algorithm + strings.Replace(scope, "/service/", "/iam/", 1) +
			"SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\n\n", suite, "20150830T123600Z"},
		"an object": {"GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\nx-amz-content-sha256: " + noBody + "\nx-amz-date: 20130524T000000Z\n" +
			"Authorization: " + Algorithm + s3scope + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\n\n", bucket, "20130524T000000Z"},
		"an object in chunks": {"PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\nContent-Encoding: aws-chunked\nContent-Length: 66824\nx-amz-content-sha256: " + chunked +
			"\nx-amz-date: 20130524T000000Z\nx-amz-decoded-content-length: 66560\nx-amz-storage-class: REDUCED_REDUNDANCY\nAuthorization: " + Algorithm + s3scope +
			"SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class," +
			"Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9\n\n", bucket, "20130524T000000Z"},
		"a pre-signed URL": {download, bucket, "20130524T235959Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(test.request, "\n", "\r\n"))))
			require.NoError(t, err)
			at, err := time.Parse(timeFormat, test.at)
			require.NoError(t, err)
			require.NoError(t, verify(Request{HTTP: request}, aws.Credentials{SecretAccessKey: test.secret}, at))
			require.ErrorContains(t, verify(Request{HTTP: request}, aws.Credentials{SecretAccessKey: test.secret + "x"}, at), mismatch)
		})
	}
}

// TestLengthOfZero is what the SDK's signer never signs, and other clients do.
func TestLengthOfZero(t *testing.T) {
	t.Parallel()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nX-Amz-Date: 20260301T120000Z\r\nX-Amz-Content-Sha256: " + unsigned + "\r\n" +
		"Authorization: " + Algorithm + " Credential=K/20260301/eu-west-1/s3/aws4_request, SignedHeaders=content-length;host;x-amz-content-sha256;x-amz-date, Signature=" + hash(nil) + "\r\n\r\n")))
	require.NoError(t, err)
	var refused *Error
	require.ErrorAs(t, verify(Request{HTTP: r}, aws.Credentials{}, now), &refused)
	assert.Contains(t, refused.Text(), "\ncontent-length:0\nhost:h\n")
}

func TestAMismatchShowsWhatToSignButNotTheToken(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]*http.Request{
		"header": post(func(s *shape) { s.as.SecretAccessKey = "other" }).signed(t),
		"query":  object(func(s *shape) { s.as.SecretAccessKey = "other"; s.header = http.Header{} }).presigned(t, "60"),
	} {
		var refused *Error
		require.ErrorAs(t, verify(received(t, request), issued, now), &refused, name)
		assert.Contains(t, refused.Text(), "The Canonical String for this request should have been\n'P", name)
		assert.NotContains(t, refused.Text(), issued.SessionToken, name)
		assert.NotContains(t, refused.Text(), url.QueryEscape(issued.SessionToken), name)
		assert.NotContains(t, refused.Text(), issued.SecretAccessKey, name)
	}
}

// BenchmarkVerify verifies a request with 2 KB, as an append to an event log has them.
func BenchmarkVerify(b *testing.B) {
	r := received(b, post(func(s *shape) {
		s.service, s.body = "dynamodb", strings.Repeat("x", 2<<10)
		s.header.Set("X-Amz-Target", "DynamoDB_20120810.TransactWriteItems")
	}).signed(b))
	b.ReportAllocs()
	for b.Loop() {
		if err := verify(r, issued, now); err != nil {
			b.Fatal(err)
		}
	}
}
