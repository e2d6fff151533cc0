package property

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

func TestCanonicalPolicy(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		a, b  string
		equal bool
	}{
		"key order and space":      {`{"a":1,"b":2}`, ` {"b": 2, "a": 1}`, true},
		"one-element list":         {`{"Action":["x"]}`, `{"Action":"x"}`, true},
		"order of actions":         {`{"Action":["x","y"]}`, `{"Action":["y","x"]}`, true},
		"repeated action":          {`{"Action":["x","y","x"]}`, `{"Action":["y","x"]}`, true},
		"nested statement order":   {`{"S":[{"A":"1"},{"A":"2"}]}`, `{"S":[{"A":"2"},{"A":"1"}]}`, true},
		"another action":           {`{"Action":["x"]}`, `{"Action":"z"}`, false},
		"more actions than before": {`{"Action":["x"]}`, `{"Action":["x","y"]}`, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, okA := CanonicalPolicy(c.a)
			b, okB := CanonicalPolicy(c.b)
			assert.True(t, okA && okB)
			assert.Equal(t, c.equal, a == b, "%s and %s", a, b)
		})
	}
}

func TestCanonicalJSONKeepsOrderOfLists(t *testing.T) {
	t.Parallel()
	a, _ := CanonicalJSON(`{"l":[1,2], "k": "v"}`)
	b, _ := CanonicalJSON(`{"k":"v","l":[2,1]}`)
	assert.NotEqual(t, a, b)
	assert.True(t, JSONEqual(`{"a":[1]}`, `{ "a" : [ 1 ] }`))
	_, ok := CanonicalJSON("no json")
	assert.False(t, ok)
}

func TestTagChanges(t *testing.T) {
	t.Parallel()
	set, remove := TagChanges(map[string]string{"a": "1", "b": "2", "c": "3"}, map[string]string{"a": "1", "b": "9", "d": "4"})
	assert.Equal(t, map[string]string{"b": "9", "d": "4"}, set)
	assert.Equal(t, []string{"c"}, remove)
}

func TestOf(t *testing.T) {
	t.Parallel()
	text, none := "x", (*string)(nil)
	type named string
	cases := map[string]struct {
		value any
		want  resource.PropertyValue
	}{
		"pointer":      {&text, resource.NewStringProperty("x")},
		"nil pointer":  {none, resource.NewNullProperty()},
		"named string": {named("n"), resource.NewStringProperty("n")},
		"number":       {int64(7), resource.NewNumberProperty(7)},
		"list":         {[]named{"a"}, Of([]string{"a"})},
		"values":       {Values{"k": true}, Of(map[string]bool{"k": true})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.True(t, c.want.DeepEquals(Of(c.value)))
		})
	}
}

func TestMapReadsPlainValues(t *testing.T) {
	t.Parallel()
	m := Map{"secret": resource.MakeSecret(resource.NewStringProperty("s")),
		"unknown": resource.MakeComputed(resource.NewStringProperty("")), "n": resource.NewNumberProperty(3)}
	assert.Equal(t, "s", m.String("secret"))
	assert.Empty(t, m.String("unknown"))
	assert.True(t, m.Has("unknown"))
	assert.False(t, m.Known("unknown"))
	assert.Equal(t, int32(3), *m.Int32Ptr("n"))
	assert.Nil(t, m.StringPtr("absent"))
	assert.Nil(t, Map(nil).Object("absent"))
}
