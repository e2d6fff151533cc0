package appsyncjs

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const done = "\nexport function response(ctx) { return ctx.result; }"

func TestCompileRefusesUnsupportedSyntax(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body, says   string
		line, column int
	}{
		"for":        {"for (let i = 0; i < 3; i += 1) {}", "For statements", 3, 1},
		"while":      {"while (true) {}", "While statements", 3, 1},
		"do while":   {"do {} while (false);", "Do-while statements", 3, 1},
		"continue":   {"for (const a of [1]) { continue; }", "Continue statements", 3, 24},
		"label":      {"a: { break a; }", "Labels", 3, 1},
		"try":        {"try { a(); } finally {}", "Try, catch and finally", 3, 1},
		"throw":      {"throw 1;", "Throw statements", 3, 1},
		"increment":  {"let a = 1; a++;", "operator ++", 3, 12},
		"decrement":  {"let a = 1; --a;", "operator --", 3, 12},
		"complement": {"return ~1;", "operator ~", 3, 8},
		"in":         {"return 'a' in {};", "The in operator", 3, 8},
		"class":      {"class A {}", "Classes", 3, 1},
		"this":       {"return this;", "This is not", 3, 8},
		"regexp":     {"return /a/;", "Regular expression literals", 3, 8},
		"async":      {"const f = async () => 1;", "Async functions", 3, 11},
		"recursion":  {"const f = (n) => n > 0 ? f(n - 1) : 0; return f(3);", "Recursive", 3, 26},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := "import { util } from '@aws-appsync/utils';\nexport function request(ctx) {\n" + test.body + "\n}" + done
			_, problems := Compile(code)
			require.Len(t, problems, 1)
			assert.Equal(t, "LINT_ERROR", problems[0].Type)
			assert.Contains(t, problems[0].Value, test.says)
			assert.Equal(t, test.line, problems[0].Location.Line)
			assert.Equal(t, test.column, problems[0].Location.Column)
		})
	}
}

func TestCompileReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, problems := Compile("export function request() { while (1) { let a = 1; a++; } }" + done)
	assert.Len(t, problems, 2)
	_, problems = Compile("export function request( {")
	require.NotEmpty(t, problems)
	assert.Equal(t, "PARSER_ERROR", problems[0].Type)
	_, problems = Compile("import x from 'lodash';\nexport function request() {}" + done)
	require.NotEmpty(t, problems)
	assert.Contains(t, problems[0].Value, "The module 'lodash' is not supported")
	_, problems = Compile("export function request() {}")
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Value, "export a function named 'response'")
}

func TestCompileTakesSupportedSyntax(t *testing.T) {
	t.Parallel()
	_, problems := Compile("import {\n  util,\n  runtime\n} from '@aws-appsync/utils';\nimport * as ddb from \"@aws-appsync/utils/dynamodb\";\n" + `
// for (;;) in a comment, "try" in a text
const { a = 1, ...rest } = { b: 2 };
let total = 0;
function request(ctx) {
  for (const [key, value] of Object.entries(rest)) { if (value) { total += value; break; } }
  for (const key in rest) { total -= 1; }
  switch (ctx.args?.kind ?? "x") { case "x": return { ...rest, text: ` + "`n: ${total} while`" + ` }; default: return null; }
}
const response = (ctx) => ctx.result;
export {
  request,
  response,
};`)
	assert.Empty(t, problems)
}

