package usertoken

import (
	"regexp"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Pool is a Cognito user pool. Its tokens count until they expire, for an app client that the
// API takes, and if they are ID or access tokens.
type Pool struct {
	Region, ID string
	// Clients is a regular expression for the ids of the app clients whose tokens are
	// taken; empty takes all of the pool.
	Clients string
}

func (p Pool) name() string { return "https://cognito-idp." + p.Region + ".amazonaws.com/" + p.ID }

func (p Pool) algorithms() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.RS256} }

func (p Pool) keySet(v *Verifier) (string, error) {
	return v.address + "/" + p.ID + "/.well-known/jwks.json", nil
}

func (p Pool) check(now time.Time, c claims) error {
	if c.Expiry == nil || !now.Before(c.Expiry.Time()) {
		return ErrExpired
	}
	clients := []string{c.Client}
	if c.Use == "id" {
		clients = c.Audience
	}
	switch {
	case c.Use != "id" && c.Use != "access", c.Subject == "":
		return ErrRefused
	case !slices.ContainsFunc(clients, func(id string) bool { return id != "" && p.takes(id) }):
		return ErrRefused
	}
	return nil
}

// takes says whether the API takes tokens of an app client.
func (p Pool) takes(client string) bool {
	if p.Clients == "" {
		return true
	}
	pattern, err := regexp.Compile("^(?:" + p.Clients + ")$")
	return err == nil && pattern.MatchString(client)
}
