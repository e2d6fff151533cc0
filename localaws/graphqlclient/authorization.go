package graphqlclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// authorize puts the API key, the token or a signature into a request.
func (c Client) authorize(ctx context.Context, request *http.Request, body []byte) error {
	switch {
	case c.Key != "":
		request.Header.Set("X-Api-Key", c.Key)
		return nil
	case c.Token != "":
		request.Header.Set("Authorization", c.Token)
		return nil
	case c.Credentials == nil:
		return errors.New("the GraphQL client has neither an API key nor a token nor credentials; set Key, Token or Credentials")
	}
	credentials, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials of the GraphQL client: %w", err)
	}
	sum := sha256.Sum256(body)
	return signer.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "appsync", c.Region, time.Now())
}

// headers are those that authorize a body sent to a URL, in the form in which AppSync
// wants them over a WebSocket. The request has no body, as its length would be signed:
// AppSync refuses a signed header that is not among them.
func (c Client) headers(ctx context.Context, url string, body []byte) (map[string]string, error) {
	request, err := newRequest(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	if err := c.authorize(ctx, request, body); err != nil {
		return nil, err
	}
	headers := map[string]string{"host": request.URL.Host}
	if c.Key != "" {
		headers["x-api-key"] = c.Key
		return headers, nil
	}
	for name, values := range request.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return headers, nil
}
