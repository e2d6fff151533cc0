package appsync

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// subscriptionCode is a resolver of a subscription whose response handler runs body.
func subscriptionCode(body string) string {
	return "import { util, extensions } from '@aws-appsync/utils';\nexport function request(ctx) { return { payload: null }; }\nexport function response(ctx) {\n" + body + "\nreturn null;\n}"
}

func TestResolversFilter(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	require.NoError(t, b.resolver(api, "Subscription.filtered", "none", subscriptionCode(`extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({
  severity: { ge: 3 }, or: [{ group: { eq: ctx.args.group } }, { "owner.name": { in: ["ann", "bob"] } }] }));`)))
	s := b.open(api, key)
	s.start("1", key, `subscription { filtered(group: "ops") { id note } }`, nil)
	const fields = " { id note severity group owner { name } }"
	tests := map[string]struct {
		mutation string
		want     bool
	}{
		"the group": {`open(id: 1, severity: 3, group: "ops")`, true},
		"the owner, although the argument is not": {`open(id: 1, severity: 4, group: "x", owner: {name: "bob"})`, true},
		"too small": {`open(id: 1, severity: 2, group: "ops")`, false},
		"neither":   {`open(id: 1, severity: 9, group: "x", owner: {name: "eve"})`, false},
	}
	for name, test := range tests {
		b.mutate(api, key, test.mutation+fields)
		if test.want {
			assert.Contains(t, s.next(), `"type":"data"`, name)
		}
		s.silent()
	}
}

func TestInvalidation(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	require.NoError(t, b.resolver(api, "Subscription.filtered", "none", subscriptionCode(`extensions.setSubscriptionInvalidationFilter(util.transform.toSubscriptionFilter({ group: { eq: ctx.args.group } }));`)))
	require.NoError(t, b.resolver(api, "Mutation.end", "none", subscriptionCode(`extensions.invalidateSubscriptions({ subscriptionField: "filtered", payload: { group: ctx.args.group } });`)))
	s := b.open(api, key)
	s.start("ops", key, `subscription { filtered(group: "ops") { id note } }`, nil)
	s.start("dev", key, `subscription { filtered(group: "dev") { id note } }`, nil)
	b.mutate(api, key, `end(group: "ops")`)
	s.wants(`{"type":"complete","id":"ops"}`)
	b.mutate(api, key, `open(id: 1, group: "dev") { id note group }`)
	assert.Contains(t, s.next(), `"id":"dev"`)
	b.mutate(api, key, `open(id: 1, group: "ops") { id note group }`)
	s.silent()
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ field, code, want string }{
		"too many values":     {"Subscription.filtered", subscriptionCode("extensions.setSubscriptionFilter({ filterGroup: [{ filters: [{ fieldName: 'id', operator: 'in', value: [1, 2, 3, 4, 5, 6] }] }] });"), "{\"message\":\"subscription exceeds maximum value limit 5 for operator `in`.\",\"errorCode\":400}"},
		"an unknown operator": {"Subscription.filtered", subscriptionCode("extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ id: { like: 1 } }));"), `{"message":"the operator \"like\" is unknown; subscription filters have beginsWith, between, contains, containsAny, eq, ge, gt, in, le, lt, ne, notContains, notIn","errorCode":400}`},
		"in the request handler": {"Subscription.filtered", `import { extensions } from '@aws-appsync/utils';
export function request(ctx) { extensions.setSubscriptionFilter({ filterGroup: [] }); return {}; }
export function response(ctx) { return null; }`, `{"errorType":"Code","message":"extensions.setSubscriptionFilter can be used only in the response handler of a resolver of type Subscription."}`},
		"unauthorized": {"Subscription.filtered", subscriptionCode("util.unauthorized();"), `{"errorType":"Unauthorized","message":"Not Authorized to access filtered on type Subscription"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, api, key := tickets(t)
			require.NoError(t, b.resolver(api, test.field, "none", test.code))
			s := b.open(api, key)
			s.send(startMessage(t, "1", `subscription { filtered(group: "x") { id } }`, nil, keyed(key)))
			s.wants(`{"id":"1","type":"error","payload":{"errors":[` + test.want + `]}}`)
		})
	}
	b, api, key := tickets(t)
	require.NoError(t, b.resolver(api, "Mutation.end", "none", subscriptionCode("extensions.setSubscriptionFilter({ filterGroup: [] });")))
	_, body := b.ask(api, key, `mutation { end(group: "x") }`, nil)
	assert.Contains(t, body, "extensions.setSubscriptionFilter can be used only in the response handler of a resolver of type Subscription.")
}
