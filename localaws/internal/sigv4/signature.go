package sigv4

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var credentialScope = regexp.MustCompile(`^([^/]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request$`)

// Signature is a well-formed signature that is not verified yet.
type Signature struct {
	// AccessKeyID says whose secret it claims to be made with.
	AccessKeyID string

	day, region, service string
	at                   time.Time
	headers              []string
	hex, token           string
	presigned            bool
	expires              string // in seconds; "" if the request does not say
}

// Read takes the signature out of a request. What is not well formed is an [*Error], in
// the manner of AWS but without the value.
func Read(r *http.Request) (*Signature, error) {
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		return readHeader(r.Header, authorization)
	}
	return readQuery(r.URL.Query())
}

func readHeader(header http.Header, authorization string) (*Signature, error) {
	fields := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(authorization, Algorithm), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	s, scoped := scope(fields["Credential"])
	var missing []string
	if !scoped || !strings.HasPrefix(authorization, Algorithm+" ") {
		missing = append(missing, "Authorization header requires a 'Credential' parameter: "+Algorithm+" Credential=key/date/region/service/aws4_request.")
	}
	if !isHash(fields["Signature"]) {
		missing = append(missing, "Authorization header requires a 'Signature' parameter of 64 hexadecimal digits.")
	}
	if fields["SignedHeaders"] == "" {
		missing = append(missing, "Authorization header requires a 'SignedHeaders' parameter.")
	}
	var err error
	if s.at, err = time.Parse(timeFormat, header.Get("X-Amz-Date")); err != nil {
		missing = append(missing, "Authorization header requires existence of an 'X-Amz-Date' header.")
	}
	if len(missing) > 0 {
		return nil, incomplete(strings.Join(missing, " "))
	}
	s.headers, s.hex, s.token = strings.Split(fields["SignedHeaders"], ";"), fields["Signature"], header.Get("X-Amz-Security-Token")
	return s, nil
}

func readQuery(query url.Values) (*Signature, error) {
	s, scoped := scope(query.Get("X-Amz-Credential"))
	names := query.Get("X-Amz-SignedHeaders")
	var err error
	s.at, err = time.Parse(timeFormat, query.Get("X-Amz-Date"))
	s.hex, s.token, s.presigned, s.expires = query.Get("X-Amz-Signature"), query.Get("X-Amz-Security-Token"), true, query.Get("X-Amz-Expires")
	if !scoped || err != nil || query.Get("X-Amz-Algorithm") != Algorithm || !isHash(s.hex) || names == "" {
		return nil, incomplete("AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders' and 'X-Amz-Date'. Re-examine the query-string parameters.")
	}
	s.headers = strings.Split(names, ";")
	return s, nil
}

// isHash says whether a text has the form of a signature, or of a payload's hash.
func isHash(text string) bool { return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == "" }

// scope begins a signature with its credential scope.
func scope(text string) (*Signature, bool) {
	parts := credentialScope.FindStringSubmatch(text)
	if parts == nil {
		return &Signature{}, false
	}
	return &Signature{AccessKeyID: parts[1], day: parts[2], region: parts[3], service: parts[4]}, true
}
