package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Requests to AWS are tried up to requestAttempts times, with the SDK's growing pauses of
// random length and within the invocation's time: a stream's batch is given up after few
// deliveries, so one that meets a throttled table should not use them up in seconds. An
// attempt that takes requestTime is given up: Lambda freezes an environment between
// invocations, and a connection that was lost meanwhile would hang until the deadline.
const (
	requestAttempts = 8
	requestTime     = 5 * time.Second
)

// FromEnvironment builds the engine of this Lambda function around an invoker, nil
// for a relay without publish turns. It reads the environment variables that package
// definition names and the definition file, and makes clients with the SDK's default
// configuration. It logs JSON lines to standard error.
func FromEnvironment(ctx context.Context, invoker turn.Invoker) (*Engine, error) {
	plugin, err := LoadDefinition(cmp.Or(os.Getenv(definition.EnvDefinition), definition.DefaultPath))
	if err != nil {
		return nil, err
	}
	settings, err := config.LoadDefaultConfig(ctx,
		config.WithRetryMaxAttempts(requestAttempts),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(requestTime)))
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	return New(Config{
		Function:        os.Getenv(definition.EnvFunction),
		Definition:      plugin,
		Invoker:         invoker,
		DynamoDB:        dynamodb.NewFromConfig(settings),
		SNS:             sns.NewFromConfig(settings),
		SQS:             sqs.NewFromConfig(settings),
		CommandQueueURL: os.Getenv(definition.EnvCommandQueueURL),
		Logger:          slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	})
}

// LoadDefinition reads a definition file. Members that it does not know are ignored;
// what an older engine must not ignore comes with another format version, which it
// refuses before it looks at anything else.
func LoadDefinition(path string) (definition.Definition, error) {
	var plugin definition.Definition
	content, err := os.ReadFile(path)
	if err != nil {
		return plugin, fmt.Errorf("read the plugin's definition (%s): %w; the function needs the definition's layer", definition.EnvDefinition, err)
	}
	var format struct {
		FormatVersion int `json:"formatVersion"`
	}
	if err = json.Unmarshal(content, &format); err == nil {
		err = checkFormat(format.FormatVersion)
	}
	if err == nil {
		err = json.Unmarshal(content, &plugin)
	}
	if err != nil {
		return plugin, fmt.Errorf("read the plugin's definition %s: %w", path, err)
	}
	return plugin, nil
}
