package appsync

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// call is one request to the control plane.
type call struct {
	*http.Request
	// api is the API that the path names, nil if it names none.
	api *api
	// body is the request's JSON.
	body document
}

// operation is one operation of the control plane. Its function runs with the
// service's mutex held and answers with what the body becomes as JSON; []byte is
// written as it is and nil is {}.
type operation struct {
	name, pattern string
	run           func(*Service, *call) (any, error)
	// conflicts says that AppSync declares ConcurrentModificationException for it.
	conflicts bool
}

var operations = []operation{
	{"CreateGraphqlApi", "POST /v1/apis", (*Service).createAPI, false},
	{"ListGraphqlApis", "GET /v1/apis", (*Service).listAPIs, false},
	{"GetGraphqlApi", "GET /v1/apis/{apiId}", (*Service).getAPI, false},
	{"UpdateGraphqlApi", "POST /v1/apis/{apiId}", (*Service).updateAPI, true},
	{"DeleteGraphqlApi", "DELETE /v1/apis/{apiId}", (*Service).deleteAPI, true},
	{"GetGraphqlApiEnvironmentVariables", "GET /v1/apis/{apiId}/environmentVariables", (*Service).getEnvironment, false},
	{"CreateApiKey", "POST /v1/apis/{apiId}/apikeys", (*Service).createKey, false},
	{"ListApiKeys", "GET /v1/apis/{apiId}/apikeys", (*Service).listKeys, false},
	{"UpdateApiKey", "POST /v1/apis/{apiId}/apikeys/{id}", (*Service).updateKey, false},
	{"DeleteApiKey", "DELETE /v1/apis/{apiId}/apikeys/{id}", (*Service).deleteKey, false},
	{"StartSchemaCreation", "POST /v1/apis/{apiId}/schemacreation", (*Service).startCreation, true},
	{"GetSchemaCreationStatus", "GET /v1/apis/{apiId}/schemacreation", (*Service).creationStatus, false},
	{"GetIntrospectionSchema", "GET /v1/apis/{apiId}/schema", (*Service).introspection, false},
	{"GetType", "GET /v1/apis/{apiId}/types/{typeName}", (*Service).getType, true},
	{"ListTypes", "GET /v1/apis/{apiId}/types", (*Service).listTypes, true},
	{"CreateDataSource", "POST /v1/apis/{apiId}/datasources", (*Service).createSource, true},
	{"ListDataSources", "GET /v1/apis/{apiId}/datasources", (*Service).listSources, false},
	{"GetDataSource", "GET /v1/apis/{apiId}/datasources/{name}", (*Service).getSource, true},
	{"UpdateDataSource", "POST /v1/apis/{apiId}/datasources/{name}", (*Service).updateSource, true},
	{"DeleteDataSource", "DELETE /v1/apis/{apiId}/datasources/{name}", (*Service).deleteSource, true},
	{"CreateResolver", "POST /v1/apis/{apiId}/types/{typeName}/resolvers", (*Service).createResolver, true},
	{"ListResolvers", "GET /v1/apis/{apiId}/types/{typeName}/resolvers", (*Service).listResolvers, false},
	{"GetResolver", "GET /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}", (*Service).getResolver, true},
	{"UpdateResolver", "POST /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}", (*Service).updateResolver, true},
	{"DeleteResolver", "DELETE /v1/apis/{apiId}/types/{typeName}/resolvers/{fieldName}", (*Service).deleteResolver, true},
	{"ListTagsForResource", "GET /v1/tags/{arn...}", (*Service).listTags, false},
	{"TagResource", "POST /v1/tags/{arn...}", (*Service).tag, false},
	{"UntagResource", "DELETE /v1/tags/{arn...}", (*Service).untag, false},
}

func (s *Service) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, operation := range operations {
		mux.HandleFunc(operation.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, operation) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		badRequest("The local AWS does not implement the AppSync operation %s %s.", r.Method, r.URL.Path).write(w)
	})
	return mux
}

// ServeAPI serves a request to the control plane.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Operation names the operation of a control-plane request, such as
// "StartSchemaCreation"; empty if there is none.
func (s *Service) Operation(r *http.Request) string {
	_, pattern := s.mux.Handler(r)
	for _, operation := range operations {
		if operation.pattern == pattern {
			return operation.name
		}
	}
	return ""
}

func (s *Service) serve(w http.ResponseWriter, r *http.Request, operation operation) {
	answer, err := s.perform(r, operation)
	if err != nil {
		var known *apiError
		if !errors.As(err, &known) {
			known = &apiError{status: http.StatusInternalServerError, code: "InternalFailureException", message: err.Error()}
		}
		known.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if text, ok := answer.([]byte); ok {
		_, _ = w.Write(text)
		return
	}
	if answer == nil {
		answer = document{}
	}
	_ = json.NewEncoder(w).Encode(answer) // the client has gone if this fails
}

// perform runs an operation with the mutex held.
func (s *Service) perform(r *http.Request, operation operation) (any, error) {
	c := &call{Request: r, body: document{}}
	if text, err := io.ReadAll(r.Body); err != nil {
		return nil, badRequest("The request's body cannot be read: %s", err)
	} else if len(text) > 0 {
		if err := json.Unmarshal(text, &c.body); err != nil {
			return nil, badRequest("The request's body is no JSON: %s", err)
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if id := r.PathValue("apiId"); id != "" {
		c.api = s.apis[id]
		if c.api == nil {
			return nil, errAPI(id)
		}
		s.settle(c.api)
	}
	if err := s.gate(c, operation); err != nil {
		return nil, err
	}
	return operation.run(s, c)
}
