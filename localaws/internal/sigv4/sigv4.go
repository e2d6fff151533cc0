// Package sigv4 verifies requests that are signed with AWS Signature Version 4.
//
//  1. [Read] takes the signature out of a request: out of its Authorization header or, if
//     it is pre-signed, out of its query.
//  2. [Signature.Verify] gets the secret of the access key that the signature names. It
//     checks the session token, the date, the scope, that everything is signed that must
//     be, and the payload's hash (payload.go).
//  3. Then it computes the signature anew over exactly the headers that the request names
//     (canonical.go), and compares.
//
// The signer of the AWS SDK would not do for 3: it decides itself what it signs, and passes
// over headers that other clients sign, such as a Content-Length of 0. The tests sign with
// it, and with the examples that AWS publishes.
//
// The single chunks of a payload that S3's clients sign chunk by chunk are not verified,
// only the signature of the request.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package sigv4

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	// Algorithm starts the Authorization header of a signed request.
	Algorithm = "AWS4-HMAC-SHA256"
	// MaxSkew is how much older or newer than the clock a signature may be.
	MaxSkew = 15 * time.Minute

	timeFormat = "20060102T150405Z"
	// maxExpiry is how long a pre-signed request may be valid.
	maxExpiry = 7 * 24 * time.Hour
)

// Request is a request to verify.
type Request struct {
	// HTTP has the method, the host, the URL's path and query, and the headers.
	HTTP *http.Request
	// Body is the whole body.
	Body []byte
	// Service and Region are what it must be signed for. Empty ones take any: where one
	// address serves all, the signature says which one is meant.
	Service, Region string
}

// Verify checks that the request was signed with the secret, and when and how AWS wants it.
// What is wrong is an [*Error].
func (s *Signature) Verify(r Request, secret aws.Credentials, now time.Time) error {
	if !equal(s.token, secret.SessionToken) {
		return Unknown()
	}
	if err := s.checkTime(now.UTC()); err != nil {
		return err
	}
	if err := s.checkScope(r); err != nil {
		return err
	}
	if err := s.checkHeaders(r.HTTP); err != nil {
		return err
	}
	payload, err := s.payload(r)
	if err != nil {
		return err
	}
	canonical := s.canonical(r.HTTP, payload)
	text := s.stringToSign(canonical)
	if !equal(s.hex, s.sign(secret.SecretAccessKey, text)) {
		return mismatched(s.redact(canonical), text)
	}
	return nil
}

// equal compares in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Signature) checkTime(now time.Time) error {
	if until := s.at.Add(-MaxSkew); now.Before(until) {
		return invalid("RequestTimeTooSkewed", fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
			s.at.Format(timeFormat), now.Add(MaxSkew).Format(timeFormat), now.Format(timeFormat)))
	}
	if s.presigned && s.expires != "" {
		seconds, err := strconv.Atoi(s.expires)
		if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > maxExpiry {
			return invalid("AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds between 0 and 604800.")
		}
		if now.After(s.at.Add(time.Duration(seconds) * time.Second)) {
			return invalid("AccessDenied", "Request has expired")
		}
		return nil
	}
	if now.After(s.at.Add(MaxSkew)) {
		return invalid("RequestTimeTooSkewed", fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			s.at.Format(timeFormat), now.Add(-MaxSkew).Format(timeFormat), now.Format(timeFormat)))
	}
	return nil
}

func (s *Signature) checkScope(r Request) error {
	var wrong []string
	if date := s.at.Format(timeFormat); s.day != date[:8] {
		wrong = append(wrong, fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.day, date[:8], date))
	}
	if r.Region != "" && s.region != r.Region {
		wrong = append(wrong, fmt.Sprintf("Credential should be scoped to a valid region, not '%s'.", s.region))
	}
	if r.Service != "" && s.service != r.Service {
		wrong = append(wrong, fmt.Sprintf("Credential should be scoped to correct service: '%s'.", r.Service))
	}
	if len(wrong) > 0 {
		return invalid("SignatureDoesNotMatch", strings.Join(wrong, " "))
	}
	return nil
}

// checkHeaders checks that the host and all x-amz-* headers are signed, and that what is
// signed is there.
func (s *Signature) checkHeaders(r *http.Request) error {
	must := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") {
			must = append(must, name)
		}
	}
	slices.Sort(must)
	for _, name := range must {
		if !slices.Contains(s.headers, name) {
			return invalid("AccessDenied", fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", name))
		}
	}
	for _, name := range s.headers {
		if _, ok := header(r, name); !ok {
			return incomplete(fmt.Sprintf("'%s' is named as a SignedHeader, but it does not exist in the HTTP request.", name))
		}
	}
	return nil
}
