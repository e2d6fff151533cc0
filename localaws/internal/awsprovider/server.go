package awsprovider

import (
	"context"
	"fmt"
	"runtime/debug"

	"google.golang.org/grpc"
)

// maxMessage allows archives of text inside requests; it is the engine's own limit.
const maxMessage = 400 << 20

// ServerOptions are the gRPC options to serve a Provider with: large messages,
// and a panic becomes the error of its call instead of the end of the plugin.
func ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.ChainUnaryInterceptor(recovered),
	}
}

func recovered(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error of the aws stand-in in %s: %v\n%s", info.FullMethod, r, debug.Stack())
		}
	}()
	return handle(ctx, request)
}
