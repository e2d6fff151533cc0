package appsync

import (
	"maps"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/authorizer"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/schema"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/usertoken"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsyncjs"
)

// document is a resource as the control plane's JSON has it.
type document map[string]any

func (d document) text(name string) string {
	text, _ := d[name].(string)
	return text
}

func (d document) object(name string) document {
	object, _ := d[name].(map[string]any)
	return object
}

// pick copies the named fields that are there and not null.
func (d document) pick(names ...string) document {
	result := document{}
	for _, name := range names {
		if value, ok := d[name]; ok && value != nil {
			result[name] = value
		}
	}
	return result
}

// fieldRef names a field of the schema.
type fieldRef struct{ typeName, fieldName string }

// api is a GraphQL API with everything in it. The service's mutex guards it; the
// values of its maps are replaced, never changed, so that executions may keep them.
type api struct {
	id        string
	document  document
	keys      map[string]document
	sources   map[string]document
	resolvers map[fieldRef]*resolver

	// schema is the live schema, nil before the first creation succeeded.
	schema *schema.Schema
	// status and details are those of the last creation that ended.
	status, details string
	creation        *creation
	// falseFailures is how many more status reads answer a false FAILED.
	falseFailures int
	// visible says from when on CreateResolver sees a field; fields that are not in
	// it always were.
	visible map[fieldRef]time.Time
	// conflictUntil is the end of the time after a creation in which other changes
	// are refused.
	conflictUntil time.Time
}

// resolver is a stored resolver.
type resolver struct {
	document document
	// program is the compiled code, nil for a direct Lambda resolver.
	program *appsyncjs.Program
	// detached marks an orphan: its field had left the schema since it was stored.
	detached bool
}

func newAPI(id string, content document) *api {
	return &api{
		id: id, document: content, status: "NOT_APPLICABLE",
		keys: map[string]document{}, sources: map[string]document{}, resolvers: map[fieldRef]*resolver{}, visible: map[fieldRef]time.Time{},
	}
}

// providers are the settings of the API's authorization modes, the primary one first.
func (d document) providers() []document {
	providers := []document{d}
	additional, _ := d["additionalAuthenticationProviders"].([]any)
	for _, provider := range additional {
		if fields, ok := provider.(map[string]any); ok {
			providers = append(providers, document(fields))
		}
	}
	return providers
}

// modes are the API's authorization modes, the primary one first.
func (a *api) modes() []string {
	var modes []string
	for _, provider := range a.document.providers() {
		modes = append(modes, provider.text("authenticationType"))
	}
	return modes
}

// defaultAction is what happens to the primary mode's users where the schema states nothing.
func (a *api) defaultAction() string {
	if action := a.document.object("userPoolConfig").text("defaultAction"); action != "" {
		return action
	}
	return "ALLOW"
}

// snapshot is what one execution sees of an API.
type snapshot struct {
	id        string
	schema    *schema.Schema
	sources   map[string]document
	resolvers map[fieldRef]*resolver
	keys      map[string]document
	modes     []string
	// issuers are whose tokens are taken, authorizer is the function that is asked, nil for
	// none.
	issuers    []usertoken.Issuer
	authorizer *authorizer.Settings
	// defaultAction is ALLOW or DENY.
	defaultAction string
}

func (a *api) snapshot(arn string) snapshot {
	return snapshot{id: a.id, schema: a.schema, sources: maps.Clone(a.sources), resolvers: maps.Clone(a.resolvers), keys: maps.Clone(a.keys),
		modes: a.modes(), issuers: a.issuers(), authorizer: a.authorizer(arn), defaultAction: a.defaultAction()}
}
