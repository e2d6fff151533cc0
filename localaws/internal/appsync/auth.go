package appsync

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/authorizer"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/sigv4"
)

// Authorization modes that are served.
const (
	modeKey      = "API_KEY"
	modeIAM      = "AWS_IAM"
	modeUserPool = "AMAZON_COGNITO_USER_POOLS"
	modeOIDC     = "OPENID_CONNECT"
	modeLambda   = "AWS_LAMBDA"
)

// caller is who makes a request.
type caller struct {
	mode string
	// groups are the groups of a user pool that the caller is in.
	groups []string
	// identity is the resolver context's identity, nil for API keys.
	identity map[string]any
	// session is the role that calls; nil for the deploying user.
	session *enforcement.Session
	// decision is that of a Lambda authorizer; other callers are denied nothing by it.
	decision authorizer.Decision
}

// authorize finds out who calls, by the headers that the API's modes allow: a key, a
// signature, a token of an issuer of the API, and whatever else the API's function is asked
// about. A signature is one of the whole request.
func (s *Service) authorize(r *http.Request, body []byte, view snapshot) (caller, error) {
	key, authorization := r.Header.Get("X-Api-Key"), r.Header.Get("Authorization")
	signed := strings.HasPrefix(authorization, sigv4.Algorithm)
	switch {
	case key != "" && slices.Contains(view.modes, modeKey):
		return s.authorizeKey(key, view)
	case signed && slices.Contains(view.modes, modeIAM):
		return s.authorizeIAM(r, body)
	case key == "" && authorization == "":
		return caller{}, execution.Unauthorized("Valid authorization header not provided.")
	case authorization != "" && !signed && len(view.issuers) > 0:
		return s.authorizeToken(r, body, view)
	case authorization != "" && view.authorizer != nil:
		return s.authorizeFunction(r, body, view)
	default:
		return caller{}, notAuthorized()
	}
}

// notAuthorized is AppSync's answer to whom it does not know.
func notAuthorized() error {
	return execution.Unauthorized("You are not authorized to make this call.")
}

func (s *Service) authorizeKey(key string, view snapshot) (caller, error) {
	stored, ok := view.keys[key]
	if expires, _ := stored.number("expires"); !ok || !s.now().Before(time.Unix(expires, 0)) {
		return caller{}, notAuthorized()
	}
	return caller{mode: modeKey}, nil
}

// authorizeIAM verifies the signature; the user is named by its access key.
func (s *Service) authorizeIAM(r *http.Request, body []byte) (caller, error) {
	user, err := s.options.Enforcer.Verify(sigv4.Request{HTTP: r, Body: body, Service: "appsync", Region: s.options.Region})
	var unverified *enforcement.Unverified
	if errors.As(err, &unverified) {
		s.options.Logger.Warn("a signature is refused; the deploying user's access key is "+enforcement.UserAccessKeyID, "service", "appsync", "reason", err)
		return caller{}, &execution.RequestError{Status: http.StatusForbidden, Type: unverified.Reason.Code, Message: unverified.Reason.Text()}
	}
	if err != nil {
		return caller{}, err
	}
	who := caller{mode: modeIAM}
	arn := "arn:aws:iam::" + s.options.AccountID + ":user/" + user
	if session, ok := s.options.Enforcer.Session(user); ok {
		who.session, arn = &session, session.ARN()
	}
	who.identity = map[string]any{
		"accountId": s.options.AccountID, "cognitoIdentityPoolId": nil, "cognitoIdentityId": nil, "cognitoIdentityAuthType": nil,
		"cognitoIdentityAuthProvider": nil, "sourceIp": []any{"127.0.0.1"}, "username": user, "userArn": arn,
	}
	return who, nil
}

// permitted says whether the caller's role may use a field. Fields of root types are
// resources of their own; what is below them comes with them. Introspection is open to
// all.
func (h *host) permitted(parent *ast.Definition, field *ast.FieldDefinition) bool {
	types := h.view.schema.Types
	if h.caller.session == nil || strings.HasPrefix(field.Name, "__") || parent != types.Query && parent != types.Mutation && parent != types.Subscription {
		return true
	}
	enforcer := h.service.options.Enforcer
	err := enforcer.Check(context.Background(), *h.caller.session, enforcer.Field(h.view.id, parent.Name, field.Name))
	if err != nil {
		h.service.options.Logger.Warn("denied", "service", "appsync", "reason", err)
	}
	return err == nil
}

// directiveModes are the directives that allow a mode.
var directiveModes = map[string]string{
	"aws_api_key": modeKey, "aws_iam": modeIAM, "aws_oidc": modeOIDC, "aws_lambda": modeLambda,
	"aws_cognito_user_pools": modeUserPool, "aws_auth": modeUserPool,
}

// allowed says whether a caller may see a field: the field's directives decide, else its
// type's, else only the primary mode may, and in an API whose default action is DENY nobody.
// Introspection is open to all.
func allowed(who caller, view snapshot, parent *ast.Definition, field *ast.FieldDefinition) bool {
	if parent.BuiltIn || strings.HasPrefix(field.Name, "__") {
		return true
	}
	for _, directives := range []ast.DirectiveList{field.Directives, parent.Directives} {
		stated := false
		for _, directive := range directives {
			mode, ok := directiveModes[directive.Name]
			if !ok || directive.Name == "aws_auth" && len(view.modes) > 1 {
				continue // AppSync ignores @aws_auth as soon as there is a second mode
			}
			stated = true
			if mode == who.mode && who.isIn(directive) {
				return true
			}
		}
		if stated {
			return false
		}
	}
	return who.mode == view.modes[0] && view.defaultAction != "DENY"
}

// isIn says whether the caller is in one of the groups that a directive names, if it names
// any.
func (c caller) isIn(directive *ast.Directive) bool {
	argument := directive.Arguments.ForName("cognito_groups")
	if argument == nil {
		return true
	}
	return slices.ContainsFunc(argument.Value.Children, func(child *ast.ChildValue) bool {
		return slices.Contains(c.groups, child.Value.Raw)
	})
}
