package rebuild

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// tagRebuild marks a table as the fresh one of a rebuild; its value is the read model.
	tagRebuild = "reventless:rebuild"
	// tableTime is how long DynamoDB may take to make or delete a table.
	tableTime = 5 * time.Minute
)

// table describes a table, nil when there is none.
func (r *run) table(ctx context.Context, name string) (found *types.TableDescription, err error) {
	err = r.patiently(ctx, func() error {
		out, err := r.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			return nil
		}
		if err == nil {
			found = out.Table
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe the table %s: %w", name, err)
	}
	return found, nil
}

// keyTypes are the types of the fields that are keys of the table's indexes.
func keyTypes(table *types.TableDescription) map[string]string {
	all := map[string]string{}
	for _, attribute := range table.AttributeDefinitions {
		if name := aws.ToString(attribute.AttributeName); name != attrID {
			all[name] = string(attribute.AttributeType)
		}
	}
	return all
}

// openFresh makes the fresh table, or takes over the one that is there when it may.
func (r *run) openFresh(ctx context.Context, live *types.TableDescription, version string) error {
	found, err := r.table(ctx, r.described.Fresh)
	if err != nil {
		return err
	}
	if found != nil && found.TableStatus == types.TableStatusDeleting {
		if err := r.waitGone(ctx); err != nil {
			return err
		}
		found = nil
	}
	if found == nil {
		return r.makeFresh(ctx, live, version)
	}
	return r.openFound(ctx, found, live, version)
}

// openFound decides on a fresh table that is there.
func (r *run) openFound(ctx context.Context, found, live *types.TableDescription, version string) error {
	tags, err := r.tags(ctx, found)
	if err != nil {
		return err
	}
	if tags[tagRebuild] != r.ReadModel {
		return fmt.Errorf("the table %s was not made by a rebuild of %s: it has no tag %s of this value; delete the table if nobody needs it", r.described.Fresh, r.ReadModel, tagRebuild)
	}
	if err := r.waitActive(ctx); err != nil {
		return err
	}
	before, err := r.readState(ctx)
	if err != nil {
		return err
	}
	switch {
	case r.Restart || before.phase == phaseDone:
		if err := r.deleteFresh(ctx); err != nil {
			return err
		}
		return r.makeFresh(ctx, live, version)
	case !r.Resume:
		return foundError(r.described.Fresh, before)
	case before.phase == "":
		r.state = r.newState(version)
		return r.writeState(ctx)
	case before.version != version:
		return fmt.Errorf("the function %s was changed since the rebuild began at %s: rows of two versions would be mixed; begin again with --restart", r.Function, before.started)
	}
	return r.takeOver(ctx, before)
}

// foundError says that there is a rebuild, and whose.
func foundError(table string, before state) error {
	who := ""
	if before.by != "" {
		who = fmt.Sprintf(", run by %s since %s", before.by, before.started)
	}
	return fmt.Errorf("there is a rebuild already%s: its table is %s; go on with it with --resume, which ends a run that is still at work, or begin again with --restart", who, table)
}

// makeFresh makes the fresh table with the state of a rebuild that begins. It is encrypted
// and tagged like the read model's.
func (r *run) makeFresh(ctx context.Context, live *types.TableDescription, version string) error {
	tags, err := r.tags(ctx, live)
	if err != nil {
		return err
	}
	tags[tagRebuild] = r.ReadModel
	in := &dynamodb.CreateTableInput{
		TableName: &r.described.Fresh, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(attrID), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(attrID), AttributeType: types.ScalarAttributeTypeS}},
	}
	for key, value := range tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	if live.SSEDescription != nil && live.SSEDescription.Status == types.SSEStatusEnabled {
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: live.SSEDescription.SSEType}
	}
	err = r.patiently(ctx, func() error {
		_, err := r.DynamoDB.CreateTable(ctx, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("create the table %s: %w", r.described.Fresh, err)
	}
	if err := r.waitActive(ctx); err != nil {
		return err
	}
	r.state = r.newState(version)
	return r.writeState(ctx)
}

// tags are the tags of a table without those that AWS set.
func (r *run) tags(ctx context.Context, table *types.TableDescription) (map[string]string, error) {
	all := map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: table.TableArn}
	for {
		var out *dynamodb.ListTagsOfResourceOutput
		err := r.patiently(ctx, func() (err error) {
			out, err = r.DynamoDB.ListTagsOfResource(ctx, in)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the tags of the table %s: %w", aws.ToString(table.TableName), err)
		}
		for _, tag := range out.Tags {
			if key := aws.ToString(tag.Key); !strings.HasPrefix(key, "aws:") {
				all[key] = aws.ToString(tag.Value)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all, nil
		}
	}
}

// waitActive waits until the fresh table can be used.
func (r *run) waitActive(ctx context.Context) error {
	waiter := dynamodb.NewTableExistsWaiter(r.DynamoDB, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &r.described.Fresh}, tableTime); err != nil {
		return fmt.Errorf("wait for the table %s: %w", r.described.Fresh, err)
	}
	return nil
}

// deleteFresh deletes the fresh table and waits until it is gone.
func (r *run) deleteFresh(ctx context.Context) error {
	err := r.patiently(ctx, func() error {
		_, err := r.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &r.described.Fresh})
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete the table %s: %w", r.described.Fresh, err)
	}
	return r.waitGone(ctx)
}

// waitGone waits until the fresh table is deleted.
func (r *run) waitGone(ctx context.Context) error {
	waiter := dynamodb.NewTableNotExistsWaiter(r.DynamoDB, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, 5*time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &r.described.Fresh}, tableTime); err != nil {
		return fmt.Errorf("wait until the table %s is deleted: %w", r.described.Fresh, err)
	}
	return nil
}

// remove deletes the fresh table at the end unless it shall be kept. A dry run does not
// delete what another run has made.
func (r *run) remove(ctx context.Context) error {
	if r.Keep || r.DryRun && r.Resume {
		return nil
	}
	err := r.deleteFresh(ctx)
	r.removed = err == nil
	return err
}
