// Package graphqlclient sends GraphQL requests to an AppSync API.
//
//  1. [Client.Do] and [Client.Data] post queries and mutations, with an API key, a
//     user's token or, for AWS_IAM, signed (authorization.go).
//  2. [Client.Subscribe] starts a subscription over AppSync's WebSocket protocol
//     (subscribe.go).
package graphqlclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Client sends requests to one API.
type Client struct {
	// URL is the API's GraphQL endpoint.
	URL string
	// Key is its API key.
	Key string
	// Token is a user's ID or access token, for the mode AMAZON_COGNITO_USER_POOLS. It is
	// not used when there is a key.
	Token string
	// Credentials sign requests for the mode AWS_IAM. They are not used when there is a
	// key or a token.
	Credentials aws.CredentialsProvider
	// Region is the API's region, for signatures only.
	Region string
	// Realtime is the API's address for subscriptions, its URI "REALTIME". If it is
	// empty it is made from URL.
	Realtime string
}

// Response is AppSync's answer.
type Response struct {
	// Data is null when nothing could be resolved.
	Data   json.RawMessage `json:"data"`
	Errors []Error         `json:"errors"`
}

// Error is one error in AppSync's shape.
type Error struct {
	Message   string `json:"message"`
	ErrorType string `json:"errorType"`
	Path      []any  `json:"path"`
}

// Do sends a request and returns the answer with its errors.
func (c Client) Do(ctx context.Context, query string, variables map[string]any) (*Response, error) {
	body, err := encode(query, variables)
	if err != nil {
		return nil, err
	}
	request, err := c.post(ctx, c.URL, body)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	response := &Response{}
	if err := json.Unmarshal(text, response); err != nil {
		return nil, fmt.Errorf("%s answered %s: %s", c.URL, answer.Status, text)
	}
	return response, nil
}

func encode(query string, variables map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{"query": query, "variables": variables})
}

// post is an authorized request.
func (c Client) post(ctx context.Context, url string, body []byte) (*http.Request, error) {
	request, err := newRequest(ctx, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return request, c.authorize(ctx, request, body)
}

func newRequest(ctx context.Context, url string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}

// Data sends a request and decodes the answer's data into target. Errors in the
// answer are an error.
func (c Client) Data(ctx context.Context, target any, query string, variables map[string]any) error {
	response, err := c.Do(ctx, query, variables)
	if err != nil {
		return err
	}
	if len(response.Errors) > 0 {
		return fmt.Errorf("the API answered with errors: %s", joined(response.Errors))
	}
	return json.Unmarshal(response.Data, target)
}

func joined(errors []Error) string {
	texts := make([]string, len(errors))
	for i, e := range errors {
		texts[i] = e.ErrorType + ": " + e.Message
	}
	return strings.Join(texts, "; ")
}
