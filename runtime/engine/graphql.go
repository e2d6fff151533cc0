package engine

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// graphqlRetry is for requests to the API that were throttled, that AppSync failed to
// serve or that got no answer.
var graphqlRetry = eventlog.Retry{Attempts: requestAttempts, Base: 100 * time.Millisecond, Cap: 5 * time.Second}

// maxGraphQLResponse bounds what is read of an answer: AppSync's own limit of 5 MB.
// https://docs.aws.amazon.com/general/latest/gr/appsync.html
const maxGraphQLResponse = 5 << 20

// appSync runs mutations on an AppSync API with requests that are signed with the
// function's own credentials.
type appSync struct {
	url         string
	region      string
	credentials aws.CredentialsProvider
	client      aws.HTTPClient
	signer      *v4.Signer
	retry       eventlog.Retry
	// timeout bounds one attempt.
	timeout time.Duration
}

// newAppSync makes a client of the API with a URL. It costs nothing before the first
// request. An error says that the URL is none.
func newAppSync(address string, settings aws.Config) (*appSync, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a GraphQL API", address)
	}
	return &appSync{
		url: address, region: settings.Region, credentials: settings.Credentials, client: settings.HTTPClient,
		signer: v4.NewSigner(), retry: graphqlRetry, timeout: requestTime,
	}, nil
}

// Mutate implements [GraphQL]. An answer with GraphQL errors is final. A request that was
// throttled (429), failed at AppSync (5xx) or got no answer is repeated, so a mutation
// may be run more than once.
func (a *appSync) Mutate(ctx context.Context, mutation string, variables map[string]any) error {
	body, err := json.Marshal(map[string]any{"query": mutation, "variables": variables})
	if err != nil {
		return fmt.Errorf("write the mutation: %w", err)
	}
	for attempt := 1; ; attempt++ {
		var again bool
		if again, err = a.attempt(ctx, body); err == nil {
			return nil
		}
		if !again || attempt >= a.retry.Attempts || a.retry.Wait(ctx, attempt) != nil {
			return fmt.Errorf("mutate through %s (attempt %d): %w", a.url, attempt, err)
		}
	}
}

// attempt sends the mutation once and says whether an error may be gone the next time.
func (a *appSync) attempt(ctx context.Context, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	request, err := a.signed(ctx, body)
	if err != nil {
		return false, err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return true, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxGraphQLResponse+1))
	if err != nil {
		return true, fmt.Errorf("read the answer: %w", err)
	}
	if len(answer) > maxGraphQLResponse {
		return false, fmt.Errorf("the answer has more than %d bytes", maxGraphQLResponse)
	}
	return response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError,
		graphQLError(response.StatusCode, answer)
}

// signed is the request with a signature of version 4.
// https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-iam-authorization
func (a *appSync) signed(ctx context.Context, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	credentials, err := a.credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get the function's credentials: %w", err)
	}
	digest := sha256.Sum256(body)
	if err := a.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(digest[:]), "appsync", a.region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	return request, nil
}

// graphQLError is the error that an answer stands for, nil if it stands for none.
func graphQLError(status int, answer []byte) error {
	var decoded struct {
		Errors []struct {
			Message   string `json:"message"`
			ErrorType string `json:"errorType"`
		} `json:"errors"`
	}
	decodeErr := json.Unmarshal(answer, &decoded)
	var texts []string
	for _, e := range decoded.Errors {
		texts = append(texts, strings.TrimPrefix(e.ErrorType+": "+cmp.Or(e.Message, "no message"), ": "))
	}
	switch {
	case len(texts) > 0:
		return fmt.Errorf("the API answered %d: %s", status, strings.Join(texts, "; "))
	case status != http.StatusOK:
		return fmt.Errorf("the API answered %d %s", status, http.StatusText(status))
	case decodeErr != nil:
		return errors.New("the API's answer is no JSON; is the URL the one of a GraphQL API?")
	}
	return nil
}
