// Package wire stands between the engine and the component provider, on the gRPC
// protocol itself, and does what pulumi-go-provider leaves undone there:
//
//  1. aliases.go: an alias given by name, type or parent becomes a URN; the library
//     would drop it, and a rename would delete and create everything.
//  2. check.go: the inputs of a component are checked against the schema before
//     anything runs: unknown, missing, mistyped, not one of the enum's values, not
//     known where the structure of the stack depends on it. All problems come at
//     once, each with its property path, and none shows a secret.
//  3. settle.go: an output that depends on nothing is its value. The SDK for Node.js sends
//     such ones, also for values that are absent.
//  4. defaults.go: defaults that the schema promises are filled in. The generated SDKs
//     do so in their constructors, YAML programs do not.
//  5. monitor.go: the call stacks that the Go SDK sends with each resource stay out
//     of the state: they show the provider's source, not the user's.
//  6. abandon.go: when a resource of a component fails, that is the one error shown.
//  7. The schema itself is corrected by package schemafix.
//
// [Wrap] puts all of it around a provider's server.
package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/provider/internal/schemafix"
)

// Wrap puts the wrapper around a provider's server. components are the structs of its
// components by token.
func Wrap(server rpc.ResourceProviderServer, components map[string]schemafix.Component) rpc.ResourceProviderServer {
	w := &wrapper{ResourceProviderServer: server, components: components, cancelled: make(chan struct{})}
	w.schema = sync.OnceValues(w.loadSchema)
	return w
}

type wrapper struct {
	rpc.ResourceProviderServer
	components map[string]schemafix.Component
	schema     func() (*schema.PackageSpec, error)
	// cancelled is closed when the engine gives the deployment up; running counts the
	// components that are being constructed.
	cancelled chan struct{}
	running   sync.WaitGroup
	mutex     sync.Mutex
}

// loadSchema asks the provider for its schema and corrects it.
func (w *wrapper) loadSchema() (*schema.PackageSpec, error) {
	response, err := w.ResourceProviderServer.GetSchema(context.Background(), &rpc.GetSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("reading the provider's own schema: %w", err)
	}
	spec := &schema.PackageSpec{}
	if err := json.Unmarshal([]byte(response.GetSchema()), spec); err != nil {
		return nil, fmt.Errorf("reading the provider's own schema: %w", err)
	}
	schemafix.Apply(spec, w.components)
	return spec, nil
}

// GetSchema gives the corrected schema, the one that inputs are checked against.
func (w *wrapper) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	spec, err := w.schema()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(spec)
	return &rpc.GetSchemaResponse{Schema: string(text)}, err
}

// Construct prepares the request, lets the provider construct the component, and
// keeps call stacks out of what it registers meanwhile.
func (w *wrapper) Construct(ctx context.Context, request *rpc.ConstructRequest) (*rpc.ConstructResponse, error) {
	request.Aliases = aliasURNs(request)
	if err := w.prepareInputs(request); err != nil {
		return nil, err
	}
	monitor, err := startMonitor(request.GetMonitorEndpoint())
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, deploymentKey{}, request.GetMonitorEndpoint())
	request.MonitorEndpoint = monitor.address
	return w.construct(ctx, request, monitor)
}

type deploymentKey struct{}

// Deployment tells the deployments that a provider takes part in apart, "" outside of one.
func Deployment(ctx context.Context) string {
	endpoint, _ := ctx.Value(deploymentKey{}).(string)
	return endpoint
}

// kind is the word for a component in errors, such as "plugin".
func kind(token string) string {
	return strings.ToLower(token[strings.LastIndex(token, ":")+1:])
}

// prepareInputs fills defaults into the inputs and checks them.
func (w *wrapper) prepareInputs(request *rpc.ConstructRequest) error {
	spec, err := w.schema()
	if err != nil {
		return err
	}
	component, found := spec.Resources[request.GetType()]
	if !found {
		return nil // the provider says what it knows
	}
	options := plugin.MarshalOptions{
		Label: "inputs", KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
	}
	inputs, err := plugin.UnmarshalProperties(request.GetInputs(), options)
	if err != nil {
		return err
	}
	settled := settle(inputs)
	check := &checker{spec: spec, what: kind(request.GetType()) + " " + request.GetName()}
	check.object("", inputs, component.InputProperties, component.RequiredInputs)
	if err := check.err(); err != nil {
		return err
	}
	if !fillDefaults(spec, inputs, component.InputProperties) && !settled {
		return nil
	}
	request.Inputs, err = plugin.MarshalProperties(inputs, options)
	return err
}
