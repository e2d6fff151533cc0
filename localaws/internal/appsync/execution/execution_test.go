package execution

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/schema"
)

const shop = `
type Query {
  product(id: ID!): Product
  products(limit: Int = 10, ids: [ID!]): [Product!]!
  strict: Product!
  pet: Pet
  pets: [Animal]
  echo(int: Int, float: Float, flag: Boolean, json: AWSJSON, at: AWSDateTime, kind: Kind, filter: Filter, list: [String!]): AWSJSON
  values: Values
  slow(n: Int): Int
  secret: String @aws_iam
}
type Mutation { step(n: Int!): Int }
type Subscription { changed: Product }
type Product { id: ID! name: String! price: Float tags: [String!] supplier: Supplier related(first: Int): [Product] }
type Supplier { name: String! }
union Pet = Dog | Cat
interface Animal { name: String }
type Dog implements Animal { name: String barks: Boolean }
type Cat implements Animal { name: String lives: Int }
enum Kind { BIG SMALL }
input Filter { name: String! kind: Kind = SMALL, nested: Filter }
type Values { int: Int float: Float bool: Boolean string: String id: ID json: AWSJSON at: AWSDateTime date: AWSDate time: AWSTime url: AWSURL email: AWSEmail
  stamp: AWSTimestamp phone: AWSPhone ip: AWSIPAddress kind: Kind list: [Int] object: Supplier }
`

// fakeHost resolves fields by "Type.field".
type fakeHost struct {
	resolvers map[string]Resolver
	denied    map[string]bool
}

func (h fakeHost) Resolver(typeName, field string) Resolver { return h.resolvers[typeName+"."+field] }
func (h fakeHost) Authorized(parent *ast.Definition, field *ast.FieldDefinition) bool {
	return !h.denied[parent.Name+"."+field.Name]
}

func value(text string) Resolver {
	return func(context.Context, Call) Outcome { return Outcome{Value: document(text)} }
}

func document(text string) any {
	var result any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&result); err != nil {
		panic(err)
	}
	return result
}

func echo(_ context.Context, call Call) Outcome { return Outcome{Value: call.Arguments} }

func shopHost() fakeHost {
	return fakeHost{
		denied: map[string]bool{"Query.secret": true},
		resolvers: map[string]Resolver{
			"Query.product":  value(`{"id":"p1","name":"Lamp","price":9.5,"tags":["a","b"],"supplier":{"name":"ACME"}}`),
			"Query.products": value(`[{"id":1,"name":"A"},{"id":"2","name":null},{"id":"3","name":"C"}]`),
			"Query.strict": func(context.Context, Call) Outcome {
				return Outcome{Errors: []Failure{{Type: "Lambda:Unhandled", Message: "no"}}}
			},
			"Query.pet":  value(`{"__typename":"Cat","name":"Tom","lives":9}`),
			"Query.pets": value(`[{"__typename":"Dog","name":"Rex","barks":true},{"__typename":"Cat","lives":7},{"name":"?"},null]`),
			"Query.echo": echo,
			"Query.values": value(`{"int":"12","float":1.5,"bool":"true","string":{"b":[1,null],"a":"x"},"id":7,"json":{"a":1},"at":"2024-01-02T03:04:05.678Z",
				"date":"2024-01-02+01:00","time":"10:00","url":"https://a.b/c","email":"a@b.c","stamp":1700000000000,"phone":"+49 30 123","ip":"10.0.0.1/8","kind":"BIG","list":[1,"2"],"object":{"name":"n"}}`),
			"Product.related": func(_ context.Context, call Call) Outcome {
				source, _ := call.Source.(map[string]any)
				return Outcome{Value: []any{map[string]any{"id": source["id"], "name": "like " + source["name"].(string)}}}
			},
		},
	}
}

func run1(t *testing.T, host Host, query string, variables string) string {
	t.Helper()
	parsed, err := schema.Parse(shop)
	require.NoError(t, err)
	request := Request{Query: query}
	if variables != "" {
		request.Variables, _ = document(variables).(map[string]any)
	}
	response, err := Execute(t.Context(), parsed.Types, request, host)
	require.NoError(t, err)
	text, err := json.Marshal(response)
	require.NoError(t, err)
	return string(text)
}

