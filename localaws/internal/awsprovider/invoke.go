package awsprovider

import (
	"context"
	"fmt"
	"strings"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Invoke runs a function (data source) of the catalog.
func (p *Provider) Invoke(ctx context.Context, r *rpc.InvokeRequest) (*rpc.InvokeResponse, error) {
	f, ok := p.functions[r.GetTok()]
	if !ok {
		return nil, fmt.Errorf("the local stand-in for the aws provider does not serve the function %q; it serves: %s",
			r.GetTok(), strings.Join(keysOf(p.functions), ", "))
	}
	clients, err := p.connected()
	if err != nil {
		return nil, err
	}
	args, err := decode(r.GetArgs())
	if err != nil {
		return nil, err
	}
	if failures := inputcheck.Check(f.Args, args); len(failures) > 0 {
		return &rpc.InvokeResponse{Failures: failuresOf(r.GetTok(), failures)}, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	values, err := f.Call(ctx, clients, property.Map(args))
	if err != nil {
		return nil, fmt.Errorf("invoking %s: %w", r.GetTok(), err)
	}
	out, err := encode(values.Map())
	return &rpc.InvokeResponse{Return: out}, err
}
