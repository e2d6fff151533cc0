package lambda

import (
	"net/http"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

func (s *Service) routes() []restjson.Route {
	return append(append(s.functionRoutes(), s.layerRoutes()...), s.settingRoutes()...)
}

func (s *Service) functionRoutes() []restjson.Route {
	const functions = "/2015-03-31/functions"
	return []restjson.Route{
		{Operation: "CreateFunction", Pattern: "POST " + functions, Perform: s.createFunction},
		{Operation: "ListFunctions", Pattern: "GET " + functions, Perform: s.listFunctions},
		{Operation: "GetFunction", Pattern: "GET " + functions + "/{Name}", Perform: s.getFunction},
		{Operation: "DeleteFunction", Pattern: "DELETE " + functions + "/{Name}", Perform: s.deleteFunction},
		{Operation: "GetFunctionConfiguration", Pattern: "GET " + functions + "/{Name}/configuration", Perform: s.getConfiguration},
		{Operation: "UpdateFunctionConfiguration", Pattern: "PUT " + functions + "/{Name}/configuration", Perform: s.updateConfiguration},
		{Operation: "UpdateFunctionCode", Pattern: "PUT " + functions + "/{Name}/code", Perform: s.updateCode},
		{Operation: "Invoke", Pattern: "POST " + functions + "/{Name}/invocations", Perform: s.invokeRequest},
		{Operation: "ListVersionsByFunction", Pattern: "GET " + functions + "/{Name}/versions", Perform: s.listVersions},
		{Operation: "ListAliases", Pattern: "GET " + functions + "/{Name}/aliases", Perform: s.emptyList("Aliases")},
		{Operation: "GetPolicy", Pattern: "GET " + functions + "/{Name}/policy", Perform: s.getPolicy},
		{Operation: "AddPermission", Pattern: "POST " + functions + "/{Name}/policy", Perform: s.addPermission},
		{Operation: "RemovePermission", Pattern: "DELETE " + functions + "/{Name}/policy/{Statement}", Perform: s.removePermission},
	}
}

func (s *Service) layerRoutes() []restjson.Route {
	const layers = "/2018-10-31/layers"
	return []restjson.Route{
		{Operation: "GetLayerVersionByArn", Pattern: "GET " + layers, Query: "find", Perform: s.getLayerVersionByARN},
		{Operation: "ListLayers", Pattern: "GET " + layers, Perform: s.listLayers},
		{Operation: "ListLayerVersions", Pattern: "GET " + layers + "/{Name}/versions", Perform: s.listLayerVersions},
		{Operation: "PublishLayerVersion", Pattern: "POST " + layers + "/{Name}/versions", Perform: s.publishLayerVersion},
		{Operation: "GetLayerVersion", Pattern: "GET " + layers + "/{Name}/versions/{Version}", Perform: s.getLayerVersion},
		{Operation: "DeleteLayerVersion", Pattern: "DELETE " + layers + "/{Name}/versions/{Version}", Perform: s.deleteLayerVersion},
		{Operation: "GetLayerVersionPolicy", Pattern: "GET " + layers + "/{Name}/versions/{Version}/policy", Perform: s.noLayerPolicy},
	}
}

func (s *Service) settingRoutes() []restjson.Route {
	return []restjson.Route{
		{Operation: "PutFunctionConcurrency", Pattern: "PUT /2017-10-31/functions/{Name}/concurrency", Perform: s.putConcurrency},
		{Operation: "DeleteFunctionConcurrency", Pattern: "DELETE /2017-10-31/functions/{Name}/concurrency", Perform: s.deleteConcurrency},
		{Operation: "GetFunctionConcurrency", Pattern: "GET /2019-09-30/functions/{Name}/concurrency", Perform: s.getConcurrency},
		{Operation: "ListProvisionedConcurrencyConfigs", Pattern: "GET /2019-09-30/functions/{Name}/provisioned-concurrency", Perform: s.emptyList("ProvisionedConcurrencyConfigs")},
		{Operation: "GetFunctionCodeSigningConfig", Pattern: "GET /2020-06-30/functions/{Name}/code-signing-config", Perform: s.getCodeSigning},
		{Operation: "GetRuntimeManagementConfig", Pattern: "GET /2021-07-20/functions/{Name}/runtime-management-config", Perform: s.getRuntimeManagement},
		{Operation: "GetFunctionRecursionConfig", Pattern: "GET /2024-08-31/functions/{Name}/recursion-config", Perform: s.getRecursion},
		{Operation: "GetFunctionEventInvokeConfig", Pattern: "GET /2019-09-25/functions/{Name}/event-invoke-config", Perform: s.getEventInvokeConfig},
		{Operation: "PutFunctionEventInvokeConfig", Pattern: "PUT /2019-09-25/functions/{Name}/event-invoke-config", Perform: s.putEventInvokeConfig},
		{Operation: "UpdateFunctionEventInvokeConfig", Pattern: "POST /2019-09-25/functions/{Name}/event-invoke-config", Perform: s.updateEventInvokeConfig},
		{Operation: "DeleteFunctionEventInvokeConfig", Pattern: "DELETE /2019-09-25/functions/{Name}/event-invoke-config", Perform: s.deleteEventInvokeConfig},
		{Operation: "ListFunctionEventInvokeConfigs", Pattern: "GET /2019-09-25/functions/{Name}/event-invoke-config/list", Perform: s.listEventInvokeConfigs},
		{Operation: "GetFunctionUrlConfig", Pattern: "GET /2021-10-31/functions/{Name}/url", Perform: s.noURLConfig},
		{Operation: "ListTags", Pattern: "GET /2017-03-31/tags/{Resource}", Perform: s.listTags},
		{Operation: "TagResource", Pattern: "POST /2017-03-31/tags/{Resource}", Perform: s.tagResource},
		{Operation: "UntagResource", Pattern: "DELETE /2017-03-31/tags/{Resource}", Perform: s.untagResource},
	}
}

// emptyList answers a list operation of something that does not exist here.
func (s *Service) emptyList(field string) func(*http.Request) (restjson.Answer, error) {
	return func(r *http.Request) (restjson.Answer, error) {
		if _, err := s.find(r.PathValue("Name")); err != nil {
			return restjson.Answer{}, err
		}
		return restjson.Answer{Body: map[string]any{field: []any{}}}, nil
	}
}
