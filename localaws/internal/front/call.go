package front

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// call is what a request to an AWS API asks for.
type call struct {
	// service is the signature's scope; streams of DynamoDB are "dynamodbstreams".
	service, operation string
	// body is read for the services whose requests the transport looks into, and for
	// requests of roles, whose signatures are verified.
	body []byte
	// form holds the parameters of the query protocol, JSON says that the body is
	// JSON.
	form   url.Values
	isJSON bool
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// signedService is the service in the scope of a SigV4 signature, in the header or,
// for pre-signed requests, in the query: KEY/DATE/REGION/SERVICE/aws4_request.
func signedService(r *http.Request) string {
	if parts := credential(r); len(parts) >= 5 {
		return strings.ToLower(parts[len(parts)-2])
	}
	return ""
}

// accessKey is the access key that a request is signed with, or "".
func accessKey(r *http.Request) string { return credential(r)[0] }

// credential are the parts of the signature's credential; there is at least one.
func credential(r *http.Request) []string {
	scope := r.URL.Query().Get("X-Amz-Credential")
	if _, rest, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		scope, _, _ = strings.Cut(rest, ",")
	}
	return strings.Split(strings.TrimSpace(scope), "/")
}

// read finds out what a request asks for. The request's body can be read again.
func read(r *http.Request) (*call, error) {
	if c, ok := r.Context().Value(callKey{}).(*call); ok {
		return c, nil
	}
	c := &call{service: signedService(r)}
	if c.service == "" {
		c.service = "unsigned"
	}
	target := r.Header.Get("X-Amz-Target")
	if i := strings.LastIndexByte(target, '.'); i >= 0 {
		c.operation, c.isJSON = target[i+1:], true
		if strings.HasPrefix(target, "DynamoDBStreams") {
			c.service = "dynamodbstreams"
		}
	}
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if !c.isJSON && !isForm || r.Body == nil {
		return c, nil
	}
	if err := c.readBody(r); err != nil {
		return nil, err
	}
	if isForm && !c.isJSON {
		var err error
		if c.form, err = url.ParseQuery(string(c.body)); err != nil {
			c.form = nil // not a request of an AWS API
		}
		c.operation = c.form.Get("Action")
	}
	return c, nil
}

// readBody reads the body, which can be read again then.
func (c *call) readBody(r *http.Request) (err error) {
	if c.body != nil || r.Body == nil {
		return nil
	}
	if c.body, err = io.ReadAll(r.Body); err != nil {
		return err
	}
	_ = r.Body.Close()
	setBody(r, c.body)
	return nil
}

func setBody(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// text is a top-level string parameter of the request.
func (c *call) text(name string) string {
	if !c.isJSON {
		return c.form.Get(name)
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.body, &fields) != nil {
		return ""
	}
	var value string
	_ = json.Unmarshal(fields[name], &value) // not a string: none
	return value
}

// queue is the name of the queue that the request is about.
func (c *call) queue() string { return path.Base("/" + c.text("QueueUrl")) }

// account is the account in the URL of the queue that the request is about.
func (c *call) account() string { return path.Base(path.Dir(c.text("QueueUrl"))) }

// isBrowserUpload says that a form of a web page sends an object to S3. Its signature
// is one of the form's fields.
func (c *call) isBrowserUpload(r *http.Request) bool {
	return c.service == "unsigned" && r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}
