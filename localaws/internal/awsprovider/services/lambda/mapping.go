package lambda

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

var renameMapping = mapping.Rename{"destinationArn": "Destination", "queues": "-", "startingPositionTimestamp": "-"}

func eventSourceMapping() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/eventSourceMapping:EventSourceMapping",
		Noun:     "Lambda Event Source Mapping",
		Args:     define.ArgsOf(sdk.EventSourceMappingArgs{}),
		Result:   reflect.TypeFor[sdk.EventSourceMapping](),
		Defaults: map[string]any{"enabled": true},
		Enums:    map[string][]string{"startingPosition": {"TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"}},
		Ranges: map[string]define.Range{"maximumRecordAgeInSeconds": {Min: -1, Max: 604800},
			"maximumRetryAttempts": {Min: -1, Max: 10000}, "parallelizationFactor": {Min: 1, Max: 10},
			"tumblingWindowInSeconds": {Max: 900}, "scalingConfig.maximumConcurrency": {Min: 2, Max: 1000}},
		Kinds: map[string]define.Kind{"functionName": define.FunctionName, "functionResponseTypes": define.Set,
			"filterCriteria.filters": define.Set, "filterCriteria.filters.pattern": define.JSON,
			"sourceAccessConfigurations": define.Set, "topics": define.Set},
		Validate: validateMapping,
		ForceNew: []string{"amazonManagedKafkaEventSourceConfig", "eventSourceArn", "queues", "selfManagedEventSource",
			"selfManagedKafkaEventSourceConfig", "startingPosition", "startingPositionTimestamp", "topics"},
		Computed: []string{"arn", "batchSize", "functionArn", "lastModified", "lastProcessingResult",
			"maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor", "state",
			"stateTransitionReason", "uuid"},
		Volatile: func(changed map[string]bool, _ property.Map) []string {
			if changed["functionName"] {
				return []string{"functionArn"}
			}
			return nil
		},
		NotFoundCodes: notFound,
		Create:        createMapping,
		Read:          readMapping,
		Update:        updateMapping,
		Delete:        deleteMapping,
	}
}

func validateMapping(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	if inputs.Has("eventSourceArn") == inputs.Has("selfManagedEventSource") {
		failures = define.Failed("eventSourceArn", "exactly one of eventSourceArn and selfManagedEventSource must be specified")
	}
	if at := inputs.String("startingPositionTimestamp"); at != "" {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			failures = append(failures, define.Failed("startingPositionTimestamp", "expected a time in RFC 3339 format: %q", at)...)
		}
	}
	return failures
}

func createMapping(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	var in lambda.CreateEventSourceMappingInput
	mapping.Into(r.Inputs, &in, renameMapping)
	if queue := r.Inputs.String("queues"); queue != "" {
		in.Queues = []string{queue}
	}
	if at, err := time.Parse(time.RFC3339, r.Inputs.String("startingPositionTimestamp")); err == nil {
		in.StartingPositionTimestamp = &at
	}
	var uuid string
	err := patiently(ctx, func() error {
		out, err := c.Lambda.CreateEventSourceMapping(ctx, &in)
		if err == nil {
			uuid = aws.ToString(out.UUID)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return uuid, waitMapping(ctx, c, uuid)
}

// waitMapping waits until a mapping has settled as Enabled or Disabled.
func waitMapping(ctx context.Context, c *define.Clients, uuid string) error {
	return retry.Until(ctx, changeTimeout, "Lambda Event Source Mapping ("+uuid+") to settle", func() (bool, string, error) {
		out, err := c.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &uuid})
		if err != nil {
			return false, "", err
		}
		state := aws.ToString(out.State)
		return state == "" || state == "Enabled" || state == "Disabled", state, nil
	})
}

func readMapping(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &r.ID})
	if err != nil {
		return nil, err
	}
	values := mapping.From(out, define.ArgsOf(sdk.EventSourceMappingArgs{}), renameMapping)
	delete(values, "startingPositionTimestamp")
	state := aws.ToString(out.State)
	values["functionName"], values["functionArn"] = out.FunctionArn, aws.ToString(out.FunctionArn)
	values["enabled"] = state == "Enabled" || state == "Enabling" || state == "Creating"
	values["uuid"], values["state"] = r.ID, state
	values["stateTransitionReason"] = aws.ToString(out.StateTransitionReason)
	values["lastProcessingResult"] = aws.ToString(out.LastProcessingResult)
	values["arn"] = mappingARN(out, r.ID)
	if out.LastModified != nil {
		values["lastModified"] = out.LastModified
	}
	if len(out.Queues) > 0 {
		values["queues"] = out.Queues[0]
	}
	if out.DestinationConfig == nil || out.DestinationConfig.OnFailure == nil {
		values["destinationConfig"] = nil // AWS answers an empty block when it is not set
	}
	return mappingTags(ctx, c, out, values)
}

