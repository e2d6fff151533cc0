package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// ownName is the name of a plugin or platform: the argument, or that of the resource. It
// is part of physical names. So a resource that was renamed, as its aliases tell, keeps
// the name that it had, or else its tables would be replaced by empty ones.
func ownName(ctx *pulumi.Context, what, resource string, given *string, options []pulumi.ResourceOption) (string, error) {
	if given != nil {
		return *given, nil
	}
	former, err := formerNames(ctx, resource, options)
	if err != nil {
		return "", err
	}
	switch len(former) {
	case 0:
		return resource, nil
	case 1:
		return former[0], ctx.Log.Warn(fmt.Sprintf("the %s keeps its former name %[2]q, and so do its AWS resources; "+
			"give it the argument `name: %[2]s` before you remove the alias, or they will be replaced", what, former[0]), nil)
	}
	return "", validate.Error(what+" "+resource, []validate.Problem{{Path: "name", Reason: fmt.Sprintf(
		"the aliases tell of several former names (%s); give the argument `name` with the first one, which is part of the names of the AWS resources",
		strings.Join(former, ", "))}})
}

// formerNames are the other names in the aliases, which are URNs by now (package wire).
func formerNames(ctx *pulumi.Context, resource string, options []pulumi.ResourceOption) ([]string, error) {
	given, err := pulumi.NewResourceOptions(options...)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, alias := range given.Aliases {
		if alias.URN == nil {
			continue
		}
		known, err := internals.UnsafeAwaitOutput(ctx.Context(), alias.URN.ToURNOutput())
		if err != nil {
			return nil, err
		}
		former, err := urn.Parse(string(known.Value.(pulumi.URN)))
		if err == nil && former.Name() != resource && !slices.Contains(names, former.Name()) {
			names = append(names, former.Name())
		}
	}
	return names, nil
}
