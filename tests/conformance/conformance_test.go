// Package conformance runs the suite of package dcbtest against servers that speak
// DynamoDB's protocol.
//
//  1. moto, behind the front of the local AWS, which lets one request at a time through.
//  2. Amazon's DynamoDB Local, with requests at the same time. It needs Java and its jar
//     files, which `make dynamodb-local` installs; without them its test is skipped and
//     says so.
package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/dcb/dcbtest"
)

// tables numbers the tables.
var tables atomic.Int64

// newClient is a client of the server at url.
func newClient(url string) *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{Region: localaws.DefaultRegion, BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
}

// opener makes a new table for each store.
func opener(client *dynamodb.Client) func(t *testing.T) dcb.Store {
	return func(t *testing.T) dcb.Store {
		name := fmt.Sprintf("dcb-%d", tables.Add(1))
		_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: &name, BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
				{AttributeName: aws.String("seq"), AttributeType: types.ScalarAttributeTypeN},
			},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("seq"), KeyType: types.KeyTypeRange},
			},
		})
		require.NoError(t, err)
		return dcb.NewDynamoDB(client, name)
	}
}

// moduleRoot is the folder of go.mod.
func moduleRoot(t *testing.T) string {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	return root
}

func TestMoto(t *testing.T) {
	server, err := localaws.Start(t.Context(), localaws.Options{DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	dcbtest.Run(t, opener(newClient(server.URL())), dcbtest.Options{Histories: 5, Remote: true})
}

func TestDynamoDBLocal(t *testing.T) {
	local := startDynamoDBLocal(t)
	dcbtest.Run(t, opener(newClient(local)), dcbtest.Options{Histories: 60, Remote: true})
}
