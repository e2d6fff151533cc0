package connect

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// FromEnvironment returns the function as the environment variables of package
// registry describe it, with AWS clients that have the function's own permissions.
func FromEnvironment(ctx context.Context) (*Connect, error) {
	env, err := registry.Getenv(registry.EnvPluginLogTable, registry.EnvPluginsTable,
		registry.EnvRegistryQueueURL, registry.EnvAuthenticationModes)
	if err != nil {
		return nil, fmt.Errorf("start the connect function: %w", err)
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("start the connect function: %w", err)
	}
	queues, err := deadLetterQueues()
	if err != nil {
		return nil, fmt.Errorf("start the connect function: %w", err)
	}
	client := sqs.NewFromConfig(aws)
	return New(Config{
		Store:            registry.NewStore(dynamodb.NewFromConfig(aws), env[registry.EnvPluginLogTable], env[registry.EnvPluginsTable], os.Getenv(registry.EnvLivenessTable)),
		Queue:            client,
		DeadLetterQueues: queues,
		DeadLetters:      client,
		Rules:            registry.Rules{PlatformStack: os.Getenv(registry.EnvStack)},
		Modes:            registry.SplitList(env[registry.EnvAuthenticationModes]),
		RegistryQueueURL: env[registry.EnvRegistryQueueURL],
		Logger:           slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}), nil
}
