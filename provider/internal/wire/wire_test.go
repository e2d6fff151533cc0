package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reventless/pulumi-reventless/provider/internal/schemafix"
)

const token = "shop:index:Shop"

type shopArgs struct {
	Name   string                        `pulumi:"name"`
	Size   *int                          `pulumi:"size,optional"`
	Colour *string                       `pulumi:"colour,optional"`
	Shelf  map[string]struct{}           `pulumi:"shelves,optional"`
	Tags   map[string]pulumi.StringInput `pulumi:"tags,optional"`
	Secret pulumi.StringInput            `pulumi:"secret,optional"`
	Code   pulumi.AssetOrArchiveInput    `pulumi:"code,optional"`
}

var components = map[string]schemafix.Component{
	token: {Arguments: reflect.TypeFor[shopArgs](), Outputs: reflect.TypeFor[struct{}]()},
}

// provider is a provider of one component, which keeps what it was asked to construct.
type provider struct {
	rpc.UnimplementedResourceProviderServer
	asked      *rpc.ConstructRequest
	deployment string
	monitor    func(endpoint string)
	// err is the outcome of Construct, cancelled is closed by Cancel.
	err       error
	cancelled chan struct{}
}

func (p *provider) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	text := schema.TypeSpec{Type: "string"}
	spec := schema.PackageSpec{
		Name: "shop",
		Resources: map[string]schema.ResourceSpec{token: {
			RequiredInputs: []string{"name"},
			InputProperties: map[string]schema.PropertySpec{
				"name":   {TypeSpec: text, Description: "The shop's name. It is shown."},
				"size":   {TypeSpec: schema.TypeSpec{Type: "integer"}, Default: 3},
				"colour": {TypeSpec: schema.TypeSpec{Ref: "#/types/shop:index:Colour"}},
				"shelves": {TypeSpec: schema.TypeSpec{
					Type: "object", AdditionalProperties: &schema.TypeSpec{Ref: "#/types/shop:index:Shelf"},
				}},
				"tags":   {TypeSpec: schema.TypeSpec{Type: "object", AdditionalProperties: &text}},
				"secret": {TypeSpec: text},
				"code":   {TypeSpec: schema.TypeSpec{Ref: "pulumi.json#/Any"}},
			},
		}},
		Types: map[string]schema.ComplexTypeSpec{
			"shop:index:Colour": {Enum: []schema.EnumValueSpec{{Value: "red"}, {Value: "blue"}}},
			"shop:index:Shelf": {ObjectTypeSpec: schema.ObjectTypeSpec{
				Required: []string{"width"},
				Properties: map[string]schema.PropertySpec{
					"width": {TypeSpec: schema.TypeSpec{Type: "number"}, Description: "In metres."},
					"lit":   {TypeSpec: schema.TypeSpec{Type: "boolean"}, Default: true},
				},
			}},
		},
	}
	content, err := json.Marshal(spec)
	return &rpc.GetSchemaResponse{Schema: string(content)}, err
}

func (p *provider) Construct(ctx context.Context, request *rpc.ConstructRequest) (*rpc.ConstructResponse, error) {
	p.asked, p.deployment = request, Deployment(ctx)
	if p.monitor != nil {
		p.monitor(request.GetMonitorEndpoint())
	}
	return &rpc.ConstructResponse{}, p.err
}

var options = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepOutputValues: true}

// construct sends inputs through the wrapper; it returns what the provider got.
func construct(t *testing.T, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	t.Helper()
	p := &provider{}
	server := Wrap(p, components)
	encoded, err := plugin.MarshalProperties(inputs, options)
	require.NoError(t, err)
	_, err = server.Construct(t.Context(), &rpc.ConstructRequest{Type: token, Name: "corner", MonitorEndpoint: "127.0.0.1:1", Inputs: encoded})
	if err != nil {
		return nil, err
	}
	got, err := plugin.UnmarshalProperties(p.asked.GetInputs(), options)
	require.NoError(t, err)
	return got, nil
}

