package appsync

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequestErrors(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	key := b.key(api)
	b.mustPush(api, "type Query { a: Int }\ntype Subscription { s: Int }")
	expired := "da2-expired"
	b.service.apis[api].keys[expired] = keyDocument(expired, "", time.Now().Add(-time.Second))
	tests := map[string]struct {
		body    string
		headers map[string]string
		status  int
		want    string
	}{
		"no credentials": {`{"query":"{a}"}`, nil, 401, `{"errors":[{"errorType":"UnauthorizedException","message":"Valid authorization header not provided."}]}`},
		"wrong key":      {`{"query":"{a}"}`, map[string]string{"x-api-key": "da2-x"}, 401, `{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}`},
		"expired key":    {`{"query":"{a}"}`, map[string]string{"x-api-key": expired}, 401, `{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}`},
		"IAM not a mode": {`{"query":"{a}"}`, map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=A/b"}, 401, `{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}`},
		"empty body":     {``, map[string]string{"x-api-key": key}, 400, `{"errors":[{"errorType":"MalformedHttpRequestException","message":"Request body is empty."}]}`},
		"no JSON":        {`meow`, map[string]string{"x-api-key": key}, 400, `{"errors":[{"errorType":"MalformedHttpRequestException","message":"Unable to parse GraphQL query."}]}`},
		"syntax":         {`{"query":"{ a "}`, map[string]string{"x-api-key": key}, 400, `{"errors":[{"errorType":"MalformedHttpRequestException","message":"Unable to parse GraphQL query."}]}`},
		"subscription":   {`{"query":"subscription { s }"}`, map[string]string{"x-api-key": key}, 400, `{"errors":[{"errorType":"UnsupportedOperation","message":"Subscriptions are not supported over HTTP; start them over a WebSocket at the API's REALTIME address."}]}`},
		"validation":     {`{"query":"{badfield}"}`, map[string]string{"x-api-key": key}, 200, `{"data":null,"errors":[{"path":null,"locations":[{"line":1,"column":2,"sourceName":null}],"message":"Validation error of type FieldUndefined: Field 'badfield' in type 'Query' is undefined @ 'badfield'"}]}`},
		"fine":           {`{"query":"{a}"}`, map[string]string{"x-api-key": key}, 200, `{"data":{"a":null}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := b.send(api, []byte(test.body), test.headers)
			assert.Equal(t, test.status, status)
			assert.JSONEq(t, test.want, body)
		})
	}
	status, _ := b.send("nope", []byte(`{}`), nil)
	assert.Equal(t, http.StatusNotFound, status)
}

func TestDirectivesDecideWhoSeesAField(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey, types.AuthenticationTypeAwsIam)
	key := b.key(api)
	b.mustPush(api, `type Query { open: Item @aws_api_key @aws_iam primary: Item iam: Item @aws_iam }
type Item @aws_api_key @aws_iam { both: Int secret: Int @aws_iam }`)
	b.none(api, "none")
	for _, field := range []string{"Query.open", "Query.primary", "Query.iam"} {
		require.NoError(t, b.resolver(api, field, "none", `export function request() { return { payload: { both: 1, secret: 2 } }; }
export function response(ctx) { return ctx.result; }`))
	}
	query := `{"query":"{ open { both secret } primary { both } iam { both } __typename }"}`
	_, body := b.send(api, []byte(query), map[string]string{"x-api-key": key})
	assert.JSONEq(t, `{"data":{"open":{"both":1,"secret":null},"primary":{"both":1},"iam":null,"__typename":"Query"},"errors":[
		{"path":["iam"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":41,"sourceName":null}],"message":"Not Authorized to access iam on type Query"},
		{"path":["open","secret"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":15,"sourceName":null}],"message":"Not Authorized to access secret on type Item"}]}`, body)
	_, body = b.send(api, []byte(query), b.signed(api, query))
	assert.JSONEq(t, `{"data":{"open":{"both":1,"secret":2},"primary":null,"iam":{"both":1},"__typename":"Query"},"errors":[
		{"path":["primary"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":24,"sourceName":null}],"message":"Not Authorized to access primary on type Query"}]}`, body)
}

const commandCode = `import { util } from '@aws-appsync/utils';
export function request(ctx) {
  return { operation: 'Invoke', payload: { field: ctx.info.fieldName, arguments: ctx.arguments, identity: ctx.identity } };
}
export function response(ctx) {
  if (ctx.error) { util.error(ctx.error.message, ctx.error.type); }
  return ctx.result;
}`

func TestLambdaResolver(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	key := b.key(api)
	b.mustPush(api, "type Query { a: Int }\ntype Mutation { add(id: ID!, details: AWSJSON, n: Int): Result }\ntype Result { id: ID! details: AWSJSON }")
	b.function(api, "commands")
	require.NoError(t, b.resolver(api, "Mutation.add", "commands", commandCode))
	const mutation = `mutation($id: ID!, $d: AWSJSON) { add(id: $id, details: $d) { id details } }`

	b.lambda.handler = func(function string, payload []byte) (string, string, error) {
		assert.Equal(t, "arn:fn:commands", function)
		assert.JSONEq(t, `{"field":"add","arguments":{"id":"1","details":{"a":[1.50]}},"identity":null}`, string(payload))
		assert.Contains(t, string(payload), "[1.5]", "numbers go through JavaScript")
		return `{"id":"1","details":"{\"b\":2}"}`, "", nil
	}
	_, body := b.ask(api, key, mutation, map[string]any{"id": 1, "d": `{"a":[1.50]}`})
	assert.JSONEq(t, `{"data":{"add":{"id":"1","details":"{\"b\":2}"}}}`, body)

	b.lambda.handler = func(string, []byte) (string, string, error) {
		return `{"errorType":"ANSWER_INVALID","errorMessage":"no events"}`, "Unhandled", nil
	}
	_, body = b.ask(api, key, mutation, map[string]any{"id": 1})
	assert.JSONEq(t, `{"data":{"add":null},"errors":[{"path":["add"],"data":null,"errorType":"Lambda:Unhandled","errorInfo":null,"locations":[{"line":1,"column":35,"sourceName":null}],"message":"no events"}]}`, body)

	b.lambda.handler = func(string, []byte) (string, string, error) { return "", "", errors.New("function not found") }
	_, body = b.ask(api, key, mutation, map[string]any{"id": 1})
	assert.Contains(t, body, `"errorType":"Lambda:AWSLambdaException"`)
	assert.Contains(t, body, "function not found")
}

func TestDirectLambdaResolverGetsTheContext(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeAwsIam)
	b.mustPush(api, "type Query { item(id: ID!): Item }\ntype Item { id: ID! more(n: Int = 3): String }")
	b.function(api, "direct")
	require.NoError(t, b.resolver(api, "Query.item", "direct", ""))
	require.NoError(t, b.resolver(api, "Item.more", "direct", ""))
	b.lambda.handler = func(_ string, payload []byte) (string, string, error) {
		var context struct {
			Info   struct{ FieldName string }
			Source map[string]any
		}
		if err := json.Unmarshal(payload, &context); err != nil {
			return "", "", err
		}
		if context.Info.FieldName == "item" {
			return `{"id":"7"}`, "", nil
		}
		return `"more of ` + context.Source["id"].(string) + `"`, "", nil
	}
	const query = `{"query":"query Q { item(id: 7) { id more } }"}`
	status, body := b.send(api, []byte(query), b.signed(api, query, "X-Mine", "yes"))
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"data":{"item":{"id":"7","more":"more of 7"}}}`, body)
	var first map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.lambda.payloads[0]), &first))
	assert.Equal(t, map[string]any{"id": "7"}, first["arguments"])
	assert.Nil(t, first["source"])
	assert.Equal(t, "arn:aws:iam::123456789012:user/local", first["identity"].(map[string]any)["userArn"])
	assert.Equal(t, "yes", first["request"].(map[string]any)["headers"].(map[string]any)["x-mine"])
	info := first["info"].(map[string]any)
	assert.Equal(t, []any{"id", "more"}, info["selectionSetList"])
	assert.Equal(t, "Query", info["parentTypeName"])
	assert.Contains(t, b.lambda.payloads[1], `"arguments":{"n":3}`)
}

func TestCodeOfResolvers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ request, response, want string }{
		"payload":        {"return { payload: ctx.args.x };", "return ctx.result;", `{"data":{"f":"v"}}`},
		"stash":          {"ctx.stash.a = 'kept'; return {};", "return ctx.stash.a;", `{"data":{"f":"kept"}}`},
		"prev":           {"return { payload: 'p' };", "return ctx.prev.result;", `{"data":{"f":"p"}}`},
		"early return":   {"runtime.earlyReturn('early');", "return 'late';", `{"data":{"f":"early"}}`},
		"appended error": {"util.appendError('careful', 'Warning'); return {};", "return 'done';", `{"data":{"f":"done"},"errors":[{"path":["f"],"data":null,"errorType":"Warning","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"careful"}]}`},
		"util.error":     {"util.error('no', 'Mine', { a: 1 }, 'info');", "return 1;", `{"data":{"f":null},"errors":[{"path":["f"],"data":{"a":1},"errorType":"Mine","errorInfo":"info","locations":[{"line":1,"column":3,"sourceName":null}],"message":"no"}]}`},
		"exception":      {"return ctx.nope.x;", "return 1;", `{"data":{"f":null},"errors":[{"path":["f"],"data":null,"errorType":"Code","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"code.js:3:16: TypeError: Cannot read property 'x' of undefined"}]}`},
		"info":           {"return { payload: ctx.info.fieldName + ctx.info.parentTypeName + ctx.info.variables.v };", "return ctx.result;", `{"data":{"f":"fQueryv"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, "")
			api := b.api(types.AuthenticationTypeApiKey)
			key := b.key(api)
			b.mustPush(api, "type Query { f(x: String): String }")
			b.none(api, "none")
			require.NoError(t, b.resolver(api, "Query.f", "none", "import { util, runtime } from '@aws-appsync/utils';\nexport function request(ctx) {\n"+test.request+"\n}\nexport function response(ctx) {\n"+test.response+"\n}"))
			_, body := b.send(api, []byte(`{"query":"{ f(x: \"v\") }","variables":{}}`), map[string]string{"x-api-key": key})
			if name == "info" {
				_, body = b.ask(api, key, "query($v: String) { f(x: $v) }", map[string]any{"v": "v"})
			}
			assert.JSONEq(t, test.want, body)
		})
	}
}

func TestGraphiQLCanIntrospect(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	key := b.key(api)
	b.mustPush(api, "type Query { a(x: Int = 1): [Item!]! }\ninterface Named { name: String }\ntype Item implements Named { name: String }")
	// The query of graphql-js's getIntrospectionQuery, as GraphiQL sends it.
	query := `query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
	status, body := b.ask(api, key, query, nil)
	assert.Equal(t, http.StatusOK, status)
	assert.NotContains(t, body, `"errors"`)
	assert.Contains(t, body, `"name":"Item"`)
}
