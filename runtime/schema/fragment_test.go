package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func mustParse(t testing.TB, owner, sdl string) *Fragment {
	t.Helper()
	f, problems := ParseFragment(owner, owner+".graphql", sdl)
	require.Empty(t, problems, "%s", Join(problems))
	return f
}

func TestParseFragmentNormalises(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sdl, want string }{
		"empty":          {"", ""},
		"only a comment": {"# nothing\n", ""},
		"order, descriptions and comments": {
			"\"About\"\ntype Query { # b\n  \"\"\"B\"\"\"\n  b(z: Int = 1, \"a\" a: [ID!]! = [\"x\"]): String\n  a: E }\n # null\n enum E { # null\n B \"one\" A }",
			"type Query {\n  a: E\n  b(a: [ID!]! = [\"x\"], z: Int = 1): String\n}\nenum E {\n  A\n  B\n}\n",
		},
		"root types come first, in their order": {
			"type A { x: Int } type Subscription { s: A @aws_subscribe(mutations: [\"m\"]) } type Mutation { m: A } type Query { q: A }",
			"type Query {\n  q: A\n}\ntype Mutation {\n  m: A\n}\ntype Subscription {\n  s: A @aws_subscribe(mutations: [\"m\"])\n}\ntype A {\n  x: Int\n}\n",
		},
		"extensions are folded": {
			"extend type Query { a: T } extend type Query { b: U } type T { a: Int } extend type T implements I @aws_iam { i: Int } interface I { i: Int } union U = T extend union U = V type V { e: E } enum E { A } extend enum E { B } input X { a: Int } extend input X { b: Int }",
			"type Query {\n  a: T\n  b: U\n}\nenum E {\n  A\n  B\n}\ninterface I {\n  i: Int\n}\ntype T implements I @aws_iam {\n  a: Int\n  i: Int\n}\nunion U = T | V\ntype V {\n  e: E\n}\ninput X {\n  a: Int\n  b: Int\n}\n",
		},
		"a root type without fields may be extended": {
			"type Query extend type Query { a: Int }", "type Query {\n  a: Int\n}\n",
		},
		"a schema block with the usual names is dropped": {
			"schema { query: Query mutation: Mutation } type Query { a: Int } type Mutation { b: Int }",
			"type Query {\n  a: Int\n}\ntype Mutation {\n  b: Int\n}\n",
		},
		"declared AppSync scalars are dropped": {
			"scalar AWSDateTime type Query { at: AWSDateTime }", "type Query {\n  at: AWSDateTime\n}\n",
		},
		"the platform's types need no definition": {
			"type Mutation { do: CommandResult! } extend type Query { s: CommandStatus }",
			"type Query {\n  s: CommandStatus\n}\ntype Mutation {\n  do: CommandResult!\n}\n",
		},
		"authorization of a root type goes to its fields": {
			"type Query @aws_iam { a: Int b: Int @aws_api_key c: Int @deprecated(reason: \"old\") }",
			"type Query {\n  a: Int @aws_iam\n  b: Int @aws_api_key\n  c: Int @aws_iam @deprecated(reason: \"old\")\n}\n",
		},
		"groups, default values and directives in order": {
			"type Query { a(x: In = {b: [{a: 2}], a: 1}): Int @aws_cognito_user_pools(cognito_groups: [\"B\", \"A\"]) @aws_api_key } input In { a: Int b: [In!] }",
			"type Query {\n  a(x: In = {a:1,b:[{a:2}]}): Int @aws_api_key @aws_cognito_user_pools(cognito_groups: [\"A\",\"B\"])\n}\ninput In {\n  a: Int\n  b: [In!]\n}\n",
		},
		"a block string becomes a string": {
			"type Query { a(x: String = \"\"\"a \"b\"\nc\"\"\"): Int }", "type Query {\n  a(x: String = \"a \\\"b\\\"\\nc\"): Int\n}\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustParse(t, "shop", test.sdl)
			assert.Equal(t, test.want, f.SDL())
			assert.Equal(t, test.want, mustParse(t, "shop", f.SDL()).SDL(), "parsing the result again")
		})
	}
}

func TestParseFragmentRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 49)
	tests := map[string]struct {
		sdl string
		// want are the problems as line:column: part of the message.
		want []string
	}{
		"syntax":                      {"type Query {\n  a Int\n}", []string{"2:5: syntax error: Expected :, found Name"}},
		"syntax, unclosed":            {"type Query { a: Int", []string{"1:20: syntax error: Expected Name, found <EOF>"}},
		"an operation":                {"query { a }", []string{"1:1: syntax error"}},
		"not UTF-8":                   {"type Query { a: Int } # \xff", []string{"0:0: the fragment is not UTF-8"}},
		"interface of interfaces":     {"interface A { a: Int } interface B implements A { a: Int } type Query { a: B }", []string{"1:34: interface B implements another interface, which AppSync does not support"}},
		"directive definition":        {"directive @x on OBJECT type Query { a: Int }", []string{"1:12: directive @x is defined here, but AppSync supports no directive definitions"}},
		"directive extension":         {"extend directive @x @y type Query { a: Int }", []string{"1:19: directive @x is extended here"}},
		"custom directive":            {"type Query { a: Int @deprecate }", []string{"1:22: field Query.a has the directive @deprecate, which AppSync does not know; remove it. Did you mean \"deprecated\"?"}},
		"aws_auth":                    {"type Query { a: Int @aws_auth(cognito_groups: [\"A\"]) }", []string{"1:22: field Query.a has @aws_auth, which AppSync ignores"}},
		"directive at a wrong place":  {"type Query { a(b: Int @deprecated): E @aws_subscribe(mutations: [\"m\"]) } enum E @aws_iam { A @aws_iam }", []string{"1:24: argument Query.a(b:) has @deprecated", "1:40: @aws_subscribe stands on Query.a", "1:82: enum E has @aws_iam", "1:95: enum value E.A has @aws_iam"}},
		"directive twice":             {"type Query { a: Int @aws_iam @aws_iam }", []string{"1:31: directive @aws_iam of Query.a is defined a second time"}},
		"directive arguments":         {"type Query { a: Int @aws_iam(x: 1) b: Int @aws_cognito_user_pools(groups: [\"A\"]) c: Int @aws_cognito_user_pools(cognito_groups: \"A\") d: Int @deprecated(reason: 1) e: Int @deprecated(reason: \"a\", x: 2) }", []string{"@aws_iam has the argument x, it takes none", "it takes only cognito_groups", "must be a list of strings", "must be a string", "it takes one at most"}},
		"schema block":                {"schema { query: Root } type Root { a: Int } type Query { a: Root }", []string{"1:10: the schema block makes Root the query type"}},
		"schema block with directive": {"schema @aws_iam { query: Query } type Query { a: Int }", []string{"1:9: directive @aws_iam stands on the schema block"}},
		"schema extension":            {"extend schema { mutation: Mutation } type Mutation { a: Int }", []string{"1:15: AppSync does not support schema extensions"}},
		"names with underscores":      {"type Query { __a(__b: __T): Int } input __T { __c: Int } type A { e: __E } enum __E { __V }", []string{"__a starts with", "__b starts with", "__T starts with", "__c starts with", "__E starts with", "__V starts with"}},
		"reserved for the platform":   {"type Query { Platform_x: Platform_T } type Platform_T { a: Int }", []string{"1:14: the name Platform_x starts with Platform_", "1:44: the name Platform_T starts with Platform_"}},
		"prefix AWS":                  {"type Query { a: AWSThing } type AWSThing { a: Int }", []string{"1:33: the name AWSThing starts with AWS"}},
		"a scalar's name":             {"type Query { a: Int } type String { a: Int }", []string{"1:28: String is the name of a scalar"}},
		"custom scalar":               {"scalar AWSDatetime type Query { a: Int }", []string{"1:8: scalar AWSDatetime is not one of AppSync's, which supports no custom scalars; use AWSDateTime"}},
		"subscription name":           {"type Mutation { m: Int } type Subscription { " + long + "xx: Int @aws_subscribe(mutations: [\"m\"]) }", []string{"has 51 characters, AppSync allows 50"}},
		"mutation name":               {"type Mutation { " + long + ": Int }", []string{"has 49 characters; its subscription onX"}},
		"subscription without mutation": {"type Mutation { move: Int } type Subscription { a: Int @aws_subscribe(mutations: [\"mvoe\"]) b: Int c: ID @aws_subscribe(mutations: [\"move\"]) d: Int @aws_subscribe }", []string{
			"1:84: subscription a names mutation \"mvoe\", which this fragment does not define; a fragment can subscribe only to its own mutations. Did you mean \"move\"?",
			"1:92: subscription b has no @aws_subscribe", "subscription c gives ID, but mutation move gives Int", "@aws_subscribe lacks the argument mutations"}},
		"required subscription": {"type Mutation { m: Int! } type Subscription { s: Int! @aws_subscribe(mutations: [\"m\"]) }", []string{"1:50: subscription s gives Int!, but AppSync answers null when a subscriber starts, which a required type does not allow; write Int"}},
		"subscription of another type": {"type Mutation { m: [T!] n: T! } type T { a: Int } type Subscription { s: T @aws_subscribe(mutations: [\"m\", \"n\"]) }", []string{
			"1:104: subscription s gives T, but mutation m gives [T!]; AppSync hands the mutation's result to the subscriber, so let the subscription give [T!]"}},
		"subscription arguments": {"type Mutation { m: T l: [T] } type T { id: ID! categoryId: ID tags: [String] t: T e: E } enum E { A }\ntype Subscription { s(id: ID!, categoryID: ID, tags: [String], e: String, t: ID): T @aws_subscribe(mutations: [\"m\"])\nl(id: ID): [T] @aws_subscribe(mutations: [\"l\"]) }", []string{
			`2:32: argument Subscription.s(categoryID:) filters by the field of that name, which T does not have; correct the name or remove the argument. Did you mean "categoryId"?`,
			"2:48: argument Subscription.s(tags:) filters by T.tags, which is [String], but AppSync compares single scalars and enum values only",
			"2:67: argument Subscription.s(e:) has the type String, but it is compared with field T.e of type E; make it E",
			"2:75: argument Subscription.s(t:) filters by T.t, which is T,",
			"3:3: argument Subscription.l(id:) filters by a field of what the subscription gives, but [T] has no fields"}},
		"duplicates": {"type Query { a: Int\n a(x: Int, x: Int): Int }\ntype T { a: Int }\ntype T { b: Int }\nenum E { A A }\nunion U = T | T", []string{
			"2:2: field Query.a is defined a second time, the first time is on line 1", "2:12: argument Query.a(x:) is defined a second time",
			"4:6: T is defined a second time, the first time is on line 3", "5:12: enum value E.A is defined a second time", "6:15: union member U.T is defined a second time"}},
		"unknown types": {"type Query { a(x: Imput): Prodct b: [Thing!]! } input Input { a: Int } type Product implements Node { a: Int } union U = Product | Other", []string{
			"1:19: argument Query.a(x:) has the unknown type Imput; a fragment must define every type that it uses, or take it from the platform",
			"1:27: field Query.a has the unknown type Prodct", "1:38: field Query.b has the unknown type Thing", "1:77: type Product has the unknown type Node", "1:132: union member U.Other has the unknown type Other"}},
		"empty types":           {"type Query { a: Int } type T enum E input I interface N union U", []string{"type T has no fields", "enum E has no values", "input I has no fields", "interface N has no fields", "union U has no types"}},
		"no root fields":        {"type T { a: Int }", []string{"0:0: the fragment defines types, but no field of Query"}},
		"empty root type":       {"type Query", []string{"0:0: the fragment defines types, but no field", "1:6: type Query has no fields"}},
		"root of another kind":  {"input Query { a: Int }", []string{"1:7: Query is a root type and must be an object type"}},
		"root with interface":   {"interface I { a: Int } type Query implements I { a: Int }", []string{"1:29: Query implements an interface"}},
		"input as output":       {"type Query { a(x: T): I } type T { a: Int } input I { a: Int t: T }", []string{"1:19: argument Query.a(x:) has the type T, which is not for arguments", "1:23: field Query.a gives the input type I", "1:65: field I.t has the type T"}},
		"union of non-objects":  {"type Query { a: U } union U = I | Int interface I { a: Int }", []string{"1:31: union U has I", "1:35: union U has Int"}},
		"interface not met":     {"type Query { a: I } interface I { a(x: Int): Int! b: Int } type T implements I & V & I { a(x: ID, y: Int!): Int } input V { a: Int }", []string{"interface I is defined a second time", "type T implements I, but lacks its field b: Int", "type T implements V, which is not an interface", "field T.a has the type Int, but interface I asks for Int!", "argument T.a(x:) has the type ID, but interface I asks for Int", "argument T.a(y:) is required, but interface I does not have it"}},
		"input cycle":           {"type Query { a(x: A): Int } input A { b: B! } input B { a: A! l: [B!]! o: B }", []string{"1:57: field B.a makes input A contain itself"}},
		"enum values":           {"type Query { a: E } enum E { true false null A }", []string{"true cannot be a value", "false cannot be a value", "null cannot be a value"}},
		"default values":        {"type Query { a(a: Int = \"1\", b: E = B, c: Boolean! = null, d: [Int!] = [1, null], e: In = {b: 1, a: 1, a: 2}, f: In = 1, g: Int = 3000000000, h: [[Int]] = [[1], 2], i: Float = 1, j: AWSDate = \"2026-01-01\", k: ID = 1, l: AWSTimestamp = \"x\"): E } enum E { A } input In { a: Int req: ID! }", []string{"(a:) is \"1\"", "(b:) is B", "(c:) is null", "(d:) is null", "(e:) lacks the required field req", "(e:) sets the field b, which input In does not have", "(e:) sets the field a twice", "(f:) is 1", "(g:) is 3000000000", "(l:) is \"x\""}},
		"extension of nothing":  {"extend type Prodct { a: Int } extend type CommandResult { a: Int } extend enum Query { A } type Query { a: Int } extend type String { a: Int }", []string{"1:13: Prodct is extended here, but the fragment does not define it", "1:43: CommandResult is extended here, but it is not this fragment's", "1:80: Query is extended as enum, but line 1 defines it as type", "String is extended here, but it is not"}},
		"another CommandResult": {"type Mutation { a: CommandResult } type CommandResult { status: String }", []string{"1:41: CommandResult is a type of the platform and differs from it: field code is only there"}},
		"deep lists":            {"type Query { a: " + strings.Repeat("[", 9) + "Int" + strings.Repeat("]", 9) + " }", []string{"list of lists 9 deep"}},
		"nesting bomb":          {"type Query { a: " + strings.Repeat("[", 100_000) + "Int" + strings.Repeat("]", 100_000) + " }", []string{"syntax error: exceeded maximum nesting depth"}},
		"value bomb":            {"type Query { a(x: Int = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "): Int }", []string{"syntax error: exceeded maximum nesting depth"}},
		"token bomb":            {strings.Repeat("|", MaxBytes), []string{"syntax error"}},
		"too large":             {"type Query { a: Int }" + strings.Repeat(" ", MaxBytes), []string{"0:0: the fragment has 1000021 bytes"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, problems := ParseFragment("shop", "shop.graphql", test.sdl)
			assert.Nil(t, f)
			require.Len(t, problems, len(test.want), "%s", Join(problems))
			for i, want := range test.want {
				text := place("", problems[i].Line, problems[i].Column)
				text = strings.TrimPrefix(text, "line ")
				if problems[i].Line == 0 {
					text = "0:0"
				}
				assert.Contains(t, text+": "+problems[i].Message, want)
				assert.Equal(t, protocol.CodeInvalidSchema, problems[i].Code)
				assert.Equal(t, "shop.graphql", problems[i].File)
			}
		})
	}
}