func evaluate(t *testing.T, body, context string) (Evaluation, error) {
	t.Helper()
	program, problems := Compile("import { util, runtime, extensions } from '@aws-appsync/utils';\nimport * as ddb from '@aws-appsync/utils/dynamodb';\nexport function request(ctx) {\n" + body + "\n}" + done)
	require.Empty(t, problems)
	var resolverContext map[string]any
	require.NoError(t, json.Unmarshal([]byte(context), &resolverContext))
	return program.Evaluate(t.Context(), Request, resolverContext)
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"operation":    {"return { operation: 'Invoke', payload: { field: ctx.info.fieldName, arguments: ctx.arguments, identity: ctx.identity } };", `{"operation":"Invoke","payload":{"field":"add","arguments":{"n":[1,{"a":null}]},"identity":null}}`},
		"undefined":    {"return;", `null`},
		"big number":   {"return 9007199254740991;", `9007199254740991`},
		"toDynamoDB":   {"return util.dynamodb.toDynamoDB({ s: 'x', n: 1.5, b: true, l: [1, null], m: {}, u: undefined });", `{"M":{"s":{"S":"x"},"n":{"N":"1.5"},"b":{"BOOL":true},"l":{"L":[{"N":"1"},{"NULL":true}]},"m":{"M":{}}}}`},
		"toMapValues":  {"return util.dynamodb.toMapValues({ id: 'x' });", `{"id":{"S":"x"}}`},
		"sets":         {"return [util.dynamodb.toStringSet(['a']), util.dynamodb.toNumberSet([1, 2]), util.dynamodb.toString(null)];", `[{"SS":["a"]},{"NS":["1","2"]},null]`},
		"nulls":        {"return [util.isNull(undefined), util.isNullOrEmpty(''), util.isNullOrBlank(' '), util.defaultIfNull(null, 1), util.defaultIfNullOrBlank('x', 1)];", `[true,true,true,1,"x"]`},
		"text":         {"return [util.matches('^a+$', 'aaa'), util.base64Encode('ü'), util.base64Decode('w7w='), util.urlEncode('a b'), util.str.toUpper('x')];", `[true,"w7w=","ü","a+b","X"]`},
		"types":        {"return [util.typeOf([]), util.typeOf({}), util.isMap([]), util.authType()];", `["List","Map",false,"API Key Authorization"]`},
		"removed":      {"return [typeof Date, typeof RegExp, typeof Promise, typeof Math.abs, typeof eval, typeof globalThis.__host];", `["undefined","undefined","undefined","undefined","undefined","undefined"]`},
		"early return": {"runtime.earlyReturn({ a: 1 });", `{"a":1}`},
		"time":         {"return util.time.epochMilliSecondsToISO8601(util.time.parseISO8601ToEpochMilliSeconds('2024-01-02T03:04:05Z'));", `"2024-01-02T03:04:05.000Z"`},
		"filter":       {"return JSON.parse(util.transform.toDynamoDBFilterExpression({ or: [{ name: { beginsWith: 'a' } }, { price: { between: [1, 2] }, _deleted: { attributeExists: false } }] }));", `{"expression":"((begins_with(#name, :name_beginsWith_1)) OR ((#price BETWEEN :price_between_2 AND :price_between_3) AND (attribute_not_exists(#_deleted))))","expressionNames":{"#name":"name","#price":"price","#_deleted":"_deleted"},"expressionValues":{":name_beginsWith_1":{"S":"a"},":price_between_2":{"N":"1"},":price_between_3":{"N":"2"}}}`},
		"ddb.query":    {"return ddb.query({ index: 'byStatus', query: { status: { eq: 'A' } }, limit: 5 });", `{"operation":"Query","index":"byStatus","limit":5,"query":{"expression":"(#status = :key_status_eq_1)","expressionNames":{"#status":"status"},"expressionValues":{":key_status_eq_1":{"S":"A"}}}}`},
		"ddb.update":   {"return ddb.update({ key: { id: '1' }, update: { a: 1, b: ddb.operations.increment(2), c: ddb.operations.remove() } });", `{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET #a = :a, #b = #b + :b REMOVE #c","expressionNames":{"#a":"a","#b":"b","#c":"c"},"expressionValues":{":a":{"N":"1"},":b":{"N":"2"}}}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			evaluation, err := evaluate(t, test.body, `{"arguments":{"n":[1,{"a":null}]},"identity":null,"info":{"fieldName":"add","parentTypeName":"Mutation"},"stash":{}}`)
			require.NoError(t, err)
			text, err := json.Marshal(evaluation.Result)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(text))
			assert.Equal(t, name == "early return", evaluation.Early)
		})
	}
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"nothing":      {"return 1;", `{"filter":null,"invalidationFilter":null,"invalidations":[]}`},
		"invalidation": {"extensions.setSubscriptionInvalidationFilter({ filterGroup: [] }); extensions.invalidateSubscriptions({ subscriptionField: 's', payload: { id: 1 } });", `{"filter":null,"invalidationFilter":{"filterGroup":[]},"invalidations":[{"subscriptionField":"s","payload":{"id":1}}]}`},
		"a field":      {"extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ id: { eq: ctx.args.id } }));", `{"filter":{"filterGroup":[{"filters":[{"fieldName":"id","operator":"eq","value":"7"}]}]},"invalidationFilter":null,"invalidations":[]}`},
		"and, or": {`extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ ups: { le: 50, ge: 20 }, and: [{ title: { ne: 'B' } }, { downs: { gt: 2 } }], or: [{ author: { eq: 'A' } }, { open: { eq: false } }] }));`,
			`{"filter":{"filterGroup":[
			{"filters":[{"fieldName":"ups","operator":"le","value":50},{"fieldName":"ups","operator":"ge","value":20},{"fieldName":"title","operator":"ne","value":"B"},{"fieldName":"downs","operator":"gt","value":2},{"fieldName":"author","operator":"eq","value":"A"}]},
			{"filters":[{"fieldName":"ups","operator":"le","value":50},{"fieldName":"ups","operator":"ge","value":20},{"fieldName":"title","operator":"ne","value":"B"},{"fieldName":"downs","operator":"gt","value":2},{"fieldName":"open","operator":"eq","value":false}]}]},"invalidationFilter":null,"invalidations":[]}`},
		"ignored fields and strict rules": {`extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ a: { eq: 1 }, b: { eq: 2 } }, ['b'], { c: { eq: 3 }, d: { eq: 4 } }));`,
			`{"filter":{"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":1},{"fieldName":"c","operator":"eq","value":3}]},{"filters":[{"fieldName":"a","operator":"eq","value":1},{"fieldName":"d","operator":"eq","value":4}]}]},"invalidationFilter":null,"invalidations":[]}`},
		"an empty filter": {"extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({}));", `{"filter":{"filterGroup":[]},"invalidationFilter":null,"invalidations":[]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			evaluation, err := evaluate(t, test.body, `{"args":{"id":"7"}}`)
			require.NoError(t, err)
			text, err := json.Marshal(evaluation.Extensions)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(text))
		})
	}
}

