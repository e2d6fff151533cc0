package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestReadFindsEachKind(t *testing.T) {
	t.Parallel()
	contract, err := Read()
	require.NoError(t, err)
	require.Len(t, contract.Kinds, len(turn.Kinds()))
	for _, kind := range contract.Kinds {
		asked, there := contract.Find(kind.Turn)
		require.True(t, there, kind.Turn)
		assert.Equal(t, Type{Form: Literal, Value: kind.Name}, asked.Fields[0].Type)
		_, there = contract.Find(kind.Answer)
		assert.True(t, there, kind.Answer)
	}
}

func TestReadFindsTheForms(t *testing.T) {
	t.Parallel()
	contract, err := Read()
	require.NoError(t, err)
	for name, want := range map[string][]Variant{
		"DecideAnswer":  {{[]string{"events"}, []string{"snapshot"}}, {[]string{"reject"}, nil}},
		"CallAnswer":    {{[]string{"result"}, nil}, {[]string{"giveUp"}, nil}},
		"ReactTurn":     {{[]string{"message"}, nil}, {[]string{"id", "row", "attempt"}, nil}},
		"ScheduleTo":    {{[]string{"at"}, nil}, {[]string{"every"}, nil}, {[]string{"cron"}, []string{"timeZone"}}},
		"ObjectToRead":  {{[]string{"text"}, nil}, {[]string{"lines", "firstLine", "header", "last"}, nil}, {nil, nil}},
		"ProjectAnswer": nil,
	} {
		object, there := contract.Find(name)
		require.True(t, there, name)
		assert.Equal(t, want, object.Variants, name)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ schema, want string }{
		"a keyword":         {`{"properties": {"a": {"items": {"enum": [1]}}}}`, `$.properties.a.items: the kits know no keyword "enum"`},
		"a type":            {`{"properties": {"a": {"type": "number"}}}`, `a: the kits know no type "number"`},
		"two types":         {`{"properties": {"a": {"type": ["string", "integer"]}}}`, `a: the kits know no type that is string or integer`},
		"a nameless object": {`{"properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}}`, `enter "answer.a" into names`},
		"a lost definition": {`{"properties": {"a": {"$ref": "#/$defs/b"}}}`, `there is no definition "b"`},
		"nothing":           {``, `empty`},
		"another object": {
			`{"properties": {"reject": {"type": "object", "properties": {"a": {"type": "string"}}}, "giveUp": {"type": "object", "properties": {"b": {"type": "string"}}}}}`,
			`Reject is another object`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var contract Contract
			assert.ErrorContains(t, contract.add("A", "answer", []byte(c.schema)), c.want)
		})
	}
}
