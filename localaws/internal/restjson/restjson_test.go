package restjson

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func router() *Router {
	say := func(text string) func(*http.Request) (Answer, error) {
		return func(r *http.Request) (Answer, error) { return Answer{Body: text + r.PathValue("Name")}, nil }
	}
	return NewRouter(
		Route{Operation: "Find", Pattern: "GET /things", Query: "find", Perform: say("find")},
		Route{Operation: "List", Pattern: "GET /things", Perform: say("list")},
		Route{Operation: "Get", Pattern: "GET /things/{Name}", Perform: say("get ")},
		Route{Operation: "Fail", Pattern: "DELETE /things/{Name}", Perform: func(*http.Request) (Answer, error) {
			return Answer{}, NotFound("no %s", "thing")
		}},
		Route{Operation: "Break", Pattern: "PUT /things/{Name}", Perform: func(*http.Request) (Answer, error) {
			return Answer{}, errors.New("broken")
		}},
	)
}

func TestRouter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, operation string
		status                  int
		body, errorType         string
	}{
		"by query":       {"GET", "/things?find=x", "Find", 200, `"find"`, ""},
		"without query":  {"GET", "/things", "List", 200, `"list"`, ""},
		"slash at end":   {"GET", "/things/", "List", 200, `"list"`, ""},
		"escaped":        {"GET", "/things/arn%3Aaws%3Aa%2Fb", "Get", 200, `"get arn:aws:a/b"`, ""},
		"typed error":    {"DELETE", "/things/a", "Fail", 404, `"message":"no thing"`, "ResourceNotFoundException"},
		"other error":    {"PUT", "/things/a", "Break", 500, `"message":"broken"`, "ServiceException"},
		"unknown method": {"POST", "/things", "", 404, "does not play", "UnknownOperationException"},
		"unknown path":   {"GET", "/other", "", 404, "does not play", "UnknownOperationException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(test.method, test.path, nil)
			recorder := httptest.NewRecorder()
			r := router()
			assert.Equal(t, test.operation, r.Operation(request))
			r.ServeHTTP(recorder, request)
			assert.Equal(t, test.status, recorder.Code)
			assert.Contains(t, recorder.Body.String(), test.body)
			assert.Equal(t, test.errorType, recorder.Header().Get("X-Amzn-ErrorType"))
		})
	}
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	_, err := Body(httptest.NewRequest("POST", "/", strings.NewReader("12345")), 4)
	assert.ErrorContains(t, err, "RequestTooLargeException")
	var target struct{ A int }
	assert.NoError(t, Decode(httptest.NewRequest("POST", "/", nil), &target))
	assert.ErrorContains(t, Decode(httptest.NewRequest("POST", "/", strings.NewReader("{")), &target), "SerializationException")
}
