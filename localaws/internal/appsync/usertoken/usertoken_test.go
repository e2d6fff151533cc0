package usertoken

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	now    = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	pool   = Pool{Region: "eu-central-1", ID: "eu-central-1_Shop", Clients: "web|app"}
	second = Pool{Region: "eu-west-1", ID: "eu-west-1_Other"}
)

// signer signs with a key of the pool.
type signer struct {
	t   *testing.T
	key *rsa.PrivateKey
	id  string
}

func newSigner(t *testing.T, id string) signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return signer{t, key, id}
}

func (s signer) sign(algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	s.t.Helper()
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: s.id}}, nil)
	require.NoError(s.t, err)
	token, err := jwt.Signed(made).Claims(claims).Serialize()
	require.NoError(s.t, err)
	return token
}

// claimsWith are an ID token's claims, changed; nil takes one away.
func claimsWith(changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Shop", "sub": "u-1", "aud": "web", "token_use": "id",
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "cognito:username": "ada", "cognito:groups": []string{"Admin"}, "email": "ada@example.com",
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// serve publishes a key under the pool's address and counts how often it is read.
func serve(t *testing.T, s signer) (address string, reads *atomic.Int32) {
	reads = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads.Add(1)
		if r.URL.Path != "/eu-central-1_Shop/.well-known/jwks.json" {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &s.key.PublicKey, KeyID: s.id, Algorithm: "RS256", Use: "sig"}}})
	}))
	t.Cleanup(server.Close)
	return server.URL, reads
}

// verify does both steps.
func verify(v *Verifier, token string, issuers ...Issuer) (User, error) {
	issuer, err := v.Issuer(token, issuers)
	if err != nil {
		return User{}, err
	}
	return v.Verify(token, issuer)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	own, stranger := newSigner(t, "k1"), newSigner(t, "k1")
	unknown := own
	unknown.id = "k2"
	address, _ := serve(t, own)
	plain := func(s signer, changes map[string]any) string {
		return s.sign(jose.RS256, s.key, claimsWith(changes))
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(plain(own, nil), ".")[1] + "."
	access := map[string]any{"token_use": "access", "aud": nil, "client_id": "app", "cognito:username": nil, "username": "ada"}
	for name, test := range map[string]struct {
		token string
		err   error
	}{
		"ID token":             {plain(own, nil), nil},
		"access token":         {plain(own, access), nil},
		"no text":              {"", ErrMalformed},
		"no token":             {"da2-abc", ErrMalformed},
		"Bearer":               {"Bearer " + plain(own, nil), ErrMalformed},
		"algorithm none":       {none, ErrMalformed},
		"public key as secret": {own.sign(jose.HS256, []byte("0123456789abcdef0123456789abcdef"), claimsWith(nil)), ErrMalformed},
		"RS512":                {own.sign(jose.RS512, own.key, claimsWith(nil)), ErrMalformed},
		"no signature":         {plain(own, nil)[:strings.LastIndex(plain(own, nil), ".")+1], ErrRefused},
		"another's signature":  {plain(stranger, nil), ErrRefused},
		"unknown key":          {plain(unknown, nil), ErrRefused},
		"another pool":         {plain(own, map[string]any{"iss": second.name() + "x"}), ErrRefused},
		"no issuer":            {plain(own, map[string]any{"iss": nil}), ErrRefused},
		"expired":              {plain(own, map[string]any{"exp": now.Unix()}), ErrExpired},
		"without end":          {plain(own, map[string]any{"exp": nil}), ErrExpired},
		"another client":       {plain(own, map[string]any{"aud": "webshop"}), ErrRefused},
		"no client":            {plain(own, map[string]any{"aud": nil}), ErrRefused},
		"access token's other": {plain(own, map[string]any{"token_use": "access", "client_id": "x"}), ErrRefused},
		"another use":          {plain(own, map[string]any{"token_use": "refresh"}), ErrRefused},
		"no subject":           {plain(own, map[string]any{"sub": nil}), ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, err := verify(New(address, func() time.Time { return now }), test.token, second, pool)
			require.ErrorIs(t, err, test.err)
			if test.err != nil {
				assert.Empty(t, user)
				return
			}
			assert.Equal(t, "u-1", user.Subject)
			assert.Equal(t, "ada", user.Name)
			assert.Equal(t, pool.name(), user.Issuer)
			assert.Equal(t, []string{"Admin"}, user.Groups)
			assert.Equal(t, "ada@example.com", user.Claims["email"])
		})
	}
}

func TestKeysAreReadOnceAndWhenTheyChange(t *testing.T) {
	t.Parallel()
	own := newSigner(t, "k1")
	address, reads := serve(t, own)
	v := New(address, func() time.Time { return now })
	for range 3 {
		_, err := verify(v, own.sign(jose.RS256, own.key, claimsWith(nil)), pool)
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, reads.Load())
	rolled := own
	rolled.id = "k2"
	_, err := verify(v, rolled.sign(jose.RS256, own.key, claimsWith(nil)), pool)
	require.ErrorIs(t, err, ErrRefused)
	assert.EqualValues(t, 2, reads.Load())
}

func TestPoolWithoutKeys(t *testing.T) {
	t.Parallel()
	own := newSigner(t, "k1")
	address, _ := serve(t, own)
	token := own.sign(jose.RS256, own.key, claimsWith(map[string]any{"iss": second.name()}))
	_, err := verify(New(address, func() time.Time { return now }), token, second)
	require.ErrorContains(t, err, "the keys of https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other: ")
	assert.NotErrorIs(t, err, ErrRefused)
}
