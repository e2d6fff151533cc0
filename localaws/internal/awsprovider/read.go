package awsprovider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Read refreshes or imports a resource. An empty id says that it is gone.
func (p *Provider) Read(ctx context.Context, r *rpc.ReadRequest) (*rpc.ReadResponse, error) {
	ctx, cancel, def, clients, err := p.operation(ctx, r.GetUrn(), 0)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if def.Read == nil {
		return &rpc.ReadResponse{Id: r.GetId(), Properties: r.GetProperties(), Inputs: r.GetInputs()}, nil
	}
	state, err := decode(r.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs, err := decode(r.GetInputs())
	if err != nil {
		return nil, err
	}
	request := define.NewRequest(r.GetId(), inputs)
	request.State = property.Map(state)
	values, err := def.Read(ctx, clients, request)
	if def.Gone(err) || err == nil && values == nil {
		return &rpc.ReadResponse{}, nil
	}
	if err != nil {
		return nil, listed(failed("reading", def, r.GetId(), err))
	}
	return readResponse(def, r.GetId(), state, inputs, values.Map())
}

func readResponse(def *define.Resource, id string, state, inputs, read resource.PropertyMap) (*rpc.ReadResponse, error) {
	outputs := overlay(def, state, read)
	if len(visible(inputs)) == 0 {
		inputs = importedInputs(def, read)
		for k, v := range visible(inputs) {
			if _, ok := outputs[k]; !ok {
				outputs[k] = v
			}
		}
	} else {
		inputs = refreshedInputs(def, inputs, read)
	}
	properties, err := encodeOutputs(def, outputs)
	if err != nil {
		return nil, err
	}
	kept, err := encode(inputs)
	return &rpc.ReadResponse{Id: id, Properties: properties, Inputs: kept}, err
}
