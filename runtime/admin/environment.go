package admin

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/apilog"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// FromEnvironment returns the function as the environment variables of package
// registry describe it, with AWS clients that have the function's own permissions.
func FromEnvironment(ctx context.Context) (*Admin, error) {
	env, err := registry.Getenv(registry.EnvPluginLogTable, registry.EnvPluginsTable, registry.EnvRegistryQueueURL,
		registry.EnvSweepQueueURL, registry.EnvAPIID, registry.EnvAuthenticationModes)
	if err != nil {
		return nil, fmt.Errorf("start the admin function: %w", err)
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("start the admin function: %w", err)
	}
	log, err := apiLog(cloudwatchlogs.NewFromConfig(aws), env[registry.EnvAPIID])
	if err != nil {
		return nil, fmt.Errorf("start the admin function: %w", err)
	}
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	return New(Config{
		Store:            registry.NewStore(dynamodb.NewFromConfig(aws), env[registry.EnvPluginLogTable], env[registry.EnvPluginsTable], os.Getenv(registry.EnvLivenessTable)),
		API:              schemapush.New(appsync.NewFromConfig(aws), env[registry.EnvAPIID], nil, logger),
		Queue:            sqs.NewFromConfig(aws),
		Topics:           sns.NewFromConfig(aws),
		Log:              log,
		Rules:            registry.Rules{PlatformStack: os.Getenv(registry.EnvStack)},
		Modes:            registry.SplitList(env[registry.EnvAuthenticationModes]),
		RegistryQueueURL: env[registry.EnvRegistryQueueURL],
		SweepQueueURL:    env[registry.EnvSweepQueueURL],
		Logger:           logger,
	}), nil
}

// apiLog is the API's log as the environment describes it, nil if it does not.
func apiLog(client apilog.Client, api string) (*apilog.Log, error) {
	level, days := os.Getenv(registry.EnvAPILogLevel), os.Getenv(registry.EnvAPILogRetentionDays)
	if level == "" {
		return nil, nil
	}
	retention, err := strconv.Atoi(days)
	if err != nil || retention < 0 {
		return nil, fmt.Errorf("environment variable %s is %q, not a number of days; the provider sets it, so update the platform's stack", registry.EnvAPILogRetentionDays, days)
	}
	return apilog.New(apilog.Config{Client: client, API: api, RetentionDays: retention, Off: level == registry.APILogOff}), nil
}
