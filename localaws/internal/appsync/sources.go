package appsync

import (
	"maps"
	"regexp"
	"slices"
)

var sourceName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

var sourceSettings = []string{"name", "description", "type", "serviceRoleArn", "dynamodbConfig", "lambdaConfig", "metricsConfig"}

func (s *Service) createSource(c *call) (any, error) {
	name := c.body.text("name")
	if !sourceName.MatchString(name) {
		return nil, badRequest("Invalid data source name given, must match pattern [_A-Za-z][_0-9A-Za-z]*")
	}
	if _, ok := c.api.sources[name]; ok {
		return nil, badRequest("Data source with name %s already exists", name)
	}
	return s.storeSource(c, name)
}

func (s *Service) storeSource(c *call, name string) (any, error) {
	if err := checkSource(c.body); err != nil {
		return nil, err
	}
	content := c.body.pick(sourceSettings...)
	content["name"] = name
	content["dataSourceArn"] = s.arn(c.api.id, "datasources", name)
	c.api.sources[name] = content
	return document{"dataSource": content}, nil
}

func checkSource(settings document) error {
	switch kind := settings.text("type"); kind {
	case "NONE":
	case "AWS_LAMBDA":
		if settings.object("lambdaConfig").text("lambdaFunctionArn") == "" {
			return badRequest("lambdaConfig.lambdaFunctionArn is required for data sources of type AWS_LAMBDA.")
		}
	case "AMAZON_DYNAMODB":
		config := settings.object("dynamodbConfig")
		if config.text("tableName") == "" || config.text("awsRegion") == "" {
			return badRequest("dynamodbConfig.tableName and awsRegion are required for data sources of type AMAZON_DYNAMODB.")
		}
	default:
		return badRequest("The local AWS does not implement data sources of type %q; it has AWS_LAMBDA, AMAZON_DYNAMODB and NONE.", kind)
	}
	return nil
}

func (s *Service) source(c *call) (document, error) {
	stored, ok := c.api.sources[c.PathValue("name")]
	if !ok {
		return nil, errDataSource(c.PathValue("name"))
	}
	return stored, nil
}

func (s *Service) getSource(c *call) (any, error) {
	stored, err := s.source(c)
	return document{"dataSource": stored}, err
}

func (s *Service) updateSource(c *call) (any, error) {
	if _, err := s.source(c); err != nil {
		return nil, err
	}
	return s.storeSource(c, c.PathValue("name"))
}

func (s *Service) deleteSource(c *call) (any, error) {
	if _, err := s.source(c); err != nil {
		return nil, err
	}
	delete(c.api.sources, c.PathValue("name"))
	return nil, nil
}

func (s *Service) listSources(c *call) (any, error) {
	return page(c, "dataSources", slices.Sorted(maps.Keys(c.api.sources)), func(name string) document { return c.api.sources[name] })
}
