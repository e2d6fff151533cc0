package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
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
// for a relay without publish turns and for feeds. It reads the environment variables
// that package definition names and the definition file, and makes clients with the
// SDK's default configuration; none of them does anything before its first request. All
// that is wrong with the environment is in the error. It logs JSON lines to standard error.
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
	c := Config{
		Function: os.Getenv(definition.EnvFunction), Component: os.Getenv(definition.EnvComponent),
		Definition: plugin, Invoker: invoker,
		CommandQueueURL: os.Getenv(definition.EnvCommandQueueURL),
		ToDoQueueURL:    os.Getenv(definition.EnvToDoQueueURL),
		ConnectFunction: os.Getenv(definition.EnvConnectFunction),
		Schedules: ScheduleTarget{
			Group:        os.Getenv(definition.EnvScheduleGroup),
			TaskQueueARN: os.Getenv(definition.EnvTaskQueueARN),
			RoleARN:      os.Getenv(definition.EnvScheduleRole),
			FailuresARN:  os.Getenv(definition.EnvScheduleFailures),
		},
		Logger: slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
	c.addClients(settings)
	if err := errors.Join(c.addGraphQL(settings), c.addExtensionQueues()); err != nil {
		return nil, fmt.Errorf("the engine cannot start: %w", err)
	}
	return New(c)
}

// addClients makes the AWS clients that the function needs.
func (c *Config) addClients(settings aws.Config) {
	c.DynamoDB = dynamodb.NewFromConfig(settings)
	c.SNS = sns.NewFromConfig(settings)
	c.SQS = sqs.NewFromConfig(settings)
	if c.Function == definition.FunctionTasks {
		c.S3 = s3.NewFromConfig(settings, func(o *s3.Options) { o.HTTPClient = streamClient() })
	}
	if c.Schedules.Group != "" {
		c.Scheduler = scheduler.NewFromConfig(settings)
	}
	if c.ConnectFunction != "" {
		c.Lambda = lambda.NewFromConfig(settings)
		c.DeadLetters = sqs.NewFromConfig(settings)
	}
}

// streamClient is the HTTP client for objects: the time for an attempt ends with the
// answer's headers, since reading a large object may well take longer.
func streamClient() aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = requestTime })
}

// addGraphQL makes the client of the platform's API when its URL is set.
func (c *Config) addGraphQL(settings aws.Config) error {
	address := os.Getenv(definition.EnvGraphQLURL)
	if address == "" {
		return nil
	}
	client, err := newAppSync(address, settings)
	if err != nil {
		return fmt.Errorf("%s: %w", definition.EnvGraphQLURL, err)
	}
	c.GraphQL = client
	return nil
}

// addExtensionQueues reads the queues of the plugins that own the extension points.
func (c *Config) addExtensionQueues() error {
	text := os.Getenv(definition.EnvExtensionQueues)
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &c.ExtensionQueues); err != nil {
		return fmt.Errorf("%s must be a JSON object of queue URLs by extension: %w", definition.EnvExtensionQueues, err)
	}
	return nil
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
