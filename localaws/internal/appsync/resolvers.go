package appsync

import (
	"slices"
	"unicode/utf8"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsyncjs"
)

var resolverSettings = []string{"dataSourceName", "kind", "code", "runtime", "cachingConfig", "syncConfig", "maxBatchSize", "metricsConfig"}

func (c *call) hasType(name string) bool {
	return c.api.schema != nil && c.api.schema.Definition(name) != nil
}

// field checks that the schema has a field; visible also that it has propagated.
func (s *Service) field(c *call, ref fieldRef, visible bool) error {
	if !c.hasType(ref.typeName) {
		return errType(ref.typeName)
	}
	if !c.api.schema.HasField(ref.typeName, ref.fieldName) {
		return errField(ref.typeName, ref.fieldName)
	}
	if visible && s.now().Before(c.api.visible[ref]) {
		s.options.Logger.Info("injected fault", "service", "appsync", "operation", "CreateResolver", "path", c.URL.Path, "fault", "field not propagated: "+ref.fieldName)
		return errField(ref.typeName, ref.fieldName)
	}
	return nil
}

func (s *Service) createResolver(c *call) (any, error) {
	ref := fieldRef{c.PathValue("typeName"), c.body.text("fieldName")}
	if err := s.field(c, ref, true); err != nil {
		return nil, err
	}
	if _, ok := c.api.resolvers[ref]; ok {
		return nil, errSecondResolver()
	}
	return s.storeResolver(c, ref)
}

// storeResolver checks the settings and stores the resolver attached to its field.
func (s *Service) storeResolver(c *call, ref fieldRef) (any, error) {
	if err := checkResolver(c.body); err != nil {
		return nil, err
	}
	source, ok := c.api.sources[c.body.text("dataSourceName")]
	if !ok {
		return nil, errDataSource(c.body.text("dataSourceName"))
	}
	program, err := compile(c.body.text("code"), source)
	if err != nil {
		return nil, err
	}
	content := document{"kind": "UNIT", "maxBatchSize": 0}
	for name, value := range c.body.pick(resolverSettings...) {
		content[name] = value
	}
	content["typeName"], content["fieldName"] = ref.typeName, ref.fieldName
	content["resolverArn"] = s.arn(c.api.id, "types", ref.typeName, "resolvers", ref.fieldName)
	c.api.resolvers[ref] = &resolver{document: content, program: program}
	return document{"resolver": content}, nil
}

func checkResolver(settings document) error {
	code, runtime := settings.text("code"), settings.object("runtime")
	switch {
	case settings.text("kind") == "PIPELINE":
		return badRequest("The local AWS does not implement resolvers of kind PIPELINE; use UNIT.")
	case settings.text("requestMappingTemplate") != "" || settings.text("responseMappingTemplate") != "":
		return badRequest("The local AWS does not implement mapping templates; use code with the runtime APPSYNC_JS.")
	case utf8.RuneCountInString(code) > appsyncjs.MaxCodeLength:
		return badRequest("The code has more than %d characters.", appsyncjs.MaxCodeLength)
	case code != "" && (runtime.text("name") != "APPSYNC_JS" || runtime.text("runtimeVersion") != "1.0.0"):
		return badRequest("Code needs the runtime APPSYNC_JS 1.0.0.")
	case code == "" && runtime != nil:
		return badRequest("A runtime needs code.")
	}
	return nil
}

func compile(code string, source document) (*appsyncjs.Program, error) {
	if code == "" {
		if source.text("type") != "AWS_LAMBDA" {
			return nil, badRequest("Code is required for data sources other than AWS_LAMBDA.")
		}
		return nil, nil
	}
	program, problems := appsyncjs.Compile(code)
	if len(problems) > 0 {
		return nil, errCode(problems)
	}
	return program, nil
}

// stored is the resolver that the path names. Of a type that the schema does not have
// AppSync knows no resolvers any more, although they are stored.
func (s *Service) stored(c *call) (fieldRef, *resolver, error) {
	ref := fieldRef{c.PathValue("typeName"), c.PathValue("fieldName")}
	if !c.hasType(ref.typeName) {
		return ref, nil, errType(ref.typeName)
	}
	stored, ok := c.api.resolvers[ref]
	if !ok {
		return ref, nil, errResolver()
	}
	return ref, stored, nil
}

func (s *Service) getResolver(c *call) (any, error) {
	_, stored, err := s.stored(c)
	if err != nil {
		return nil, err
	}
	return document{"resolver": stored.document}, nil
}

// updateResolver also attaches an orphan to its field again.
func (s *Service) updateResolver(c *call) (any, error) {
	ref, _, err := s.stored(c)
	if err != nil {
		return nil, err
	}
	if err := s.field(c, ref, false); err != nil {
		return nil, err
	}
	return s.storeResolver(c, ref)
}

func (s *Service) deleteResolver(c *call) (any, error) {
	ref, _, err := s.stored(c)
	if err != nil {
		return nil, err
	}
	delete(c.api.resolvers, ref)
	return nil, nil
}

func (s *Service) listResolvers(c *call) (any, error) {
	typeName := c.PathValue("typeName")
	if !c.hasType(typeName) {
		return nil, errType(typeName)
	}
	var names []string
	for ref := range c.api.resolvers {
		if ref.typeName == typeName {
			names = append(names, ref.fieldName)
		}
	}
	slices.Sort(names)
	return page(c, "resolvers", names, func(name string) document { return c.api.resolvers[fieldRef{typeName, name}].document })
}
