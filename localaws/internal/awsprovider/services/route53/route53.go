// Package route53 declares the Route 53 type of the stand-in provider: Record, for simple
// records and aliases.
package route53

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// Resources lists the types of this package.
func Resources() []*define.Resource { return []*define.Resource{record()} }

func record() *define.Resource {
	return &define.Resource{
		Token:         "aws:route53/record:Record",
		Noun:          "Route 53 Record",
		Args:          define.ArgsOf(sdk.RecordArgs{}),
		Result:        reflect.TypeFor[sdk.Record](),
		Validate:      validate,
		ForceNew:      []string{"zoneId", "name", "type"},
		Computed:      []string{"allowOverwrite", "fqdn"},
		NotFoundCodes: []string{"NoSuchHostedZone"},
		Create: func(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
			action := types.ChangeActionCreate
			if r.Inputs.Bool("allowOverwrite") {
				action = types.ChangeActionUpsert
			}
			if err := change(ctx, c, r.Inputs, action); err != nil {
				return "", err
			}
			return r.Inputs.String("zoneId") + "_" + r.Inputs.String("name") + "_" + r.Inputs.String("type"), nil
		},
		Read: read,
		Update: func(ctx context.Context, c *define.Clients, r define.Request) error {
			return change(ctx, c, r.Inputs, types.ChangeActionUpsert)
		},
		Delete: func(ctx context.Context, c *define.Clients, r define.Request) error {
			if found, err := find(ctx, c, r.Inputs); err != nil || found == nil {
				return err
			}
			return change(ctx, c, r.Inputs, types.ChangeActionDelete)
		},
	}
}

func validate(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for key := range inputs {
		if name := string(key); strings.HasSuffix(name, "Policies") || strings.HasSuffix(name, "Policy") || name == "setIdentifier" || name == "healthCheckId" {
			failures = append(failures, define.Failed(name, "the stand-in knows simple records and aliases only")...)
		}
	}
	if inputs.Has("aliases") == inputs.Has("records") {
		failures = append(failures, define.Failed("records", "one of `alias,records` must be specified")...)
	}
	return failures
}

// fqdn is the whole name of a record.
func fqdn(ctx context.Context, c *define.Clients, inputs property.Map) (string, error) {
	zone, err := c.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: inputs.StringPtr("zoneId")})
	if err != nil {
		return "", err
	}
	suffix := strings.TrimSuffix(aws.ToString(zone.HostedZone.Name), ".")
	name := strings.TrimSuffix(inputs.String("name"), ".")
	if name != suffix && !strings.HasSuffix(name, "."+suffix) {
		name += "." + suffix
	}
	return name, nil
}

func change(ctx context.Context, c *define.Clients, inputs property.Map, action types.ChangeAction) error {
	name, err := fqdn(ctx, c, inputs)
	if err != nil {
		return err
	}
	set := &types.ResourceRecordSet{Name: &name, Type: types.RRType(inputs.String("type"))}
	for _, value := range inputs.Strings("records") {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: &value})
		set.TTL = aws.Int64(int64(inputs.Int("ttl")))
	}
	for _, alias := range inputs.Objects("aliases") {
		set.AliasTarget = &types.AliasTarget{DNSName: alias.StringPtr("name"), HostedZoneId: alias.StringPtr("zoneId"), EvaluateTargetHealth: alias.Bool("evaluateTargetHealth")}
	}
	_, err = c.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: inputs.StringPtr("zoneId"),
		ChangeBatch: &types.ChangeBatch{Comment: aws.String("Managed by Pulumi"), Changes: []types.Change{{Action: action, ResourceRecordSet: set}}}})
	return err
}

// find finds a record, nil if there is none.
func find(ctx context.Context, c *define.Clients, inputs property.Map) (*types.ResourceRecordSet, error) {
	name, err := fqdn(ctx, c, inputs)
	if err != nil {
		return nil, err
	}
	out, err := c.Route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: inputs.StringPtr("zoneId")})
	if err != nil {
		return nil, err
	}
	for _, set := range out.ResourceRecordSets {
		if strings.EqualFold(strings.TrimSuffix(aws.ToString(set.Name), "."), name) && string(set.Type) == inputs.String("type") {
			return &set, nil
		}
	}
	return nil, nil
}

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	if r.Inputs.String("zoneId") == "" {
		return nil, fmt.Errorf("the stand-in cannot import records")
	}
	found, err := find(ctx, c, r.Inputs)
	if err != nil || found == nil {
		return nil, err
	}
	name, err := fqdn(ctx, c, r.Inputs)
	return property.Values{"fqdn": name, "allowOverwrite": r.Inputs.Bool("allowOverwrite")}, err
}
