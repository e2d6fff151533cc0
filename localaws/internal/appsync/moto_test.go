package appsync

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/datasource"
)

// startMoto starts moto_server and answers with its address. The test is skipped only
// where moto is not installed; the requests themselves are also tested against a fake.
func startMoto(t *testing.T) string {
	t.Helper()
	program := os.Getenv("LOCALAWS_MOTO")
	if program == "" {
		program = filepath.Join("..", "..", "..", ".venv", "bin", "moto_server")
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("moto_server is not at %s: run 'make tools', or name it with LOCALAWS_MOTO", program)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, "-H", "127.0.0.1", "-p", port)
	require.NoError(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() }) // killed, so Wait reports it
	address := "http://127.0.0.1:" + port
	require.Eventually(t, func() bool {
		response, err := http.Get(address + "/moto-api/")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	}, 60*time.Second, 50*time.Millisecond, "moto_server did not start")
	return address
}

const getCode = `import { util } from '@aws-appsync/utils';
export function request(ctx) { return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.args.id }) }; }
export function response(ctx) {
  if (ctx.error) { util.error(ctx.error.message, ctx.error.type); }
  return ctx.result && ctx.result._deleted ? null : ctx.result;
}`

const listCode = `export function request(ctx) {
  return { operation: 'Scan', limit: ctx.args.limit ?? 100, nextToken: ctx.args.nextToken,
    filter: { expression: 'attribute_not_exists(#deleted)', expressionNames: { '#deleted': '_deleted' } } };
}
export function response(ctx) { return ctx.result; }`

const byKindCode = `import { util } from '@aws-appsync/utils';
export function request(ctx) {
  return { operation: 'Query', index: 'byKind', scanIndexForward: true,
    query: { expression: '#k = :k', expressionNames: { '#k': 'kind' }, expressionValues: { ':k': util.dynamodb.toDynamoDB(ctx.args.kind) } } };
}
export function response(ctx) { return ctx.result; }`

const putCode = `import { util } from '@aws-appsync/utils';
import { put } from '@aws-appsync/utils/dynamodb';
export function request(ctx) { return put({ key: { id: ctx.args.id }, item: { kind: 'new' }, condition: { id: { attributeExists: false } } }); }
export function response(ctx) {
  if (ctx.error) { util.error(ctx.error.message, ctx.error.type, ctx.result); }
  return ctx.result;
}`

// createItems makes a table with an index and ten items, one of them deleted.
func createItems(t *testing.T, endpoint string) {
	t.Helper()
	client := datasource.NewClient("eu-central-1", endpoint)
	text := dynamotypes.ScalarAttributeTypeS
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("items"), BillingMode: dynamotypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: text}, {AttributeName: aws.String("kind"), AttributeType: text}},
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dynamotypes.KeyTypeHash}},
		GlobalSecondaryIndexes: []dynamotypes.GlobalSecondaryIndex{{IndexName: aws.String("byKind"),
			KeySchema:  []dynamotypes.KeySchemaElement{{AttributeName: aws.String("kind"), KeyType: dynamotypes.KeyTypeHash}},
			Projection: &dynamotypes.Projection{ProjectionType: dynamotypes.ProjectionTypeAll}}},
	})
	require.NoError(t, err)
	for i := range 10 {
		item := map[string]dynamotypes.AttributeValue{
			"id": &dynamotypes.AttributeValueMemberS{Value: fmt.Sprint("i", i)}, "kind": &dynamotypes.AttributeValueMemberS{Value: fmt.Sprint("k", i%2)},
			"price": &dynamotypes.AttributeValueMemberN{Value: fmt.Sprint(i, ".5")}, "tags": &dynamotypes.AttributeValueMemberSS{Value: []string{"a"}},
		}
		if i == 0 {
			item["_deleted"] = &dynamotypes.AttributeValueMemberBOOL{Value: true}
		}
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item})
		require.NoError(t, err)
	}
}

func TestDynamoDBResolversAgainstMoto(t *testing.T) {
	t.Parallel()
	endpoint := startMoto(t)
	createItems(t, endpoint)
	b := newBed(t, endpoint)
	api := b.api(types.AuthenticationTypeApiKey)
	key := b.key(api)
	b.mustPush(api, `type Query { item(id: ID!): Item items(limit: Int, nextToken: String): Items! byKind(kind: String!): Items! }
type Mutation { put(id: ID!): Item }
type Item { id: ID! kind: String price: Float tags: [String!] } type Items { items: [Item!]! nextToken: String }`)
	b.table(api, "items", "items")
	b.table(api, "gone", "gone")
	for field, code := range map[string]string{"Query.item": getCode, "Query.items": listCode, "Query.byKind": byKindCode, "Mutation.put": putCode} {
		require.NoError(t, b.resolver(api, field, "items", code))
	}

	_, body := b.ask(api, key, `{ item(id: "i3") { id kind price tags } none: item(id: "x") { id } deleted: item(id: "i0") { id } }`, nil)
	assert.JSONEq(t, `{"data":{"item":{"id":"i3","kind":"k1","price":3.5,"tags":["a"]},"none":null,"deleted":null}}`, body)

	_, body = b.ask(api, key, `{ byKind(kind: "k1") { items { id } nextToken } }`, nil)
	assert.Contains(t, body, `"nextToken":null`)
	for _, id := range []string{"i1", "i3", "i5", "i7", "i9"} {
		assert.Contains(t, body, id)
	}

	seen := pagesOf(t, b, api, key)
	assert.Len(t, seen, 9, "all but the deleted one, on several pages: %v", seen)

	_, body = b.ask(api, key, `mutation { put(id: "n") { id kind } }`, nil)
	assert.JSONEq(t, `{"data":{"put":{"id":"n","kind":"new"}}}`, body)
	_, body = b.ask(api, key, `mutation { put(id: "n") { id } }`, nil)
	assert.Contains(t, body, `"errorType":"DynamoDB:ConditionalCheckFailedException"`)
	assert.Contains(t, body, "The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: ")
}

// pagesOf reads the list in pages of four.
func pagesOf(t *testing.T, b *bed, api, key string) []string {
	t.Helper()
	var seen []string
	var token any
	for page := 0; page < 10; page++ {
		_, body := b.ask(api, key, `query($n: String) { items(limit: 4, nextToken: $n) { items { id } nextToken } }`, map[string]any{"n": token})
		items, next := readPage(t, body)
		seen = append(seen, items...)
		if next == "" {
			return seen
		}
		token = next
	}
	t.Fatal("the list does not end")
	return nil
}

func readPage(t *testing.T, body string) (ids []string, next string) {
	t.Helper()
	var answer struct {
		Data struct {
			Items struct {
				Items     []struct{ ID string }
				NextToken *string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer), body)
	for _, item := range answer.Data.Items.Items {
		ids = append(ids, item.ID)
	}
	return ids, aws.ToString(answer.Data.Items.NextToken)
}
