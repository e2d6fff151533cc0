package front

import (
	"net/http"
)

// appSyncOperations names the operations of AppSync's control plane by method and
// path, as its API model does.
var appSyncOperations = map[string]string{
	"GET /v1/apis":                                                   "ListGraphqlApis",
	"POST /v1/apis":                                                  "CreateGraphqlApi",
	"DELETE /v1/apis/{apiId}":                                        "DeleteGraphqlApi",
	"GET /v1/apis/{apiId}":                                           "GetGraphqlApi",
	"POST /v1/apis/{apiId}":                                          "UpdateGraphqlApi",
	"GET /v1/apis/{apiId}/apikeys":                                   "ListApiKeys",
	"POST /v1/apis/{apiId}/apikeys":                                  "CreateApiKey",
	"DELETE /v1/apis/{apiId}/apikeys/{id}":                           "DeleteApiKey",
	"POST /v1/apis/{apiId}/apikeys/{id}":                             "UpdateApiKey",
	"GET /v1/apis/{apiId}/datasources":                               "ListDataSources",
	"POST /v1/apis/{apiId}/datasources":                              "CreateDataSource",
	"DELETE /v1/apis/{apiId}/datasources/{name}":                     "DeleteDataSource",
	"GET /v1/apis/{apiId}/datasources/{name}":                        "GetDataSource",
	"POST /v1/apis/{apiId}/datasources/{name}":                       "UpdateDataSource",
	"GET /v1/apis/{apiId}/environmentVariables":                      "GetGraphqlApiEnvironmentVariables",
	"PUT /v1/apis/{apiId}/environmentVariables":                      "PutGraphqlApiEnvironmentVariables",
	"GET /v1/apis/{apiId}/functions":                                 "ListFunctions",
	"POST /v1/apis/{apiId}/functions":                                "CreateFunction",
	"DELETE /v1/apis/{apiId}/functions/{functionId}":                 "DeleteFunction",
	"GET /v1/apis/{apiId}/functions/{functionId}":                    "GetFunction",
	"POST /v1/apis/{apiId}/functions/{functionId}":                   "UpdateFunction",
	"GET /v1/apis/{apiId}/functions/{functionId}/resolvers":          "ListResolversByFunction",
	"GET /v1/apis/{apiId}/schema":                                    "GetIntrospectionSchema",
	"GET /v1/apis/{apiId}/schemacreation":                            "GetSchemaCreationStatus",
	"POST /v1/apis/{apiId}/schemacreation":                           "StartSchemaCreation",
	"GET /v1/apis/{apiId}/types":                                     "ListTypes",
	"POST /v1/apis/{apiId}/types":                                    "CreateType",
	"DELETE /v1/apis/{apiId}/types/{typeName}":                       "DeleteType",
	"GET /v1/apis/{apiId}/types/{typeName}":                          "GetType",
	"POST /v1/apis/{apiId}/types/{typeName}":                         "UpdateType",
	"GET /v1/apis/{apiId}/types/{typeName}/resolvers":                "ListResolvers",
	"POST /v1/apis/{apiId}/types/{typeName}/resolvers":               "CreateResolver",
	"DELETE /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}": "DeleteResolver",
	"GET /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}":    "GetResolver",
	"POST /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}":   "UpdateResolver",
	"POST /v1/dataplane-evaluatecode":                                "EvaluateCode",
	"POST /v1/dataplane-evaluatetemplate":                            "EvaluateMappingTemplate",
	"DELETE /v1/tags/{resourceArn}":                                  "UntagResource",
	"GET /v1/tags/{resourceArn}":                                     "ListTagsForResource",
	"POST /v1/tags/{resourceArn}":                                    "TagResource",
}

var appSyncMux = newAppSyncMux()

func newAppSyncMux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern := range appSyncOperations {
		mux.Handle(pattern, http.NotFoundHandler())
	}
	return mux
}

// appSyncOperation is the name of the operation that a request asks for, or "".
func appSyncOperation(r *http.Request) string {
	_, pattern := appSyncMux.Handler(r)
	return appSyncOperations[pattern]
}
