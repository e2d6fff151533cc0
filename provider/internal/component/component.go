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
// stack Pulumi refuses to delete it.
func (o Owner) Kept() pulumi.ResourceOption {
	return o.Child(o.Protection()...)
}

// Protection is the option that lets Pulumi refuse to delete a resource of a production
// stack. Of another one it is none, which leaves it to the component's own options.
func (o Owner) Protection() []pulumi.ResourceOption {
	if o.Class.Protects() {
		return []pulumi.ResourceOption{pulumi.Protect(true)}
	}
	return nil
}

// guardToken is the type of guards, which exist in the state alone.
const guardToken = "reventless:index:Guard"

// guard is a resource of the component that nothing is behind.
type guard struct{ pulumi.ResourceState }

// Guard makes the guard of a component: it depends on all of the component's resources, so
// Pulumi deletes it first. In a production stack it refuses to, and goes on to nothing
// else; without the guard it would delete everything up to the first protected resource.
// There is one in each stack, for one that is protected cannot be taken out of a program.
func (o Owner) Guard(ctx *pulumi.Context, all []pulumi.Resource) error {
	options := append(o.Protection(), pulumi.Parent(o.Resource), pulumi.DependsOn(all))
	return ctx.RegisterComponentResource(guardToken, o.Logical("guard"), &guard{}, options...)
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
