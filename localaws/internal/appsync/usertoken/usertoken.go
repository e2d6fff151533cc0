// Package usertoken verifies the tokens that Cognito user pools and OpenID Connect providers
// give their users.
//
//  1. The token must be a signed JWT; "none" and the algorithms with a shared secret are
//     refused before anything is read.
//  2. Its issuer, not verified yet, chooses one of the API's ([Verifier.Issuer]): a [Pool] or
//     a [Provider].
//  3. The signature is verified with the key of that issuer that the token names (keys.go).
//     A pool publishes its keys at /<pool>/.well-known/jwks.json, a provider where its
//     document at /.well-known/openid-configuration says. They are kept until a token names
//     one that is not among them.
//  4. Then the claims count, see pool.go and provider.go.
//
// AppSync does not compare the issuer in an API whose only mode is OPENID_CONNECT; here it
// counts there too.
//
// https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
package usertoken

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Reasons why a token is refused.
var (
	// ErrMalformed is a text that is no token of the kind that the API takes.
	ErrMalformed = errors.New("the token is no JWT with a signature of a kind that is taken")
	// ErrExpired is a token whose time is over.
	ErrExpired = errors.New("the token has expired")
	// ErrRefused is a token that is not for this API, or not from who it says.
	ErrRefused = errors.New("the token is not valid for this API")
)

// keysTimeout is how long the keys of an issuer may take.
const keysTimeout = 10 * time.Second

// Issuer is one whose tokens an API takes: a [Pool] or a [Provider].
type Issuer interface {
	// name is what its tokens have as "iss".
	name() string
	// algorithms are those of its signatures.
	algorithms() []jose.SignatureAlgorithm
	// keySet is the address of its keys.
	keySet(*Verifier) (string, error)
	// check holds verified claims against what the API takes.
	check(now time.Time, c claims) error
}

// User is who a verified token is about.
type User struct {
	Issuer, Subject string
	// Name and Groups are the user's in a pool; empty for an OpenID Connect provider.
	Name   string
	Groups []string
	// Claims are all claims of the token.
	Claims map[string]any
}

// Verifier verifies tokens. It is safe for use by many goroutines.
type Verifier struct {
	address string
	now     func() time.Time
	client  http.Client

	mutex sync.Mutex
	// keys are those of each issuer.
	keys map[string]jose.JSONWebKeySet
}

// New makes a verifier that reads the keys of pools at address, which is where Cognito is
// reached.
func New(address string, now func() time.Time) *Verifier {
	return &Verifier{address: address, now: now, client: http.Client{Timeout: keysTimeout}, keys: map[string]jose.JSONWebKeySet{}}
}

// claims are those that decide.
type claims struct {
	jwt.Claims
	Use        string           `json:"token_use"`
	Client     string           `json:"client_id"`
	Username   string           `json:"username"`
	IDUsername string           `json:"cognito:username"`
	Groups     []string         `json:"cognito:groups"`
	Party      string           `json:"azp"`
	SignedIn   *jwt.NumericDate `json:"auth_time"`
}

// everyAlgorithm are the algorithms of any issuer.
var everyAlgorithm = Provider{}.algorithms()

// Issuer is the one of the issuers that a token says it is from, which is not verified. The
// error is [ErrMalformed] for what is no token, and [ErrRefused] for one of somebody else.
func (v *Verifier) Issuer(token string, issuers []Issuer) (Issuer, error) {
	parsed, err := jwt.ParseSigned(token, everyAlgorithm)
	if err != nil || len(parsed.Headers) != 1 {
		return nil, ErrMalformed
	}
	var unverified jwt.Claims
	if parsed.UnsafeClaimsWithoutVerification(&unverified) != nil {
		return nil, ErrMalformed
	}
	i := slices.IndexFunc(issuers, func(issuer Issuer) bool { return issuer.name() == unverified.Issuer })
	if i < 0 {
		return nil, ErrRefused
	}
	return issuers[i], nil
}

// Verify gives the user of a token of an issuer. The error is, or wraps, one of this package,
// unless the keys of a pool cannot be read.
func (v *Verifier) Verify(token string, issuer Issuer) (User, error) {
	parsed, err := jwt.ParseSigned(token, issuer.algorithms())
	if err != nil || len(parsed.Headers) != 1 {
		return User{}, ErrMalformed
	}
	key, err := v.key(issuer, parsed.Headers[0].KeyID)
	if err != nil {
		return User{}, err
	}
	var verified claims
	all := map[string]any{}
	if parsed.Claims(key, &verified, &all) != nil || verified.Issuer != issuer.name() {
		return User{}, ErrRefused
	}
	if err := issuer.check(v.now(), verified); err != nil {
		return User{}, err
	}
	return User{Issuer: verified.Issuer, Subject: verified.Subject, Name: verified.name(), Groups: verified.Groups, Claims: all}, nil
}

func (c claims) name() string {
	if c.Use == "id" {
		return c.IDUsername
	}
	return c.Username
}
