// Package table makes the DynamoDB tables: event logs and tables of rows. All are encrypted
// and, unless the stack is disposable, can be restored to any second of the last 35 days.
// In a production stack neither Pulumi nor DynamoDB deletes those that nothing can make
// anew.
package table

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// Billing modes of tables.
const (
	OnDemand    = localconfig.OnDemand
	Provisioned = localconfig.Provisioned
)

// provisionedUnits are the read and write units per second of a table or index in the
// provisioned mode, DynamoDB's own default.
const provisionedUnits = 5

// Table is a table.
type Table struct {
	Name      string
	ARN       pulumi.StringOutput
	StreamARN pulumi.StringOutput
	// Indexes are the names of its indexes.
	Indexes  []string
	Resource pulumi.Resource
}

// Name is the physical name of a part's table.
func Name(owner component.Owner, part string) string {
	return owner.Physical(naming.Table, part)
}

// NewEventLog makes the event log of an aggregate: key id and seq, with a stream.
func NewEventLog(ctx *pulumi.Context, owner component.Owner, part, billing string) (*Table, error) {
	args := arguments(owner, part, billing)
	args.Attributes = dynamodb.TableAttributeArray{attribute("id", "S"), attribute("seq", "N")}
	args.RangeKey = pulumi.String("seq")
	args.StreamEnabled = pulumi.Bool(true)
	args.StreamViewType = pulumi.String("NEW_IMAGE")
	return create(ctx, owner, part, args, nil, true)
}

// Rows says what the table of a component's rows has beside them.
type Rows struct {
	// Stream says that something follows the rows' changes: subscriptions, to-do rows.
	Stream bool
	// Original says that no event leads to the rows, so that they cannot be made anew.
	Original bool
}

// NewReadModel makes the table of a read model: key id, and an index for each query by
// another row field.
func NewReadModel(ctx *pulumi.Context, owner component.Owner, part, billing string, indexes []validate.Index, rows Rows) (*Table, error) {
	args := arguments(owner, part, billing)
	if rows.Stream {
		args.StreamEnabled = pulumi.Bool(true)
		args.StreamViewType = pulumi.String("NEW_IMAGE")
	}
	attributes := map[string]bool{"id": true}
	list := dynamodb.TableAttributeArray{attribute("id", "S")}
	define := func(key validate.Key) {
		if !attributes[key.Field] {
			attributes[key.Field] = true
			list = append(list, attribute(key.Field, key.Type))
		}
	}
	var secondary dynamodb.TableGlobalSecondaryIndexArray
	var names []string
	for _, index := range indexes {
		define(index.Hash)
		if index.Sort != nil {
			define(*index.Sort)
		}
		secondary, names = append(secondary, globalIndex(index, billing)), append(names, index.Name())
	}
	args.Attributes, args.GlobalSecondaryIndexes = list, secondary
	return create(ctx, owner, part, args, names, rows.Original)
}

func arguments(owner component.Owner, part, billing string) *dynamodb.TableArgs {
	args := &dynamodb.TableArgs{
		Name:                 pulumi.String(Name(owner, part)),
		HashKey:              pulumi.String("id"),
		BillingMode:          pulumi.String(billing),
		PointInTimeRecovery:  &dynamodb.TablePointInTimeRecoveryArgs{Enabled: pulumi.Bool(owner.Class.Restores())},
		ServerSideEncryption: &dynamodb.TableServerSideEncryptionArgs{Enabled: pulumi.Bool(true)},
		Tags:                 owner.TagsOf(part),
	}
	if billing == Provisioned {
		args.ReadCapacity, args.WriteCapacity = pulumi.Int(provisionedUnits), pulumi.Int(provisionedUnits)
	}
	return args
}

func attribute(name, kind string) dynamodb.TableAttributeArgs {
	return dynamodb.TableAttributeArgs{Name: pulumi.String(name), Type: pulumi.String(kind)}
}

func globalIndex(index validate.Index, billing string) dynamodb.TableGlobalSecondaryIndexArgs {
	args := dynamodb.TableGlobalSecondaryIndexArgs{
		Name:           pulumi.String(index.Name()),
		HashKey:        pulumi.String(index.Hash.Field),
		ProjectionType: pulumi.String("ALL"),
	}
	if index.Sort != nil {
		args.RangeKey = pulumi.String(index.Sort.Field)
	}
	if billing == Provisioned {
		args.ReadCapacity, args.WriteCapacity = pulumi.Int(provisionedUnits), pulumi.Int(provisionedUnits)
	}
	return args
}

func create(ctx *pulumi.Context, owner component.Owner, part string, args *dynamodb.TableArgs, indexes []string, original bool) (*Table, error) {
	options := owner.Child()
	if original && owner.Class.Protects() {
		options, args.DeletionProtectionEnabled = owner.Kept(), pulumi.Bool(true)
	}
	resource, err := dynamodb.NewTable(ctx, owner.Logical(part), args, options)
	if err != nil {
		return nil, fmt.Errorf("the table %s: %w", part, err)
	}
	return &Table{
		Name:      Name(owner, part),
		ARN:       resource.Arn,
		StreamARN: resource.StreamArn,
		Indexes:   indexes,
		Resource:  resource,
	}, nil
}

// Allow are the statements for actions on a table. Queries and scans of indexes are
// actions on the index, which is a resource of its own.
func (t *Table) Allow(actions ...string) iam.Statement {
	return iam.Allow(iam.On(t.ARN), actions...)
}

// AllowIndexes allows the actions on the table and on its indexes.
func (t *Table) AllowIndexes(actions ...string) iam.Statement {
	resources := iam.On(t.ARN)
	for _, name := range t.Indexes {
		resources = append(resources, pulumi.Sprintf("%s/index/%s", t.ARN, name))
	}
	return iam.Allow(resources, actions...)
}

// AllowStream allows an event source mapping to read the table's stream.
func (t *Table) AllowStream() iam.Statement {
	return iam.Allow(iam.On(t.StreamARN),
		"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
}
