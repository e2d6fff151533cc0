package usertoken

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/go-jose/go-jose/v4"
)

// matchTimeout is how long a regular expression may take for one client.
const matchTimeout = time.Second

// Provider is an OpenID Connect provider. Its tokens count until they expire, or for a time
// after they were issued or their user signed in, and for a client that the API takes.
type Provider struct {
	// URL is the issuer, exactly as tokens have it.
	URL string
	// Clients is a regular expression for the clients whose tokens are taken, by "aud" or
	// "azp"; empty takes all.
	Clients string
	// IssuedTTL and SignedInTTL are how long a token is taken after "iat" and "auth_time"; 0
	// is until it expires.
	IssuedTTL, SignedInTTL time.Duration
}

// ErrIssuer is a URL at which AppSync looks for no keys.
var ErrIssuer = errors.New("the issuer must be a URL with https and without a query; only the local AWS takes http, on loopback")

// Check says whether the provider's URL can be used: with https, or with http on this
// computer, which AppSync does not reach.
func (p Provider) Check() error {
	parsed, err := url.Parse(p.URL)
	if err != nil || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" || !reachable(parsed) {
		return ErrIssuer
	}
	return nil
}

func reachable(address *url.URL) bool {
	ip := net.ParseIP(address.Hostname())
	return address.Scheme == "https" || address.Scheme == "http" && (address.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func (p Provider) name() string { return p.URL }

// algorithms are those of AppSync but HS256, HS384 and HS512, whose key would be a secret that
// is published.
func (Provider) algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512}
}

// keySet asks the provider's document, which must be about the same issuer. What is wrong with
// it refuses the token, with the reason.
func (p Provider) keySet(v *Verifier) (string, error) {
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	address := strings.TrimSuffix(p.URL, "/") + "/.well-known/openid-configuration"
	if err := v.get(address, &document); err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	keys, err := url.Parse(document.Keys)
	switch {
	case document.Issuer != p.URL:
		return "", fmt.Errorf("%w: %s is about the issuer %q, not about %q", ErrRefused, address, document.Issuer, p.URL)
	case err != nil || keys.Host == "" || !reachable(keys):
		return "", fmt.Errorf("%w: %s has no jwks_uri with https", ErrRefused, address)
	}
	return document.Keys, nil
}

// check takes no token without the time at which it was issued, as AppSync.
func (p Provider) check(now time.Time, c claims) error {
	switch {
	case c.Expiry == nil || !now.Before(c.Expiry.Time()):
		return ErrExpired
	case c.IssuedAt == nil, c.Subject == "", c.NotBefore != nil && now.Before(c.NotBefore.Time()):
		return ErrRefused
	case p.IssuedTTL > 0 && !now.Before(c.IssuedAt.Time().Add(p.IssuedTTL)):
		return ErrExpired
	case p.SignedInTTL > 0 && c.SignedIn == nil:
		return ErrRefused
	case p.SignedInTTL > 0 && !now.Before(c.SignedIn.Time().Add(p.SignedInTTL)):
		return ErrExpired
	case !slices.ContainsFunc(append(slices.Clone([]string(c.Audience)), c.Party), p.takes):
		return ErrRefused
	}
	return nil
}

// takes says whether the API takes tokens for a client.
func (p Provider) takes(client string) bool {
	if p.Clients == "" {
		return true
	}
	pattern, err := regexp2.Compile("^(?:"+p.Clients+")$", regexp2.None)
	if err != nil || client == "" {
		return false
	}
	pattern.MatchTimeout = matchTimeout
	matches, err := pattern.MatchString(client)
	return err == nil && matches
}
