package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lines writes a line for each of n numbers.
func lines(n int, format string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, strings.ReplaceAll(format, "NEXT", fmt.Sprint((i+1)%n))+"\n", i)
	}
	return text.String()
}

func nested(n int, open, inner, closing string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(closing, n)
}

// many is a list of n names.
func many(n int, format, separator string) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(names, separator)
}

// bomb is a text of up to 1 MB that is meant to cost much. refusal is a part of the problem
// with it, empty for one that is valid.
type bomb struct{ text, refusal string }

func bombs() map[string]bomb {
	const deep = "nesting depth"
	names, interfaces := many(300, "T%d", "|"), many(300, "A%d", "&")
	return map[string]bomb{
		"nested list type":      {"type Query { a: " + nested(490_000, "[", "Int", "]") + " }", deep},
		"open list type":        {"type Query { a: " + strings.Repeat("[", 499_000), deep},
		"nested list":           {"type Query { a(x: [Int] = " + nested(249_000, "[", "", "]") + "): Int }", deep},
		"open list":             {"type Query { a(x: [Int] = " + strings.Repeat("[", 499_000), deep},
		"nested object":         {"input D { a: [D] } type Query { a(x: D = " + nested(100_000, "{a:[", "", "]}") + "): Int }", deep},
		"open object":           {"input D { a: D } type Query { a(x: D = " + strings.Repeat("{a:", 166_000), deep},
		"nested argument":       {"type Query { a: Int @aws_subscribe(mutations: " + nested(200_000, "[", "", "]") + ") }", deep},
		"tokens":                {"type Query { a: Int } " + strings.Repeat("{}", 499_980/2), "syntax error"},
		"long field name":       {"type Query { " + strings.Repeat("a", 900_000) + ": Int }", "has 900000 characters"},
		"long type name":        {"type Query { a: " + strings.Repeat("T", 450_000) + " } type " + strings.Repeat("T", 450_000) + " { a: Int }", "has 450000 characters"},
		"repeated directives":   {"type Query { a: Int " + strings.Repeat("@aws_iam ", 100_000) + "}", "a second time"},
		"repeated extensions":   {strings.Repeat("extend type Query { a: Int }\n", 34_000), "a second time"},
		"unknown types":         {"type Query {\n" + lines(40_000, "a%d: X%[1]d") + "}", "unknown type"},
		"required cycle":        {"type Query { a(x: I0): Int }\n" + lines(20_000, "input I%d { a: INEXT! }"), "contain itself"},
		"more than 1 MB":        {"type Query { a: Int }" + strings.Repeat(" ", MaxBytes), "1000000 bytes"},
		"cyclic input defaults": {"type Query { a(x: I0 = {}): Int }\n" + lines(9_000, "input I%d { a: INEXT = {a: {a: {a: null}}} }"), ""},
		"chain of inputs":       {"type Query { a(x: I0): Int }\n" + lines(20_000, "input I%d { a: [INEXT!]! }"), ""},
		"many fields":           {"type Query {\n" + lines(60_000, "f%d: Int") + "}", ""},
		"many arguments":        {"type Query { a(" + lines(60_000, "f%d: Int") + "): Int }", ""},
		"many types":            {"type Query { a: T0 }\n" + lines(25_000, "type T%d { a: TNEXT b: Int }"), ""},
		"many unions":           {"type Query { a: U0 }\n" + lines(300, "type T%d { a: Int }") + lines(400, "union U%d = "+names), ""},
		"many interfaces":       {"type Query { a: T0 }\n" + lines(300, "interface A%d { a%[1]d: Int }") + lines(50, "type T%d implements "+interfaces+" { "+many(300, "a%d: Int", " ")+" }"), ""},
		"escaped block":         {"type Query { a(x: String = \"\"\"" + strings.Repeat("\\\"\"\" \n", 150_000) + "\"\"\"): Int }", ""},
		"comments":              {strings.Repeat("#\n", 499_000) + "type Query { a: Int }", ""},
	}
}

// TestBombs has texts of up to 1 MB. Each takes a second or two on a busy machine; what is
// quadratic in them would take minutes.
func TestBombs(t *testing.T) {
	t.Parallel()
	const limit = 40 * time.Second
	for name, b := range bombs() {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			fragment, problems := ParseFragment("bomb", "schema.graphql", b.text)
			if b.refusal != "" {
				require.NotEmpty(t, problems)
				assert.Contains(t, problems[0].Message, b.refusal)
				assert.Less(t, len(Join(problems)), 100_000, "the message is no bomb either")
			} else {
				require.Empty(t, problems)
				composer := NewComposer([]AuthMode{APIKey, IAM}, WithLimit(8*MaxBytes))
				require.Empty(t, composer.Set(fragment))
				composition, problems := composer.Compose()
				require.Empty(t, problems)
				live, err := ParseLive(composition.SDL)
				require.NoError(t, err)
				assert.True(t, live.Equals(composition))
			}
			assert.Less(t, time.Since(begin), limit)
		})
	}
}

