package wire

import (
	"context"
	"fmt"
	"net"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// maxMessage is the engine's own limit of a message, in bytes.
const maxMessage = 400 << 20

// monitor is a proxy before the engine's resource monitor. It passes every call on as
// it is, but takes the call stack and the source position off the registration of
// resources: they are places in this provider's source, which mean nothing to the
// user, and the engine would store them with every resource.
type monitor struct {
	address string
	server  *grpc.Server
	engine  *grpc.ClientConn
}

func startMonitor(endpoint string) (*monitor, error) {
	engine, err := grpc.NewClient(endpoint,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(frames{}), grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return nil, fmt.Errorf("connecting to Pulumi's resource monitor: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the component's resources: %w", err)
	}
	m := &monitor{address: listener.Addr().String(), engine: engine}
	m.server = grpc.NewServer(
		grpc.ForceServerCodec(frames{}), grpc.MaxRecvMsgSize(maxMessage), grpc.UnknownServiceHandler(m.pass))
	go m.server.Serve(listener) //nolint:errcheck // ends when stopped
	return m, nil
}

// stop ends the proxy when all calls are done.
func (m *monitor) stop() {
	m.server.GracefulStop()
	m.engine.Close()
}

// pass passes one unary call on.
func (m *monitor) pass(_ any, stream grpc.ServerStream) error {
	method, found := grpc.MethodFromServerStream(stream)
	if !found {
		return status.Error(codes.Internal, "a call without a method")
	}
	var request, response frame
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	if err := strip(method, &request); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if err := m.engine.Invoke(forward(stream.Context()), method, &request, &response); err != nil {
		return err
	}
	return stream.SendMsg(&response)
}

// forward passes the call's metadata on.
func forward(ctx context.Context) context.Context {
	incoming, _ := metadata.FromIncomingContext(ctx)
	return metadata.NewOutgoingContext(ctx, incoming)
}

// strip takes call stack and source position off a request that carries them.
func strip(method string, request *frame) error {
	switch method {
	case rpc.ResourceMonitor_RegisterResource_FullMethodName:
		message := &rpc.RegisterResourceRequest{}
		return rewrite(request, message, func() { message.StackTrace, message.SourcePosition = nil, nil })
	case rpc.ResourceMonitor_ReadResource_FullMethodName:
		message := &rpc.ReadResourceRequest{}
		return rewrite(request, message, func() { message.StackTrace, message.SourcePosition = nil, nil })
	default:
		return nil
	}
}

func rewrite(request *frame, message proto.Message, change func()) error {
	if err := proto.Unmarshal(*request, message); err != nil {
		return err
	}
	change()
	content, err := proto.Marshal(message)
	*request = content
	return err
}

// frame is an encoded message, which passes through undecoded.
type frame []byte

// frames is the codec of undecoded messages.
type frames struct{}

var _ encoding.Codec = frames{}

// Marshal gives the frame's bytes.
func (frames) Marshal(v any) ([]byte, error) { return *v.(*frame), nil }

// Unmarshal keeps the bytes; gRPC may use its buffer again, so they are copied.
func (frames) Unmarshal(data []byte, v any) error {
	*v.(*frame) = append(frame(nil), data...)
	return nil
}

// Name is that of the codec whose bytes these are.
func (frames) Name() string { return "proto" }
