package docs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// operation begins a request to an API.
var operation = regexp.MustCompile(`^\s*(query|mutation|subscription|\{)`)

// beginning is where one of several requests begins.
var beginning = regexp.MustCompile(`(?m)^(query|mutation|subscription|\{)`)

// modes are those of a platform that lets everybody in.
var modes = []schema.AuthMode{schema.CognitoUserPools, schema.IAM, schema.APIKey}

// graphql composes a plugin's schema with the platform's, or validates requests to the API
// of the plugin whose schema is named.
func (r *run) graphql() error {
	if operation.MatchString(r.Text) {
		return r.request()
	}
	text, err := r.framed(".graphql")
	if err != nil {
		return err
	}
	_, err = compose(text)
	return err
}

// compose is the API of a platform with one plugin.
func compose(text string) (string, error) {
	composer := schema.NewComposer(modes)
	for owner, sdl := range map[string]string{protocol.PlatformPlugin: schema.PlatformSDL, "plugin": text} {
		fragment, problems := schema.ParseFragment(owner, "schema.graphql", sdl)
		if len(problems) == 0 {
			problems = composer.Set(fragment)
		}
		if len(problems) > 0 {
			return "", errors.New(schema.Join(problems))
		}
	}
	composed, problems := composer.Compose()
	if len(problems) > 0 {
		return "", errors.New(schema.Join(problems))
	}
	return composed.SDL, nil
}

// request validates the operations of a block, each of which begins at the left.
func (r *run) request() error {
	name := r.Check["schema"]
	if name == "" {
		return errors.New("say whose API is asked: <!-- check: schema=catalog/schema.graphql -->")
	}
	text, err := os.ReadFile(filepath.Join(r.folder, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	composed, err := compose(string(text))
	if err != nil {
		return err
	}
	api, err := gqlparser.LoadSchema(&ast.Source{Name: "api", Input: composed + appsync})
	if err != nil {
		return fmt.Errorf("the schema %s: %w", name, err)
	}
	for request := range strings.SplitSeq(beginning.ReplaceAllString(r.Text, "\x00$1"), "\x00") {
		if request == "" {
			continue
		}
		if _, problems := gqlparser.LoadQueryWithRules(api, request, rules.NewDefaultRules()); problems != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(request), problems)
		}
	}
	return nil
}

// appsync is what AppSync knows by itself.
var appsync = func() string {
	scalars := []string{"AWSDate", "AWSTime", "AWSDateTime", "AWSTimestamp", "AWSEmail", "AWSJSON", "AWSURL", "AWSPhone", "AWSIPAddress"}
	slices.Sort(scalars)
	text := "\nscalar " + strings.Join(scalars, "\nscalar ") + "\n"
	for _, directive := range []string{"aws_iam", "aws_api_key", "aws_oidc", "aws_lambda"} {
		text += "directive @" + directive + " on OBJECT | FIELD_DEFINITION\n"
	}
	return text + "directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION\n" +
		"directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION\n"
}()
