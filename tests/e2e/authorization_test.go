package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// usersPlatform is a platform that lets in users, signed requests and a key. The watch makes
// the group of an API's log at a time of its own, so it has no log.
const usersPlatform = `name: online-shop-platform
runtime: yaml
resources:
  platform:
    type: reventless:index:Platform
    properties:
      authenticationModes: [AMAZON_COGNITO_USER_POOLS, AWS_IAM, API_KEY]
      stackClass: disposable
      logLevel: NONE
outputs:
  platform: ${platform.connection}
  apiId: ${platform.apiId}
  graphqlUrl: ${platform.graphqlUrl}
  apiKey: ${platform.apiKey}
  userPoolId: ${platform.userPoolId}
  userPoolClientId: ${platform.userPoolClientId}
`

// caller is who asks: with a key, a token, a signature, or what a function knows.
type caller struct {
	directive string
	groups    []string
	client    graphqlclient.Client
	// denied are fields that a Lambda authorizer does not let the caller use.
	denied []string
}

// TestAuthorization asks for every root field as every kind of caller.
func TestAuthorization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty, provider := w.inventory(), newLogin(t)
	w.write("platform-aws/Pulumi.yaml", everyModesPlatform(provider.url))
	w.write("platform-aws/authorizer/authorizer.py", authorizerCode)
	w.edit("catalog/schema.graphql",
		"CommandResult! @aws_iam @aws_cognito", "CommandResult! @aws_iam @aws_oidc @aws_lambda @aws_cognito",
		"productDemand(id: ID!): ProductDemand @aws_cognito", "productDemand(id: ID!): ProductDemand @aws_oidc @aws_cognito")
	w.up(platform, catalog, ordering, shipping)
	users := w.users(platform)
	callers := users.callers()
	maps.Copy(callers, users.outsiders(provider))
	schema := w.composedSchema(users.api)

	w.step("every root field and object type says who may use it", func(t *testing.T) {
		for _, def := range schema.Definitions {
			root := slices.Contains([]string{"Query", "Mutation", "Subscription"}, def.Name)
			if def.Kind == ast.Object && !root {
				assert.NotEmpty(t, authorization(def.Directives), "type %s", def.Name)
			}
			for _, field := range def.Fields {
				assert.True(t, !root || len(authorization(field.Directives)) > 0, "%s.%s", def.Name, field.Name)
			}
		}
	})

	w.step("each caller may use exactly the fields that let it in", func(t *testing.T) {
		asked := 0
		for _, root := range []string{"Query", "Mutation", "Subscription"} {
			for _, field := range schema.Definitions.ForName(root).Fields {
				for name, who := range callers {
					asked++
					want := who.mayUse(field)
					refused, err := who.refused(t, schema, root, field)
					if assert.NoError(t, err, "%s.%s as %s", root, field.Name, name) {
						assert.Equal(t, !want, refused, "%s.%s as %s", root, field.Name, name)
					}
				}
			}
		}
		t.Logf("%d combinations of field and caller", asked)
		assert.Greater(t, asked, 300)
	})

	w.step("what the schema and the platform say, in words", func(t *testing.T) {
		for field, want := range map[string]string{
			"products": "admin fulfil iam key member nobody partner token", "addProduct": "admin member", "discontinueProduct": "admin member",
			"importProduct": "admin iam member partner token", "productDemand": "admin member token", "productDemands": "admin member",
			"orders": "admin fulfil member nobody", "placeOrder": "admin fulfil member nobody", "shipOrder": "admin fulfil", "requestRefund": "admin",
			"catalogProduct": "admin member", "availableProducts": "admin fulfil iam key member nobody", "orderChanged": "admin fulfil",
			"shipments": "admin fulfil iam member nobody", "dispatchShipment": "admin fulfil iam",
			"Platform_plugins": "admin fulfil iam key member nobody partner small token", "Platform_deactivatePlugin": "admin iam", "Platform_retirePlugin": "admin iam",
			"Platform_activatePlugin": "admin iam", "Platform_completeCommand": "iam", "Platform_commandCompleted": "admin fulfil iam key member nobody partner small token",
		} {
			var may []string
			for name, who := range callers {
				if who.mayUse(fieldNamed(schema, field)) {
					may = append(may, name)
				}
			}
			slices.Sort(may)
			assert.Equal(t, want, strings.Join(may, " "), field)
		}
	})

	w.step("what happened says who did it", func(t *testing.T) {
		w.ask(callers["member"].client, `mutation { addCategory(categoryId: "c-users", name: "c") { status } }`)
		w.ask(callers["member"].client, `mutation { importProduct(sku: "s-1", title: "t", desc: "d", unitPrice: 1, currency: "EUR", category: "c-users", commandId: "by-member") { status } }`)
		var actor struct {
			Sub, Username, Issuer, DefaultAuthStrategy string
			Groups, SourceIP                           []string
			Claims                                     map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(w.auditActor("by-member")), &actor))
		assert.NotEmpty(t, actor.Sub)
		assert.NotEmpty(t, actor.Username)
		assert.Equal(t, "https://cognito-idp.eu-west-1.amazonaws.com/"+users.pool, actor.Issuer)
		assert.Equal(t, []string{"Merchandiser"}, actor.Groups)
		assert.Equal(t, users.clientID, actor.Claims["aud"])
		assert.Equal(t, "ALLOW", actor.DefaultAuthStrategy)
		w.outsidersAreKnown(t, provider, callers)
	})

	w.step("a token that is not valid is refused", func(t *testing.T) {
		token := callers["admin"].client.Token
		for name, bad := range map[string]string{"changed": token[:len(token)-8] + "AAAAAAAA", "no token": "admin", "without signature": token[:strings.LastIndex(token, ".")+1]} {
			client := callers["admin"].client
			client.Token = bad
			answer, err := client.Do(t.Context(), `{ products { nextToken } }`, nil)
			require.NoError(t, err)
			require.Len(t, answer.Errors, 1, name)
			assert.Equal(t, "UnauthorizedException", answer.Errors[0].ErrorType, name)
			_, err = client.Subscribe(t.Context(), `subscription { Platform_commandCompleted { id } }`, nil)
			assert.Error(t, err, name)
		}
		users.outsidersAreRefused(t, provider)
	})

	w.step("a signature that is not valid is refused", func(t *testing.T) {
		for name, bad := range map[string]struct{ key, secret, over, socket string }{
			"wrong secret": {localaws.AccessKeyID, "guessed", "InvalidSignatureException", "BadRequestException: The request signature we calculated"},
			"unknown key":  {"AKIAIOSFODNN7EXAMPLE", localaws.SecretAccessKey, "UnrecognizedClientException", "UnrecognizedClientException: The security token"},
		} {
			client := callers["iam"].client
			client.Credentials = credentials.NewStaticCredentialsProvider(bad.key, bad.secret, "")
			answer, err := client.Do(t.Context(), `{ products { nextToken } }`, nil)
			require.NoError(t, err)
			require.Len(t, answer.Errors, 1, name)
			assert.Equal(t, bad.over, answer.Errors[0].ErrorType, name)
			_, err = client.Subscribe(t.Context(), `subscription { Platform_commandCompleted { id } }`, nil)
			assert.ErrorContains(t, err, bad.socket, name)
		}
	})

	w.step("another up changes nothing", func(*testing.T) { w.unchanged(platform, catalog, ordering, shipping) })
	w.step("a refresh finds no drift", func(t *testing.T) {
		_, err := w.stack(platform).Refresh(t.Context(), "--expect-no-changes")
		require.NoError(t, err)
	})
	w.step("the users stay while they are not disposable", func(t *testing.T) { w.keepsUsers(users) })
	w.destroy(shipping, ordering, catalog, platform)
	assert.Equal(t, empty, w.inventory(), "nothing is left")
}

