// Package awsconfig says how the commands reach AWS.
//
//  1. Credentials are the user's, as the AWS command line finds them: environment,
//     profiles, single sign-on, roles. A profile of the stack's aws provider is used
//     unless AWS_PROFILE names another one.
//  2. The region is the one that the stack was deployed to, else the environment's.
//  3. AWS_ENDPOINT_URL leads elsewhere, to a local AWS for instance.
package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// Load makes the configuration of AWS clients for what a provider made.
func Load(ctx context.Context, provider stack.Provider) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if provider.Region != "" {
		options = append(options, config.WithRegion(provider.Region))
	}
	if provider.Profile != "" && os.Getenv("AWS_PROFILE") == "" {
		options = append(options, config.WithSharedConfigProfile(provider.Profile))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("find the AWS credentials: %w", err)
	}
	if loaded.Region == "" {
		return aws.Config{}, errors.New("the AWS region is not known: set aws:region in the stack's configuration, or AWS_REGION")
	}
	return loaded, nil
}
