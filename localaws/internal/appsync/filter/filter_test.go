package filter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

const ticket = `{"id":"7","severity":5,"score":0.5,"open":true,"title":"Lamp broken","tags":["a","b"],"counts":[1,2],"group":{"name":"admin"},"none":null}`

func TestOperators(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ yes, no []string }{
		"eq":          {[]string{`id:"7"`, `severity:5`, `severity:5.0`, `open:true`, `group.name:"admin"`, `none:null`, `missing:null`}, []string{`id:7`, `severity:"5"`, `open:false`, `open:"true"`, `group:"admin"`, `group.name.x:"a"`, `title:null`}},
		"ne":          {[]string{`id:"8"`, `open:false`, `missing:"x"`}, []string{`id:"7"`, `open:true`}},
		"lt":          {[]string{`severity:6`, `score:1`, `title:"M"`}, []string{`severity:5`, `severity:"6"`, `missing:9`, `tags:"z"`}},
		"le":          {[]string{`severity:5`, `title:"Lamp broken"`}, []string{`severity:4`}},
		"gt":          {[]string{`severity:4.9`, `title:"Lamp"`}, []string{`severity:5`, `missing:0`, `open:false`}},
		"ge":          {[]string{`severity:5`}, []string{`severity:6`}},
		"contains":    {[]string{`title:"broken"`, `tags:"b"`, `counts:2`}, []string{`title:"Broken"`, `tags:"c"`, `counts:"2"`, `missing:"a"`, `severity:5`}},
		"notContains": {[]string{`title:"x"`, `tags:"c"`, `missing:"a"`}, []string{`title:"Lamp"`, `tags:"a"`}},
		"beginsWith":  {[]string{`title:"Lamp"`, `id:"7"`}, []string{`title:"amp"`, `severity:5`, `missing:""`}},
		"in":          {[]string{`severity:[1,5]`, `id:["7"]`, `open:[true]`}, []string{`severity:[]`, `severity:["5"]`, `missing:["x"]`}},
		"notIn":       {[]string{`severity:[1]`, `severity:[]`, `missing:["x"]`}, []string{`severity:[5,6]`}},
		"between":     {[]string{`severity:[5,5]`, `severity:[1,9]`, `title:["L","M"]`}, []string{`severity:[6,9]`, `severity:["1","9"]`, `missing:[0,1]`}},
		"containsAny": {[]string{`tags:["x","b"]`, `counts:[2]`, `title:["x","Lamp"]`}, []string{`tags:["x"]`, `tags:[]`, `missing:["a"]`}},
	}
	assert.Len(t, tests, len(operators))
	value := decode(t, ticket)
	for name, test := range tests {
		for i, rule := range append(append([]string{}, test.yes...), test.no...) {
			field, operand, _ := strings.Cut(rule, ":")
			group, err := Parse(decode(t, fmt.Sprintf(`{"filterGroup":[{"filters":[{"fieldName":%q,"operator":%q,"value":%s}]}]}`, field, name, operand)))
			require.NoError(t, err, "%s %s", name, rule)
			assert.Equal(t, i < len(test.yes), group.Match(value), "%s %s", name, rule)
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	const yes, no = `{"fieldName":"id","operator":"eq","value":"7"}`, `{"fieldName":"id","operator":"eq","value":"8"}`
	tests := map[string]struct {
		group string
		want  bool
	}{
		"all rules of an entry":   {`[{"filters":[` + yes + `,` + no + `]}]`, false},
		"one entry of a group":    {`[{"filters":[` + no + `]},{"filters":[` + yes + `,` + yes + `]}]`, true},
		"no entry":                {`[{"filters":[` + no + `]},{"filters":[` + no + `]}]`, false},
		"nothing is filtered":     {`[]`, true},
		"an entry without a rule": {`[{"filters":[]}]`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group, err := Parse(`{"filterGroup":` + test.group + `}`)
			require.NoError(t, err)
			assert.Equal(t, test.want, group.Match(decode(t, ticket)))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	rule := func(field, operator, value string) string {
		return `{"filters":[{"fieldName":"` + field + `","operator":"` + operator + `","value":` + value + `}]}`
	}
	many := func(n int, one func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = one(i)
		}
		return strings.Join(parts, ",")
	}
	number := func(i int) string { return fmt.Sprint(i) }
	tests := map[string]struct{ group, want string }{
		"no filter":          {`7`, "the filter is not an object with a filterGroup"},
		"unknown operator":   {rule("a", "like", `"x"`), `the operator "like" is unknown; subscription filters have beginsWith, between, contains, containsAny, eq, ge, gt, in, le, lt, ne, notContains, notIn`},
		"no field":           {rule("", "eq", `1`), `the field "" is no path of at most 5 names and 256 characters`},
		"deep path":          {rule("a.b.c.d.e.f", "eq", `1`), "is no path of at most 5 names"},
		"long path":          {rule(strings.Repeat("a", 257), "eq", `1`), "is no path of at most 5 names"},
		"no list":            {rule("a", "in", `1`), `the operator "in" of field a takes a list`},
		"a list":             {rule("a", "eq", `[1]`), `the operator "eq" of field a takes texts, numbers and booleans`},
		"objects in a list":  {rule("a", "in", `[{}]`), `the operator "in" of field a takes texts, numbers and booleans`},
		"one bound":          {rule("a", "between", `[1]`), "takes a list of two values"},
		"too many values":    {rule("a", "in", "["+many(6, number)+"]"), "subscription exceeds maximum value limit 5 for operator `in`."},
		"too many of any":    {rule("a", "containsAny", "["+many(21, number)+"]"), "subscription exceeds maximum value limit 20 for operator `containsAny`."},
		"too many entries":   {many(11, func(int) string { return rule("a", "eq", "1") }), "Filters combination exceed maximum limit 10 for subscription."},
		"too many fields":    {many(6, func(i int) string { return rule(fmt.Sprint("f", i), "eq", "1") }), "Filters exceed maximum attributes limit 5 for subscription."},
		"as much as allowed": {many(10, func(i int) string { return rule(fmt.Sprint("f", i%5), "notIn", "["+many(5, number)+"]") }), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(`{"filterGroup":[` + test.group + `]}`)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}