// TestUserPoolOfSomebodyElse uses a pool that is there, and leaves it there.
func TestUserPoolOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := cognito.NewFromConfig(w.aws())
	made, err := client.CreateUserPool(t.Context(), &cognito.CreateUserPoolInput{PoolName: aws.String("company")})
	require.NoError(t, err)
	pool := *made.UserPool.Id
	before := w.inventory()
	w.edit("platform-aws/Pulumi.yaml", "[AMAZON_COGNITO_USER_POOLS, AWS_IAM, API_KEY]", "[API_KEY]")
	w.up(platform) // with a key only: what it has stamped into the schema must change

	w.write("platform-aws/Pulumi.yaml", usersPlatform)
	w.write("platform-aws/"+localconfig.File, "cognitoUserPoolId: eu-west-1_Missing00\n")
	_, err = w.stack(platform).Preview(t.Context())
	require.ErrorContains(t, err, `there is no user pool "eu-west-1_Missing00" for this platform, which Pulumi.local.yaml:1 says`)

	w.write("platform-aws/"+localconfig.File, "cognitoUserPoolId: "+pool+"\n")
	w.up(platform)
	users := w.users(platform)
	assert.Equal(t, pool, users.pool)
	answer, err := users.token(t, "shopper@example.com").Do(t.Context(), `{ Platform_plugins { items { id } } }`, nil)
	require.NoError(t, err)
	assert.Empty(t, answer.Errors)

	foreign, err := client.CreateUserPoolClient(t.Context(), &cognito.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("another")})
	require.NoError(t, err)
	users.clientID = *foreign.UserPoolClient.ClientId
	answer, err = users.token(t, "other@example.com").Do(t.Context(), `{ Platform_plugins { items { id } } }`, nil)
	require.NoError(t, err)
	require.Len(t, answer.Errors, 1)
	assert.Equal(t, "UnauthorizedException", answer.Errors[0].ErrorType, "a token for another program of the company")

	w.destroy(platform)
	assert.Equal(t, before, w.inventory())
}

