package validate

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dlclark/regexp2/v2"
)

const (
	openIDConnect = "OPENID_CONNECT"
	awsLambda     = "AWS_LAMBDA"
)

// maxResultTTL is for how many seconds AppSync keeps an authorizer's answer at most.
const maxResultTTL = 3600

// discovery is what AppSync appends to an issuer.
const discovery = "/.well-known/openid-configuration"

// OpenIDConnect is what is known of the argument openIdConnect; nil is not given, or not
// known.
type OpenIDConnect struct {
	Issuer, ClientID *string
	// IatTTL and AuthTTL are in seconds.
	IatTTL, AuthTTL *int
}

// LambdaAuthorizer is what is known of the argument lambdaAuthorizer; nil is not given, or
// not known.
type LambdaAuthorizer struct {
	FunctionARN, IdentityValidationExpression *string
	// ResultTTL is in seconds.
	ResultTTL *int
}

// Authorizers checks the arguments of the modes OPENID_CONNECT and AWS_LAMBDA, nil where
// there are none, against the modes.
func Authorizers(modes []string, tokens *OpenIDConnect, function *LambdaAuthorizer) []Problem {
	var found findings
	switch has := slices.Contains(modes, openIDConnect); {
	case has && tokens == nil:
		found.add("openIdConnect", "the mode %s needs to know whose tokens it lets in: add `openIdConnect: {issuer: https://…}`, or take the mode out of authenticationModes", openIDConnect)
	case !has && tokens != nil:
		found.add("openIdConnect", "no tokens of an OpenID Connect provider are let in: add %s to authenticationModes, or leave this out", openIDConnect)
	}
	switch has := slices.Contains(modes, awsLambda); {
	case has && function == nil:
		found.add("lambdaAuthorizer", "the mode %s needs the function to ask: add `lambdaAuthorizer: {functionArn: …}`, or take the mode out of authenticationModes", awsLambda)
	case !has && function != nil:
		found.add("lambdaAuthorizer", "no function is asked: add %s to authenticationModes, or leave this out", awsLambda)
	}
	found.tokens(tokens)
	found.authorizer(function)
	return found
}

func (f *findings) tokens(tokens *OpenIDConnect) {
	if tokens == nil {
		return
	}
	if tokens.Issuer != nil {
		f.issuer(Path("openIdConnect", "issuer"), *tokens.Issuer)
	}
	f.expression(Path("openIdConnect", "clientId"), tokens.ClientID)
	for name, ttl := range map[string]*int{"iatTtlSeconds": tokens.IatTTL, "authTtlSeconds": tokens.AuthTTL} {
		if ttl != nil && *ttl < 1 {
			f.add(Path("openIdConnect", name), "%d is no time to live: give 1 second or more, or leave it out for tokens that are let in until they expire", *ttl)
		}
	}
}

// issuer checks a URL to which AppSync appends the path of the provider's configuration.
func (f *findings) issuer(path, issuer string) {
	parsed, err := url.Parse(issuer)
	switch {
	case err != nil || parsed.Host == "" || strings.TrimSpace(issuer) != issuer:
		f.add(path, "%q is no URL; it looks like https://login.example.com", issuer)
	case parsed.User != nil:
		f.add(path, "a URL with a user name or a password is no issuer; leave them out")
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !loopback(parsed.Hostname())):
		f.add(path, "AppSync reads the provider's keys over https only, so %q cannot be used; http is for a provider on localhost, with a local AWS", issuer)
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		f.add(path, "%q has a query or a fragment, but AppSync appends %s to it; leave them out", issuer, discovery)
	case strings.HasSuffix(parsed.Path, discovery):
		f.add(path, "%q is the provider's configuration; leave out %s, which AppSync appends", issuer, discovery)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// expression checks a regular expression. AppSync runs Java, whose expressions know more
// than Go's.
func (f *findings) expression(path string, expression *string) {
	if expression == nil {
		return
	}
	if *expression == "" {
		f.add(path, "it is empty; leave it out")
		return
	}
	if _, err := regexp2.Compile(*expression, regexp2.None); err != nil {
		f.add(path, "%q is no regular expression: %v", *expression, err)
	}
}

// functionARN is the ARN of a function, of a version or of an alias.
var functionARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?$`)

func (f *findings) authorizer(function *LambdaAuthorizer) {
	if function == nil {
		return
	}
	path := Path("lambdaAuthorizer", "functionArn")
	switch arn := function.FunctionARN; {
	case arn == nil:
	case !functionARN.MatchString(*arn):
		f.add(path, "%q is no ARN of a Lambda function; it looks like arn:aws:lambda:eu-west-1:123456789012:function:authorizer", *arn)
	case strings.HasSuffix(*arn, ":$LATEST"):
		f.add(path, "Lambda permits nobody to invoke $LATEST by that name; leave `:$LATEST` out, which means the same")
	}
	if ttl := function.ResultTTL; ttl != nil && (*ttl < 0 || *ttl > maxResultTTL) {
		f.add(Path("lambdaAuthorizer", "resultTtlSeconds"), "AppSync keeps an answer for 0 to %d seconds, not for %d", maxResultTTL, *ttl)
	}
	f.expression(Path("lambdaAuthorizer", "identityValidationExpression"), function.IdentityValidationExpression)
}
