package usertoken

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// login is an OpenID Connect provider on this computer.
type login struct {
	url string
	// document changes what the provider says of itself.
	document map[string]string
	keys     jose.JSONWebKeySet
}

func newLogin(t *testing.T, path string, keys ...jose.JSONWebKey) *login {
	t.Helper()
	l := &login{keys: jose.JSONWebKeySet{Keys: keys}}
	mux := http.NewServeMux()
	mux.HandleFunc("/tenant/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(l.document) })
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(l.keys) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	l.url = server.URL + path
	l.document = map[string]string{"issuer": l.url, "jwks_uri": server.URL + "/keys"}
	return l
}

func (s signer) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: &s.key.PublicKey, KeyID: s.id, Use: "sig"}
}

// tokenOf are the claims of a provider's token, changed; nil takes one away.
func tokenOf(issuer string, changes map[string]any) map[string]any {
	claims := claimsWith(map[string]any{"iss": issuer, "token_use": nil, "cognito:username": nil, "cognito:groups": nil, "auth_time": now.Add(-time.Hour).Unix()})
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func TestVerifyProvider(t *testing.T) {
	t.Parallel()
	own, stranger := newSigner(t, "k1"), newSigner(t, "k1")
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	l := newLogin(t, "/tenant/", own.public(), jose.JSONWebKey{Key: &curve.PublicKey, KeyID: "k2"})
	elliptical := signer{t: t, id: "k2"}
	token := func(changes map[string]any) string { return own.sign(jose.RS256, own.key, tokenOf(l.url, changes)) }
	strict := Provider{URL: l.url, Clients: "web|app", IssuedTTL: time.Minute, SignedInTTL: 2 * time.Hour}
	open := Provider{URL: l.url}
	for name, test := range map[string]struct {
		provider Provider
		token    string
		err      error
	}{
		"for a client":            {strict, token(nil), nil},
		"by the party":            {strict, token(map[string]any{"aud": "api", "azp": "app"}), nil},
		"one of several":          {strict, token(map[string]any{"aud": []string{"api", "web"}}), nil},
		"for everybody":           {open, token(map[string]any{"aud": nil}), nil},
		"RS512":                   {open, own.sign(jose.RS512, own.key, tokenOf(l.url, nil)), nil},
		"ES256":                   {open, elliptical.sign(jose.ES256, curve, tokenOf(l.url, nil)), nil},
		"for another client":      {strict, token(map[string]any{"aud": "webshop", "azp": "myapp"}), ErrRefused},
		"for no client":           {strict, token(map[string]any{"aud": nil}), ErrRefused},
		"another's signature":     {open, stranger.sign(jose.RS256, stranger.key, tokenOf(l.url, nil)), ErrRefused},
		"a shared secret":         {open, own.sign(jose.HS256, []byte("0123456789abcdef0123456789abcdef"), tokenOf(l.url, nil)), ErrMalformed},
		"no slash at the end":     {open, token(map[string]any{"iss": l.url[:len(l.url)-1]}), ErrRefused},
		"expired":                 {open, token(map[string]any{"exp": now.Unix()}), ErrExpired},
		"without end":             {open, token(map[string]any{"exp": nil}), ErrExpired},
		"not yet":                 {open, token(map[string]any{"nbf": now.Add(time.Minute).Unix()}), ErrRefused},
		"no time of issue":        {open, token(map[string]any{"iat": nil}), ErrRefused},
		"no subject":              {open, token(map[string]any{"sub": nil}), ErrRefused},
		"issued a minute ago":     {strict, token(map[string]any{"iat": now.Add(-time.Minute).Unix()}), ErrExpired},
		"issued long ago":         {open, token(map[string]any{"iat": now.Add(-time.Hour).Unix()}), nil},
		"signed in hours ago":     {strict, token(map[string]any{"auth_time": now.Add(-2 * time.Hour).Unix()}), ErrExpired},
		"signed in at no time":    {strict, token(map[string]any{"auth_time": nil}), ErrRefused},
		"nobody asks for sign-in": {open, token(map[string]any{"auth_time": nil}), nil},
		"a pattern that is none":  {Provider{URL: l.url, Clients: "("}, token(nil), ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, err := verify(New("http://unused", func() time.Time { return now }), test.token, pool, test.provider)
			require.ErrorIs(t, err, test.err)
			if test.err == nil {
				assert.Equal(t, "u-1", user.Subject)
				assert.Equal(t, l.url, user.Issuer)
				assert.Equal(t, "ada@example.com", user.Claims["email"])
			}
		})
	}
}

// TestProvidersThatCannotBeUsed refuses tokens with a reason for the log.
func TestProvidersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	own := newSigner(t, "k1")
	for name, test := range map[string]struct {
		path     string
		document map[string]string
		want     string
	}{
		"no document":    {"/missing", nil, "/missing/.well-known/openid-configuration answers 404"},
		"another issuer": {"/tenant", map[string]string{"issuer": "https://else.example.com"}, `is about the issuer "https://else.example.com", not about`},
		"no keys":        {"/tenant", map[string]string{"jwks_uri": ""}, "has no jwks_uri with https"},
		"keys elsewhere": {"/tenant", map[string]string{"jwks_uri": "http://192.0.2.1/keys"}, "has no jwks_uri with https"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLogin(t, test.path, own.public())
			for key, value := range test.document {
				l.document[key] = value
			}
			_, err := verify(New("http://unused", func() time.Time { return now }), own.sign(jose.RS256, own.key, tokenOf(l.url, nil)), Provider{URL: l.url})
			require.ErrorIs(t, err, ErrRefused)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestProviderURLs(t *testing.T) {
	t.Parallel()
	for url, fits := range map[string]bool{
		"https://login.example.com": true, "https://login.example.com/a/": true, "http://127.0.0.1:1": true, "http://localhost/x": true, "http://[::1]": true,
		"http://login.example.com": false, "http://192.168.0.1": false, "login.example.com": false, "https://x?y": false, "ftp://localhost": false, "": false,
	} {
		assert.Equal(t, fits, Provider{URL: url}.Check() == nil, url)
	}
}
