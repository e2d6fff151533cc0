package rebuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/engine"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// fresh is the table that a rebuild of the world's read model makes.
const fresh = "products-rebuild"

// world is an AWS with a plugin: its tables, and its projections function with the real
// engine in it.
type world struct {
	*eventlogtest.DynamoDB
	t      *testing.T
	engine *engine.Engine
	// handler makes the next row.
	handler func(t turn.Turn) (string, error)
	// before is called before each request, with its operation and table or function.
	before func(operation, name string) error
	// invoked is called instead of the function; false leaves it to the function.
	invoked func(request protocol.RebuildRequest) (*lambda.InvokeOutput, bool)

	mu      sync.Mutex
	tags    map[string]map[string]string
	code    string
	created []dynamodb.CreateTableInput
}

// newWorld makes a world whose handler keeps the texts of a row's events.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, code: "c1",
		DynamoDB: eventlogtest.New(eventlogtest.Table{Name: "product-log", Log: true}, eventlogtest.Table{Name: "dcb", Log: true},
			eventlogtest.Table{Name: "products"}, eventlogtest.Table{Name: fresh}),
		tags: map[string]map[string]string{"products": {"team": "shop", "aws:cloudformation": "x"}, "product-log": {}, "dcb": {}},
	}
	w.DynamoDB.PageSize = 5
	w.DynamoDB.Before = w.request
	w.handler = func(t turn.Turn) (string, error) {
		var row struct {
			Seen string `json:"seen"`
		}
		_ = json.Unmarshal(t.Row, &row)
		row.Seen += t.Event.Type
		encoded, err := json.Marshal(map[string]any{"row": row})
		return string(encoded), err
	}
	var err error
	w.engine, err = engine.New(engine.Config{
		Function: definition.FunctionProjections, DynamoDB: w, Logger: slog.New(slog.DiscardHandler), Invoker: w,
		Definition: definition.Definition{
			FormatVersion: definition.FormatVersion, Plugin: "catalog",
			Aggregates: map[string]definition.Aggregate{"Product": {Table: "product-log"}},
			ReadModels: map[string]definition.ReadModel{"Products": {
				Table: "products", From: []definition.Source{{Aggregate: "Product"}, {Tag: "productId"}}, Indexes: []string{"rank"},
			}},
			ToDos: map[string]definition.ToDo{"Ship": {Table: "to-do"}},
			DCB: &definition.DCB{
				Table: "dcb", Tags: map[string]definition.Tag{"productId": {}, "orderId": {}},
				Events: map[string][]string{"D": {"productId"}, "O": {"orderId"}},
			},
		},
		Retry: eventlog.Retry{Attempts: 5, Base: time.Microsecond, Cap: time.Millisecond},
	})
	require.NoError(t, err)
	return w
}

// request is called before each request to DynamoDB.
func (w *world) request(operation, table string) error {
	w.mu.Lock()
	_, ok := w.tags[table]
	w.mu.Unlock()
	if !ok {
		return &types.ResourceNotFoundException{Message: aws.String("no table " + table)}
	}
	if w.before != nil {
		return w.before(operation, table)
	}
	return nil
}

// Invoke is the handler.
func (w *world) Invoke(_ context.Context, encoded []byte) ([]byte, error) {
	var asked turn.Turn
	if err := json.Unmarshal(encoded, &asked); err != nil {
		return nil, err
	}
	answer, err := w.handler(asked)
	return []byte(answer), err
}

// function is the Lambda client.
type function struct{ *world }

func (f function) Invoke(ctx context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	if f.before != nil {
		if err := f.before("Invoke", *in.FunctionName); err != nil {
			return nil, err
		}
	}
	var request protocol.RebuildRequest
	require.NoError(f.t, json.Unmarshal(in.Payload, &request))
	if f.invoked != nil {
		if out, ok := f.invoked(request); ok {
			return out, nil
		}
	}
	answer, err := f.engine.Handle(ctx, in.Payload)
	if err != nil {
		return crashed("InternalError", err.Error()), nil
	}
	return &lambda.InvokeOutput{Payload: answer}, nil
}

// crashed is the outcome of an invocation that failed.
func crashed(kind, message string) *lambda.InvokeOutput {
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return &lambda.InvokeOutput{FunctionError: aws.String("Unhandled"), Payload: payload}
}

func (f function) GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &lambda.GetFunctionConfigurationOutput{CodeSha256: &f.code, Layers: []lambdatypes.Layer{{Arn: aws.String("layer:1")}}}, nil
}

// Scan gives a segment the items whose keys have its number.
func (w *world) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	out, err := w.DynamoDB.Scan(ctx, in)
	if err != nil {
		return nil, err
	}
	out.Items = slices.DeleteFunc(out.Items, func(i map[string]types.AttributeValue) bool {
		return crc32.ChecksumIEEE([]byte(textOf(i[attrID])))%uint32(*in.TotalSegments) != uint32(*in.Segment)
	})
	return out, nil
}

