package appsync

import (
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/authorizer"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/usertoken"
)

// maxResultTTL is for how many seconds an authorizer's answer is kept at most. Without a
// number it is not kept, as AppSync's API reference says; its guide says 300. The SDK for Go
// sends no number for 0.
const maxResultTTL = 3600

// issuers are whose tokens the API takes.
func (a *api) issuers() []usertoken.Issuer {
	var issuers []usertoken.Issuer
	for _, provider := range a.document.providers() {
		switch provider.text("authenticationType") {
		case modeUserPool:
			config := provider.object("userPoolConfig")
			issuers = append(issuers, usertoken.Pool{Region: config.text("awsRegion"), ID: config.text("userPoolId"), Clients: config.text("appIdClientRegex")})
		case modeOIDC:
			issuers = append(issuers, provider.object("openIDConnectConfig").openIDConnect())
		}
	}
	return issuers
}

// openIDConnect reads the settings of an OpenID Connect provider, whose times are in
// milliseconds.
func (d document) openIDConnect() usertoken.Provider {
	issued, _ := d.number("iatTTL")
	signedIn, _ := d.number("authTTL")
	return usertoken.Provider{URL: d.text("issuer"), Clients: d.text("clientId"),
		IssuedTTL: time.Duration(issued) * time.Millisecond, SignedInTTL: time.Duration(signedIn) * time.Millisecond}
}

// authorizer is the function that the API asks, nil for none.
func (a *api) authorizer(arn string) *authorizer.Settings {
	for _, provider := range a.document.providers() {
		if provider.text("authenticationType") != modeLambda {
			continue
		}
		config := provider.object("lambdaAuthorizerConfig")
		ttl, _ := config.number("authorizerResultTtlInSeconds")
		return &authorizer.Settings{API: arn, FunctionARN: config.text("authorizerUri"), TTL: time.Duration(ttl) * time.Second,
			Expression: config.text("identityValidationExpression")}
	}
	return nil
}

// checkAuthorizers finds modes that lack their provider of tokens or their function, and
// settings of them that AppSync refuses. Its texts are not documented; these are our own.
func checkAuthorizers(settings document) error {
	functions := 0
	for _, provider := range settings.providers() {
		switch provider.text("authenticationType") {
		case modeOIDC:
			config := provider.object("openIDConnectConfig")
			if config.text("issuer") == "" {
				return badRequest("The authentication type OPENID_CONNECT requires an openIDConnectConfig with issuer.")
			}
			if err := config.openIDConnect().Check(); err != nil {
				return badRequest("The openIDConnectConfig has the issuer %s: %v.", config.text("issuer"), err)
			}
		case modeLambda:
			functions++
			config := provider.object("lambdaAuthorizerConfig")
			ttl, _ := config.number("authorizerResultTtlInSeconds")
			switch {
			case config.text("authorizerUri") == "":
				return badRequest("The authentication type AWS_LAMBDA requires a lambdaAuthorizerConfig with authorizerUri.")
			case ttl < 0 || ttl > maxResultTTL:
				return badRequest("The authorizerResultTtlInSeconds of the lambdaAuthorizerConfig is %d: give 0 to %d.", ttl, maxResultTTL)
			case functions > 1:
				return badRequest("An API can have only one AWS_LAMBDA authorization mode.")
			}
		}
	}
	return nil
}
