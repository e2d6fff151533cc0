// Package cli is the command line of reventless: what is to do with stacks, and with what
// they have deployed.
//
//  1. [New] makes the command with all of its subcommands.
//  2. "up", "preview", "refresh", "destroy", "status" and "outputs" (package orchestrate),
//     "changed", "graph", "dev", "doctor" and "schema" work on all stacks of a
//     deploy-manifest.yaml, in the folder of --cwd or above, in the environment that --stack
//     or the branch names. "ci" has the steps of the GitHub workflow that deploys them.
//  3. "generate" makes the files to begin with, "config" shows what a stack is configured
//     with, see there. The others find the plugins and platforms in the state of a Pulumi
//     stack (package stack), chosen with --cwd and --stack as in pulumi, and reach AWS with
//     the user's own credentials (package awsconfig).
//  4. Data goes to standard output, everything else to standard error.
package cli

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/changed"
	"github.com/reventless/pulumi-reventless/cli/ci"
	"github.com/reventless/pulumi-reventless/cli/config"
	"github.com/reventless/pulumi-reventless/cli/deadletters"
	"github.com/reventless/pulumi-reventless/cli/dev"
	"github.com/reventless/pulumi-reventless/cli/doctor"
	"github.com/reventless/pulumi-reventless/cli/generate"
	"github.com/reventless/pulumi-reventless/cli/graph"
	"github.com/reventless/pulumi-reventless/cli/internal/awsconfig"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/cli/orchestrate"
	"github.com/reventless/pulumi-reventless/cli/rebuild"
	"github.com/reventless/pulumi-reventless/cli/schema"
)

// New makes the command; version is what --version prints.
func New(version string) *cobra.Command {
	selected := &stack.Selection{}
	root := &cobra.Command{
		Use:     "reventless",
		Short:   "Deploy and operate applications of the reventless provider",
		Version: version,
		Args:    cobra.NoArgs,
		// Errors are printed once, by the program; the usage does not explain them.
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	selected.AddFlags(root.PersistentFlags())
	root.AddCommand(orchestrate.New(selected)...)
	root.AddCommand(
		changed.New(selected),
		ci.New(selected),
		config.New(stack.ReadConfiguration, selected),
		dev.New(selected, version),
		deadletters.New(stack.Read, selected, deadLetterClients),
		graph.New(stack.Read, selected),
		generate.New(version, selected),
		rebuild.New(stack.Read, selected, rebuildClients),
		doctor.New(selected, version),
		schema.New(selected),
	)
	return root
}

func deadLetterClients(ctx context.Context, provider stack.Provider) (deadletters.Clients, error) {
	settings, err := awsconfig.Load(ctx, provider)
	if err != nil {
		return deadletters.Clients{}, err
	}
	return deadletters.Clients{
		SQS:      sqs.NewFromConfig(settings),
		DynamoDB: dynamodb.NewFromConfig(settings),
		Streams:  dynamodbstreams.NewFromConfig(settings),
		Lambda:   lambda.NewFromConfig(settings),
	}, nil
}

func rebuildClients(ctx context.Context, provider stack.Provider) (rebuild.Clients, error) {
	settings, err := awsconfig.Load(ctx, provider)
	if err != nil {
		return rebuild.Clients{}, err
	}
	return rebuild.Clients{DynamoDB: dynamodb.NewFromConfig(settings), Lambda: lambda.NewFromConfig(settings)}, nil
}
