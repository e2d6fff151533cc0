package appsync

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsyncjs"
)

// apiError is an error of the control plane: REST-JSON has its code in a header and
// its message in the body.
type apiError struct {
	status        int
	code, message string
	// codeErrors makes it a BadRequestException with reason CODE_ERROR.
	codeErrors []appsyncjs.CodeError
}

// Error is the code and the message.
func (e *apiError) Error() string { return e.code + ": " + e.message }

func (e *apiError) write(w http.ResponseWriter) {
	body := map[string]any{"message": e.message}
	if len(e.codeErrors) > 0 {
		body["reason"] = "CODE_ERROR"
		body["detail"] = map[string]any{"codeErrors": e.codeErrors}
	}
	text, _ := json.Marshal(body) // texts and numbers always marshal
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", e.code)
	w.WriteHeader(e.status)
	_, _ = w.Write(text) // the client has gone if this fails
}

func notFound(format string, values ...any) *apiError {
	return &apiError{status: http.StatusNotFound, code: "NotFoundException", message: fmt.Sprintf(format, values...)}
}

func badRequest(format string, values ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "BadRequestException", message: fmt.Sprintf(format, values...)}
}

// AppSync's own words; other programs match on them.
func errAPI(id string) *apiError    { return notFound("GraphQL API %s not found.", id) }
func errType(name string) *apiError { return notFound("Type %s not found", name) }
func errField(typeName, field string) *apiError {
	return notFound("No field named %s found on type %s", field, typeName)
}
func errResolver() *apiError              { return notFound("No resolver found.") }
func errDataSource(name string) *apiError { return notFound("No data source found named %s", name) }
func errSecondResolver() *apiError        { return badRequest("Only one resolver is allowed per field.") }

func errConflict() *apiError {
	return &apiError{status: http.StatusConflict, code: "ConcurrentModificationException",
		message: "Schema is currently being altered, please wait until that is complete."}
}

func errThrottled() *apiError {
	return &apiError{status: http.StatusTooManyRequests, code: "TooManyRequestsException", message: "Too Many Requests (Service: AppSync)"}
}

func errCode(problems []appsyncjs.CodeError) *apiError {
	e := badRequest("The code contains one or more errors.")
	e.codeErrors = problems
	return e
}
