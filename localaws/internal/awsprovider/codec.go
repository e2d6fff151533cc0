package awsprovider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
)

// decode reads properties. Resource references become their ids. Secrets are
// plain here: like the real provider this one does not accept secrets, and the
// engine marks outputs secret whose inputs are.
func decode(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, ComputeAssetHashes: true})
}

func encode(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
}

// encodeOutputs marks the declared secret outputs.
func encodeOutputs(def *define.Resource, outputs resource.PropertyMap) (*structpb.Struct, error) {
	marked := outputs.Copy()
	for _, name := range def.Secret {
		if v, ok := marked[resource.PropertyKey(name)]; ok && !v.IsSecret() {
			marked[resource.PropertyKey(name)] = resource.MakeSecret(v)
		}
	}
	return encode(marked)
}

// saved is the error of an operation whose resource exists: the engine stores
// the state and the inputs together with the reason.
func saved(def *define.Resource, id string, outputs, inputs resource.PropertyMap, cause error) error {
	properties, err := encodeOutputs(def, outputs)
	if err != nil {
		return cause
	}
	kept, err := encode(inputs)
	if err != nil {
		return cause
	}
	detail := &rpc.ErrorResourceInitFailed{Id: id, Properties: properties, Inputs: kept, Reasons: []string{cause.Error()}}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, cause.Error()), detail)
}
