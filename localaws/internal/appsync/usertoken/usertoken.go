// Package usertoken verifies the tokens that Cognito user pools give their users.
//
//  1. The token must be a signed JWT with the algorithm RS256; "none" and all others are
//     refused before anything is read.
//  2. Its issuer, not verified yet, chooses one of the API's user pools.
//  3. The signature is verified with the key of that pool that the token names. The keys are
//     those the pool publishes at /<pool>/.well-known/jwks.json, kept until a token names
//     one that is not among them.
//  4. Then the claims count: not expired, for an app client that the API takes, and an ID or
//     access token.
package usertoken

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Reasons why a token is refused.
var (
	// ErrMalformed is a text that is no token of the kind that user pools give.
	ErrMalformed = errors.New("the token is no JWT signed with RS256")
	// ErrExpired is a token whose time is over.
	ErrExpired = errors.New("the token has expired")
	// ErrRefused is a token that is not for this API, or not from who it says.
	ErrRefused = errors.New("the token is not valid for this API")
)

// keysTimeout is how long the keys of a pool may take.
const keysTimeout = 10 * time.Second

// Pool is a user pool of an API.
type Pool struct {
	Region, ID string
	// Clients is a regular expression for the ids of the app clients whose tokens are
	// taken; empty takes all of the pool.
	Clients string
}

// issuer is what the pool's tokens say who gave them.
func (p Pool) issuer() string {
	return "https://cognito-idp." + p.Region + ".amazonaws.com/" + p.ID
}

// takes says whether the API takes tokens of an app client.
func (p Pool) takes(client string) bool {
	if p.Clients == "" {
		return true
	}
	pattern, err := regexp.Compile("^(?:" + p.Clients + ")$")
	return err == nil && pattern.MatchString(client)
}

// User is who a verified token is about.
type User struct {
	Issuer, Subject, Name string
	// Groups are the user's groups in the pool.
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
	// keys are those of each pool.
	keys map[string]jose.JSONWebKeySet
}

// New makes a verifier that reads keys at address, which is where Cognito is reached.
func New(address string, now func() time.Time) *Verifier {
	return &Verifier{address: address, now: now, client: http.Client{Timeout: keysTimeout}, keys: map[string]jose.JSONWebKeySet{}}
}

// claims are those that decide.
type claims struct {
	jwt.Claims
	Use        string   `json:"token_use"`
	Client     string   `json:"client_id"`
	Username   string   `json:"username"`
	IDUsername string   `json:"cognito:username"`
	Groups     []string `json:"cognito:groups"`
}

// Verify gives the user of a token that one of the pools gave. The error is, or wraps, one of
// this package, unless the pool's keys cannot be read.
func (v *Verifier) Verify(token string, pools []Pool) (User, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(parsed.Headers) != 1 {
		return User{}, ErrMalformed
	}
	var unverified jwt.Claims
	if parsed.UnsafeClaimsWithoutVerification(&unverified) != nil {
		return User{}, ErrMalformed
	}
	i := slices.IndexFunc(pools, func(p Pool) bool { return p.issuer() == unverified.Issuer })
	if i < 0 {
		return User{}, ErrRefused
	}
	key, err := v.key(pools[i].ID, parsed.Headers[0].KeyID)
	if err != nil {
		return User{}, err
	}
	var verified claims
	all := map[string]any{}
	if parsed.Claims(key, &verified, &all) != nil {
		return User{}, ErrRefused
	}
	if err := v.check(pools[i], verified); err != nil {
		return User{}, err
	}
	return User{Issuer: verified.Issuer, Subject: verified.Subject, Name: verified.name(), Groups: verified.Groups, Claims: all}, nil
}

// check holds verified claims against what the API takes.
func (v *Verifier) check(pool Pool, c claims) error {
	if c.Expiry == nil || !v.now().Before(c.Expiry.Time()) {
		return ErrExpired
	}
	clients := []string{c.Client}
	if c.Use == "id" {
		clients = c.Audience
	}
	switch {
	case c.Use != "id" && c.Use != "access", c.Subject == "":
		return ErrRefused
	case !slices.ContainsFunc(clients, func(id string) bool { return id != "" && pool.takes(id) }):
		return ErrRefused
	}
	return nil
}

func (c claims) name() string {
	if c.Use == "id" {
		return c.IDUsername
	}
	return c.Username
}

// key is a pool's key, read anew when it is not known.
func (v *Verifier) key(pool, id string) (any, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if key, ok := find(v.keys[pool], id); ok {
		return key, nil
	}
	set, err := v.read(pool)
	if err != nil {
		return nil, err
	}
	v.keys[pool] = set
	if key, ok := find(set, id); ok {
		return key, nil
	}
	return nil, ErrRefused
}

// find gives the public key of a set with this id.
func find(set jose.JSONWebKeySet, id string) (any, bool) {
	for _, key := range set.Key(id) {
		if key.IsPublic() && key.Valid() {
			return key.Key, true
		}
	}
	return nil, false
}

func (v *Verifier) read(pool string) (set jose.JSONWebKeySet, err error) {
	answer, err := v.client.Get(v.address + "/" + pool + "/.well-known/jwks.json")
	if err != nil {
		return set, fmt.Errorf("the keys of user pool %s: %w", pool, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return set, fmt.Errorf("the keys of user pool %s: %s", pool, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return set, fmt.Errorf("the keys of user pool %s: %w", pool, err)
	}
	return set, nil
}