func TestInputsAreChecked(t *testing.T) {
	t.Parallel()
	text := resource.NewProperty[string]
	object := func(m map[string]resource.PropertyValue) resource.PropertyValue {
		properties := resource.PropertyMap{}
		for key, value := range m {
			properties[resource.PropertyKey(key)] = value
		}
		return resource.NewProperty(properties)
	}
	unknown := resource.MakeComputed(text(""))
	output := resource.NewProperty(resource.Output{Element: text("x"), Known: true, Dependencies: []resource.URN{"urn:pulumi:a::b::c::d"}})
	cases := map[string]struct {
		inputs resource.PropertyMap
		want   map[string]string // reason by path
	}{
		"missing and unknown at once": {
			resource.PropertyMap{"nam": text("x")},
			map[string]string{"name": "is required: The shop's name.", "nam": `Did you mean "name"?`},
		},
		"wrong types": {
			resource.PropertyMap{"name": resource.NewProperty(1.0), "size": resource.NewProperty(1.5)},
			map[string]string{"name": "must be text, not a number", "size": "must be a whole number"},
		},
		"an enum": {
			resource.PropertyMap{"name": text("x"), "colour": text("green")},
			map[string]string{"colour": "must be one of: red, blue"},
		},
		"nested": {
			resource.PropertyMap{"name": text("x"), "shelves": object(map[string]resource.PropertyValue{
				"top shelf": object(map[string]resource.PropertyValue{"lit": text("yes")}),
			})},
			map[string]string{`shelves["top shelf"].width`: "is required: In metres.", `shelves["top shelf"].lit`: "must be true or false"},
		},
		"an unknown where structure is": {
			resource.PropertyMap{"name": unknown},
			map[string]string{"name": "must be known when the program runs"},
		},
		"an output where structure is": {
			resource.PropertyMap{"name": output},
			map[string]string{"name": "must be a plain value"},
		},
		"a secret where structure is": {
			resource.PropertyMap{"name": resource.MakeSecret(text("hush"))},
			map[string]string{"name": "must not be a secret"},
		},
		"a wrong secret": {
			resource.PropertyMap{"name": text("x"), "secret": resource.MakeSecret(resource.NewProperty(42.0))},
			map[string]string{"secret": "(a secret) must be text"},
		},
		"no archive": {
			resource.PropertyMap{"name": text("x"), "code": text("./folder")},
			map[string]string{"code": "must be an archive"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := construct(t, c.inputs)
			require.Error(t, err)
			wrapped, ok := rpcerror.FromError(err)
			require.True(t, ok)
			details := wrapped.InputPropertiesErrors()
			require.Len(t, details, len(c.want))
			for _, detail := range details {
				path := strings.Trim(detail.PropertyPath, "`")
				assert.Equal(t, "`"+path+"`", detail.PropertyPath, "the engine finds no value at a quoted path")
				require.Contains(t, c.want, path)
				assert.Contains(t, detail.Reason, c.want[path])
				assert.NotContains(t, detail.Reason, "hush")
				assert.NotContains(t, detail.Reason, "42")
			}
		})
	}
}

func TestGoodInputsPass(t *testing.T) {
	t.Parallel()
	unknown := resource.MakeComputed(resource.NewProperty(""))
	inputs := resource.PropertyMap{
		"name":   resource.NewProperty("x"),
		"tags":   resource.NewProperty(resource.PropertyMap{"team": unknown}),
		"secret": resource.MakeSecret(resource.NewProperty("hush")),
		"shelves": resource.NewProperty(resource.PropertyMap{
			"top": resource.NewProperty(resource.PropertyMap{"width": resource.NewProperty(1.0)}),
		}),
	}
	got, err := construct(t, inputs)
	require.NoError(t, err)
	assert.Equal(t, 3.0, got["size"].NumberValue(), "the default of a property")
	assert.True(t, got["shelves"].ObjectValue()["top"].ObjectValue()["lit"].BoolValue(), "the default of a nested property")
	assert.True(t, got["secret"].IsSecret())
}

