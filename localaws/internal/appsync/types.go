package appsync

import (
	"maps"
	"strings"
)

func (s *Service) typeDocument(c *call, name string) document {
	return document{"name": name, "arn": s.arn(c.api.id, "types", name), "definition": c.api.schema.TypeSDL(name), "format": "SDL"}
}

func checkFormat(c *call) error {
	if format := c.URL.Query().Get("format"); format != "SDL" {
		return badRequest("The local AWS answers types in the format SDL only, not %q.", format)
	}
	return nil
}

func (s *Service) getType(c *call) (any, error) {
	if err := checkFormat(c); err != nil {
		return nil, err
	}
	name := c.PathValue("typeName")
	if !c.hasType(name) {
		return nil, errType(name)
	}
	return document{"type": s.typeDocument(c, name)}, nil
}

func (s *Service) listTypes(c *call) (any, error) {
	if err := checkFormat(c); err != nil {
		return nil, err
	}
	var names []string
	if c.api.schema != nil {
		names = c.api.schema.TypeNames()
	}
	return page(c, "types", names, func(name string) document { return s.typeDocument(c, name) })
}

// tagged is the API whose ARN the path has.
func (s *Service) tagged(c *call) (*api, error) {
	arn := c.PathValue("arn")
	_, id, _ := strings.Cut(arn, ":apis/")
	if a, ok := s.apis[id]; ok && s.arn(id) == arn {
		return a, nil
	}
	return nil, notFound("Resource %s not found.", arn)
}

func (s *Service) listTags(c *call) (any, error) {
	a, err := s.tagged(c)
	if err != nil {
		return nil, err
	}
	return document{"tags": a.document["tags"]}, nil
}

func (s *Service) tag(c *call) (any, error) {
	return nil, s.changeTags(c, func(tags document) { maps.Copy(tags, c.body.object("tags")) })
}

func (s *Service) untag(c *call) (any, error) {
	return nil, s.changeTags(c, func(tags document) {
		for _, key := range c.URL.Query()["tagKeys"] {
			delete(tags, key)
		}
	})
}

func (s *Service) changeTags(c *call, change func(document)) error {
	a, err := s.tagged(c)
	if err != nil {
		return err
	}
	tags := maps.Clone(a.document.object("tags"))
	change(tags)
	content := maps.Clone(a.document)
	content["tags"] = map[string]any(tags)
	a.document = content
	return nil
}
