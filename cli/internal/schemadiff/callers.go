package schemadiff

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// modes are AppSync's directives that let callers in, by the mode in which they come.
// https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
var modes = map[string]string{
	"aws_api_key": "API keys", "aws_iam": "IAM", "aws_oidc": "OpenID Connect", "aws_lambda": "the Lambda authorizer",
	"aws_cognito_user_pools": "the user pool", "aws_auth": "the user pool",
}

// usual is who may use what has no directive: whom its type, else the API, lets in.
const usual = "the default"

// callers compares who may use a type or a field.
func (c *comparison) callers(path string, old, now ast.DirectiveList) {
	was, is := callers(old), callers(now)
	if maps.Equal(was, is) {
		return
	}
	shut := false
	for caller := range was {
		mode, _, _ := strings.Cut(caller, " group ")
		shut = shut || !is[caller] && !is[mode]
	}
	c.add(Changed, shut, path, "who may use it became %s, was %s", list(is), list(was))
}

// callers are the modes that directives let in; of the user pool, the groups if there are.
func callers(directives ast.DirectiveList) map[string]bool {
	found := map[string]bool{}
	for _, directive := range directives {
		mode, known := modes[directive.Name]
		if !known {
			continue
		}
		groups := directive.Arguments.ForName("cognito_groups")
		if groups == nil {
			found[mode] = true
			continue
		}
		for _, group := range groups.Value.Children {
			found[mode+" group "+group.Value.Raw] = true
		}
	}
	if len(found) == 0 {
		found[usual] = true
	}
	return found
}

func list(callers map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(callers)), ", ")
}
