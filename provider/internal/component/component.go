// Package component holds what every resource of a component shares: its names, its
// parent and its tags, and what the class of its stack means for it.
package component

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
)

// Owner is the component that resources are made for.
type Owner struct {
	naming.Scope
	// Resource is the component, the parent of its resources.
	Resource pulumi.Resource
	// Tags are set on every resource that can have tags, see [Owner.TagsOf].
	Tags pulumi.StringMap
	// LogRetentionDays is how long log groups keep their entries.
	LogRetentionDays int
	// Class is the class of the stack.
	Class stackclass.Class
	// Tracing says whether X-Ray traces what functions and the API do.
	Tracing bool
}

// Child are the options of a resource of the component. Physical names are fixed, so a
// replacement must delete the old resource first.
func (o Owner) Child(extra ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{
		pulumi.Parent(o.Resource), pulumi.DeleteBeforeReplace(true),
	}, extra...)...)
}

// Kept are the options of a resource with data that nothing can make anew: in a production
// stack Pulumi refuses to delete or to replace it, and with it to destroy the stack.
func (o Owner) Kept() pulumi.ResourceOption {
	if o.Class.Protects() {
		return o.Child(pulumi.Protect(true))
	}
	return o.Child() // the component's own protection is inherited
}

// Versioned are the options of a resource whose replacement can be created beside the
// old one, such as a version of a layer.
func (o Owner) Versioned(extra ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(o.Resource)}, extra...)...)
}

// Keys of the tags that a component sets; that of the component itself is its kind.
const (
	tagPrefix = "reventless:"
	tagStack  = tagPrefix + "stack"
	tagPart   = tagPrefix + "component"
)

// Tags are those that all resources of a component have: the user's, the component's own
// name by its kind, and the stack as organization/project/stack.
func Tags(user map[string]pulumi.StringInput, kind, name, stack string) pulumi.StringMap {
	tags := pulumi.StringMap{tagPrefix + kind: pulumi.String(name), tagStack: pulumi.String(stack)}
	maps.Copy(tags, user)
	return tags
}

// TagsOf are the tags of what belongs to one part of the component.
func (o Owner) TagsOf(part string) pulumi.StringMap {
	tags := maps.Clone(o.Tags)
	tags[tagPart] = pulumi.String(part)
	return tags
}
