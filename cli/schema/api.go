package schema

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/reventless/pulumi-reventless/cli/internal/awsconfig"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// account is AWS as the user reaches it.
type account struct{}

// Schema asks AppSync.
func (account) Schema(ctx context.Context, platform stack.Platform) (string, error) {
	settings, err := awsconfig.Load(ctx, platform.Provider)
	if err != nil {
		return "", err
	}
	out, err := appsync.NewFromConfig(settings).GetIntrospectionSchema(ctx, &appsync.GetIntrospectionSchemaInput{
		ApiId: &platform.APIID, Format: types.OutputTypeSdl, IncludeDirectives: aws.Bool(true),
	})
	if err != nil {
		return "", fmt.Errorf("read the schema of the API %s, for which appsync:GetIntrospectionSchema is needed: %w", platform.APIID, err)
	}
	return string(out.Schema), nil
}

// Connected reads the registry's tables.
func (account) Connected(ctx context.Context, platform stack.Platform) ([]Connected, error) {
	settings, err := awsconfig.Load(ctx, platform.Provider)
	if err != nil {
		return nil, err
	}
	return connected(ctx, dynamodb.NewFromConfig(settings), platform)
}

func connected(ctx context.Context, client registry.DynamoDB, platform stack.Platform) ([]Connected, error) {
	store := registry.NewStore(client, platform.LogTable, platform.PluginsTable, "")
	snapshot, err := store.Load(ctx)
	if err != nil {
		return nil, err
	}
	var found []Connected
	for _, name := range snapshot.Served() {
		entry := snapshot.Entries[name]
		if name == protocol.PlatformPlugin {
			continue
		}
		plugin := Connected{Plugin: name, Version: entry.State.Version, Stack: entry.State.Stack, Fields: entry.Row.Fields}
		if platform.LogTable != "" {
			if plugin.Fragment, err = store.Fragment(ctx, entry.State); err != nil {
				return nil, err
			}
		}
		found = append(found, plugin)
	}
	return found, nil
}

// Check invokes the connect function.
func (account) Check(ctx context.Context, platform stack.Platform, request protocol.ConnectRequest) (protocol.ConnectResult, error) {
	settings, err := awsconfig.Load(ctx, platform.Provider)
	if err != nil {
		return protocol.ConnectResult{}, err
	}
	return check(ctx, lambda.NewFromConfig(settings), platform.ConnectFunction, request)
}

type invoker interface {
	Invoke(ctx context.Context, in *lambda.InvokeInput, options ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

func check(ctx context.Context, client invoker, function string, request protocol.ConnectRequest) (result protocol.ConnectResult, err error) {
	request.Action = protocol.ActionCheck
	payload, err := json.Marshal(request)
	if err != nil {
		return result, err
	}
	answer, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: payload})
	switch {
	case err != nil:
		return result, fmt.Errorf("ask the platform's connect function %s, for which lambda:InvokeFunction is needed: %w", function, err)
	case answer.FunctionError != nil:
		return result, fmt.Errorf("the platform's connect function %s failed, see its log group /reventless/%[1]s: %s", function, answer.Payload)
	}
	if err := json.Unmarshal(answer.Payload, &result); err != nil {
		return result, fmt.Errorf("the answer of the platform's connect function is not understood: %w; deploy the platform with the release of this command", err)
	}
	return result, nil
}