func TestParseFragmentBoundsProblems(t *testing.T) {
	t.Parallel()
	var sdl strings.Builder
	sdl.WriteString("type Query {")
	for range 20_000 {
		sdl.WriteString(" a: Unknown")
	}
	_, problems := ParseFragment("shop", "f", sdl.String()+"}")
	assert.Len(t, problems, maxProblems)
}

func TestPlatformFragment(t *testing.T) {
	t.Parallel()
	f := mustParse(t, protocol.PlatformPlugin, PlatformSDL)
	var names []string
	for _, field := range f.RootFields() {
		names = append(names, field.Type+"."+field.Name)
	}
	assert.Subset(t, names, []string{"Query.Platform_plugin", "Query.Platform_plugins", "Mutation.Platform_completeCommand", "Subscription.Platform_commandCompleted"})
	_, problems := ParseFragment("shop", "f", PlatformSDL)
	assert.Len(t, problems, len(names), "only the root fields: the types may be repeated as they are\n%s", Join(problems))
}

func TestFragmentPlaces(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "shop", "type Mutation {\n  b: Int\n}\n\ntype Query { z: Int\n  a: Int }")
	require.Len(t, f.RootFields(), 3)
	for i, want := range []string{"Query.a 6:3", "Query.z 5:14", "Mutation.b 2:3"} {
		r := f.RootFields()[i]
		assert.Equal(t, want, r.Type+"."+r.Name+" "+place("", r.Line, r.Column)[len("line "):])
		assert.Equal(t, r.Name, r.Definition.Name)
	}
	assert.Equal(t, "shop", f.Owner())
	assert.Equal(t, "shop.graphql", f.File())
	assert.Len(t, f.Document().Definitions, 2)
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		problem Problem
		want    string
	}{
		"everything": {Problem{Message: "m", File: "f", Line: 1, Column: 2}, "f:1:2: m"},
		"no file":    {Problem{Message: "m", Line: 1, Column: 2}, "line 1:2: m"},
		"no place":   {Problem{Message: "m", File: "f"}, "f: m"},
		"nothing":    {Problem{Message: "m"}, "m"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, test.problem.String())
		})
	}
}