// users are the users of a deployed platform.
type users struct {
	*world
	cognito                       *cognito.Client
	api, url, key, pool, clientID string
}

func (w *world) users(project string) *users {
	w.t.Helper()
	outputs, err := w.stack(project).Outputs(w.t.Context())
	require.NoError(w.t, err)
	text := func(name string) string {
		value, _ := outputs[name].(string)
		require.NotEmpty(w.t, value, name)
		return value
	}
	return &users{world: w, cognito: cognito.NewFromConfig(w.aws()), api: text("apiId"), url: text("graphqlUrl"),
		key: text("apiKey"), pool: text("userPoolId"), clientID: text("userPoolClientId")}
}

// callers are one of each kind.
func (u *users) callers() map[string]caller {
	u.t.Helper()
	const pools = "aws_cognito_user_pools"
	return map[string]caller{
		"nobody": {directive: pools, client: u.token(u.t, "nobody@example.com")},
		"member": {directive: pools, groups: []string{"Merchandiser"}, client: u.token(u.t, "member@example.com", "Merchandiser")},
		"fulfil": {directive: pools, groups: []string{"Fulfilment"}, client: u.token(u.t, "fulfil@example.com", "Fulfilment")},
		"admin":  {directive: pools, groups: []string{"Admin"}, client: u.token(u.t, "admin@example.com", "Admin")},
		"iam":    {directive: "aws_iam", client: graphqlclient.Client{URL: u.url, Region: "eu-west-1", Credentials: u.aws().Credentials}},
		"key":    {directive: "aws_api_key", client: graphqlclient.Client{URL: u.url, Key: u.key}},
	}
}

// token makes a user in groups and signs it in.
func (u *users) token(t *testing.T, email string, groups ...string) graphqlclient.Client {
	t.Helper()
	user, err := userpool.New(u.world.url, "eu-west-1", u.pool, u.clientID).SignIn(t.Context(), email, groups...)
	require.NoError(t, err)
	return graphqlclient.Client{URL: u.url, Token: user.Token}
}

// composedSchema is the API's schema with its directives, as AppSync has it.
func (w *world) composedSchema(api string) *ast.SchemaDocument {
	w.t.Helper()
	answer, err := appsync.NewFromConfig(w.aws()).GetIntrospectionSchema(w.t.Context(), &appsync.GetIntrospectionSchemaInput{
		ApiId: &api, Format: appsynctypes.OutputTypeSdl, IncludeDirectives: aws.Bool(true)})
	require.NoError(w.t, err)
	schema, err := parser.ParseSchema(&ast.Source{Input: string(answer.Schema)})
	require.NoError(w.t, err)
	return schema
}

