package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
)

const (
	region = "eu-west-1"
	// renewal is how long the tokens in .demo/tokens are left as they are; they are valid for
	// an hour.
	renewal = 30 * time.Minute
)

// demoUsers are the users of the shop with their groups.
var demoUsers = map[string][]string{
	"admin":   {"Admin", "Shopper"},
	"merch":   {"Merchandiser", "Shopper"},
	"fulfil":  {"Fulfilment", "Shopper"},
	"shopper": {"Shopper"},
}

// visitor is who only has the API key.
const visitor = "visitor"

// users are the demo's users, signed in.
type users struct {
	url, key string
	pool     userpool.Pool
	signedIn map[string]userpool.User
}

// newUsers makes the users in the platform's pool and signs them in.
func newUsers(ctx context.Context, endpoint string, outputs map[string]any) (*users, error) {
	text := func(name string) string {
		value, _ := outputs[name].(string)
		return value
	}
	u := &users{
		url: text("graphqlUrl"), key: text("apiKey"),
		pool: userpool.New(endpoint, region, text("userPoolId"), text("userPoolClientId")),
	}
	return u, u.signIn(ctx)
}

// signIn gets new tokens and writes them to .demo/tokens, a file for each user.
func (u *users) signIn(ctx context.Context) error {
	u.signedIn = map[string]userpool.User{}
	if err := os.MkdirAll(tokens(), 0o700); err != nil {
		return err
	}
	for name, groups := range demoUsers {
		user, err := u.pool.SignIn(ctx, name+"@example.com", groups...)
		if err != nil {
			return err
		}
		u.signedIn[name] = user
		if err := os.WriteFile(filepath.Join(tokens(), name), []byte(user.Token+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// keepSignedIn renews the tokens until the context ends.
func (u *users) keepSignedIn(ctx context.Context) {
	ticker := time.NewTicker(renewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := u.signIn(ctx); err != nil && ctx.Err() == nil {
				say("The tokens in %s could not be renewed: %v", tokens(), err)
			}
		}
	}
}

func tokens() string { return filepath.Join(folder, "tokens") }

// client sends requests of a user, or of a visitor.
func (u *users) client(name string) graphqlclient.Client {
	if name == visitor {
		return graphqlclient.Client{URL: u.url, Key: u.key}
	}
	return graphqlclient.Client{URL: u.url, Token: u.signedIn[name].Token}
}
