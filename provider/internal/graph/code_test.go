package graph_test

import (
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
)

// maxCode is AppSync's limit of the code of a resolver in characters.
const maxCode = 32768

func TestCode(t *testing.T) {
	t.Parallel()
	sort, owner := "name", &declaration.Owner{Field: "customerId", ElevatedGroups: []string{"Admin"}}
	tests := map[string]struct {
		code string
		want []string
	}{
		"command":      {graph.InvokeCode(), []string{"operation: 'Invoke'", "field: ctx.info.fieldName", "arguments: ctx.arguments", "identity: ctx.identity"}},
		"get":          {graph.GetCode("productId", nil), []string{"operation: 'GetItem'", "{ id: ctx.arguments.productId }", "_deleted"}},
		"list":         {graph.ListCode(nil), []string{"operation: 'Scan'", "ctx.arguments.limit ?? 100", "limit > 1000 ? 1000 : limit", "'#deleted': '_deleted'"}},
		"index":        {graph.IndexCode("categoryId", nil, nil), []string{"operation: 'Query'", `index: "by-categoryId"`, `'#key': "categoryId"`, "':key': ctx.arguments.categoryId"}},
		"sorted index": {graph.IndexCode("categoryId", &sort, nil), []string{`index: "by-categoryId-name"`}},
		"owned row":    {graph.GetCode("orderId", owner), []string{`ctx.result["customerId"] === who.id`, `["Admin"].includes(group)`}},
		"owned list":   {graph.ListCode(owner), []string{"operation: 'Scan'", `index: "by-customerId"`}},
		"owned index":  {graph.IndexCode("status", nil, owner), []string{`'#owner': "customerId"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, want := range test.want {
				assert.Contains(t, test.code, want)
			}
			assert.Less(t, len(test.code), maxCode)
			parsed := api.Transform(test.code, api.TransformOptions{Loader: api.LoaderJS, Target: api.ES2020})
			assert.Empty(t, parsed.Errors)
			// AppSync's JavaScript has none of these, or not everywhere.
			assert.NotRegexp(t, `\b(while|try|catch|throw|continue|class|async)\b|\+\+|--|=>`, test.code)
		})
	}
}
