package awsprovider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Log shows a message to the user.
type Log func(ctx context.Context, message string)

// EngineLog returns a Log that writes to the engine at an address (the
// plugin's first argument), which shows it with the stack's diagnostics.
func EngineLog(address string) (Log, error) {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("connecting to the engine at %s: %w", address, err)
	}
	engine := rpc.NewEngineClient(connection)
	return func(ctx context.Context, message string) {
		// A lost log line is no reason to fail an operation.
		_, _ = engine.Log(ctx, &rpc.LogRequest{Severity: rpc.LogSeverity_INFO, Message: message})
	}, nil
}
