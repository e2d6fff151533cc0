package validate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAuthorizers(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	both := []string{"OPENID_CONNECT", "AWS_LAMBDA"}
	function := &LambdaAuthorizer{FunctionARN: text("arn:aws:lambda:eu-west-1:123456789012:function:authorizer:live")}
	issuer := func(url string) *OpenIDConnect { return &OpenIDConnect{Issuer: &url} }
	for name, test := range map[string]struct {
		modes    []string
		tokens   *OpenIDConnect
		function *LambdaAuthorizer
		want     map[string]string
	}{
		"neither":       {[]string{"AWS_IAM"}, nil, nil, nil},
		"both":          {both, &OpenIDConnect{Issuer: text("https://x.example.com/tenant/"), ClientID: text("(?=web)web.*"), IatTTL: number(1), AuthTTL: number(1)}, function, nil},
		"not known yet": {both, &OpenIDConnect{}, &LambdaAuthorizer{}, nil},
		"a loopback":    {both, issuer("http://127.0.0.1:4321"), function, nil},
		"localhost":     {both, issuer("http://localhost"), function, nil},
		"::1":           {both, issuer("http://[::1]:80/x"), function, nil},
		"modes without": {both, nil, nil, map[string]string{"openIdConnect": "add `openIdConnect: {issuer", "lambdaAuthorizer": "add `lambdaAuthorizer: {functionArn"}},
		"without modes": {[]string{"API_KEY"}, issuer("https://x"), function, map[string]string{"openIdConnect": "add OPENID_CONNECT", "lambdaAuthorizer": "add AWS_LAMBDA"}},
		"http":          {both, issuer("http://login.example.com"), function, map[string]string{"openIdConnect.issuer": "over https only"}},
		"http like it":  {both, issuer("http://localhost.example.com"), function, map[string]string{"openIdConnect.issuer": "over https only"}},
		"a name":        {both, issuer("login.example.com"), function, map[string]string{"openIdConnect.issuer": "is no URL"}},
		"blank":         {both, issuer("https://x "), function, map[string]string{"openIdConnect.issuer": "is no URL"}},
		"a query":       {both, issuer("https://x/?tenant=1"), function, map[string]string{"openIdConnect.issuer": "a query or a fragment"}},
		"an empty one":  {both, issuer("https://x/?"), function, map[string]string{"openIdConnect.issuer": "a query or a fragment"}},
		"a fragment":    {both, issuer("https://x/#a"), function, map[string]string{"openIdConnect.issuer": "a query or a fragment"}},
		"a password":    {both, issuer("https://me:secret@x"), function, map[string]string{"openIdConnect.issuer": "leave them out"}},
		"the document":  {both, issuer("https://x/.well-known/openid-configuration"), function, map[string]string{"openIdConnect.issuer": "is the provider's configuration"}},
		"no pattern": {both, &OpenIDConnect{ClientID: text("a(")}, &LambdaAuthorizer{IdentityValidationExpression: text("[")},
			map[string]string{"openIdConnect.clientId": "is no regular expression", "lambdaAuthorizer.identityValidationExpression": "is no regular expression"}},
		"empty": {both, &OpenIDConnect{ClientID: text("")}, function, map[string]string{"openIdConnect.clientId": "it is empty"}},
		"limits": {both, &OpenIDConnect{IatTTL: number(0), AuthTTL: number(-1)}, &LambdaAuthorizer{ResultTTL: number(3601)},
			map[string]string{"openIdConnect.iatTtlSeconds": "0 is no time", "openIdConnect.authTtlSeconds": "-1 is no time", "lambdaAuthorizer.resultTtlSeconds": "0 to 3600 seconds, not for 3601"}},
		"below":   {both, &OpenIDConnect{}, &LambdaAuthorizer{ResultTTL: number(-1)}, map[string]string{"lambdaAuthorizer.resultTtlSeconds": "not for -1"}},
		"an id":   {both, &OpenIDConnect{}, &LambdaAuthorizer{FunctionARN: text("authorizer")}, map[string]string{"lambdaAuthorizer.functionArn": "is no ARN"}},
		"a layer": {both, &OpenIDConnect{}, &LambdaAuthorizer{FunctionARN: text("arn:aws:lambda:eu-west-1:123456789012:layer:x:1")}, map[string]string{"lambdaAuthorizer.functionArn": "is no ARN"}},
		"$LATEST": {both, &OpenIDConnect{}, &LambdaAuthorizer{FunctionARN: text("arn:aws:lambda:eu-west-1:123456789012:function:x:$LATEST")}, map[string]string{"lambdaAuthorizer.functionArn": "leave `:$LATEST` out"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := Authorizers(test.modes, test.tokens, test.function)
			require.Len(t, problems, len(test.want), "%v", problems)
			for _, problem := range problems {
				assert.NotEmpty(t, test.want[problem.Path], problem.Path)
				assert.Contains(t, problem.Reason, test.want[problem.Path])
				assert.NotContains(t, problem.Reason, "secret")
			}
		})
	}
}