func (w *world) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	if err := w.request("DescribeTable", *in.TableName); err != nil {
		return nil, err
	}
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{
		TableName: in.TableName, TableArn: in.TableName, TableStatus: types.TableStatusActive,
		SSEDescription:       &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: types.SSETypeKms},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}, {AttributeName: aws.String("rank"), AttributeType: "N"}},
	}}, nil
}

func (w *world) CreateTable(_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	if w.before != nil {
		if err := w.before("CreateTable", *in.TableName); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.created = append(w.created, *in)
	w.tags[*in.TableName] = map[string]string{}
	for _, tag := range in.Tags {
		w.tags[*in.TableName][*tag.Key] = *tag.Value
	}
	return &dynamodb.CreateTableOutput{}, nil
}

func (w *world) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	if err := w.request("DeleteTable", *in.TableName); err != nil {
		return nil, err
	}
	for _, i := range w.Items(*in.TableName) {
		before := w.before
		w.before = nil
		_, err := w.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: in.TableName, Key: item{attrID: i[attrID]}})
		w.before = before
		require.NoError(w.t, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.tags, *in.TableName)
	return &dynamodb.DeleteTableOutput{}, nil
}

func (w *world) ListTagsOfResource(_ context.Context, in *dynamodb.ListTagsOfResourceInput, _ ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error) {
	if err := w.request("ListTagsOfResource", *in.ResourceArn); err != nil {
		return nil, err
	}
	out := &dynamodb.ListTagsOfResourceOutput{}
	for key, value := range w.tags[*in.ResourceArn] {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return out, nil
}

// append records an event of a product.
func (w *world) append(id string, version int64, eventType string) {
	w.t.Helper()
	log := eventlog.New(w.DynamoDB, "product-log", "Product")
	_, err := log.Append(w.t.Context(), id, version, eventlog.Origin{CommandID: "c"}, []turn.Event{{Type: eventType, Data: json.RawMessage(`{}`)}})
	require.NoError(w.t, err)
}

// fill records two events of each of some products.
func (w *world) fill(products int) {
	for i := range products {
		w.append(fmt.Sprintf("p%02d", i), 0, "A")
		w.append(fmt.Sprintf("p%02d", i), 1, "B")
	}
}

// live puts a row into the read model.
func (w *world) live(id, seen string) {
	position := &types.AttributeValueMemberM{Value: item{"Product": &types.AttributeValueMemberN{Value: "2"}}}
	_, err := w.DynamoDB.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("products"), Item: item{
		attrID: text(id), "seen": text(seen), "_position": position,
	}})
	require.NoError(w.t, err)
}

// rows are the rows of the read model: "id=seen", without those that are deleted.
func (w *world) rows() (all []string) {
	for _, i := range w.Items("products") {
		if i["_deleted"] == nil {
			all = append(all, textOf(i[attrID])+"="+textOf(i["seen"]))
		}
	}
	return all
}

// exists says whether the fresh table is there.
func (w *world) exists() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tags[fresh] != nil
}

// deploy changes the function.
func (w *world) deploy(code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.code = code
}

// clients are the clients of the world.
func (w *world) clients() Clients { return Clients{DynamoDB: w, Lambda: function{w}} }

// run runs a rebuild with small batches.
func (w *world) run(change ...func(*Options)) (Report, error) {
	options := Options{
		ReadModel: "Products", Function: "f", Batch: 3, By: "me@here",
		Retry: eventlog.Retry{Attempts: 3, Base: time.Microsecond, Cap: time.Millisecond},
	}
	for _, c := range change {
		c(&options)
	}
	return Run(w.t.Context(), w.clients(), options)
}

func resume(o *Options)  { o.Resume = true }
func restart(o *Options) { o.Restart = true }
func keep(o *Options)    { o.Keep = true }
func dryRun(o *Options)  { o.DryRun = true }

// command runs the command with arguments.
func (w *world) command(arguments ...string) (stdout string, err error) {
	read := func(context.Context, stack.Selection) (*stack.Stack, error) {
		return &stack.Stack{Name: "alpha", Plugins: []stack.Plugin{{
			Name: "catalog", Functions: map[string]string{"projections": "f", "projections-Own": "own"},
			ReadModels: map[string]string{"Products": "products", "Own": "own-table", "Ship": "to-do"},
		}, {Name: "empty", ReadModels: map[string]string{"Products": "x"}}}}, nil
	}
	selected := &stack.Selection{Stack: "alpha"}
	command := New(read, selected, func(context.Context, stack.Provider) (Clients, error) { return w.clients(), nil })
	command.SilenceErrors, command.SilenceUsage = true, true
	out := &bytes.Buffer{}
	command.SetOut(out)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(arguments)
	err = command.ExecuteContext(w.t.Context())
	return out.String(), err
}

// want are the rows of products that were filled.
func want(products int) (all []string) {
	for i := range products {
		all = append(all, fmt.Sprintf("p%02d=AB", i))
	}
	return all
}

// errDown is an error of AWS.
var errDown = errors.New("down")

// isLog says whether a table is an event log.
func isLog(table string) bool { return strings.HasSuffix(table, "-log") || table == "dcb" }
