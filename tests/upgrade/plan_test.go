package upgrade

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

const (
	parent = "urn:pulumi:alpha::shop::reventless:index:Plugin$"
	table  = parent + "aws:dynamodb/table:Table::catalog-Product-events"
	layer  = parent + "aws:lambda/layerVersion:LayerVersion::catalog-definition"
	role   = parent + "aws:iam/role:Role::catalog-old"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step pulumicli.Step
		want []string
	}{
		"the same":                  {pulumicli.Step{Op: "same", URN: table}, nil},
		"an update":                 {pulumicli.Step{Op: "update", URN: table, DiffReasons: []string{"tags"}}, nil},
		"something new":             {pulumicli.Step{Op: "create", URN: table}, nil},
		"a new version of a layer":  {pulumicli.Step{Op: "replace", URN: layer, ReplaceReasons: []string{"code"}}, nil},
		"a retired role":            {pulumicli.Step{Op: "delete", URN: role}, nil},
		"a table with another key":  {pulumicli.Step{Op: "replace", URN: table, ReplaceReasons: []string{"rangeKey"}}, []string{"aws:dynamodb/table:Table catalog-Product-events would be replaced, because these inputs differ: rangeKey"}},
		"a table without its alias": {pulumicli.Step{Op: "delete", URN: table}, []string{"aws:dynamodb/table:Table catalog-Product-events would be deleted: keep it, or give what takes its place an alias"}},
		"a layer that goes":         {pulumicli.Step{Op: "delete", URN: layer}, []string{"aws:lambda/layerVersion:LayerVersion catalog-definition would be deleted: keep it, or give what takes its place an alias"}},
		"what nobody thought of":    {pulumicli.Step{Op: "import", URN: table}, []string{`aws:dynamodb/table:Table catalog-Product-events: nobody has said yet whether an upgrade may "import"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, Violations([]pulumicli.Step{test.step}, Retired{role: "nobody has it"}))
		})
	}
}

func TestReplaced(t *testing.T) {
	t.Parallel()
	of := func(urn, id, created string) pulumicli.Resource {
		kind, _ := parts(urn)
		return pulumicli.Resource{URN: urn, Type: kind, ID: id, Created: created}
	}
	renamed := of(parent+"aws:dynamodb/table:Table::catalog-log", "events", "monday")
	before := []pulumicli.Resource{of(table, "events", "monday"), of(layer, "layer:1", "monday"), of(role, "old", "monday")}
	for name, test := range map[string]struct {
		after []pulumicli.Resource
		want  []string
	}{
		"all is there":                  {before, nil},
		"the table has an alias":        {[]pulumicli.Resource{renamed}, nil},
		"the table is made anew":        {[]pulumicli.Resource{of(table, "events", "tuesday")}, []string{"aws:dynamodb/table:Table catalog-Product-events (events) was replaced or deleted"}},
		"the table has another name":    {[]pulumicli.Resource{of(table, "other", "monday")}, []string{"aws:dynamodb/table:Table catalog-Product-events (events) was replaced or deleted"}},
		"nothing but the table is gone": {before[1:], []string{"aws:dynamodb/table:Table catalog-Product-events (events) was replaced or deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, Replaced(before, test.after, Retired{role: "nobody has it"}))
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	then := map[string][]json.RawMessage{"events": {[]byte(`{"seq":1}`), []byte(`{"seq":2}`)}, "rows": {[]byte(`{"id":"a"}`)}}
	now := map[string][]json.RawMessage{"events": {[]byte(`{"seq":2}`)}}
	assert.Equal(t, []string{`events: {"seq":1}`}, Missing(then, now, func(table string) bool { return table == "events" }))
}
