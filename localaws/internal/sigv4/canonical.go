package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// canonical is the canonical request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func (s *Signature) canonical(r *http.Request, payload string) string {
	var headers strings.Builder
	for _, name := range s.headers {
		value, _ := header(r, name) // checked
		headers.WriteString(name + ":" + value + "\n")
	}
	return strings.Join([]string{r.Method, s.path(r.URL), canonicalQuery(r.URL.RawQuery), headers.String(), strings.Join(s.headers, ";"), payload}, "\n")
}

// path escapes the path as it is sent, which escapes twice what clients had to escape; S3
// alone escapes once.
func (s *Signature) path(u *url.URL) string {
	sent := u.EscapedPath()
	if s.service == s3 {
		sent = u.Path
	}
	if sent == "" {
		sent = "/"
	}
	return httpbinding.EscapePath(sent, false)
}

// canonicalQuery sorts the parameters after it has escaped them.
func canonicalQuery(raw string) string {
	values, _ := url.ParseQuery(raw) // what cannot be read cannot be signed
	var parameters [][]string
	for name, list := range values {
		if name == "X-Amz-Signature" {
			continue
		}
		for _, value := range list {
			parameters = append(parameters, []string{escape(name), escape(value)})
		}
	}
	slices.SortFunc(parameters, slices.Compare)
	pairs := make([]string, len(parameters))
	for i, parameter := range parameters {
		pairs[i] = strings.Join(parameter, "=")
	}
	return strings.Join(pairs, "&")
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// header is a header's value with single spaces. Go keeps the host, and a length that was
// read, apart from the headers.
func header(r *http.Request, name string) (value string, ok bool) {
	if name == "host" {
		return r.Host, r.Host != ""
	}
	values := r.Header.Values(name)
	if len(values) == 0 && name == "content-length" && r.ContentLength > 0 {
		return strconv.FormatInt(r.ContentLength, 10), true
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(trimmed, ","), len(values) > 0
}

func (s *Signature) stringToSign(canonical string) string {
	return strings.Join([]string{Algorithm, s.at.Format(timeFormat), strings.Join([]string{s.day, s.region, s.service, "aws4_request"}, "/"), hash([]byte(canonical))}, "\n")
}

// sign signs a text with a key that is good for one day, region and service.
func (s *Signature) sign(secret, text string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.day, s.region, s.service, "aws4_request"} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// redact takes the session token out of a text for a message.
func (s *Signature) redact(text string) string {
	if s.token == "" {
		return text
	}
	return strings.NewReplacer(s.token, "***", escape(s.token), "***").Replace(text)
}
