package graph_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/graph"
)

// utilities stand for @aws-appsync/utils as far as the code of rows needs it.
const utilities = `
const util = { dynamodb: { toMapValues: (map) => map } };
const runtime = { earlyReturn(value) { throw { early: value }; } };
`

var (
	imports = regexp.MustCompile(`(?m)^import .*$`)
	exports = regexp.MustCompile(`(?m)^export `)
)

// run evaluates a handler of a resolver's code on a context, and gives its value as JSON; an
// early return is {"early": value}.
func run(t *testing.T, code, handler, context string) string {
	t.Helper()
	script := utilities + exports.ReplaceAllString(imports.ReplaceAllString(code, ""), "") + `
JSON.stringify((() => { try { return ` + handler + `(` + context + `); } catch (thrown) { if (!thrown.early) throw thrown; return thrown; } })() ?? null);`
	lowered := api.Transform(script, api.TransformOptions{Loader: api.LoaderJS, Target: api.ES2017})
	require.Empty(t, lowered.Errors)
	value, err := goja.New().RunString(string(lowered.Code))
	require.NoError(t, err)
	return value.String()
}

// callers are identities as AppSync gives them to resolvers.
var callers = map[string]string{
	"key":           `null`,
	"signed":        `{"accountId": "1", "userArn": "arn:aws:iam::1:user/job", "username": "AIDA", "cognitoIdentityId": null}`,
	"identity pool": `{"accountId": "1", "userArn": "arn:aws:sts::1:assumed-role/web/x", "username": "AROA", "cognitoIdentityId": "eu-west-1:1"}`,
	"mia":           `{"sub": "mia", "username": "m", "groups": null, "claims": {"sub": "mia", "custom:shop": "s1"}}`,
	"bob":           `{"sub": "bob", "username": "b", "groups": ["Shopper"], "claims": {"sub": "bob"}}`,
	"fulfilment":    `{"sub": "fay", "username": "f", "groups": ["Shopper", "Fulfilment"], "claims": {"sub": "fay"}}`,
	"no subject":    `{"resolverContext": {"a": "b"}}`,
}

func owner(claim string) *declaration.Owner {
	return &declaration.Owner{Field: "customerId", Claim: &claim, ElevatedGroups: []string{"Admin", "Fulfilment"}}
}

func TestOwnedGet(t *testing.T) {
	t.Parallel()
	const row = `{"id":"o1","customerId":"mia"}`
	tests := map[string]struct{ caller, claim, row, want string }{
		"the owner":                     {"mia", "sub", row, row},
		"the owner's deleted row":       {"mia", "sub", `{"id":"o1","customerId":"mia","_deleted":true}`, "null"},
		"no row":                        {"mia", "sub", "null", "null"},
		"somebody else":                 {"bob", "sub", row, "null"},
		"an elevated group":             {"fulfilment", "sub", row, row},
		"signed":                        {"signed", "sub", row, row},
		"signed, for an identity pool":  {"identity pool", "sub", row, "null"},
		"a key":                         {"key", "sub", row, "null"},
		"no claim, and a row of nobody": {"no subject", "sub", `{"id":"o1"}`, "null"},
		"the name":                      {"mia", "username", `{"customerId":"m"}`, `{"customerId":"m"}`},
		"not the name":                  {"mia", "username", row, "null"},
		"another claim":                 {"mia", "custom:shop", `{"customerId":"s1"}`, `{"customerId":"s1"}`},
		"without that claim":            {"bob", "custom:shop", `{"customerId":"s1"}`, "null"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, graph.GetCode("id", owner(test.claim)), "response", `{"identity": `+callers[test.caller]+`, "result": `+test.row+`}`)
			assert.JSONEq(t, test.want, got)
		})
	}
}

// read is what a request asks of the table.
type read struct {
	Operation, Index string
	Early            *struct{ Items []any }
	Query, Filter    struct {
		Expression       string
		ExpressionValues map[string]string
	}
}

func TestOwnedPages(t *testing.T) {
	t.Parallel()
	sort := "placedAt"
	self := &declaration.Owner{Field: "id"}
	owned := "customerId"
	codes := map[string]string{
		"list": graph.ListCode(owner("sub")), "by owner": graph.IndexCode("customerId", &sort, owner("sub")),
		"by status": graph.IndexCode("status", nil, owner("sub")), "by key": graph.ListCode(self),
		"by status, sorted": graph.IndexCode("status", &sort, owner("sub")), "by status, sorted by owner": graph.IndexCode("status", &owned, owner("sub")),
		"by status, of the key": graph.IndexCode("status", &sort, self),
	}
	const all, mine = "attribute_not_exists(#deleted)", "attribute_not_exists(#deleted) AND #key = :key"
	tests := map[string]struct{ code, caller, arguments, operation, index, key, filter string }{
		"list, the owner":              {"list", "mia", "{}", "Query", "by-customerId", "mia", all},
		"list, elevated":               {"list", "fulfilment", "{}", "Scan", "", "", all},
		"list, signed":                 {"list", "signed", "{}", "Scan", "", "", all},
		"list, an identity pool":       {"list", "identity pool", "{}", "", "", "", ""},
		"list, a key":                  {"list", "key", "{}", "", "", "", ""},
		"list, no claim":               {"list", "no subject", "{}", "", "", "", ""},
		"by owner, the owner":          {"by owner", "mia", `{"customerId":"mia"}`, "Query", "by-customerId-placedAt", "mia", all},
		"by owner, somebody else":      {"by owner", "bob", `{"customerId":"mia"}`, "", "", "", ""},
		"by owner, elevated":           {"by owner", "fulfilment", `{"customerId":"mia"}`, "Query", "by-customerId-placedAt", "mia", all},
		"by owner, a key":              {"by owner", "key", `{"customerId":"mia"}`, "", "", "", ""},
		"by another field":             {"by status", "bob", `{"status":"PLACED"}`, "Query", "by-customerId", "bob", mine},
		"by another field, sorted":     {"by status, sorted", "bob", `{"status":"PLACED"}`, "Query", "by-customerId-placedAt", "bob", mine},
		"sorted by the owner":          {"by status, sorted by owner", "bob", `{"status":"PLACED"}`, "Query", "by-customerId", "bob", mine},
		"the owner is the key":         {"by status, of the key", "bob", `{"status":"PLACED"}`, "Query", "", "bob", mine},
		"by another field, elevated":   {"by status", "fulfilment", `{"status":"PLACED"}`, "Query", "by-status", "PLACED", all},
		"by another field, a key":      {"by status", "key", `{"status":"PLACED"}`, "", "", "", ""},
		"rows whose key is the owner":  {"by key", "mia", "{}", "Query", "", "mia", all},
		"no group of theirs is raised": {"by key", "fulfilment", "{}", "Query", "", "fay", all},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got read
			text := run(t, codes[test.code], "request", `{"identity": `+callers[test.caller]+`, "arguments": `+test.arguments+`}`)
			require.NoError(t, json.Unmarshal([]byte(text), &got))
			if test.operation == "" {
				require.NotNil(t, got.Early, text)
				assert.Equal(t, []any{}, got.Early.Items)
				return
			}
			assert.Equal(t, test.operation, got.Operation)
			assert.Equal(t, test.index, got.Index)
			assert.Equal(t, test.key, got.Query.ExpressionValues[":key"]+got.Query.ExpressionValues[":owner"])
			assert.Equal(t, test.filter, got.Filter.Expression)
			if test.filter == mine {
				assert.Equal(t, map[string]string{":key": "PLACED"}, got.Filter.ExpressionValues, "nothing of others is read, so that pages do not tell how much there is")
			}
		})
	}
}
