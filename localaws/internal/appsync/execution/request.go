package execution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// Request is a GraphQL request.
type Request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// RequestError is a request that AppSync answers with a status other than 200.
type RequestError struct {
	// Status is the HTTP status, Type the errorType. AppSync has some without a message.
	Status  int
	Type    string
	Message string
}

// Error is the type and the message.
func (e *RequestError) Error() string { return fmt.Sprintf("%s: %s", e.Type, e.Message) }

// Write answers an HTTP request with the error in AppSync's shape.
func (e *RequestError) Write(w http.ResponseWriter) {
	type entry struct {
		Type    string `json:"errorType"`
		Message string `json:"message,omitempty"`
	}
	body, _ := json.Marshal(map[string][]entry{"errors": {{e.Type, e.Message}}}) // two strings always marshal
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("X-Amzn-ErrorType", e.Type)
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the client has gone if this fails
}

// Unauthorized is a request without valid credentials.
func Unauthorized(message string) *RequestError {
	return &RequestError{Status: http.StatusUnauthorized, Type: "UnauthorizedException", Message: message}
}

func malformed(message string) *RequestError {
	return &RequestError{Status: http.StatusBadRequest, Type: "MalformedHttpRequestException", Message: message}
}

// ParseRequest reads an HTTP body. The error is a [RequestError].
func ParseRequest(body []byte) (Request, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Request{}, malformed("Request body is empty.")
	}
	var request Request
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil || request.Query == "" {
		return Request{}, malformed("Unable to parse GraphQL query.")
	}
	return request, nil
}
