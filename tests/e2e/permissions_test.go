package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/permissions"
)

// permitted requires that the roles and policies of deployed projects are those of the
// table of permissions, and that the table has nothing for them that they lack.
func (w *world) permitted(projects ...string) {
	w.t.Helper()
	checker, err := permissions.New()
	require.NoError(w.t, err)
	for _, project := range projects {
		state, _, err := w.stack(project).State(w.t.Context())
		require.NoError(w.t, err)
		var resources []permissions.Resource
		for _, r := range state {
			resources = append(resources, permissions.Resource{Type: r.Type, Name: r.URN[strings.LastIndex(r.URN, "::")+2:], Inputs: r.Inputs})
		}
		roles := slices.ContainsFunc(resources, func(r permissions.Resource) bool { return r.Type == "aws:iam/role:Role" })
		require.True(w.t, roles, "%s has roles", project)
		assert.Empty(w.t, checker.Check(resources), project)
	}
}

// TestRolesAreEnforced takes single actions out of roles and sees who notices, so that what
// the other tests show of permissions is worth something: all of them run with roles that
// may do what their policies say and nothing else.
func TestRolesAreEnforced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.up(platform, catalog)
	client := w.client(platform)
	w.ask(client, addLamp)
	const prefix = "online-shop-catalog-alpha-catalog-"
	category := func(id string) string {
		return `mutation { addCategory(categoryId: "` + id + `", name: "x") { status } }`
	}
	refused := func(t *testing.T, query, text string) {
		answer, err := client.Do(t.Context(), query, nil)
		require.NoError(t, err)
		require.NotEmpty(t, answer.Errors, "%s", answer.Data)
		assert.Contains(t, answer.Errors[0].Message, text)
	}

	w.step("a function is denied what its role lost", func(t *testing.T) {
		back := w.revoke(prefix+"commands", "dynamodb:PutItem")
		refused(t, category("denied"), "the function's log has the reason")
		assert.Contains(t, w.logs(prefix+"commands"), "not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/"+prefix+"dcb-events")
		back()
		w.ask(client, category("allowed"))
	})
	w.step("an index is denied without the table", func(t *testing.T) {
		back := w.revoke(prefix+"api", "dynamodb:Query")
		refused(t, `{ productsByCategory(categoryId: "lighting") { items { id } } }`, "/index/by-categoryId")
		back()
		w.eventually(client, `{ productsByCategory(categoryId: "lighting") { items { id } } }`, present("productsByCategory"))
	})
	w.step("a mapping stops reading, and goes on where it stopped", func(t *testing.T) {
		back := w.revoke(prefix+"projections", "dynamodb:GetRecords")
		w.ask(client, category("later"))
		assert.Never(t, func() bool {
			return w.ask(client, `{ category(id: "later") { name } }`)["category"] != nil
		}, 2*time.Second, 200*time.Millisecond)
		back()
		w.eventually(client, `{ category(id: "later") { name } }`, present("category"))
	})
	w.step("a role can be taken on for its own API only", func(t *testing.T) {
		role := prefix + "api"
		roles := iam.NewFromConfig(w.aws())
		found, err := roles.GetRole(t.Context(), &iam.GetRoleInput{RoleName: &role})
		require.NoError(t, err)
		trust := unescape(t, found.Role.AssumeRolePolicyDocument)
		_, err = roles.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: aws.String(strings.Replace(trust, "apis/", "apis/other-", 1))})
		require.NoError(t, err)
		refused(t, `{ product(id: "lamp") { name } }`, "Unable to assume role")
		_, err = roles.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &trust})
		require.NoError(t, err)
		w.eventually(client, `{ product(id: "lamp") { name } }`, present("product"))
	})
}

// revoke takes an action out of a role's policy; the function that it returns puts the
// policy back.
func (w *world) revoke(role, action string) func() {
	w.t.Helper()
	ctx, roles := w.t.Context(), iam.NewFromConfig(w.aws())
	names, err := roles.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	require.NoError(w.t, err)
	require.Len(w.t, names.PolicyNames, 1)
	found, err := roles.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &names.PolicyNames[0]})
	require.NoError(w.t, err)
	before := unescape(w.t, found.PolicyDocument)
	var document struct {
		Version   string
		Statement []map[string]any
	}
	require.NoError(w.t, json.Unmarshal([]byte(before), &document))
	for _, statement := range document.Statement {
		statement["Action"] = slices.DeleteFunc(statement["Action"].([]any), func(given any) bool { return given == action })
	}
	document.Statement = slices.DeleteFunc(document.Statement, func(statement map[string]any) bool { return len(statement["Action"].([]any)) == 0 })
	after, err := json.Marshal(document)
	require.NoError(w.t, err)
	require.NotContains(w.t, string(after), `"`+action+`"`)
	require.Contains(w.t, before, `"`+action+`"`)
	put := func(text string) {
		_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: &names.PolicyNames[0], PolicyDocument: &text})
		require.NoError(w.t, err)
	}
	put(string(after))
	return func() { put(before) }
}

// unescape decodes a policy as IAM gives it.
func unescape(t *testing.T, document *string) string {
	t.Helper()
	text, err := url.QueryUnescape(aws.ToString(document))
	require.NoError(t, err)
	return text
}

// logs is the end of a function's output.
func (w *world) logs(function string) string {
	w.t.Helper()
	response, err := http.Get(w.url + "/_localaws/logs?function=" + function)
	require.NoError(w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return string(text)
}