// TestSettledOutputs checks that outputs which depend on nothing may be where structure is,
// as the SDK for Node.js sends them.
func TestSettledOutputs(t *testing.T) {
	t.Parallel()
	known := func(value resource.PropertyValue) resource.PropertyValue {
		return resource.NewProperty(resource.Output{Element: value, Known: true})
	}
	shelf := resource.NewProperty(resource.PropertyMap{"width": known(resource.NewProperty(1.0))})
	tag := resource.NewProperty(resource.Output{Element: resource.NewProperty("x"), Known: true, Dependencies: []resource.URN{"urn:pulumi:a::b::c::d"}})
	got, err := construct(t, resource.PropertyMap{
		"name":    known(resource.NewProperty("x")),
		"size":    known(resource.NewNullProperty()),
		"shelves": known(resource.NewProperty(resource.PropertyMap{"top": shelf})),
		"tags":    resource.NewProperty(resource.PropertyMap{"team": tag}),
	})
	require.NoError(t, err)
	assert.Equal(t, resource.NewProperty("x"), got["name"])
	assert.Equal(t, 3.0, got["size"].NumberValue(), "the default of what is absent")
	top := got["shelves"].ObjectValue()["top"].ObjectValue()
	assert.Equal(t, 1.0, top["width"].NumberValue())
	assert.True(t, top["lit"].BoolValue(), "the default within")
	assert.Equal(t, tag, got["tags"].ObjectValue()["team"], "an output of a resource stays one")
}

func TestAliasesBecomeURNs(t *testing.T) {
	t.Parallel()
	const stack = "urn:pulumi:alpha::shop::pulumi:pulumi:Stack::shop-alpha"
	const parent = "urn:pulumi:alpha::shop::my:index:Parent::mum"
	spec := func(s *rpc.Alias_Spec) *rpc.Alias { return &rpc.Alias{Alias: &rpc.Alias_Spec_{Spec: s}} }
	cases := map[string]struct {
		alias *rpc.Alias
		want  string
	}{
		"a URN":     {&rpc.Alias{Alias: &rpc.Alias_Urn{Urn: "urn:as:it::is"}}, "urn:as:it::is"},
		"a name":    {spec(&rpc.Alias_Spec{Name: "old"}), "urn:pulumi:alpha::shop::my:index:Parent$shop:index:Shop::old"},
		"a type":    {spec(&rpc.Alias_Spec{Type: "shop:index:Store"}), "urn:pulumi:alpha::shop::my:index:Parent$shop:index:Store::corner"},
		"no parent": {spec(&rpc.Alias_Spec{Parent: &rpc.Alias_Spec_NoParent{NoParent: true}}), "urn:pulumi:alpha::shop::shop:index:Shop::corner"},
		"a stack": {
			spec(&rpc.Alias_Spec{Stack: "beta", Project: "mall", Parent: &rpc.Alias_Spec_ParentUrn{ParentUrn: stack}}),
			"urn:pulumi:beta::mall::shop:index:Shop::corner",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := &rpc.ConstructRequest{
				Project: "shop", Stack: "alpha", Type: token, Name: "corner", Parent: parent, Aliases: []*rpc.Alias{c.alias},
			}
			assert.Equal(t, c.want, aliasURNs(request)[0].GetUrn())
		})
	}
}

// engine is a resource monitor that keeps what it was asked to register.
type engine struct {
	rpc.UnimplementedResourceMonitorServer
	registered *rpc.RegisterResourceRequest
}

func (e *engine) RegisterResource(_ context.Context, request *rpc.RegisterResourceRequest) (*rpc.RegisterResourceResponse, error) {
	e.registered = request
	return &rpc.RegisterResourceResponse{Urn: "urn:made"}, nil
}

