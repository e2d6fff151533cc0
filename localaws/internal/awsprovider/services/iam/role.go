// Package iam declares the IAM types of the stand-in provider: Role and
// RolePolicy.
package iam

import (
	"context"
	"net/url"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var notFound = []string{"NoSuchEntity", "NoSuchEntityException"}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{role(), rolePolicy()}
}

func role() *define.Resource {
	return &define.Resource{
		Token:    "aws:iam/role:Role",
		Noun:     "IAM Role",
		Args:     define.ArgsOf(sdk.RoleArgs{}),
		Result:   reflect.TypeFor[sdk.Role](),
		AutoName: &define.AutoName{Property: "name", Max: 64},
		Required: []string{"assumeRolePolicy"},
		Defaults: map[string]any{"forceDetachPolicies": false, "maxSessionDuration": 3600, "path": "/"},
		Ranges:   map[string]define.Range{"maxSessionDuration": {Min: 3600, Max: 43200}},
		Kinds: map[string]define.Kind{"assumeRolePolicy": define.Policy, "managedPolicyArns": define.Set,
			"inlinePolicies": define.Set, "inlinePolicies.policy": define.Policy},
		ForceNew:      []string{"name", "namePrefix", "path"},
		Computed:      []string{"arn", "createDate", "uniqueId", "namePrefix", "managedPolicyArns", "inlinePolicies"},
		NotFoundCodes: notFound,
		Create:        createRole,
		Read:          readRole,
		Update:        updateRole,
		Delete:        deleteRole,
	}
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func createRole(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	name := r.Inputs.String("name")
	_, err := c.IAM.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: r.Inputs.StringPtr("assumeRolePolicy"),
		Description: r.Inputs.StringPtr("description"), Path: r.Inputs.StringPtr("path"),
		MaxSessionDuration:  r.Inputs.Int32Ptr("maxSessionDuration"),
		PermissionsBoundary: r.Inputs.StringPtr("permissionsBoundary"), Tags: tagsOf(r.Inputs.StringMap("tags"))})
	if err != nil {
		return "", err
	}
	if err := attach(ctx, c, name, r.Inputs.Strings("managedPolicyArns")); err != nil {
		return name, err
	}
	return name, putInline(ctx, c, name, r.Inputs.Objects("inlinePolicies"))
}

func attach(ctx context.Context, c *define.Clients, role string, arns []string) error {
	for _, arn := range arns {
		if _, err := c.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &role, PolicyArn: &arn}); err != nil {
			return err
		}
	}
	return nil
}

func detach(ctx context.Context, c *define.Clients, role string, arns []string) error {
	for _, arn := range arns {
		_, err := c.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: &arn})
		if err != nil && !define.HasCode(err, notFound...) {
			return err
		}
	}
	return nil
}

func putInline(ctx context.Context, c *define.Clients, role string, policies []property.Map) error {
	for _, p := range policies {
		in := &iam.PutRolePolicyInput{RoleName: &role, PolicyName: p.StringPtr("name"), PolicyDocument: p.StringPtr("policy")}
		if in.PolicyName == nil || in.PolicyDocument == nil {
			continue // an empty block means "no inline policies at all"
		}
		if _, err := c.IAM.PutRolePolicy(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

func deleteInline(ctx context.Context, c *define.Clients, role string, names []string) error {
	for _, name := range names {
		_, err := c.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &name})
		if err != nil && !define.HasCode(err, notFound...) {
			return err
		}
	}
	return nil
}

func readRole(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &r.ID})
	if err != nil {
		return nil, err
	}
	attached, err := attachedARNs(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	role := out.Role
	document, err := url.QueryUnescape(aws.ToString(role.AssumeRolePolicyDocument))
	if err != nil {
		return nil, err
	}
	values := property.Values{"arn": role.Arn, "name": role.RoleName, "namePrefix": "", "path": role.Path,
		"uniqueId": role.RoleId, "createDate": role.CreateDate, "description": property.OrNull(role.Description),
		"maxSessionDuration": role.MaxSessionDuration, "assumeRolePolicy": document,
		"managedPolicyArns": attached, "permissionsBoundary": nil, "tags": property.OrNull(tagMap(role.Tags))}
	if role.PermissionsBoundary != nil {
		values["permissionsBoundary"] = role.PermissionsBoundary.PermissionsBoundaryArn
	}
	return values, nil
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

func attachedARNs(ctx context.Context, c *define.Clients, role string) ([]string, error) {
	arns := []string{}
	pages := iam.NewListAttachedRolePoliciesPaginator(c.IAM, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.AttachedPolicies {
			arns = append(arns, aws.ToString(p.PolicyArn))
		}
	}
	return arns, nil
}

func inlineNames(ctx context.Context, c *define.Clients, role string) ([]string, error) {
	var names []string
	pages := iam.NewListRolePoliciesPaginator(c.IAM, &iam.ListRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		names = append(names, page.PolicyNames...)
	}
	return names, nil
}

func updateRole(ctx context.Context, c *define.Clients, r define.Request) error {
	steps := []func(context.Context, *define.Clients, define.Request) error{
		updateTrust, updateSettings, updateBoundary, updateAttached, updateInline, updateRoleTags,
	}
	for _, step := range steps {
		if err := step(ctx, c, r); err != nil {
			return err
		}
	}
	return nil
}

func updateTrust(ctx context.Context, c *define.Clients, r define.Request) error {
	if !r.Changed["assumeRolePolicy"] {
		return nil
	}
	_, err := c.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: &r.ID, PolicyDocument: r.Inputs.StringPtr("assumeRolePolicy")})
	return err
}