// FuzzCompose holds compositions of several fragments against what they promise: the order
// does not matter, a refusal changes nothing, each field has its owner, what goes leaves
// nothing behind, and a field that is kept is kept in the same words again and again.
func FuzzCompose(f *testing.F) {
	const money = " type Money { amount: Int }"
	for _, seed := range [][3]string{
		{"type Query { a: Int }", "type Query { b: Int }", "type Mutation { c: Int }"},
		{"type Query { a: Int }", "type Query { a: String }", ""},
		{"type Query { a: Money }" + money, "type Query { b: [Money!] @aws_iam }" + money, "type Query { c: Money } type Money { amount: Float }"},
		{"type Query { a: U } union U = T | V type T { x: Int } type V @aws_iam { y: T }", "type Query { b: T } type T { x: Int }", "type Mutation { m(i: I = {a: 1}): T } input I { a: Int b: I } type T { x: Int }"},
		{`type Mutation { m: T } type Subscription { onM: T @aws_subscribe(mutations: ["m"]) } type T { id: ID! }`, "type Query { q: T } type T { id: ID! }", `type Subscription { s: T } type T { id: ID! }`},
		{mutationSeeds[0], mutationSeeds[1], mutationSeeds[2]},
		{"type Query { a: I } interface I { a: Int } type T implements I { a: Int }", "type Query { b: I } interface I { a: Int }", "type Query { c: T } interface I { a: Int } type T implements I { a: Int }"},
	} {
		f.Add(seed[0], seed[1], seed[2], true)
		f.Add(seed[2], seed[0], seed[1], false)
	}
	f.Fuzz(func(t *testing.T, a, b, c string, twoModes bool) {
		var fragments []*Fragment
		for i, text := range []string{a, b, c} {
			if fragment, problems := ParseFragment(fmt.Sprint("p", i), "f", text); len(problems) == 0 {
				fragments = append(fragments, fragment)
			}
		}
		modes := []AuthMode{APIKey, IAM, CognitoUserPools, OpenIDConnect, Lambda}
		if !twoModes {
			modes = modes[:1]
		}
		requireSoundTogether(t, fragments, modes)
	})
}

// requireSoundTogether holds several fragments against the promises of a composer.
func requireSoundTogether(t *testing.T, fragments []*Fragment, modes []AuthMode) {
	t.Helper()
	composer := NewComposer(modes)
	var accepted []*Fragment
	for _, fragment := range fragments {
		before, _ := composer.Compose()
		if problems := composer.Set(fragment); len(problems) == 0 {
			accepted = append(accepted, fragment)
			continue
		}
		after, _ := composer.Compose()
		require.Equal(t, before, after, "a refusal changes nothing")
	}
	composition, problems := composer.Compose()
	if len(problems) > 0 {
		return // larger than AppSync accepts
	}
	require.NoError(t, validate(composition.SDL), composition.SDL)
	backward := NewComposer(modes)
	for i := range accepted {
		require.Empty(t, backward.Set(accepted[len(accepted)-1-i]))
	}
	again, _ := backward.Compose()
	require.Equal(t, composition, again, "the order does not matter")
	for _, fragment := range accepted {
		for _, root := range fragment.RootFields() {
			require.Equal(t, fragment.Owner(), composition.Fields[root.Type+"."+root.Name])
		}
	}
	for _, fragment := range accepted {
		requireLeaves(t, composer, composition, fragment)
		require.Empty(t, composer.Set(fragment))
	}
}

// requireLeaves takes a fragment out and keeps its fields, twice.
func requireLeaves(t *testing.T, composer *Composer, before *Composition, gone *Fragment) {
	t.Helper()
	composer.Remove(gone.Owner())
	without, problems := composer.Compose()
	require.Empty(t, problems)
	require.NoError(t, validate(without.SDL), without.SDL)
	text := before.SDL
	for range 2 {
		live, err := ParseLive(text)
		require.NoError(t, err)
		var kept []KeptField
		for _, root := range gone.RootFields() {
			field, err := live.Keep(root.Type, root.Name)
			require.NoError(t, err)
			kept = append(kept, field)
		}
		all, problems := composer.Compose(kept...)
		if len(problems) > 0 {
			return
		}
		require.NoError(t, validate(all.SDL), all.SDL)
		if text != before.SDL {
			require.Equal(t, text, all.SDL, "what is kept is kept in the same words")
		}
		text = all.SDL
	}
}
