package dynamodb

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/mapping"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// Limits of the real provider.
const (
	tableTimeout  = 30 * time.Minute
	deleteTimeout = 10 * time.Minute
	backupTimeout = 5 * time.Minute
)

func create(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	name := r.Inputs.String("name")
	if _, err := c.DynamoDB.CreateTable(ctx, createInput(r.Inputs)); err != nil {
		return "", err
	}
	if err := waitActive(ctx, c, name); err != nil {
		return name, err
	}
	if ttl := r.Inputs.Object("ttl"); ttl.Bool("enabled") {
		if err := setTTL(ctx, c, name, ttl); err != nil {
			return name, err
		}
	}
	if pitr := r.Inputs.Object("pointInTimeRecovery"); pitr.Bool("enabled") {
		return name, setRecovery(ctx, c, name, pitr)
	}
	return name, nil
}

func createInput(inputs property.Map) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:                 inputs.StringPtr("name"),
		AttributeDefinitions:      attributeDefinitions(inputs),
		BillingMode:               types.BillingMode(inputs.String("billingMode")),
		DeletionProtectionEnabled: inputs.BoolPtr("deletionProtectionEnabled"),
		KeySchema:                 keySchema(inputs.String("hashKey"), inputs.String("rangeKey")),
		TableClass:                types.TableClass(inputs.String("tableClass")),
		StreamSpecification:       streamSpecification(inputs),
		SSESpecification:          encryption(inputs),
		ProvisionedThroughput:     throughput(inputs.String("billingMode"), inputs),
		OnDemandThroughput:        onDemand(inputs),
		Tags:                      tagsOf(inputs.StringMap("tags")),
	}
	for _, index := range inputs.Objects("globalSecondaryIndexes") {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, globalIndex(inputs.String("billingMode"), index))
	}
	for _, index := range inputs.Objects("localSecondaryIndexes") {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName: index.StringPtr("name"), Projection: projection(index),
			KeySchema: keySchema(inputs.String("hashKey"), index.String("rangeKey"))})
	}
	return in
}

func attributeDefinitions(inputs property.Map) []types.AttributeDefinition {
	var list []types.AttributeDefinition
	for _, a := range inputs.Objects("attributes") {
		list = append(list, types.AttributeDefinition{AttributeName: a.StringPtr("name"),
			AttributeType: types.ScalarAttributeType(a.String("type"))})
	}
	return list
}

func keySchema(hash, sortKey string) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}}
	if sortKey != "" {
		schema = append(schema, types.KeySchemaElement{AttributeName: &sortKey, KeyType: types.KeyTypeRange})
	}
	return schema
}

func projection(index property.Map) *types.Projection {
	return &types.Projection{ProjectionType: types.ProjectionType(index.String("projectionType")),
		NonKeyAttributes: index.Strings("nonKeyAttributes")}
}

func globalIndex(billing string, index property.Map) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{IndexName: index.StringPtr("name"), Projection: projection(index),
		KeySchema:             keySchema(index.String("hashKey"), index.String("rangeKey")),
		ProvisionedThroughput: throughput(billing, index), OnDemandThroughput: onDemand(index)}
}

// throughput of a table or index in provisioned mode; nil in on-demand mode.
func throughput(billing string, m property.Map) *types.ProvisionedThroughput {
	if billing == string(types.BillingModePayPerRequest) {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(int64(max(1, m.Int("readCapacity")))),
		WriteCapacityUnits: aws.Int64(int64(max(1, m.Int("writeCapacity"))))}
}

func onDemand(m property.Map) *types.OnDemandThroughput {
	limits := m.Object("onDemandThroughput")
	if limits == nil {
		return nil
	}
	var out types.OnDemandThroughput
	mapping.Into(limits, &out, nil)
	return &out
}

func streamSpecification(inputs property.Map) *types.StreamSpecification {
	if !inputs.Bool("streamEnabled") {
		return nil
	}
	return &types.StreamSpecification{StreamEnabled: aws.Bool(true),
		StreamViewType: types.StreamViewType(inputs.String("streamViewType"))}
}

func encryption(inputs property.Map) *types.SSESpecification {
	sse := inputs.Object("serverSideEncryption")
	if sse == nil {
		return nil
	}
	out := &types.SSESpecification{Enabled: aws.Bool(sse.Bool("enabled"))}
	if key := sse.StringPtr("kmsKeyArn"); sse.Bool("enabled") && key != nil {
		out.KMSMasterKeyId, out.SSEType = key, types.SSETypeKms
	}
	return out
}

func tagsOf(m map[string]string) []types.Tag {
	var tags []types.Tag
	for k, v := range m {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func setTTL(ctx context.Context, c *define.Clients, name string, ttl property.Map) error {
	_, err := c.DynamoDB.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: ttl.StringPtr("attributeName"), Enabled: aws.Bool(ttl.Bool("enabled"))}})
	return err
}

// setRecovery repeats while AWS is still enabling backups of a new table.
func setRecovery(ctx context.Context, c *define.Clients, name string, pitr property.Map) error {
	in := &dynamodb.UpdateContinuousBackupsInput{TableName: &name,
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: aws.Bool(pitr.Bool("enabled")),
			RecoveryPeriodInDays:       pitr.Int32Ptr("recoveryPeriodInDays")}}
	if !pitr.Bool("enabled") {
		in.PointInTimeRecoverySpecification.RecoveryPeriodInDays = nil
	}
	unavailable := func(err error) bool { return define.HasCode(err, "ContinuousBackupsUnavailableException") }
	return retry.While(ctx, backupTimeout, unavailable, func() error {
		_, err := c.DynamoDB.UpdateContinuousBackups(ctx, in)
		return err
	})
}

// waitActive waits until the table and all its indexes are ACTIVE.
func waitActive(ctx context.Context, c *define.Clients, name string) error {
	return retry.Until(ctx, tableTimeout, "DynamoDB Table ("+name+") to be ACTIVE", func() (bool, string, error) {
		out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			return false, "", err
		}
		for _, index := range out.Table.GlobalSecondaryIndexes {
			if index.IndexStatus != types.IndexStatusActive {
				return false, "index " + aws.ToString(index.IndexName) + " " + string(index.IndexStatus), nil
			}
		}
		return out.Table.TableStatus == types.TableStatusActive, string(out.Table.TableStatus), nil
	})
}

// deleteTable repeats while the table is still changing.
func deleteTable(ctx context.Context, c *define.Clients, name string) error {
	busy := func(err error) bool { return define.HasCode(err, "ResourceInUseException", "LimitExceededException") }
	return retry.While(ctx, deleteTimeout, busy, func() error {
		_, err := c.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		return err
	})
}

func waitGone(ctx context.Context, c *define.Clients, name string) error {
	return retry.Until(ctx, deleteTimeout, "deletion of DynamoDB Table ("+name+")", func() (bool, string, error) {
		out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if define.HasCode(err, "ResourceNotFoundException") {
			return true, "", nil
		}
		if err != nil {
			return false, "", err
		}
		return false, string(out.Table.TableStatus), nil
	})
}