func updateSettings(ctx context.Context, c *define.Clients, r define.Request) error {
	if !r.AnyChanged("description", "maxSessionDuration") {
		return nil
	}
	_, err := c.IAM.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: &r.ID,
		Description:        aws.String(r.Inputs.String("description")),
		MaxSessionDuration: r.Inputs.Int32Ptr("maxSessionDuration")})
	return err
}

func updateBoundary(ctx context.Context, c *define.Clients, r define.Request) error {
	if !r.Changed["permissionsBoundary"] {
		return nil
	}
	if boundary := r.Inputs.StringPtr("permissionsBoundary"); boundary != nil {
		_, err := c.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: &r.ID, PermissionsBoundary: boundary})
		return err
	}
	_, err := c.IAM.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &r.ID})
	return err
}

func updateAttached(ctx context.Context, c *define.Clients, r define.Request) error {
	if !r.Changed["managedPolicyArns"] {
		return nil
	}
	old, wanted := r.Old.Strings("managedPolicyArns"), r.Inputs.Strings("managedPolicyArns")
	gone := slices.DeleteFunc(slices.Clone(old), func(a string) bool { return slices.Contains(wanted, a) })
	added := slices.DeleteFunc(slices.Clone(wanted), func(a string) bool { return slices.Contains(old, a) })
	if err := detach(ctx, c, r.ID, gone); err != nil {
		return err
	}
	return attach(ctx, c, r.ID, added)
}

func updateInline(ctx context.Context, c *define.Clients, r define.Request) error {
	if !r.Changed["inlinePolicies"] {
		return nil
	}
	wanted := r.Inputs.Objects("inlinePolicies")
	var gone []string
	for _, p := range r.Old.Objects("inlinePolicies") {
		same := func(q property.Map) bool { return q.String("name") == p.String("name") }
		if name := p.String("name"); name != "" && !slices.ContainsFunc(wanted, same) {
			gone = append(gone, name)
		}
	}
	if err := deleteInline(ctx, c, r.ID, gone); err != nil {
		return err
	}
	return putInline(ctx, c, r.ID, wanted)
}

func updateRoleTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	if len(remove) > 0 {
		if _, err := c.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &r.ID, TagKeys: remove}); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: &r.ID, Tags: tagsOf(set)})
	return err
}

// deleteRole removes what the role declares itself; policies of other
// resources make AWS refuse the deletion unless forceDetachPolicies is set.
func deleteRole(ctx context.Context, c *define.Clients, r define.Request) error {
	arns := r.Inputs.Strings("managedPolicyArns")
	var names []string
	for _, p := range r.Inputs.Objects("inlinePolicies") {
		names = append(names, p.String("name"))
	}
	if r.Inputs.Bool("forceDetachPolicies") {
		var err error
		if arns, err = attachedARNs(ctx, c, r.ID); err != nil {
			return err
		}
		if names, err = inlineNames(ctx, c, r.ID); err != nil {
			return err
		}
	}
	if err := detach(ctx, c, r.ID, arns); err != nil {
		return err
	}
	if err := deleteInline(ctx, c, r.ID, names); err != nil {
		return err
	}
	_, err := c.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &r.ID})
	return err
}
