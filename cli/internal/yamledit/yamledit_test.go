package yamledit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/yamledit"
)

var item = yamledit.Item{Block: []string{"name: b", "path: y"}, Flow: "{name: b, path: y}"}

func TestAppend(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":          {"", "list:\n  - name: b\n    path: y\n"},
		"comment alone":  {"# What there is.\n", "# What there is.\nlist:\n  - name: b\n    path: y\n"},
		"no key":         {"other: 1 # why\n", "other: 1 # why\n\nlist:\n  - name: b\n    path: y\n"},
		"no end of line": {"other: 1", "other: 1\n\nlist:\n  - name: b\n    path: y\n"},
		"no value":       {"list: # of things\nother: 1\n", "list: # of things\n  - name: b\n    path: y\nother: 1\n"},
		"no elements":    {"list: []  # none yet\n\nother:  1\n", "list:  # none yet\n  - name: b\n    path: y\n\nother:  1\n"},
		"one": {
			"list:\n- name:   a # first\n  deps: [ x,y ]\n# the end\n",
			"list:\n- name:   a # first\n  deps: [ x,y ]\n\n- name: b\n  path: y\n# the end\n",
		},
		"close together": {
			"list:\n    - name: a\n    - name: c\nother: 1\n",
			"list:\n    - name: a\n    - name: c\n    - name: b\n      path: y\nother: 1\n",
		},
		"apart": {
			"list:\n  - name: a\n\n  # the second\n  - name: c\n",
			"list:\n  - name: a\n\n  # the second\n  - name: c\n\n  - name: b\n    path: y\n",
		},
		"in one line":   {"list: [{name: a}, {name: c}] # x]\n", "list: [{name: a}, {name: c}] # x]\n"},
		"flow":          {"list: [{name: a}, {name: c} ]\nother: [1]\n", "list: [{name: a}, {name: c}, {name: b, path: y} ]\nother: [1]\n"},
		"flow, comma":   {"list: [\n  {name: a},\n]\n", "list: [\n  {name: a}, {name: b, path: y}\n]\n"},
		"Windows":       {"list:\r\n  - name: a\r\n  - name: c\r\n", "list:\r\n  - name: a\r\n  - name: c\r\n  - name: b\r\n    path: y\r\n"},
		"null":          {"list: null\n", ""},
		"root in flow":  {"{list: []}\n", ""},
		"no list":       {"list: text\n", ""},
		"no YAML":       {"list: [", ""},
		"two documents": {"list: []\n---\nlist: []\n", "list:\n  - name: b\n    path: y\n---\nlist: []\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := yamledit.Append([]byte(test.text), "list", item)
			if test.want == "" || test.want == test.text {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
		})
	}
}

func TestPutFirst(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":  {"", "key:\n  path: x\n"},
		"others": {"# What there is.\nlist:   []\n", "# What there is.\nkey:\n  path: x\n\nlist:   []\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := yamledit.PutFirst([]byte(test.text), "key", []string{"path: x"})
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
		})
	}
}
