package awsprovider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// operation returns what every call needs and bounds it: by the caller, by
// Cancel and by a custom timeout in seconds (0: none).
func (p *Provider) operation(ctx context.Context, u string, timeout float64) (context.Context, context.CancelFunc, *define.Resource, *define.Clients, error) {
	def, err := p.find(u)
	if err != nil {
		return ctx, func() {}, nil, nil, err
	}
	clients, err := p.connected()
	if err != nil {
		return ctx, func() {}, nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.life, cancel)
	release := func() { stop(); cancel() }
	if timeout > 0 {
		ctx, expire := context.WithTimeout(ctx, time.Duration(timeout*float64(time.Second)))
		return ctx, func() { expire(); release() }, def, clients, nil
	}
	return ctx, release, def, clients, nil
}

// failed words an error as the real provider does; the AWS error with its
// code and text stays inside, since error hooks match on it.
func failed(verb string, def *define.Resource, label string, err error) error {
	return fmt.Errorf("%s %s (%s): %w", verb, def.Noun, label, err)
}

// listed adds the frame that the real provider puts around an error. The
// engine puts the same frame around the reasons of a saved state itself.
func listed(err error) error { return fmt.Errorf("1 error occurred:\n\t* %w\n\n", err) }

// Create makes a resource and reads it back.
func (p *Provider) Create(ctx context.Context, r *rpc.CreateRequest) (*rpc.CreateResponse, error) {
	ctx, cancel, def, clients, err := p.operation(ctx, r.GetUrn(), r.GetTimeout())
	if err != nil {
		return nil, err
	}
	defer cancel()
	inputs, err := decode(r.GetProperties())
	if err != nil {
		return nil, err
	}
	if r.GetPreview() {
		out, err := encodeOutputs(def, plannedCreate(def, inputs))
		return &rpc.CreateResponse{Properties: out}, err
	}
	id, outputs, err := create(ctx, def, clients, inputs)
	if err != nil {
		err = failed("creating", def, def.Label(id, property.Map(inputs)), err)
		if id == "" {
			return nil, listed(err)
		}
		return nil, saved(def, id, outputs, inputs, err)
	}
	out, err := encodeOutputs(def, outputs)
	return &rpc.CreateResponse{Id: id, Properties: out}, err
}

func create(ctx context.Context, def *define.Resource, c *define.Clients, inputs resource.PropertyMap) (string, resource.PropertyMap, error) {
	request := define.NewRequest("", inputs)
	id, err := def.Create(ctx, c, request)
	outputs := overlay(def, inputs, request.Produced())
	if err != nil {
		return id, outputs, err
	}
	if id == "" {
		return "", nil, fmt.Errorf("AWS answered without an id")
	}
	request.ID, request.State = id, property.Map(outputs)
	outputs, err = readBack(ctx, def, c, request, outputs)
	return id, outputs, err
}

// readBack overlays what AWS answers about a resource that must exist.
func readBack(ctx context.Context, def *define.Resource, c *define.Clients, r define.Request, outputs resource.PropertyMap) (resource.PropertyMap, error) {
	if def.Read == nil {
		return outputs, nil
	}
	values, err := def.Read(ctx, c, r)
	if err != nil {
		return outputs, fmt.Errorf("reading it back: %w", err)
	}
	if values == nil {
		return outputs, fmt.Errorf("reading it back: not found")
	}
	return overlay(def, outputs, values.Map()), nil
}

// Update changes a resource in place. A failure is saved as applied, with its
// reason: that is what the real provider does.
func (p *Provider) Update(ctx context.Context, r *rpc.UpdateRequest) (*rpc.UpdateResponse, error) {
	ctx, cancel, def, clients, err := p.operation(ctx, r.GetUrn(), r.GetTimeout())
	if err != nil {
		return nil, err
	}
	defer cancel()
	state, olds, news, err := decodeUpdate(r)
	if err != nil {
		return nil, err
	}
	changed := compare(def, olds, news).changed
	planned := plannedUpdate(def, state, news, changed)
	if r.GetPreview() {
		out, err := encodeOutputs(def, planned)
		return &rpc.UpdateResponse{Properties: out}, err
	}
	request := define.NewRequest(r.GetId(), news)
	request.Old, request.State, request.Changed = property.Map(olds), property.Map(state), changed
	outputs, err := update(ctx, def, clients, request, planned)
	if err != nil {
		return nil, saved(def, r.GetId(), outputs, news, failed("updating", def, r.GetId(), err))
	}
	out, err := encodeOutputs(def, outputs)
	return &rpc.UpdateResponse{Properties: out}, err
}

func decodeUpdate(r *rpc.UpdateRequest) (state, olds, news resource.PropertyMap, err error) {
	if state, err = decode(r.GetOlds()); err != nil {
		return nil, nil, nil, err
	}
	olds = state
	if r.GetOldInputs() != nil {
		if olds, err = decode(r.GetOldInputs()); err != nil {
			return nil, nil, nil, err
		}
	}
	news, err = decode(r.GetNews())
	return state, olds, news, err
}

func update(ctx context.Context, def *define.Resource, c *define.Clients, r define.Request, planned resource.PropertyMap) (resource.PropertyMap, error) {
	outputs := resource.PropertyMap{}
	for k, v := range planned {
		if !v.ContainsUnknowns() {
			outputs[k] = v
		}
	}
	if err := def.Update(ctx, c, r); err != nil {
		return outputs, err
	}
	outputs = overlay(def, outputs, r.Produced())
	return readBack(ctx, def, c, r, outputs)
}

// Delete removes a resource; one that is gone already counts as removed.
func (p *Provider) Delete(ctx context.Context, r *rpc.DeleteRequest) (*emptypb.Empty, error) {
	ctx, cancel, def, clients, err := p.operation(ctx, r.GetUrn(), r.GetTimeout())
	if err != nil {
		return nil, err
	}
	defer cancel()
	state, err := decode(r.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs := state
	if r.GetOldInputs() != nil {
		if inputs, err = decode(r.GetOldInputs()); err != nil {
			return nil, err
		}
	}
	request := define.NewRequest(r.GetId(), inputs)
	request.State = property.Map(state)
	if err := def.Delete(ctx, clients, request); err != nil && !def.Gone(err) {
		return nil, listed(failed("deleting", def, r.GetId(), err))
	}
	return &emptypb.Empty{}, nil
}