// authorization are the directives that say who may use something.
func authorization(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool {
		return !slices.Contains([]string{"aws_cognito_user_pools", "aws_iam", "aws_api_key", "aws_oidc", "aws_lambda"}, d.Name)
	})
}

func fieldNamed(schema *ast.SchemaDocument, name string) *ast.FieldDefinition {
	for _, root := range []string{"Query", "Mutation", "Subscription"} {
		if field := schema.Definitions.ForName(root).Fields.ForName(name); field != nil {
			return field
		}
	}
	return nil
}

// mayUse reads a field's directives, and what the caller is denied.
func (c caller) mayUse(field *ast.FieldDefinition) bool {
	directive := field.Directives.ForName(c.directive)
	if slices.Contains(c.denied, field.Name) {
		return false
	}
	if directive == nil || len(directive.Arguments) == 0 {
		return directive != nil
	}
	return slices.ContainsFunc(directive.Arguments[0].Value.Children, func(child *ast.ChildValue) bool {
		return slices.Contains(c.groups, child.Value.Raw)
	})
}

// refused asks for a field and says whether it is refused. An answer that is refused
// elsewhere, as one level below the root, is an error.
func (c caller) refused(t *testing.T, schema *ast.SchemaDocument, root string, field *ast.FieldDefinition) (bool, error) {
	t.Helper()
	text := strings.ToLower(root) + " { " + field.Name + arguments(schema, field) + selection(schema, field.Type, 2) + " }"
	message := fmt.Sprintf("Not Authorized to access %s on type %s", field.Name, root)
	if root == "Subscription" {
		_, err := c.client.Subscribe(t.Context(), text, nil)
		if err != nil && strings.Contains(err.Error(), message) {
			return true, nil
		}
		return false, err
	}
	answer, err := c.client.Do(t.Context(), text, nil)
	if err != nil {
		return false, err
	}
	for _, problem := range answer.Errors {
		switch {
		case problem.Message == message:
			return true, nil
		case strings.HasPrefix(problem.ErrorType, "Unauthorized") || problem.Path == nil:
			return false, fmt.Errorf("%s: %s: %s", text, problem.ErrorType, problem.Message)
		}
	}
	return false, nil
}

// auditActor is who sent an input, by its command id.
func (w *world) auditActor(commandID string) string {
	w.t.Helper()
	client := dynamodb.NewFromConfig(w.aws())
	for _, line := range w.inventory() {
		table, ok := strings.CutPrefix(line, "dynamodb table ")
		if !ok || !strings.Contains(table, "ImportProduct") {
			continue
		}
		page, err := client.Scan(w.t.Context(), &dynamodb.ScanInput{TableName: &table})
		require.NoError(w.t, err)
		for _, item := range page.Items {
			id, _ := item["id"].(*dynamotypes.AttributeValueMemberS)
			actor, _ := item["actor"].(*dynamotypes.AttributeValueMemberS)
			if id != nil && actor != nil && id.Value == commandID {
				return actor.Value
			}
		}
	}
	require.Fail(w.t, "no audit row of "+commandID)
	return ""
}

// keepsUsers makes the pool one that is kept, sees that neither it nor its platform can be
// deleted, with its users still able to sign in, and makes it disposable again.
func (w *world) keepsUsers(u *users) {
	w.t.Helper()
	w.edit("platform-aws/Pulumi.yaml", "stackClass: disposable", "stackClass: standard")
	w.up(platform)
	_, err := u.cognito.DeleteUserPool(w.t.Context(), &cognito.DeleteUserPoolInput{UserPoolId: &u.pool})
	require.ErrorContains(w.t, err, "deletion protection is activated")
	deployed := w.inventory()
	text, err := w.stack(platform).Destroy(w.t.Context())
	require.Error(w.t, err)
	assert.Contains(w.t, text, "platform-guard")
	assert.Contains(w.t, text, "protect")
	assert.Equal(w.t, deployed, w.inventory(), "nothing is gone")
	answer, err := u.token(w.t, "late@example.com").Do(w.t.Context(), `{ Platform_plugins { items { id } } }`, nil)
	require.NoError(w.t, err)
	assert.Empty(w.t, answer.Errors)
	w.edit("platform-aws/Pulumi.yaml", "stackClass: standard", "stackClass: disposable")
	w.up(platform)
}