// mappingARN derives the ARN where an older endpoint does not answer it.
func mappingARN(out *lambda.GetEventSourceMappingOutput, uuid string) string {
	if arn := aws.ToString(out.EventSourceMappingArn); arn != "" {
		return arn
	}
	var partition, region, account string
	_, err := fmt.Sscanf(separate(aws.ToString(out.FunctionArn)), "arn %s lambda %s %s", &partition, &region, &account)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("arn:%s:lambda:%s:%s:event-source-mapping:%s", partition, region, account, uuid)
}

func separate(arn string) string {
	spaced := []rune(arn)
	for i, r := range spaced {
		if r == ':' {
			spaced[i] = ' '
		}
	}
	return string(spaced)
}

// mappingTags reads the tags when the mapping declares some: not every local
// endpoint knows tags of mappings.
func mappingTags(ctx context.Context, c *define.Clients, out *lambda.GetEventSourceMappingOutput, values property.Values) (property.Values, error) {
	if aws.ToString(out.EventSourceMappingArn) == "" {
		return values, nil
	}
	tags, err := c.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: out.EventSourceMappingArn})
	if err != nil {
		return nil, err
	}
	values["tags"] = property.OrNull(tags.Tags)
	return values, nil
}

func updateMapping(ctx context.Context, c *define.Clients, r define.Request) error {
	if err := updateTags(ctx, c, r, r.State.String("arn")); err != nil {
		return err
	}
	var in lambda.UpdateEventSourceMappingInput
	mapping.Into(r.Inputs, &in, renameMapping)
	in.UUID = &r.ID
	gone := func(name string) bool { return r.Changed[name] && !r.Inputs.Has(name) }
	if gone("filterCriteria") {
		in.FilterCriteria = &types.FilterCriteria{}
	}
	if gone("destinationConfig") {
		in.DestinationConfig = &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String("")}}
	}
	if gone("functionResponseTypes") {
		in.FunctionResponseTypes = []types.FunctionResponseType{}
	}
	if gone("scalingConfig") {
		in.ScalingConfig = &types.ScalingConfig{}
	}
	err := retryInUse(ctx, func() error { _, err := c.Lambda.UpdateEventSourceMapping(ctx, &in); return err })
	if err != nil {
		return err
	}
	return waitMapping(ctx, c, r.ID)
}

// retryInUse repeats while the mapping is still changing state.
func retryInUse(ctx context.Context, f func() error) error {
	busy := func(err error) bool { return define.HasCode(err, "ResourceInUseException") || propagating(err) }
	return retry.While(ctx, propagationTimeout, busy, f)
}

func deleteMapping(ctx context.Context, c *define.Clients, r define.Request) error {
	err := retryInUse(ctx, func() error {
		_, err := c.Lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: &r.ID})
		return err
	})
	if err != nil {
		return err
	}
	return retry.Until(ctx, changeTimeout, "deletion of Lambda Event Source Mapping ("+r.ID+")", func() (bool, string, error) {
		out, err := c.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &r.ID})
		if define.HasCode(err, notFound...) {
			return true, "", nil
		}
		if err != nil {
			return false, "", err
		}
		return false, aws.ToString(out.State), nil
	})
}
