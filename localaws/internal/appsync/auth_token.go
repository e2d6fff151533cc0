package appsync

import (
	"errors"
	"net/http"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/usertoken"
)

// bearer is a scheme that AppSync does not expect before a token.
const bearer = "Bearer "

// authorizeToken takes a token of an issuer of the API, a user pool or an OpenID Connect
// provider. What is none is for the API's function, if it has one: it never sees the tokens of
// the other modes.
func (s *Service) authorizeToken(r *http.Request, body []byte, view snapshot) (caller, error) {
	token := r.Header.Get("Authorization")
	issuer, err := s.tokens.Issuer(token, view.issuers)
	if err != nil && view.authorizer != nil && !strings.HasPrefix(token, bearer) {
		return s.authorizeFunction(r, body, view)
	}
	var user usertoken.User
	if err == nil {
		user, err = s.tokens.Verify(token, issuer)
	}
	switch {
	case errors.Is(err, usertoken.ErrMalformed):
		return caller{}, execution.Unauthorized("Unable to parse JWT token.")
	case errors.Is(err, usertoken.ErrExpired):
		return caller{}, execution.Unauthorized("Token has expired.")
	case errors.Is(err, usertoken.ErrRefused):
		s.options.Logger.Warn("a token is refused", "service", "appsync", "reason", err)
		return caller{}, notAuthorized()
	case err != nil:
		return caller{}, err
	}
	if _, ok := issuer.(usertoken.Provider); ok {
		return caller{mode: modeOIDC, identity: map[string]any{"sub": user.Subject, "issuer": user.Issuer, "claims": user.Claims}}, nil
	}
	return userOfPool(user, view), nil
}

// userOfPool is the user of a Cognito user pool.
func userOfPool(user usertoken.User, view snapshot) caller {
	var groups any
	if user.Groups != nil {
		groups = user.Groups
	}
	return caller{mode: modeUserPool, groups: user.Groups, identity: map[string]any{
		"sub": user.Subject, "issuer": user.Issuer, "username": user.Name, "claims": user.Claims, "groups": groups,
		"sourceIp": []any{"127.0.0.1"}, "defaultAuthStrategy": view.defaultAction,
	}}
}
