package hostui

import (
	"encoding/json"
	"net/url"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// configKey is the file that tells the page where the API is.
const configKey = "config.json"

// configVersion is the version of its format. Members are only ever added.
const configVersion = 1

// Config is what the page is told.
type Config struct {
	Platform   string
	GraphQLURL pulumi.StringInput
	// RealtimeURL is the API's address for subscriptions.
	RealtimeURL         pulumi.StringInput
	Region              pulumi.StringInput
	AuthenticationModes []string
	// More are further members by name, such as the ids of a user pool and its client.
	More pulumi.StringMap
}

// text is the content of config.json.
func (c Config) text() pulumi.StringOutput {
	return pulumi.All(c.GraphQLURL, c.Region, c.More, c.RealtimeURL).ApplyT(func(values []any) (string, error) {
		members := map[string]any{}
		more, _ := values[2].(map[string]string)
		for name, value := range more {
			members[name] = value
		}
		members["formatVersion"] = configVersion
		members["platform"] = c.Platform
		members["graphqlUrl"], members["region"], members["realtimeUrl"] = values[0], values[1], values[3]
		members["authenticationModes"] = c.AuthenticationModes
		text, err := json.MarshalIndent(members, "", "  ")
		return string(text) + "\n", err
	}).(pulumi.StringOutput)
}

const (
	// shellPolicy lets the platform's own page load its own files, and nothing else. What it
	// may connect to is added. GraphiQL's style sheet has images in it, with data: addresses.
	shellPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'none'; connect-src 'self'"
	// bundlePolicy takes nothing from a bundle that a site needs.
	bundlePolicy = "base-uri 'self'; object-src 'none'; frame-ancestors 'none'"
)

// policy is the Content-Security-Policy of the site.
func (p Plan) policy(config Config) pulumi.StringInput {
	switch {
	case p.declared.ContentSecurityPolicy != nil:
		return pulumi.String(*p.declared.ContentSecurityPolicy)
	case !p.shell:
		return pulumi.String(bundlePolicy)
	}
	return pulumi.All(config.GraphQLURL, config.RealtimeURL).ApplyT(func(addresses []any) (string, error) {
		policy := shellPolicy
		for _, address := range addresses {
			parsed, err := url.Parse(address.(string))
			if err != nil {
				return "", err
			}
			if parsed.Host != "" {
				policy += " " + parsed.Scheme + "://" + parsed.Host
			}
		}
		return policy, nil
	}).(pulumi.StringOutput)
}
