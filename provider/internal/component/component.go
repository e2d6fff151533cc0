// Package component holds what every resource of a component shares: its names, its
// parent and its tags.
package component

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Owner is the component that resources are made for.
type Owner struct {
	naming.Scope
	// Resource is the component, the parent of its resources.
	Resource pulumi.Resource
	// Tags are set on every resource that can have tags.
	Tags pulumi.StringMap
	// LogRetentionDays is how long log groups keep their entries.
	LogRetentionDays int
}

// Child are the options of a resource of the component. Physical names are fixed, so a
// replacement must delete the old resource first.
func (o Owner) Child(extra ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{
		pulumi.Parent(o.Resource), pulumi.DeleteBeforeReplace(true),
	}, extra...)...)
}

// Versioned are the options of a resource whose replacement can be created beside the
// old one, such as a version of a layer.
func (o Owner) Versioned(extra ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(o.Resource)}, extra...)...)
}

// Tags adds the component's own tag to those of the user.
func Tags(user map[string]pulumi.StringInput, key, value string) pulumi.StringMap {
	tags := pulumi.StringMap{"reventless:" + key: pulumi.String(value)}
	for name, input := range user {
		tags[name] = input
	}
	return tags
}