func TestExecute(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, variables, want string }{
		"fields in order, alias": {`{ b: product(id: "1") { price n: name id tags supplier { name } __typename } }`, "",
			`{"data":{"b":{"price":9.5,"n":"Lamp","id":"p1","tags":["a","b"],"supplier":{"name":"ACME"},"__typename":"Product"}}}`},
		"fragments merge": {`query { product(id: 1) { ...F ... on Product { name } supplier { __typename } } } fragment F on Product { id supplier { name } }`, "",
			`{"data":{"product":{"id":"p1","supplier":{"name":"ACME","__typename":"Supplier"},"name":"Lamp"}}}`},
		"skip and include": {`query($y: Boolean!, $n: Boolean = false) { product(id: 1) { id @include(if: $n) name @skip(if: $n) ... @include(if: $y) { price } ...F @skip(if: $y) } } fragment F on Product { tags }`, `{"y":true}`,
			`{"data":{"product":{"name":"Lamp","price":9.5}}}`},
		"nested resolver": {`{ product(id: 1) { related { name related { name } } } }`, "",
			`{"data":{"product":{"related":[{"name":"like Lamp","related":[{"name":"like like Lamp"}]}]}}}`},
		"union": {`{ pet { __typename ... on Cat { lives name } ... on Dog { barks } } }`, "", `{"data":{"pet":{"__typename":"Cat","lives":9,"name":"Tom"}}}`},
		"interface": {`{ pets { name ... on Dog { barks } } }`, "",
			`{"data":{"pets":[{"name":"Rex","barks":true},{"name":null},null,null]},"errors":[{"path":["pets",2],"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Can't resolve '/pets[2]'. Abstract type 'Animal' must resolve to an Object type at runtime for field 'Query.pets'. Could not determine the exact type of 'Animal'"}]}`},
		"null goes up to the root": {`{ pet { __typename } products { id name } }`, "",
			`{"data":null,"errors":[{"path":["products",1,"name"],"locations":null,"message":"Cannot return null for non-nullable type: 'String' within parent 'Product' (/products[1]/name)"}]}`},
		"error of a non-null resolver": {`{ strict { id } }`, "",
			`{"data":null,"errors":[{"path":["strict"],"data":null,"errorType":"Lambda:Unhandled","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"no"},{"path":["strict"],"locations":null,"message":"Cannot return null for non-nullable type: 'Product' within parent 'Query' (/strict)"}]}`},
		"denied field": {`{ secret pet { __typename } }`, "",
			`{"data":{"secret":null,"pet":{"__typename":"Cat"}},"errors":[{"path":["secret"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"Not Authorized to access secret on type Query"}]}`},
		"scalars": {`{ values { int float bool string id json at date time url email stamp phone ip kind list object { name } } }`, "",
			`{"data":{"values":{"int":12,"float":1.5,"bool":true,"string":"{a=x, b=[1, null]}","id":"7","json":"{\"a\":1}","at":"2024-01-02T03:04:05.678Z","date":"2024-01-02+01:00","time":"10:00","url":"https://a.b/c","email":"a@b.c","stamp":1700000000000,"phone":"+49 30 123","ip":"10.0.0.1/8","kind":"BIG","list":[1,2],"object":{"name":"n"}}}}`},
		"literals as arguments": {`{ echo(int: 1, float: 2, flag: true, json: "{\"a\":[1.50]}", at: "2024-01-02T03:04:05Z", kind: BIG, filter: {name: "n", nested: {name: "m", kind: BIG}}, list: "one") }`, "",
			`{"data":{"echo":"{\"at\":\"2024-01-02T03:04:05Z\",\"filter\":{\"kind\":\"SMALL\",\"name\":\"n\",\"nested\":{\"kind\":\"BIG\",\"name\":\"m\"}},\"flag\":true,\"float\":2,\"int\":1,\"json\":{\"a\":[1.50]},\"kind\":\"BIG\",\"list\":[\"one\"]}"}}`},
		"variables as arguments": {`query($i: Int, $f: Filter, $j: AWSJSON, $no: String, $d: Kind = BIG, $s: String!) { echo(int: $i, filter: $f, json: $j, list: [$s], kind: $d) n: echo(filter: {name: $s, kind: $d}) }`,
			`{"i":null,"f":{"name":"n"},"j":"[1]","s":"x"}`,
			`{"data":null,"errors":[{"path":null,"locations":[{"line":1,"column":41,"sourceName":null}],"message":"Validation error of type UnusedVariable: Unused variable no"}]}`},
		"variables": {`query($i: Int, $f: Filter, $j: AWSJSON, $d: Kind = BIG, $s: String!, $gone: Boolean) { echo(int: $i, filter: $f, json: $j, list: [$s], kind: $d, flag: $gone) n: echo(filter: {name: $s, kind: $d}) }`,
			`{"i":null,"f":{"name":"n"},"j":"[1]","s":"x"}`,
			`{"data":{"echo":"{\"filter\":{\"kind\":\"SMALL\",\"name\":\"n\"},\"int\":null,\"json\":[1],\"kind\":\"BIG\",\"list\":[\"x\"]}","n":"{\"filter\":{\"kind\":\"BIG\",\"name\":\"x\"}}"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.JSONEq(t, test.want, run1(t, shopHost(), test.query, test.variables))
			assert.Equal(t, test.want, run1(t, shopHost(), test.query, test.variables), "order of the fields")
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, variables, want string }{
		"undefined field":       {`{badfield}`, "", "Validation error of type FieldUndefined: Field 'badfield' in type 'Query' is undefined @ 'badfield'"},
		"undefined below":       {`{ product(id: 1) { supplier { x } } }`, "", "Validation error of type FieldUndefined: Field 'x' in type 'Supplier' is undefined @ 'product/supplier/x'"},
		"undefined in fragment": {`{ product(id: 1) { ...F } } fragment F on Product { x }`, "", "Validation error of type FieldUndefined: Field 'x' in type 'Product' is undefined @ 'F/x'"},
		"missing argument":      {`{ product { id } }`, "", "Validation error of type MissingFieldArgument: Missing field argument id @ 'product'"},
		"unknown argument":      {`{ product(id: 1, x: 2) { id } }`, "", "Validation error of type UnknownArgument: Unknown field argument x @ 'product'"},
		"no selection":          {`{ product(id: 1) }`, "", "Validation error of type SubSelectionRequired: Sub selection required for type Product of field product @ 'product'"},
		"selection on a leaf":   {`{ product(id: 1) { name { x } } }`, "", "Validation error of type SubSelectionNotAllowed: Sub selection not allowed on leaf type String of field name @ 'product/name'"},
		"wrong scalar":          {`{ echo(json: {upvotes: 10}) }`, "", "Validation error of type WrongType: argument 'json' with value 'ObjectValue{objectFields=[ObjectField{name='upvotes', value=IntValue{value=10}}]}' is not a valid 'AWSJSON' @ 'echo'"},
		"bad date":              {`{ echo(at: "2024-01-02") }`, "", "Validation error of type WrongType: argument 'at' with value 'StringValue{value='2024-01-02'}' is not a valid 'AWSDateTime' @ 'echo'"},
		"missing input field":   {`{ echo(filter: {kind: BIG}) }`, "", "Validation error of type WrongType: argument 'filter' with value 'ObjectValue{objectFields=[ObjectField{name='kind', value=EnumValue{name='BIG'}}]}' is missing required fields '[name]' @ 'echo'"},
		"unknown input field":   {`{ echo(filter: {name: "n", x: [1, null]}) }`, "", "Validation error of type WrongType: argument 'filter' with value 'ObjectValue{objectFields=[ObjectField{name='name', value=StringValue{value='n'}}, ObjectField{name='x', value=ArrayValue{values=[IntValue{value=1}, NullValue{}]}}]}' contains a field not in 'Filter': 'x' @ 'echo'"},
		"null":                  {`{ product(id: null) { id } }`, "", "Validation error of type WrongType: argument 'id' with value 'NullValue{}' must not be null @ 'product'"},
		"wrong enum below":      {`{ echo(filter: {name: "n", nested: {name: "n", kind: HUGE}}) }`, "", "Validation error of type WrongType: argument 'filter.nested.kind' with value"},
		"undefined variable":    {`{ product(id: $x) { id } }`, "", "Validation error of type UndefinedVariable: Undefined variable x @ 'product'"},
		"unused variable":       {`query Q($x: Int) { pet { __typename } }`, "", "Validation error of type UnusedVariable: Unused variable x"},
		"variable's type":       {`query($x: String) { product(id: $x) { id } }`, "", "Validation error of type VariableTypeMismatch: Variable type doesn't match @ 'product'"},
		"unknown type":          {`query($x: Nope) { echo(int: $x) }`, "", "Validation error of type UnknownType: Unknown type Nope"},
		"output as variable":    {`query($x: Product) { echo(int: $x) }`, "", "Validation error of type NonInputTypeOnVariable: Input variable x type Product is not an input type"},
		"undefined fragment":    {`{ product(id: 1) { ...F } }`, "", "Validation error of type UndefinedFragment: Undefined fragment F @ 'product'"},
		"unused fragment":       {`{ pet { __typename } } fragment F on Product { id }`, "", "Validation error of type UnusedFragment: Unused fragment F @ 'F'"},
		"fragment cycle":        {`{ product(id: 1) { ...F } } fragment F on Product { related { ...F } }`, "", "Validation error of type FragmentCycle: Fragment cycles not allowed @ 'F/related'"},
		"impossible fragment":   {`{ product(id: 1) { ... on Supplier { name } } }`, "", "Validation error of type InvalidFragmentType: Fragment cannot be spread here as objects of type Product can never be of type Supplier @ 'product'"},
		"fragment on scalar":    {`{ product(id: 1) { ... on String { name } } }`, "", "Validation error of type InlineFragmentTypeConditionInvalid: Inline fragment type condition is invalid, must be on Object/Interface/Union @ 'product'"},
		"unknown directive":     {`{ pet @x { __typename } }`, "", "Validation error of type UnknownDirective: Unknown directive x @ 'pet'"},
		"misplaced directive":   {`query @skip(if: true) { pet { __typename } }`, "", "Validation error of type MisplacedDirective: Directive skip not allowed here"},
		"anonymous with others": {`{ pet { __typename } } query A { pet { __typename } }`, "", "Validation error of type LoneAnonymousOperationViolation: Anonymous operation with other operations."},
		"two operations":        {`query A { pet { __typename } } query A { pet { __typename } }`, "", "Validation error of type DuplicateOperationName: There can be only one operation named 'A'"},
		"conflict":              {`{ a: pet { __typename } a: pets { name } }`, "", "Validation error of type FieldsConflict: "},
		"no operation chosen":   {`query A { pet { __typename } } query B { pet { __typename } }`, "", "Must provide operation name if query contains multiple operations."},
		"null variable":         {`query($id: ID!) { product(id: $id) { id } }`, `{}`, "Variable 'id' has coerced Null value for NonNull type 'ID!'"},
		"null deep in variable": {`query($f: Filter) { echo(filter: $f) }`, `{"f":{"kind":"BIG"}}`, "Variable 'f' has coerced Null value for NonNull type 'String!'"},
		"unknown in variable":   {`query($f: Filter) { echo(filter: $f) }`, `{"f":{"name":"n","x":1}}`, "The variables input contains a field that is not defined for input object type 'Filter' "},
		"invalid variable":      {`query($k: Kind) { echo(kind: $k) }`, `{"k":"HUGE"}`, "Variable 'k' has an invalid value."},
		"invalid date":          {`query($k: AWSDateTime) { echo(at: $k) }`, `{"k":"2024-13-01T00:00:00Z"}`, "Variable 'k' has an invalid value."},
		"number for text":       {`query($k: [String!]) { echo(list: $k) }`, `{"k":[1]}`, "Variable 'k' has an invalid value."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var response struct {
				Data   any
				Errors []struct {
					Message   string
					ErrorType *string
				}
			}
			require.NoError(t, json.Unmarshal([]byte(run1(t, shopHost(), test.query, test.variables)), &response))
			assert.Nil(t, response.Data)
			require.NotEmpty(t, response.Errors)
			assert.Nil(t, response.Errors[0].ErrorType)
			if strings.HasSuffix(test.want, ": ") || strings.HasSuffix(test.want, "value") {
				assert.Contains(t, response.Errors[0].Message, test.want)
				return
			}
			assert.Equal(t, test.want, response.Errors[0].Message)
		})
	}
}

func TestWrongValuesOfResolvers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ values, selection, message string }{
		"list":    {`{"list":1}`, "list", "Can't resolve value (/values/list) : type mismatch error, expected type LIST"},
		"object":  {`{"object":"x"}`, "object { name }", "Can't resolve value (/values/object) : type mismatch error, expected type OBJECT"},
		"int":     {`{"int":"x"}`, "int", "Can't serialize value (/values/int) : Expected type 'Int' but was 'String'."},
		"range":   {`{"int":2147483648}`, "int", "Can't serialize value (/values/int) : Expected type 'Int' but was 'Long'."},
		"float":   {`{"float":true}`, "float", "Can't serialize value (/values/float) : Expected type 'Float' but was 'Boolean'."},
		"boolean": {`{"bool":[]}`, "bool", "Can't serialize value (/values/bool) : Expected type 'Boolean' but was 'ArrayList'."},
		"date":    {`{"at":"yesterday"}`, "at", "Can't serialize value (/values/at) : Unable to serialize `yesterday` as a valid DateTime Object."},
		"enum":    {`{"kind":"HUGE"}`, "kind", "Can't serialize value (/values/kind) : Invalid input for Enum 'Kind'. No value found for name 'HUGE'"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := fakeHost{resolvers: map[string]Resolver{"Query.values": value(test.values)}}
			assert.Contains(t, run1(t, host, "{ values { "+test.selection+" } }", ""), test.message)
		})
	}
}

func TestQueriesRunTogetherAndMutationsInOrder(t *testing.T) {
	t.Parallel()
	var running, most, last atomic.Int64
	slow := func(ctx context.Context, call Call) Outcome {
		now := running.Add(1)
		defer running.Add(-1)
		most.Store(max(most.Load(), now))
		time.Sleep(20 * time.Millisecond)
		if n, ok := call.Arguments["n"].(json.Number); ok {
			i, _ := n.Int64()
			last.Store(i)
		}
		return Outcome{Value: call.Arguments["n"]}
	}
	host := fakeHost{resolvers: map[string]Resolver{"Query.slow": slow, "Mutation.step": slow}}
	assert.Equal(t, `{"data":{"a":1,"b":2,"c":3}}`, run1(t, host, `{ a: slow(n: 1) b: slow(n: 2) c: slow(n: 3) }`, ""))
	assert.Equal(t, int64(3), most.Load())
	most.Store(0)
	assert.Equal(t, `{"data":{"a":1,"b":2,"c":3}}`, run1(t, host, `mutation { a: step(n: 1) b: step(n: 2) c: step(n: 3) }`, ""))
	assert.Equal(t, int64(1), most.Load())
	assert.Equal(t, int64(3), last.Load())
}

func TestResolverKnowsItsSelection(t *testing.T) {
	t.Parallel()
	var got Call
	host := fakeHost{resolvers: map[string]Resolver{"Query.product": func(_ context.Context, call Call) Outcome { got = call; return Outcome{} }}}
	run1(t, host, `query($id: ID!) { p: product(id: $id) { id s: supplier { name } ...F } } fragment F on Product { id tags }`, `{"id":5}`)
	assert.Equal(t, []string{"id", "s", "s/name", "tags"}, got.Selections)
	assert.Contains(t, got.SelectionSet, "s: supplier {")
	assert.Equal(t, map[string]any{"id": "5"}, got.Variables)
	assert.Equal(t, "product", got.FieldName)
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	parsed, err := schema.Parse(shop)
	require.NoError(t, err)
	_, err = Execute(t.Context(), parsed.Types, Request{Query: "{ a "}, shopHost())
	require.EqualError(t, err, "MalformedHttpRequestException: Unable to parse GraphQL query.")
	_, err = Execute(t.Context(), parsed.Types, Request{Query: "subscription { changed { id } }"}, shopHost())
	require.ErrorContains(t, err, "UnsupportedOperation: Subscriptions are not supported over HTTP")
	response, err := Execute(t.Context(), parsed.Types, Request{Query: "query A { pet { __typename } }", OperationName: "B"}, shopHost())
	require.NoError(t, err)
	assert.Equal(t, "Unknown operation named 'B'.", response.Errors[0].Message)
	for body, want := range map[string]string{"": "Request body is empty.", "meow": "Unable to parse GraphQL query.", "{}": "Unable to parse GraphQL query.", "[]": "Unable to parse GraphQL query."} {
		_, err := ParseRequest([]byte(body))
		require.EqualError(t, err, "MalformedHttpRequestException: "+want)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	parsed, err := schema.Parse(shop)
	require.NoError(t, err)
	text, err := Introspect(parsed.Types)
	require.NoError(t, err)
	for _, want := range []string{`"AWSJSON"`, `"possibleTypes"`, `"defaultValue": "SMALL"`, `"mutationType": {`} {
		assert.Contains(t, string(text), want)
	}
	assert.NotContains(t, string(text), "aws_iam")
	assert.Equal(t, `{"data":{"__type":{"kind":"ENUM","enumValues":[{"name":"BIG"},{"name":"SMALL"}],"fields":null},"none":null}}`,
		run1(t, shopHost(), `{ __type(name: "Kind") { kind enumValues { name } fields { name } } none: __type(name: "Nope") { name } }`, ""))
	assert.Equal(t, `{"data":{"__type":{"inputFields":[{"name":"name","type":{"kind":"NON_NULL","name":null,"ofType":{"name":"String"}}},{"name":"kind","type":{"kind":"ENUM","name":"Kind","ofType":null}},{"name":"nested","type":{"kind":"INPUT_OBJECT","name":"Filter","ofType":null}}]}}}`,
		run1(t, shopHost(), `{ __type(name: "Filter") { inputFields { name type { kind name ofType { name } } } } }`, ""))
}
