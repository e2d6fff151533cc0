package dynamodb

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// update sends each changed part on its own, in the real provider's order:
// DynamoDB takes one kind of change, and one index, per UpdateTable.
func update(ctx context.Context, c *define.Clients, r define.Request) error {
	for _, in := range plan(r) {
		in.TableName = &r.ID
		if _, err := c.DynamoDB.UpdateTable(ctx, in); err != nil {
			return err
		}
		if err := waitActive(ctx, c, r.ID); err != nil {
			return err
		}
	}
	if r.Changed["ttl"] {
		if err := updateTTL(ctx, c, r); err != nil {
			return err
		}
	}
	if r.Changed["pointInTimeRecovery"] {
		if err := setRecovery(ctx, c, r.ID, r.Inputs.Object("pointInTimeRecovery")); err != nil {
			return err
		}
	}
	return updateTags(ctx, c, r)
}

func plan(r define.Request) []*dynamodb.UpdateTableInput {
	var steps []*dynamodb.UpdateTableInput
	if r.AnyChanged("billingMode", "readCapacity", "writeCapacity", "onDemandThroughput") {
		steps = append(steps, capacityChange(r.Inputs))
	}
	if r.AnyChanged("streamEnabled", "streamViewType") {
		steps = append(steps, streamChanges(r)...)
	}
	if r.AnyChanged("globalSecondaryIndexes") {
		steps = append(steps, indexChanges(r)...)
	}
	if r.Changed["serverSideEncryption"] {
		sse := encryption(r.Inputs)
		if sse == nil {
			sse = &types.SSESpecification{Enabled: aws.Bool(false)}
		}
		steps = append(steps, &dynamodb.UpdateTableInput{SSESpecification: sse})
	}
	if r.Changed["deletionProtectionEnabled"] {
		steps = append(steps, &dynamodb.UpdateTableInput{
			DeletionProtectionEnabled: aws.Bool(r.Inputs.Bool("deletionProtectionEnabled"))})
	}
	if r.Changed["tableClass"] {
		steps = append(steps, &dynamodb.UpdateTableInput{TableClass: types.TableClass(r.Inputs.String("tableClass"))})
	}
	return steps
}

func capacityChange(inputs property.Map) *dynamodb.UpdateTableInput {
	billing := inputs.String("billingMode")
	in := &dynamodb.UpdateTableInput{BillingMode: types.BillingMode(billing),
		ProvisionedThroughput: throughput(billing, inputs), OnDemandThroughput: onDemand(inputs)}
	if in.ProvisionedThroughput == nil {
		return in
	}
	for _, index := range inputs.Objects("globalSecondaryIndexes") {
		in.GlobalSecondaryIndexUpdates = append(in.GlobalSecondaryIndexUpdates, types.GlobalSecondaryIndexUpdate{
			Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: index.StringPtr("name"),
				ProvisionedThroughput: throughput(billing, index)}})
	}
	return in
}

// streamChanges: the view type of a live stream cannot change, so it is
// switched off and on, which gives the stream a new ARN.
func streamChanges(r define.Request) []*dynamodb.UpdateTableInput {
	var steps []*dynamodb.UpdateTableInput
	if r.Old.Bool("streamEnabled") {
		steps = append(steps, &dynamodb.UpdateTableInput{
			StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}})
	}
	if on := streamSpecification(r.Inputs); on != nil {
		steps = append(steps, &dynamodb.UpdateTableInput{StreamSpecification: on})
	}
	return steps
}

// indexChanges deletes what is gone or different and creates what is new.
func indexChanges(r define.Request) []*dynamodb.UpdateTableInput {
	old, wanted := byName(r.Old), byName(r.Inputs)
	var steps []*dynamodb.UpdateTableInput
	for _, index := range r.Old.Objects("globalSecondaryIndexes") {
		if w, ok := wanted[index.String("name")]; !ok || !sameIndex(index, w) {
			steps = append(steps, indexStep(r.Inputs, types.GlobalSecondaryIndexUpdate{
				Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: index.StringPtr("name")}}))
		}
	}
	for _, index := range r.Inputs.Objects("globalSecondaryIndexes") {
		o, ok := old[index.String("name")]
		if ok && sameIndex(o, index) {
			continue
		}
		g := globalIndex(r.Inputs.String("billingMode"), index)
		steps = append(steps, indexStep(r.Inputs, types.GlobalSecondaryIndexUpdate{
			Create: &types.CreateGlobalSecondaryIndexAction{IndexName: g.IndexName, KeySchema: g.KeySchema,
				Projection: g.Projection, ProvisionedThroughput: g.ProvisionedThroughput, OnDemandThroughput: g.OnDemandThroughput}}))
	}
	return steps
}

func indexStep(inputs property.Map, u types.GlobalSecondaryIndexUpdate) *dynamodb.UpdateTableInput {
	return &dynamodb.UpdateTableInput{AttributeDefinitions: attributeDefinitions(inputs),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{u}}
}

func byName(inputs property.Map) map[string]property.Map {
	m := map[string]property.Map{}
	for _, index := range inputs.Objects("globalSecondaryIndexes") {
		m[index.String("name")] = index
	}
	return m
}

func sameIndex(a, b property.Map) bool {
	return a.String("hashKey") == b.String("hashKey") && a.String("rangeKey") == b.String("rangeKey") &&
		reflect.DeepEqual(projection(a), projection(b))
}

func updateTTL(ctx context.Context, c *define.Clients, r define.Request) error {
	ttl, old := r.Inputs.Object("ttl"), r.Old.Object("ttl")
	if ttl.Bool("enabled") {
		return setTTL(ctx, c, r.ID, ttl)
	}
	if !old.Bool("enabled") {
		return nil
	}
	off := property.Map(property.Values{"enabled": false, "attributeName": old.String("attributeName")}.Map())
	return setTTL(ctx, c, r.ID, off)
}

func updateTags(ctx context.Context, c *define.Clients, r define.Request) error {
	set, remove := property.TagChanges(r.Old.StringMap("tags"), r.Inputs.StringMap("tags"))
	arn := r.State.StringPtr("arn")
	if len(remove) > 0 {
		in := &dynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: remove}
		if _, err := c.DynamoDB.UntagResource(ctx, in); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, err := c.DynamoDB.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: arn, Tags: tagsOf(set)})
	return err
}
