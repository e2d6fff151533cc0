package dynamodb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func read(ctx context.Context, c *define.Clients, r define.Request) (property.Values, error) {
	out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.ID})
	if err != nil {
		return nil, err
	}
	if out.Table.TableStatus == types.TableStatusDeleting {
		return nil, nil
	}
	values := tableValues(out.Table)
	for _, part := range []func(context.Context, *define.Clients, *types.TableDescription, property.Values) error{
		readTTL, readRecovery, readTags,
	} {
		if err := part(ctx, c, out.Table, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func tableValues(t *types.TableDescription) property.Values {
	hash, sortKey := keys(t.KeySchema)
	values := property.Values{
		"arn": t.TableArn, "name": t.TableName, "hashKey": hash, "rangeKey": property.OrNull(sortKey),
		"attributes": attributeValues(t), "globalSecondaryIndexes": globalValues(t),
		"localSecondaryIndexes": localValues(t), "billingMode": billing(t), "tableClass": "STANDARD",
		"deletionProtectionEnabled": property.OrNull(t.DeletionProtectionEnabled), "streamArn": aws.ToString(t.LatestStreamArn),
		"streamLabel": aws.ToString(t.LatestStreamLabel), "streamEnabled": nil, "streamViewType": "",
		"serverSideEncryption": nil, "readCapacity": 0, "writeCapacity": 0,
	}
	if t.TableClassSummary != nil {
		values["tableClass"] = t.TableClassSummary.TableClass
	}
	if p := t.ProvisionedThroughput; p != nil {
		values["readCapacity"], values["writeCapacity"] = aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)
	}
	if s := t.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		values["streamEnabled"], values["streamViewType"] = true, s.StreamViewType
	}
	if s := t.SSEDescription; s != nil && s.Status == types.SSEStatusEnabled {
		values["serverSideEncryption"] = property.Values{"enabled": true, "kmsKeyArn": s.KMSMasterKeyArn}
	}
	return values
}

func billing(t *types.TableDescription) types.BillingMode {
	if t.BillingModeSummary != nil && t.BillingModeSummary.BillingMode != "" {
		return t.BillingModeSummary.BillingMode
	}
	return types.BillingModeProvisioned
}

func keys(schema []types.KeySchemaElement) (hash, sortKey string) {
	for _, k := range schema {
		if k.KeyType == types.KeyTypeHash {
			hash = aws.ToString(k.AttributeName)
		} else {
			sortKey = aws.ToString(k.AttributeName)
		}
	}
	return hash, sortKey
}

func attributeValues(t *types.TableDescription) any {
	var list []any
	for _, a := range t.AttributeDefinitions {
		list = append(list, property.Values{"name": a.AttributeName, "type": a.AttributeType})
	}
	return property.OrNull(list)
}

func globalValues(t *types.TableDescription) any {
	var list []any
	for _, index := range t.GlobalSecondaryIndexes {
		v := indexValues(index.KeySchema, index.Projection)
		v["name"], v["readCapacity"], v["writeCapacity"] = index.IndexName, 0, 0
		if p := index.ProvisionedThroughput; p != nil {
			v["readCapacity"], v["writeCapacity"] = aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)
		}
		list = append(list, v)
	}
	return property.OrNull(list)
}

func localValues(t *types.TableDescription) any {
	var list []any
	for _, index := range t.LocalSecondaryIndexes {
		v := indexValues(index.KeySchema, index.Projection)
		delete(v, "hashKey")
		v["name"] = index.IndexName
		list = append(list, v)
	}
	return property.OrNull(list)
}

func indexValues(schema []types.KeySchemaElement, p *types.Projection) property.Values {
	hash, sortKey := keys(schema)
	v := property.Values{"hashKey": hash}
	if sortKey != "" {
		v["rangeKey"] = sortKey
	}
	if p != nil {
		v["projectionType"] = p.ProjectionType
		if len(p.NonKeyAttributes) > 0 {
			v["nonKeyAttributes"] = p.NonKeyAttributes
		}
	}
	return v
}

func readTTL(ctx context.Context, c *define.Clients, t *types.TableDescription, values property.Values) error {
	out, err := c.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: t.TableName})
	if err != nil {
		return err
	}
	values["ttl"] = nil
	if d := out.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		values["ttl"] = property.Values{"enabled": true, "attributeName": d.AttributeName}
	}
	return nil
}

func readRecovery(ctx context.Context, c *define.Clients, t *types.TableDescription, values property.Values) error {
	out, err := c.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: t.TableName})
	if isUnsupported(err) {
		return nil
	}
	if err != nil {
		return err
	}
	pitr := property.Values{"enabled": false}
	if d := out.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil {
		p := d.PointInTimeRecoveryDescription
		pitr["enabled"] = p.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
		if p.RecoveryPeriodInDays != nil {
			pitr["recoveryPeriodInDays"] = p.RecoveryPeriodInDays
		}
	}
	values["pointInTimeRecovery"] = pitr
	return nil
}

func readTags(ctx context.Context, c *define.Clients, t *types.TableDescription, values property.Values) error {
	tags := map[string]string{}
	var next *string
	for {
		out, err := c.DynamoDB.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: t.TableArn, NextToken: next})
		if err != nil {
			return err
		}
		for _, tag := range out.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if next = out.NextToken; next == nil {
			break
		}
	}
	values["tags"] = property.OrNull(tags)
	return nil
}
