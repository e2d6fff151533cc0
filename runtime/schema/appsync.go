package schema

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Limits of AppSync that a schema is checked against before it is pushed.
const (
	// MaxBytes is the largest schema document that AppSync accepts, and so also the
	// largest fragment: 1 MB, read as 1,000,000 bytes to be on the safe side.
	MaxBytes = 1_000_000
	// MaxSubscriptionName is the longest name of a subscription field, in characters.
	MaxSubscriptionName = 50
	// MaxMutationName is the longest name of a mutation field f for which a
	// subscription onF can still be named, in characters.
	MaxMutationName = MaxSubscriptionName - len("on")
	// maxName is the longest name of a type or field, in characters; AppSync's API takes no
	// longer typeName and fieldName.
	// https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateResolver.html
	maxName = 65_536
	// maxTokens bounds what the parser reads. A token takes two bytes at least, so
	// only text without any sense reaches it within MaxBytes.
	maxTokens = MaxBytes / 2
	// maxListDepth is the deepest list of lists. It is ours; AppSync names none.
	maxListDepth = 8
)

// AuthMode is an authorization mode of an AppSync API, named as in AppSync's
// AuthenticationType.
type AuthMode string

// The authorization modes of AppSync.
const (
	APIKey           AuthMode = "API_KEY"
	IAM              AuthMode = "AWS_IAM"
	CognitoUserPools AuthMode = "AMAZON_COGNITO_USER_POOLS"
	OpenIDConnect    AuthMode = "OPENID_CONNECT"
	Lambda           AuthMode = "AWS_LAMBDA"
)

// authDirectives maps AppSync's authorization directives to the mode that each lets in.
// @aws_auth is not one of them: it has no effect once an API has a second mode.
var authDirectives = map[string]AuthMode{
	"aws_api_key":            APIKey,
	"aws_iam":                IAM,
	"aws_cognito_user_pools": CognitoUserPools,
	"aws_oidc":               OpenIDConnect,
	"aws_lambda":             Lambda,
}

// directiveRule says where a directive may stand and which arguments it takes.
type directiveRule struct {
	locations []ast.DirectiveLocation
	// argument is the only argument, empty for none.
	argument string
	// list says that the argument is a list of strings, otherwise it is a string.
	list     bool
	required bool
}

var authLocations = []ast.DirectiveLocation{ast.LocationObject, ast.LocationFieldDefinition}

// directiveRules are the directives that a fragment may use: AppSync's own, which it
// knows without a definition, and @deprecated.
var directiveRules = map[string]directiveRule{
	"aws_api_key":            {locations: authLocations},
	"aws_iam":                {locations: authLocations},
	"aws_oidc":               {locations: authLocations},
	"aws_lambda":             {locations: authLocations},
	"aws_cognito_user_pools": {locations: authLocations, argument: "cognito_groups", list: true},
	"aws_subscribe": {locations: []ast.DirectiveLocation{ast.LocationFieldDefinition},
		argument: "mutations", list: true, required: true},
	"aws_publish": {locations: []ast.DirectiveLocation{ast.LocationFieldDefinition},
		argument: "subscriptions", list: true, required: true},
	"deprecated": {locations: []ast.DirectiveLocation{ast.LocationFieldDefinition, ast.LocationEnumValue},
		argument: "reason"},
}

// The names of the root types. AppSync lets a schema choose others; resolvers and
// ownership of fields rely on these.
const (
	query        = "Query"
	mutation     = "Mutation"
	subscription = "Subscription"
)

// rootTypes are the root types in the order in which a schema is printed.
var rootTypes = [...]string{query, mutation, subscription}

func isRoot(name string) bool {
	return name == query || name == mutation || name == subscription
}

// scalars are GraphQL's scalars and AppSync's. There can be no others.
// https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
var scalars = scalarDefinitions(
	"Boolean", "Float", "ID", "Int", "String",
	"AWSDate", "AWSDateTime", "AWSEmail", "AWSIPAddress", "AWSJSON", "AWSPhone", "AWSTime", "AWSTimestamp", "AWSURL",
)

func scalarDefinitions(names ...string) map[string]*ast.Definition {
	defs := make(map[string]*ast.Definition, len(names))
	for _, name := range names {
		defs[name] = &ast.Definition{Kind: ast.Scalar, Name: name, BuiltIn: true}
	}
	return defs
}
