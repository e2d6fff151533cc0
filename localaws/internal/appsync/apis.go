package appsync

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MaxPage is how many entries a list operation answers at most.
const MaxPage = 25

// apiSettings are the fields of a GraphQL API that its caller sets.
var apiSettings = []string{
	"name", "authenticationType", "logConfig", "userPoolConfig", "openIDConnectConfig", "additionalAuthenticationProviders",
	"lambdaAuthorizerConfig", "xrayEnabled", "visibility", "apiType", "mergedApiExecutionRoleArn", "ownerContact",
	"introspectionConfig", "queryDepthLimit", "resolverCountLimit", "enhancedMetricsConfig",
}

func (s *Service) createAPI(c *call) (any, error) {
	if err := checkAPI(c.body); err != nil {
		return nil, err
	}
	id := randomID(26)
	content := s.describeAPI(id, c.body)
	content["tags"] = map[string]any{}
	if tags := c.body.object("tags"); tags != nil {
		content["tags"] = map[string]any(tags)
	}
	s.apis[id] = newAPI(id, content)
	return document{"graphqlApi": content}, nil
}

// checkAPI finds settings that AppSync refuses.
func checkAPI(settings document) error {
	if settings.text("name") == "" || settings.text("authenticationType") == "" {
		return badRequest("name and authenticationType are required.")
	}
	if kind := settings.text("apiType"); kind != "" && kind != "GRAPHQL" {
		return badRequest("The local AWS does not implement APIs of type %s.", kind)
	}
	additional, _ := settings["additionalAuthenticationProviders"].([]any)
	if len(additional) > 0 && settings.object("userPoolConfig").text("defaultAction") == "DENY" {
		return badRequest("The default action DENY cannot be used together with additional authentication providers.")
	}
	if err := checkLog(settings.object("logConfig")); err != nil {
		return err
	}
	if err := checkUserPools(settings); err != nil {
		return err
	}
	return checkAuthorizers(settings)
}

// fieldLogLevels are how much AppSync logs of fields.
var fieldLogLevels = []string{"NONE", "ERROR", "ALL", "INFO", "DEBUG"}

// checkLog finds what is wrong with the settings of the API's log, nil for none. The local
// AWS keeps them, and writes no such log.
func checkLog(config document) error {
	switch {
	case config == nil:
	case config.text("cloudWatchLogsRoleArn") == "":
		return badRequest("The logConfig requires a cloudWatchLogsRoleArn.")
	case !slices.Contains(fieldLogLevels, config.text("fieldLogLevel")):
		return badRequest("The fieldLogLevel of the logConfig is %q: give one of %s.", config.text("fieldLogLevel"), strings.Join(fieldLogLevels, ", "))
	}
	return nil
}

// checkUserPools finds modes that lack their user pool. The default action is the primary
// mode's alone: AppSync requires it there and does not know it elsewhere.
func checkUserPools(settings document) error {
	for i, provider := range settings.providers() {
		if provider.text("authenticationType") != modeUserPool {
			continue
		}
		config := provider.object("userPoolConfig")
		switch {
		case config.text("userPoolId") == "" || config.text("awsRegion") == "":
			return badRequest("The authentication type AMAZON_COGNITO_USER_POOLS requires a userPoolConfig with userPoolId and awsRegion.")
		case i == 0 && config.text("defaultAction") == "":
			return badRequest("The userPoolConfig of the primary authentication type requires a defaultAction.")
		case i > 0 && config.text("defaultAction") != "":
			return badRequest("The userPoolConfig of an additional authentication provider has no defaultAction.")
		}
	}
	return nil
}

func (s *Service) describeAPI(id string, settings document) document {
	content := document{"xrayEnabled": false, "visibility": "GLOBAL", "apiType": "GRAPHQL", "introspectionConfig": "ENABLED", "queryDepthLimit": 0, "resolverCountLimit": 0}
	maps.Copy(content, settings.pick(apiSettings...))
	realtime := "ws" + strings.TrimPrefix(s.options.BaseURL, "http")
	maps.Copy(content, document{
		"apiId": id, "arn": s.arn(id), "owner": s.options.AccountID,
		"uris": map[string]any{"GRAPHQL": s.options.BaseURL + "/graphql/" + id, "REALTIME": realtime + "/graphql/" + id},
		"dns":  map[string]any{},
	})
	return content
}

// arn is the ARN of an API, or of something below it.
func (s *Service) arn(id string, below ...string) string {
	arn := "arn:aws:appsync:" + s.options.Region + ":" + s.options.AccountID + ":apis/" + id
	return strings.Join(append([]string{arn}, below...), "/")
}

func (s *Service) listAPIs(c *call) (any, error) {
	ids := slices.Sorted(maps.Keys(s.apis))
	return page(c, "graphqlApis", ids, func(id string) document { return s.apis[id].document })
}

func (s *Service) getAPI(c *call) (any, error) { return document{"graphqlApi": c.api.document}, nil }

func (s *Service) updateAPI(c *call) (any, error) {
	if err := checkAPI(c.body); err != nil {
		return nil, err
	}
	content := s.describeAPI(c.api.id, c.body)
	content["tags"] = c.api.document["tags"]
	c.api.document = content
	return document{"graphqlApi": content}, nil
}

func (s *Service) deleteAPI(c *call) (any, error) {
	delete(s.apis, c.api.id)
	s.hub.Drop(c.api.id)
	return nil, nil
}

// getEnvironment answers that the API has no environment variables: there is no
// operation here to set any.
func (s *Service) getEnvironment(*call) (any, error) {
	return document{"environmentVariables": document{}}, nil
}

// page answers one page of a list of names, which are sorted. The token is the last
// name of the page before.
func page(c *call, field string, names []string, describe func(name string) document) (any, error) {
	size := MaxPage
	if text := c.URL.Query().Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > MaxPage {
			return nil, badRequest("maxResults is %s: give 0 to %d.", text, MaxPage)
		}
		size = n
	}
	if token := c.URL.Query().Get("nextToken"); token != "" {
		last, err := base64.URLEncoding.DecodeString(token)
		if err != nil {
			return nil, badRequest("Invalid pagination token given.")
		}
		start, found := slices.BinarySearch(names, string(last))
		if found {
			start++
		}
		names = names[start:]
	}
	return pageOf(field, names, size, describe), nil
}

func pageOf(field string, names []string, size int, describe func(name string) document) document {
	answer := document{}
	if size == 0 {
		size = MaxPage
	}
	if len(names) > size {
		names = names[:size]
		answer["nextToken"] = base64.URLEncoding.EncodeToString([]byte(names[size-1]))
	}
	entries := make([]document, len(names))
	for i, name := range names {
		entries[i] = describe(name)
	}
	answer[field] = entries
	return answer
}

// randomID is an id of lower-case letters and digits.
func randomID(length int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	random := make([]byte, length)
	_, _ = rand.Read(random) // never fails
	for i := range random {
		random[i] = alphabet[int(random[i])%len(alphabet)]
	}
	return string(random)
}

// number reads a whole number of a document, whatever JSON made of it.
func (d document) number(name string) (int64, bool) {
	switch value := d[name].(type) {
	case float64:
		return int64(value), true
	case int64:
		return value, true
	case json.Number:
		n, err := value.Int64()
		return n, err == nil
	}
	return 0, false
}
