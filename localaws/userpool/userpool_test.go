package userpool_test

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/userpool"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	server, err := localaws.Start(t.Context(), localaws.Options{DataDir: t.TempDir(), Region: "eu-west-1",
		MotoCommand: filepath.Join("..", "..", ".venv", "bin", "moto_server")})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	client := cognito.New(cognito.Options{BaseEndpoint: aws.String(server.URL()), Region: "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, "")})
	made, err := client.CreateUserPool(t.Context(), &cognito.CreateUserPoolInput{PoolName: aws.String("shop"), UsernameAttributes: []types.UsernameAttributeType{types.UsernameAttributeTypeEmail}})
	require.NoError(t, err)
	program, err := client.CreateUserPoolClient(t.Context(), &cognito.CreateUserPoolClientInput{UserPoolId: made.UserPool.Id, ClientName: aws.String("web")})
	require.NoError(t, err)
	pool := userpool.New(server.URL(), "eu-west-1", *made.UserPool.Id, *program.UserPoolClient.ClientId)

	first, err := pool.SignIn(t.Context(), "ada@example.com", "Admin")
	require.NoError(t, err)
	again, err := pool.SignIn(t.Context(), "ada@example.com", "Admin", "Shopper")
	require.NoError(t, err)
	assert.Equal(t, first.ID, again.ID, "the same user")
	claims := claimsOf(t, again.Token)
	assert.Equal(t, first.ID, claims["sub"])
	assert.ElementsMatch(t, []any{"Admin", "Shopper"}, claims["cognito:groups"])
	other, err := pool.SignIn(t.Context(), "bob@example.com")
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, other.ID)

	_, err = userpool.New(server.URL(), "eu-west-1", "eu-west-1_none", "none").SignIn(t.Context(), "ada@example.com")
	assert.ErrorContains(t, err, "the user ada@example.com: ")
}

// claimsOf reads a token without verifying it.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	claims := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &claims))
	return claims
}
