package wire

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// aliasURNs gives every alias of a component as a URN.
func aliasURNs(request *rpc.ConstructRequest) []*rpc.Alias {
	aliases := make([]*rpc.Alias, len(request.GetAliases()))
	for i, alias := range request.GetAliases() {
		aliases[i] = alias
		if spec := alias.GetSpec(); spec != nil {
			aliases[i] = &rpc.Alias{Alias: &rpc.Alias_Urn{Urn: string(aliasURN(request, spec))}}
		}
	}
	return aliases
}

// aliasURN is the URN that a specification means: what it does not say is as it is
// now. The engine computes it in the same way for other resources.
func aliasURN(request *rpc.ConstructRequest, spec *rpc.Alias_Spec) resource.URN {
	parent := urn.URN(request.GetParent())
	if spec.GetNoParent() {
		parent = ""
	} else if spec.GetParentUrn() != "" {
		parent = urn.URN(spec.GetParentUrn())
	}
	var parentType tokens.Type
	if parent != "" && parent.QualifiedType() != resource.RootStackType {
		parentType = parent.QualifiedType()
	}
	return urn.New(
		tokens.QName(or(spec.GetStack(), request.GetStack())),
		tokens.PackageName(or(spec.GetProject(), request.GetProject())),
		parentType,
		tokens.Type(or(spec.GetType(), request.GetType())),
		or(spec.GetName(), request.GetName()),
	)
}

func or(value, otherwise string) string {
	if strings.TrimSpace(value) == "" {
		return otherwise
	}
	return value
}
