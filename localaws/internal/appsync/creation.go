package appsync

import (
	"encoding/base64"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/schema"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

// creation is a schema creation that has not ended yet.
type creation struct {
	ends     time.Time
	schema   *schema.Schema
	failure  string
	settings faults.SchemaSettings
}

// startCreation parses at once but lets the outcome show when the creation's time is
// over, as AppSync does: StartSchemaCreation itself never refuses a document.
func (s *Service) startCreation(c *call) (any, error) {
	definition, err := base64.StdEncoding.DecodeString(c.body.text("definition"))
	if err != nil {
		return nil, badRequest("definition is not base64: %s", err)
	}
	settings := s.options.Faults.Get()
	next := &creation{ends: s.now().Add(millis(settings.CreationMillis)), settings: settings}
	parsed, err := schema.Parse(string(definition))
	failure := settings.Fail(string(definition))
	switch {
	case failure != "":
		next.failure = failure
		s.options.Logger.Info("injected fault", "service", "appsync", "operation", "StartSchemaCreation", "path", c.URL.Path, "fault", "failure: "+failure)
	case err != nil:
		next.failure = err.Error()
	default:
		next.schema = parsed
	}
	c.api.creation = next
	c.api.falseFailures = settings.FalseFailures
	return document{"status": "PROCESSING"}, nil
}

func millis(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// settle lets a creation whose time is over take effect.
func (s *Service) settle(a *api) {
	ended := a.creation
	if ended == nil || s.now().Before(ended.ends) {
		return
	}
	a.creation = nil
	if ended.schema == nil {
		a.status, a.details = "FAILED", ended.failure
		return
	}
	a.status, a.details = "SUCCESS", ""
	a.conflictUntil = ended.ends.Add(millis(ended.settings.ConflictMillisAfter))
	a.propagate(ended)
	a.schema = ended.schema
	a.orphan()
}

// propagate notes from when on CreateResolver sees the fields that the schema adds. A
// field that was not visible yet starts to wait anew.
func (a *api) propagate(ended *creation) {
	from := ended.ends.Add(millis(ended.settings.PropagationMillis))
	visible := map[fieldRef]time.Time{}
	for _, ref := range fields(ended.schema) {
		known := a.schema != nil && a.schema.HasField(ref.typeName, ref.fieldName)
		if !known || a.visible[ref].After(ended.ends) {
			visible[ref] = from
		}
	}
	a.visible = visible
}

// fields are all fields that may have resolvers.
func fields(live *schema.Schema) []fieldRef {
	var refs []fieldRef
	for _, name := range live.TypeNames() {
		for _, field := range live.Definition(name).Fields {
			if live.HasField(name, field.Name) {
				refs = append(refs, fieldRef{name, field.Name})
			}
		}
	}
	return refs
}

// orphan detaches the resolvers whose field has gone.
func (a *api) orphan() {
	for ref, stored := range a.resolvers {
		if !stored.detached && !a.schema.HasField(ref.typeName, ref.fieldName) {
			detached := *stored
			detached.detached = true
			a.resolvers[ref] = &detached
		}
	}
}

func (s *Service) creationStatus(c *call) (any, error) {
	if c.api.status != "NOT_APPLICABLE" || c.api.creation != nil {
		if c.api.falseFailures > 0 {
			c.api.falseFailures--
			s.options.Logger.Info("injected fault", "service", "appsync", "operation", "GetSchemaCreationStatus", "path", c.URL.Path, "fault", "false failure")
			return document{"status": "FAILED", "details": "The schema is being processed"}, nil
		}
	}
	if c.api.creation != nil {
		return document{"status": "PROCESSING"}, nil
	}
	answer := document{"status": c.api.status}
	if c.api.details != "" {
		answer["details"] = c.api.details
	}
	return answer, nil
}

// introspection is GetIntrospectionSchema; its body is the schema itself.
func (s *Service) introspection(c *call) (any, error) {
	if c.api.schema == nil {
		return nil, notFound("No schema found for GraphQL API %s.", c.api.id)
	}
	switch format := c.URL.Query().Get("format"); format {
	case "SDL":
		return []byte(c.api.schema.SDL(c.URL.Query().Get("includeDirectives") != "false")), nil
	case "JSON":
		return execution.Introspect(c.api.schema.Types)
	default:
		return nil, badRequest("Invalid format %q: give SDL or JSON.", format)
	}
}
