package datasource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// DynamoDB is a data source of type AMAZON_DYNAMODB.
type DynamoDB struct {
	Permit Permit
	Client *dynamodb.Client
	Table  string
	// ARN is that of the table; [DynamoDB.Permit] is asked for it.
	ARN string
}

// Call makes the request's operation: GetItem, PutItem, UpdateItem, DeleteItem,
// Query or Scan.
func (d DynamoDB) Call(ctx context.Context, request any) (any, *Failure) {
	fields, operation, failure := operationOf(request)
	if failure != nil {
		return nil, failure
	}
	call, ok := map[string]func(context.Context, *dynamoRequest) (any, error){
		"GetItem": d.get, "PutItem": d.put, "UpdateItem": d.update, "DeleteItem": d.delete, "Query": d.query, "Scan": d.scan,
	}[operation]
	if !ok {
		return nil, template(fmt.Sprintf("Unsupported operation '%s'.", operation))
	}
	parsed := parseDynamo(fields)
	if parsed.err != nil {
		return nil, template(parsed.err.Error())
	}
	if err := d.permit(ctx, operation, parsed.index); err != nil {
		return nil, &Failure{Type: "DynamoDB:AccessDeniedException", Message: err.Error() + " (Service: DynamoDb, Status Code: 400, Request ID: )"}
	}
	result, err := call(ctx, parsed)
	if err != nil {
		return conditionItem(err), dynamoFailure(err)
	}
	return result, nil
}

// permit asks for the table, or for one of its indexes.
func (d DynamoDB) permit(ctx context.Context, operation string, index *string) error {
	if d.Permit == nil {
		return nil
	}
	resource := d.ARN
	if index != nil {
		resource += "/index/" + *index
	}
	return d.Permit(ctx, "dynamodb:"+operation, resource)
}

// conditionItem is the item that a failed condition was checked against.
func conditionItem(err error) any {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) && len(failed.Item) > 0 {
		return plainItem(failed.Item)
	}
	return nil
}

// dynamoFailure words an error of DynamoDB as AppSync does.
func dynamoFailure(err error) *Failure {
	var known smithy.APIError
	if !errors.As(err, &known) {
		return &Failure{Type: "DynamoDB:SdkClientException", Message: err.Error()}
	}
	status, request := http.StatusBadRequest, ""
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status, request = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	return &Failure{Type: "DynamoDB:" + known.ErrorCode(),
		Message: fmt.Sprintf("%s (Service: DynamoDb, Status Code: %d, Request ID: %s)", known.ErrorMessage(), status, request)}
}

func (d DynamoDB) get(ctx context.Context, r *dynamoRequest) (any, error) {
	names := r.projection.names
	output, err := d.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &d.Table, Key: r.key, ConsistentRead: r.consistentRead,
		ProjectionExpression: r.projection.text, ExpressionAttributeNames: names,
	})
	if err != nil {
		return nil, err
	}
	return plainItem(output.Item), nil
}

func (d DynamoDB) put(ctx context.Context, r *dynamoRequest) (any, error) {
	item := maps.Clone(r.values)
	if item == nil {
		item = map[string]types.AttributeValue{}
	}
	maps.Copy(item, r.key)
	_, err := d.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &d.Table, Item: item, ConditionExpression: r.condition.text,
		ExpressionAttributeNames: r.condition.names, ExpressionAttributeValues: r.condition.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return nil, err
	}
	return plainItem(item), nil
}

func (d DynamoDB) update(ctx context.Context, r *dynamoRequest) (any, error) {
	names, values := r.join(r.update, r.condition)
	output, err := d.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &d.Table, Key: r.key, UpdateExpression: r.update.text, ConditionExpression: r.condition.text,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return nil, err
	}
	return plainItem(output.Attributes), nil
}

func (d DynamoDB) delete(ctx context.Context, r *dynamoRequest) (any, error) {
	output, err := d.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &d.Table, Key: r.key, ConditionExpression: r.condition.text,
		ExpressionAttributeNames: r.condition.names, ExpressionAttributeValues: r.condition.values, ReturnValues: types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil || len(output.Attributes) == 0 {
		return nil, err
	}
	return plainItem(output.Attributes), nil
}

func (d DynamoDB) query(ctx context.Context, r *dynamoRequest) (any, error) {
	names, values := r.join(r.query, r.filter, r.projection)
	output, err := d.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: &d.Table, IndexName: r.index, KeyConditionExpression: r.query.text, FilterExpression: r.filter.text,
		ProjectionExpression: r.projection.text, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		Limit: r.limit, ExclusiveStartKey: r.startKey, ScanIndexForward: r.forward, ConsistentRead: r.consistentRead, Select: r.selected,
	})
	if err != nil {
		return nil, err
	}
	return page(output.Items, output.LastEvaluatedKey, output.ScannedCount)
}

func (d DynamoDB) scan(ctx context.Context, r *dynamoRequest) (any, error) {
	names, values := r.join(r.filter, r.projection)
	output, err := d.Client.Scan(ctx, &dynamodb.ScanInput{
		TableName: &d.Table, IndexName: r.index, FilterExpression: r.filter.text, ProjectionExpression: r.projection.text,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values, Limit: r.limit, ExclusiveStartKey: r.startKey,
		ConsistentRead: r.consistentRead, Select: r.selected, TotalSegments: r.segments, Segment: r.segment,
	})
	if err != nil {
		return nil, err
	}
	return page(output.Items, output.LastEvaluatedKey, output.ScannedCount)
}

// page is the result of Query and Scan.
func page(items []map[string]types.AttributeValue, last map[string]types.AttributeValue, scanned int32) (any, error) {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = plainItem(item)
	}
	token, err := encodeToken(last)
	if err != nil {
		return nil, err
	}
	return map[string]any{"items": list, "nextToken": token, "scannedCount": scanned}, nil
}

// NewClient is a client of DynamoDB's API at an endpoint of a local AWS.
func NewClient(region, endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}