// Cancel is what the engine calls when it gives a deployment up.
func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	close(p.cancelled)
	return &emptypb.Empty{}, nil
}

// TestOneErrorWhenAResourceFails gives a deployment up while a component waits for a
// resource: the engine is answered before it is told that the provider has ended, and is
// told no second error.
func TestOneErrorWhenAResourceFails(t *testing.T) {
	t.Parallel()
	p := &provider{cancelled: make(chan struct{}), err: errors.New("context canceled")}
	started := make(chan struct{})
	p.monitor = func(string) {
		close(started)
		<-p.cancelled
	}
	wrapped := Wrap(p, components)
	inputs, err := plugin.MarshalProperties(resource.PropertyMap{"name": resource.NewProperty("x")}, options)
	require.NoError(t, err)
	request := &rpc.ConstructRequest{
		Project: "mall", Stack: "alpha", Type: token, Name: "corner", MonitorEndpoint: "127.0.0.1:1", Inputs: inputs,
	}
	type answer struct {
		response *rpc.ConstructResponse
		err      error
	}
	answered := make(chan answer, 1)
	go func() {
		response, err := wrapped.Construct(t.Context(), request)
		answered <- answer{response, err}
	}()
	<-started
	_, err = wrapped.Cancel(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	got := <-answered
	require.NoError(t, got.err)
	assert.Equal(t, "urn:pulumi:alpha::mall::shop:index:Shop::corner", got.response.GetUrn())

	_, err = wrapped.Construct(t.Context(), request)
	require.NoError(t, err, "a component that comes too late")
}

func TestErrorsFromWithinAreGivenPlainly(t *testing.T) {
	t.Parallel()
	p := &provider{err: errors.New(`waiting for RPCs: marshaling properties: awaiting input property "description": the platform refused it`)}
	inputs, err := plugin.MarshalProperties(resource.PropertyMap{"name": resource.NewProperty("x")}, options)
	require.NoError(t, err)
	_, err = Wrap(p, components).Construct(t.Context(), &rpc.ConstructRequest{Type: token, Name: "corner", MonitorEndpoint: "127.0.0.1:1", Inputs: inputs})
	assert.Equal(t, "the platform refused it", status.Convert(err).Message())
	assert.Equal(t, "127.0.0.1:1", p.deployment, "the provider can tell deployments apart")
}

func TestCallStacksStayOut(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	kept := &engine{}
	server := grpc.NewServer()
	rpc.RegisterResourceMonitorServer(server, kept)
	go server.Serve(listener) //nolint:errcheck // ends when stopped
	t.Cleanup(server.Stop)

	p := &provider{monitor: func(endpoint string) {
		connection, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		defer connection.Close()
		answer, err := rpc.NewResourceMonitorClient(connection).RegisterResource(t.Context(), &rpc.RegisterResourceRequest{
			Type: "aws:sqs/queue:Queue", Name: "queue",
			StackTrace:     &rpc.StackTrace{Frames: []*rpc.StackFrame{{}}},
			SourcePosition: &rpc.SourcePosition{Uri: "project:///main.go"},
		})
		require.NoError(t, err)
		assert.Equal(t, "urn:made", answer.GetUrn())
	}}
	wrapped := Wrap(p, components)
	inputs, err := plugin.MarshalProperties(resource.PropertyMap{"name": resource.NewProperty("x")}, options)
	require.NoError(t, err)
	_, err = wrapped.Construct(t.Context(), &rpc.ConstructRequest{
		Type: token, Name: "corner", MonitorEndpoint: listener.Addr().String(), Inputs: inputs,
	})
	require.NoError(t, err)
	require.NotNil(t, kept.registered)
	assert.Equal(t, "queue", kept.registered.GetName())
	assert.Nil(t, kept.registered.GetStackTrace())
	assert.Nil(t, kept.registered.GetSourcePosition())
}
