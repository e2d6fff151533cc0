package appsync

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func apiKey() *define.Resource {
	return &define.Resource{
		Token:         "aws:appsync/apiKey:ApiKey",
		Noun:          "AppSync API Key",
		Args:          define.ArgsOf(sdk.ApiKeyArgs{}),
		Result:        reflect.TypeFor[sdk.ApiKey](),
		Defaults:      map[string]any{"description": "Managed by Pulumi"},
		Validate:      validateKey,
		ForceNew:      []string{"apiId"},
		Computed:      []string{"apiKeyId", "key"},
		Secret:        []string{"key"},
		NotFoundCodes: notFound,
		Create:        createKey,
		Read:          readKey,
		Update:        updateKey,
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			apiID, key := splitKeyID(r.ID)
			_, err := c.AppSync.DeleteApiKey(ctx, &appsync.DeleteApiKeyInput{ApiId: &apiID, Id: &key})
			return err
		},
	}
}

func validateKey(inputs property.Map) []inputcheck.Failure {
	if !inputs.Known("expires") {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, inputs.String("expires")); err != nil {
		return define.Failed("expires", "expected %q to be a time in RFC 3339 format", "expires")
	}
	return nil
}

// expiry is the wanted time in epoch seconds, 0 (AWS: seven days) when unset.
func expiry(inputs property.Map) int64 {
	t, err := time.Parse(time.RFC3339, inputs.String("expires"))
	if err != nil {
		return 0
	}
	return t.Unix()
}

func createKey(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	apiID := r.Inputs.String("apiId")
	out, err := c.AppSync.CreateApiKey(ctx, &appsync.CreateApiKeyInput{
		ApiId: &apiID, Description: r.Inputs.StringPtr("description"), Expires: expiry(r.Inputs)})
	if err != nil {
		return "", err
	}
	return apiID + ":" + aws.ToString(out.ApiKey.Id), nil
}

func splitKeyID(id string) (apiID, key string) {
	apiID, key, _ = strings.Cut(id, ":")
	return apiID, key
}

func findKey(ctx context.Context, c *define.Clients, id string) (*types.ApiKey, error) {
	apiID, key := splitKeyID(id)
	if key == "" {
		return nil, fmt.Errorf("unexpected id %q of an API key, expected API-ID:KEY-ID", id)
	}
	pages := appsync.NewListApiKeysPaginator(c.AppSync, &appsync.ListApiKeysInput{ApiId: &apiID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range page.ApiKeys {
			if aws.ToString(k.Id) == key {
				return &k, nil
			}
		}
	}
	return nil, nil
}

func readKey(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	key, err := findKey(ctx, c, r.ID)
	if err != nil || key == nil {
		return nil, err
	}
	apiID, id := splitKeyID(r.ID)
	values := property.Values{"apiId": apiID, "apiKeyId": id, "key": id, "description": key.Description}
	// AWS rounds down to the hour: the same hour is no difference.
	if wanted := expiry(r.Inputs); key.Expires != 0 && (wanted == 0 || wanted/3600 != key.Expires/3600) {
		values["expires"] = time.Unix(key.Expires, 0)
	}
	return values, nil
}

func updateKey(ctx context.Context, c *define.Clients, r define.Request) error {
	apiID, key := splitKeyID(r.ID)
	in := &appsync.UpdateApiKeyInput{ApiId: &apiID, Id: &key, Description: r.Inputs.StringPtr("description")}
	if r.Changed["expires"] {
		in.Expires = expiry(r.Inputs)
	}
	_, err := c.AppSync.UpdateApiKey(ctx, in)
	return err
}
