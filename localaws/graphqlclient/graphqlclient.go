// Package graphqlclient sends GraphQL requests to an AppSync API with an API key.
package graphqlclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Client sends requests to one API.
type Client struct {
	// URL is the API's GraphQL endpoint, Key its API key.
	URL string
	Key string
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
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", c.Key)
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

// Data sends a request and decodes the answer's data into target. Errors in the
// answer are an error.
func (c Client) Data(ctx context.Context, target any, query string, variables map[string]any) error {
	response, err := c.Do(ctx, query, variables)
	if err != nil {
		return err
	}
	if len(response.Errors) > 0 {
		texts := make([]string, len(response.Errors))
		for i, e := range response.Errors {
			texts[i] = e.ErrorType + ": " + e.Message
		}
		return fmt.Errorf("the API answered with errors: %s", strings.Join(texts, "; "))
	}
	return json.Unmarshal(response.Data, target)
}
