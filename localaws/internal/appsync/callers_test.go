package appsync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// items makes each field of Query answer an item with an id and a margin.
func (b *bed) items(api string, fields []string) {
	b.t.Helper()
	b.none(api, "none")
	for _, field := range fields {
		require.NoError(b.t, b.resolver(api, "Query."+field, "none", "export function request() { return { payload: { id: 1, margin: 2 } }; }\nexport function response(ctx) { return ctx.result; }"))
	}
}

// sees asserts which of the fields of [bed.items] a caller may use, and whether it may see an
// item's margin. Without headers each request is signed.
func (b *bed) sees(t *testing.T, api string, headers map[string]string, fields, sees []string, margin bool) {
	t.Helper()
	ask := func(query string) string {
		sent := headers
		if sent == nil {
			sent = b.signed(api, query)
		}
		_, body := b.send(api, []byte(query), sent)
		return body
	}
	for _, field := range fields {
		body := ask(fmt.Sprintf(`{"query":"{ %s { id } }"}`, field))
		if slices.Contains(sees, field) {
			assert.JSONEq(t, `{"data":{"`+field+`":{"id":1}}}`, body)
		} else {
			assert.Contains(t, body, `"errorType":"Unauthorized"`)
			assert.Contains(t, body, "Not Authorized to access "+field+" on type Query")
		}
	}
	body := ask(`{"query":"{ open { margin } }"}`)
	assert.Equal(t, !margin, strings.Contains(body, "Not Authorized to access margin on type Item"), body)
}
