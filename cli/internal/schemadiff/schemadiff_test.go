package schemadiff_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/schemadiff"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	const query = "type Query { a: Int } "
	tests := map[string]struct {
		before, after string
		want          []schemadiff.Change
	}{
		"nothing":               {query, "type Query { \"described\" a: Int }", nil},
		"the order":             {"type Query { a: Int b: Int }", "type Query { b: Int a: Int }", nil},
		"field added":           {query, "type Query { a: Int b: Int! }", []schemadiff.Change{{"added", false, "Query.b", "the field was added: Int!"}}},
		"field removed":         {"type Query { a: Int b: Int! }", query, []schemadiff.Change{{"removed", true, "Query.b", "the field was removed"}}},
		"type added":            {query, query + "enum E { A }", []schemadiff.Change{{"added", false, "E", "the enum was added"}}},
		"type removed":          {query + "input I { a: Int }", query, []schemadiff.Change{{"removed", true, "I", "the input was removed"}}},
		"kind":                  {query + "type T { a: Int }", query + "input T { a: Int }", []schemadiff.Change{{"changed", true, "T", "the type became the input"}}},
		"result made exact":     {query, "type Query { a: Int! }", []schemadiff.Change{{"changed", false, "Query.a", "Int became Int!"}}},
		"result made nullable":  {"type Query { a: Int! }", query, []schemadiff.Change{{"changed", true, "Query.a", "Int! became Int"}}},
		"result of other type":  {query, "type Query { a: String }", []schemadiff.Change{{"changed", true, "Query.a", "Int became String"}}},
		"result became a list":  {query, "type Query { a: [Int] }", []schemadiff.Change{{"changed", true, "Query.a", "Int became [Int]"}}},
		"elements made exact":   {"type Query { a: [Int] }", "type Query { a: [Int!]! }", []schemadiff.Change{{"changed", false, "Query.a", "[Int] became [Int!]!"}}},
		"elements made loose":   {"type Query { a: [Int!] }", "type Query { a: [Int]! }", []schemadiff.Change{{"changed", true, "Query.a", "[Int!] became [Int]!"}}},
		"argument added":        {query, "type Query { a(b: Int): Int }", []schemadiff.Change{{"added", false, "Query.a(b:)", "the argument was added: Int"}}},
		"required argument":     {query, "type Query { a(b: Int!): Int }", []schemadiff.Change{{"added", true, "Query.a(b:)", "the argument was added and has to be given: Int!"}}},
		"argument with default": {query, "type Query { a(b: Int! = 1): Int }", []schemadiff.Change{{"added", false, "Query.a(b:)", "the argument was added: Int!"}}},
		"argument removed":      {"type Query { a(b: Int): Int }", query, []schemadiff.Change{{"removed", true, "Query.a(b:)", "the argument was removed"}}},
		"argument loosened":     {"type Query { a(b: Int!): Int }", "type Query { a(b: Int): Int }", []schemadiff.Change{{"changed", false, "Query.a(b:)", "Int! became Int"}}},
		"argument tightened":    {"type Query { a(b: Int): Int }", "type Query { a(b: Int!): Int }", []schemadiff.Change{{"changed", true, "Query.a(b:)", "Int became Int!"}}},
		"argument of other":     {"type Query { a(b: Int): Int }", "type Query { a(b: ID): Int }", []schemadiff.Change{{"changed", true, "Query.a(b:)", "Int became ID"}}},
		"default":               {"type Query { a(b: Int = 1): Int }", "type Query { a(b: Int = 2): Int }", []schemadiff.Change{{"changed", false, "Query.a(b:)", "the default 1 became 2"}}},
		"input field required":  {query + "input I { a: Int }", query + "input I { a: Int b: Int! }", []schemadiff.Change{{"added", true, "I.b", "the field was added and has to be given: Int!"}}},
		"input field optional":  {query + "input I { a: Int }", query + "input I { a: Int b: Int }", []schemadiff.Change{{"added", false, "I.b", "the field was added: Int"}}},
		"input field tightened": {query + "input I { a: Int }", query + "input I { a: Int! }", []schemadiff.Change{{"changed", true, "I.a", "Int became Int!"}}},
		"input field loosened":  {query + "input I { a: [Int!]! }", query + "input I { a: [Int] }", []schemadiff.Change{{"changed", false, "I.a", "[Int!]! became [Int]"}}},
		"value removed":         {query + "enum E { A B }", query + "enum E { A }", []schemadiff.Change{{"removed", true, "E.B", "the value was removed"}}},
		"value added":           {query + "enum E { A }", query + "enum E { A B }", []schemadiff.Change{{"added", false, "E.B", "the value was added; clients that know all values do not know it"}}},
		"union member removed":  {query + "type T { a: Int } union U = T | Query", query + "type T { a: Int } union U = T", []schemadiff.Change{{"removed", true, "U", "the member Query was removed"}}},
		"union member added":    {query + "type T { a: Int } union U = T", query + "type T { a: Int } union U = T | Query", []schemadiff.Change{{"added", false, "U", "the member Query was added"}}},
		"interface dropped": {query + "interface I { a: Int } type T implements I { a: Int }", query + "interface I { a: Int } type T { a: Int }",
			[]schemadiff.Change{{"removed", true, "T", "the interface I was removed"}}},
		"callers shut out": {"type Query { a: Int @aws_iam @aws_api_key }", "type Query { a: Int @aws_iam }",
			[]schemadiff.Change{{"changed", true, "Query.a", "who may use it became IAM, was API keys, IAM"}}},
		"callers let in": {"type Query { a: Int @aws_iam }", "type Query { a: Int @aws_api_key @aws_iam }",
			[]schemadiff.Change{{"changed", false, "Query.a", "who may use it became API keys, IAM, was IAM"}}},
		"a group only": {"type Query { a: Int @aws_cognito_user_pools }", `type Query { a: Int @aws_cognito_user_pools(cognito_groups: ["Admins"]) }`,
			[]schemadiff.Change{{"changed", true, "Query.a", "who may use it became the user pool group Admins, was the user pool"}}},
		"all instead of a group": {`type Query { a: Int @aws_cognito_user_pools(cognito_groups: ["Admins"]) }`, "type Query { a: Int @aws_cognito_user_pools }",
			[]schemadiff.Change{{"changed", false, "Query.a", "who may use it became the user pool, was the user pool group Admins"}}},
		"the default no more": {query, "type Query { a: Int @aws_iam }",
			[]schemadiff.Change{{"changed", true, "Query.a", "who may use it became IAM, was the default"}}},
		"of a type": {query + "type T @aws_iam { a: Int }", query + "type T @aws_iam @aws_oidc { a: Int }",
			[]schemadiff.Change{{"changed", false, "T", "who may use it became IAM, OpenID Connect, was IAM"}}},
		"deprecated": {query, "type Query { a: Int @deprecated }", []schemadiff.Change{{"changed", false, "Query.a", "it is deprecated now"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, err := schema.ParseLive(test.before)
			require.NoError(t, err)
			after, err := schema.ParseLive(test.after)
			require.NoError(t, err)
			assert.Equal(t, test.want, schemadiff.Compare(before.Types(), after.Types()))
		})
	}
}
