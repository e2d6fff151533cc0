// Package awsprovider is a small stand-in for the aws provider plugin: same
// tokens, argument names, ids and replacement rules, every operation a real
// AWS API call to AWS_ENDPOINT_URL. It serves the resource types that the
// reventless components register, so that `pulumi up` works against a local
// AWS without downloading the real plugin.
//
//  1. The catalog (catalog.go) lists declarations, one file per type below
//     services/. Adding a type is one define.Resource in one of its lists.
//  2. Check refuses unknown inputs, missing required inputs and wrong types by
//     walking the pulumi-aws Go SDK's own argument types; applies the defaults
//     of the real provider; names what has no name (logical name plus 7 hex).
//     Also checked: enumerations, number ranges and JSON documents of the
//     declared properties, and rules between inputs that AWS or the real
//     provider states (table attributes that are no key, two code sources).
//     Not checked: ARN formats, name patterns beyond those stated in a
//     declaration, and inputs that AWS itself refuses on the call.
//  3. Diff compares normalised inputs (JSON by meaning, sets without order) and
//     replaces where Terraform's schema has ForceNew. An explicit name means
//     delete-before-replace, as with the real provider.
//  4. Previews mark as unknown only what the inputs do not determine; an update
//     keeps every output that the change does not touch.
//  5. Create and Update read the resource back. A failed Update, and a Create
//     that left something behind, are saved in the state with the new inputs
//     and an error, as the real provider does; other failed Creates leave
//     nothing in the state.
//  6. Refresh projects what AWS answers onto the declared inputs.
//
// Not there: default tags, assumed roles and the other provider settings of
// the real plugin (they are accepted and ignored, except region, accessKey,
// secretKey and token), and resource types outside the catalog, which are
// refused by name.
package awsprovider

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
)

// Version is the release of the real provider whose types are used.
const Version = "6.83.4"

// Banner is the first line the plugin logs.
const Banner = "This is a stand-in for the aws provider " + Version +
	" for local development: its calls go to AWS_ENDPOINT_URL, none to AWS."

// Provider serves the Pulumi provider protocol. Make it with New.
type Provider struct {
	rpc.UnimplementedResourceProviderServer

	resources map[string]*define.Resource
	functions map[string]*define.Function
	schema    func() (string, error)
	log       Log

	life   context.Context // ends with Cancel
	cancel context.CancelFunc

	mu      sync.RWMutex
	clients *define.Clients // nil until Configure
}

// New returns an unconfigured provider with all types of the catalog. log may
// be nil; its first message says that this is a stand-in.
func New(log Log) *Provider {
	if log == nil {
		log = func(context.Context, string) {}
	}
	p := &Provider{resources: map[string]*define.Resource{}, functions: map[string]*define.Function{}, log: log}
	for _, r := range Resources() {
		p.resources[r.Token] = r
	}
	for _, f := range Functions() {
		p.functions[f.Token] = f
	}
	p.schema = sync.OnceValues(p.buildSchema)
	p.life, p.cancel = context.WithCancel(context.Background())
	return p
}

// Handshake answers the engine's first call.
func (p *Provider) Handshake(context.Context, *rpc.ProviderHandshakeRequest) (*rpc.ProviderHandshakeResponse, error) {
	return &rpc.ProviderHandshakeResponse{AcceptResources: true, AcceptOutputs: true, SupportsAutonamingConfiguration: true}, nil
}

// Attach accepts an engine that attaches to a provider started by hand.
func (p *Provider) Attach(_ context.Context, r *rpc.PluginAttach) (*emptypb.Empty, error) {
	log, err := EngineLog(r.GetAddress())
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = log
	return &emptypb.Empty{}, nil
}

// GetPluginInfo returns the version that the SDKs ask for.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: Version}, nil
}

// GetSchema returns a schema of the catalog, derived from the SDK's types.
func (p *Provider) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	schema, err := p.schema()
	if err != nil {
		return nil, err
	}
	return &rpc.GetSchemaResponse{Schema: schema}, nil
}

// Cancel ends all operations under way.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.cancel()
	return &emptypb.Empty{}, nil
}

// find returns the declaration of a resource's type.
func (p *Provider) find(u string) (*define.Resource, error) {
	token := string(urn.URN(u).Type())
	if r, ok := p.resources[token]; ok {
		return r, nil
	}
	return nil, fmt.Errorf("the local stand-in for the aws provider does not serve the resource type %q; it serves: %s. "+
		"Use the real aws provider for this stack", token, strings.Join(keysOf(p.resources), ", "))
}

func keysOf[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// connected returns the clients, or an error before Configure.
func (p *Provider) connected() (*define.Clients, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.clients == nil {
		return nil, fmt.Errorf("the aws provider is not configured")
	}
	return p.clients, nil
}
