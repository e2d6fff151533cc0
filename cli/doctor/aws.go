package doctor

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/reventless/pulumi-reventless/cli/internal/awsconfig"
	"github.com/reventless/pulumi-reventless/cli/internal/deadletter"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// rowsPerPage is how many rows of the registry are read at once.
const rowsPerPage = 100

// account is AWS as the user reaches it. What is asked again for another stack is answered
// from memory.
type account struct {
	identities sync.Map // stack.Provider: answer[Identity]
	registries sync.Map // table: answer[Registry]
}

type answer[T any] struct {
	value T
	err   error
}

// Identity asks STS.
func (a *account) Identity(ctx context.Context, provider stack.Provider) (Identity, error) {
	return remember(&a.identities, provider, func() (Identity, error) {
		settings, err := awsconfig.Load(ctx, provider)
		if err != nil {
			return Identity{}, err
		}
		caller, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return Identity{}, err
		}
		return Identity{Account: aws.ToString(caller.Account), ARN: aws.ToString(caller.Arn), Region: settings.Region}, nil
	})
}

// Registry reads the platform's tables.
func (a *account) Registry(ctx context.Context, platform stack.Platform) (Registry, error) {
	return remember(&a.registries, platform.PluginsTable, func() (Registry, error) {
		settings, err := awsconfig.Load(ctx, platform.Provider)
		if err != nil {
			return Registry{}, err
		}
		store := registry.NewStore(dynamodb.NewFromConfig(settings), "", platform.PluginsTable, platform.LivenessTable)
		return readRegistry(ctx, store)
	})
}

func readRegistry(ctx context.Context, store *registry.Store) (Registry, error) {
	read := Registry{Rows: map[string]registry.Row{}}
	for token := ""; ; {
		rows, next, err := store.Rows(ctx, token, rowsPerPage)
		if err != nil {
			return Registry{}, err
		}
		for _, row := range rows {
			read.Rows[row.ID] = row
		}
		if token = next; token == "" {
			break
		}
	}
	var err error
	read.Beats, err = store.Beats(ctx)
	return read, err
}

// Count asks SQS.
func (a *account) Count(ctx context.Context, queue deadletter.Queue) (deadletter.Counted, error) {
	settings, err := awsconfig.Load(ctx, queue.Provider)
	if err != nil {
		return deadletter.Counted{}, err
	}
	return deadletter.Messages(ctx, sqs.NewFromConfig(settings), queue)
}

func remember[T any](memory *sync.Map, key any, ask func() (T, error)) (T, error) {
	if known, found := memory.Load(key); found {
		return known.(answer[T]).value, known.(answer[T]).err
	}
	value, err := ask()
	memory.Store(key, answer[T]{value, err})
	return value, err
}
