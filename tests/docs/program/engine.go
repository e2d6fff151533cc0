// Package program constructs the components of Pulumi YAML programs with the provider
// itself, in a preview of an engine that is there for nothing else.
//
//  1. [Construct] takes the program apart: files and folders are read as Pulumi reads them,
//     references are what the resources before gave.
//  2. Each component goes through the provider's own gRPC server, so that names and types
//     of properties, the declarations, the schema and the expansion are looked at as in
//     `pulumi preview`.
//  3. The engine answers as one would whose stacks are all deployed: [Stacks] are the
//     outputs of others. What AWS would tell is not known, as in a preview.
package program

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Stacks are the outputs of deployed stacks by name.
type Stacks map[string]map[string]any

// engine is a resource monitor and an engine.
type engine struct {
	rpc.UnimplementedResourceMonitorServer
	rpc.UnimplementedEngineServer
	address string
	stacks  Stacks
	// refusal is what the platform answers to a plugin, nil when it takes every one.
	refusal []protocol.Problem

	mutex      sync.Mutex
	registered map[string]resource.PropertyMap
	warnings   []string
}

// start serves an engine until the context ends.
func start(ctx context.Context, stacks Stacks, refusal []protocol.Problem) (*engine, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &engine{address: listener.Addr().String(), stacks: stacks, refusal: refusal, registered: map[string]resource.PropertyMap{}}
	server := grpc.NewServer()
	rpc.RegisterResourceMonitorServer(server, e)
	rpc.RegisterEngineServer(server, e)
	go server.Serve(listener) //nolint:errcheck // ends when stopped
	context.AfterFunc(ctx, server.Stop)
	return e, nil
}

// SupportsFeature says yes, like a new engine.
func (e *engine) SupportsFeature(context.Context, *rpc.SupportsFeatureRequest) (*rpc.SupportsFeatureResponse, error) {
	return &rpc.SupportsFeatureResponse{HasSupport: true}, nil
}

// RequirePulumiVersion accepts every range.
func (e *engine) RequirePulumiVersion(context.Context, *rpc.RequirePulumiVersionRequest) (*rpc.RequirePulumiVersionResponse, error) {
	return &rpc.RequirePulumiVersionResponse{}, nil
}

// Log keeps warnings.
func (e *engine) Log(_ context.Context, request *rpc.LogRequest) (*emptypb.Empty, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if request.GetSeverity() == rpc.LogSeverity_WARNING {
		e.warnings = append(e.warnings, request.GetMessage())
	}
	return &emptypb.Empty{}, nil
}

// GetRootResource knows of no root.
func (e *engine) GetRootResource(context.Context, *rpc.GetRootResourceRequest) (*rpc.GetRootResourceResponse, error) {
	return &rpc.GetRootResourceResponse{}, nil
}

// RegisterPackage gives a package its name.
func (e *engine) RegisterPackage(_ context.Context, request *rpc.RegisterPackageRequest) (*rpc.RegisterPackageResponse, error) {
	return &rpc.RegisterPackageResponse{Ref: request.GetName()}, nil
}

// RegisterResourceHook does nothing: no resource is made.
func (e *engine) RegisterResourceHook(context.Context, *rpc.RegisterResourceHookRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// RegisterErrorHook does nothing: no operation fails.
func (e *engine) RegisterErrorHook(context.Context, *rpc.RegisterErrorHookRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

var marshalling = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true}

// RegisterResource keeps the inputs, which are the outputs that a preview knows.
func (e *engine) RegisterResource(_ context.Context, request *rpc.RegisterResourceRequest) (*rpc.RegisterResourceResponse, error) {
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), marshalling)
	if err != nil {
		return nil, err
	}
	urn := fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", stack, project, request.GetType(), request.GetName())
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.registered[request.GetType()+" "+request.GetName()] = inputs
	return &rpc.RegisterResourceResponse{Urn: urn, Object: request.GetObject()}, nil
}

// RegisterResourceOutputs keeps nothing: outputs are in the answer to the construction.
func (e *engine) RegisterResourceOutputs(context.Context, *rpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Invoke answers the functions that the components call.
func (e *engine) Invoke(_ context.Context, request *rpc.ResourceInvokeRequest) (*rpc.ResourceInvokeResponse, error) {
	arguments, err := plugin.UnmarshalProperties(request.GetArgs(), marshalling)
	if err != nil {
		return nil, err
	}
	answer, err := e.answer(request.GetTok(), arguments)
	if err != nil {
		return nil, err
	}
	encoded, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(answer), marshalling)
	return &rpc.ResourceInvokeResponse{Return: encoded}, err
}

func (e *engine) answer(token string, arguments resource.PropertyMap) (map[string]any, error) {
	switch token {
	case "pulumi:pulumi:readStackOutputs":
		name := arguments["name"].StringValue()
		outputs, deployed := e.stacks[name]
		if !deployed {
			return nil, fmt.Errorf("unknown stack %q", name)
		}
		return map[string]any{"name": name, "outputs": outputs}, nil
	case "aws:lambda/getInvocation:getInvocation":
		answer, err := json.Marshal(protocol.ConnectResult{OK: e.refusal == nil, Problems: e.refusal})
		return map[string]any{"result": string(answer)}, err
	case "aws:index/getCallerIdentity:getCallerIdentity":
		return map[string]any{"accountId": "123456789012"}, nil
	case "aws:cognito/getUserPool:getUserPool":
		return map[string]any{"userPoolId": arguments["userPoolId"].StringValue()}, nil
	}
	return nil, fmt.Errorf("the engine of the tests does not know the function %s", strings.TrimSpace(token))
}
