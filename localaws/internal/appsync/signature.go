package appsync

import (
	"net/http"
	"regexp"
	"strings"
)

// signatureAlgorithm starts the Authorization header of a SigV4 request.
const signatureAlgorithm = "AWS4-HMAC-SHA256"

var (
	credentialScope = regexp.MustCompile(`^([^/]+)/\d{8}/[a-z0-9-]+/appsync/aws4_request$`)
	signatureHex    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	signedNames     = regexp.MustCompile(`^([a-z0-9-]+;)*host(;[a-z0-9-]+)*$`)
	signatureDate   = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
)

// signer is the access key of a signed request. What is not well formed is told, in
// the manner of AWS but without the header's value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
func signer(header http.Header) (accessKey string, missing []string) {
	fields := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(header.Get("Authorization"), signatureAlgorithm), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := credentialScope.FindStringSubmatch(fields["Credential"])
	if scope == nil {
		missing = append(missing, "Authorization header requires a 'Credential' parameter: key/date/region/appsync/aws4_request.")
	}
	if !signatureHex.MatchString(fields["Signature"]) {
		missing = append(missing, "Authorization header requires a 'Signature' parameter of 64 hexadecimal digits.")
	}
	if !signedNames.MatchString(fields["SignedHeaders"]) {
		missing = append(missing, "Authorization header requires a 'SignedHeaders' parameter that has host.")
	}
	if !signatureDate.MatchString(header.Get("X-Amz-Date")) {
		missing = append(missing, "Authorization header requires existence of an 'X-Amz-Date' header.")
	}
	if len(missing) > 0 {
		return "", missing
	}
	return scope[1], nil
}