func TestErrorsOfCode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want Thrown
	}{
		"util.error":   {"util.error('no', 'Mine', { a: 1 }, [1]);", Thrown{Message: "no", Type: "Mine", Data: map[string]any{"a": json.Number("1")}, Info: []any{json.Number("1")}}},
		"unauthorized": {"util.unauthorized();", Thrown{Message: "Not Authorized to access add on type Mutation", Type: "Unauthorized"}},
		"type error":   {"const a = null;\nreturn a.b;", Thrown{Message: "code.js:5:9: TypeError: Cannot read property 'b' of undefined", Type: "Code"}},
		"unknown name": {"return nope;", Thrown{Message: "code.js:4:7: ReferenceError: nope is not defined", Type: "Code"}},
		"comparator":   {"return [2, 1].sort((a, b) => a - b);", Thrown{Message: "code.js:4:19: TypeError: sort comparators are not supported", Type: "Code"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := evaluate(t, test.body, `{"info":{"fieldName":"add","parentTypeName":"Mutation"}}`)
			var thrown *Thrown
			require.ErrorAs(t, err, &thrown)
			assert.Equal(t, test.want, *thrown)
		})
	}
}

func TestStashAndAppendedErrors(t *testing.T) {
	t.Parallel()
	evaluation, err := evaluate(t, "ctx.stash.seen = true; util.appendError('careful', 'Warning'); return 1;", `{"stash":{"a":1}}`)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": json.Number("1"), "seen": true}, evaluation.Stash)
	assert.Equal(t, []Thrown{{Message: "careful", Type: "Warning"}}, evaluation.Errors)
	again, err := evaluate(t, "return null;", `{}`)
	require.NoError(t, err)
	assert.Empty(t, again.Errors)
}

func TestEndlessCodeIsStopped(t *testing.T) {
	t.Parallel()
	program, problems := Compile("export function request() { const more = [1]; for (const one of more) { more.push(one); more.length > 9 && more.splice(0, 5, 1, 1, 1, 1, 1); } }" + done)
	require.Empty(t, problems)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := program.Evaluate(ctx, Request, map[string]any{})
	require.ErrorContains(t, err, "took longer")
}

func BenchmarkEvaluate(b *testing.B) {
	program, problems := Compile("import { util } from '@aws-appsync/utils';\nexport function request(ctx) { return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.args.id }) }; }" + done)
	require.Empty(b, problems)
	for b.Loop() {
		_, err := program.Evaluate(b.Context(), Request, map[string]any{"args": map[string]any{"id": "1"}})
		require.NoError(b, err)
	}
}
