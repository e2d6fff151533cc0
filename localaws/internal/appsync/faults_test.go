package appsync

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
)

func TestConflictsWhileTheSchemaIsAltered(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	b.mustPush(api, twoFields)
	b.none(api, "none")
	require.NoError(t, b.resolver(api, "Query.a", "none", echoCode))
	require.NoError(t, b.faults.Set(faults.Settings{Schema: faults.SchemaSettings{CreationMillis: 60_000}}))
	_, err := b.client.StartSchemaCreation(t.Context(), &sdk.StartSchemaCreationInput{ApiId: &api, Definition: []byte(twoFields)})
	require.NoError(t, err)
	query, field, name := aws.String("Query"), aws.String("a"), aws.String("none")
	format := types.TypeDefinitionFormatSdl
	conflicting := map[string]func() error{
		"StartSchemaCreation": func() error {
			_, err := b.client.StartSchemaCreation(t.Context(), &sdk.StartSchemaCreationInput{ApiId: &api, Definition: []byte(twoFields)})
			return err
		},
		"CreateResolver": func() error { return b.resolver(api, "Query.b", "none", echoCode) },
		"UpdateResolver": func() error {
			_, err := b.client.UpdateResolver(t.Context(), &sdk.UpdateResolverInput{ApiId: &api, TypeName: query, FieldName: field})
			return err
		},
		"DeleteResolver": func() error {
			_, err := b.client.DeleteResolver(t.Context(), &sdk.DeleteResolverInput{ApiId: &api, TypeName: query, FieldName: field})
			return err
		},
		"GetResolver": func() error {
			_, err := b.client.GetResolver(t.Context(), &sdk.GetResolverInput{ApiId: &api, TypeName: query, FieldName: field})
			return err
		},
		"GetDataSource": func() error {
			_, err := b.client.GetDataSource(t.Context(), &sdk.GetDataSourceInput{ApiId: &api, Name: name})
			return err
		},
		"CreateDataSource": func() error {
			_, err := b.client.CreateDataSource(t.Context(), &sdk.CreateDataSourceInput{ApiId: &api, Name: aws.String("x"), Type: types.DataSourceTypeNone})
			return err
		},
		"UpdateDataSource": func() error {
			_, err := b.client.UpdateDataSource(t.Context(), &sdk.UpdateDataSourceInput{ApiId: &api, Name: name, Type: types.DataSourceTypeNone})
			return err
		},
		"DeleteDataSource": func() error {
			_, err := b.client.DeleteDataSource(t.Context(), &sdk.DeleteDataSourceInput{ApiId: &api, Name: name})
			return err
		},
		"GetType": func() error {
			_, err := b.client.GetType(t.Context(), &sdk.GetTypeInput{ApiId: &api, TypeName: query, Format: format})
			return err
		},
		"ListTypes": func() error {
			_, err := b.client.ListTypes(t.Context(), &sdk.ListTypesInput{ApiId: &api, Format: format})
			return err
		},
		"UpdateGraphqlApi": func() error {
			_, err := b.client.UpdateGraphqlApi(t.Context(), &sdk.UpdateGraphqlApiInput{ApiId: &api, Name: name, AuthenticationType: types.AuthenticationTypeApiKey})
			return err
		},
	}
	for name, do := range conflicting {
		t.Run(name, func(t *testing.T) {
			refused(t, do(), 409, "ConcurrentModificationException", "Schema is currently being altered, please wait until that is complete.")
		})
	}
	b.key(api) // not declared
	_, err = b.client.ListResolvers(t.Context(), &sdk.ListResolversInput{ApiId: &api, TypeName: query})
	require.NoError(t, err)
	_, err = b.client.ListDataSources(t.Context(), &sdk.ListDataSourcesInput{ApiId: &api})
	require.NoError(t, err)
	_, err = b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: &api})
	require.NoError(t, err)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	set := func(settings faults.SchemaSettings) {
		require.NoError(t, b.faults.Set(faults.Settings{Schema: settings}))
	}
	api := b.api(types.AuthenticationTypeApiKey)
	b.mustPush(api, "type Query { a: Int }")
	b.none(api, "none")

	set(faults.SchemaSettings{PropagationMillis: 300})
	b.mustPush(api, "type Query { a: Int b: Int }")
	require.NoError(t, b.resolver(api, "Query.a", "none", echoCode), "an old field is visible")
	refused(t, b.resolver(api, "Query.b", "none", echoCode), 404, "NotFoundException", "No field named b found on type Query")
	require.Eventually(t, func() bool { return b.resolver(api, "Query.b", "none", echoCode) == nil }, 5*time.Second, 20*time.Millisecond)

	set(faults.SchemaSettings{ConflictMillisAfter: 200})
	b.mustPush(api, "type Query { a: Int b: Int c: Int }")
	refused(t, b.resolver(api, "Query.c", "none", echoCode), 409, "ConcurrentModificationException", "Schema is currently being altered, please wait until that is complete.")
	require.Eventually(t, func() bool { return b.resolver(api, "Query.c", "none", echoCode) == nil }, 5*time.Second, 20*time.Millisecond)

	set(faults.SchemaSettings{FailWith: "Internal failure."})
	status, details := b.push(api, "type Query { a: Int }")
	assert.Equal(t, types.SchemaStatusFailed, status)
	assert.Equal(t, "Internal failure.", details)

	set(faults.SchemaSettings{FailWith: "No.", FailContaining: "poison"})
	b.mustPush(api, "type Query { a: Int b: Int }")
	status, details = b.push(api, "type Query { a: Int poison: Int }")
	assert.Equal(t, types.SchemaStatusFailed, status)
	assert.Equal(t, "No.", details)

	set(faults.SchemaSettings{FalseFailures: 2})
	for _, want := range []string{"The schema is being processed", "", "SUCCESS"} {
		var got string
		if want == "" {
			_, got = b.ended(api)
			assert.Equal(t, "The schema is being processed", got)
			continue
		}
		if want == "SUCCESS" {
			status, _ = b.ended(api)
			assert.Equal(t, types.SchemaStatusSuccess, status)
			continue
		}
		status, got = b.push(api, "type Query { a: Int b: Int c: Int }")
		assert.Equal(t, types.SchemaStatusFailed, status)
		assert.Equal(t, want, got)
	}

	set(faults.SchemaSettings{ThrottleEvery: 2})
	_, err := b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: &api})
	require.NoError(t, err)
	_, err = b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: &api})
	refused(t, err, 429, "TooManyRequestsException", "Too Many Requests (Service: AppSync)")
}

func TestReadsThatConflict(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	api := b.api(types.AuthenticationTypeApiKey)
	b.none(api, "none")
	require.NoError(t, b.faults.Set(faults.Settings{Schema: faults.SchemaSettings{ReadConflictEvery: 2}}))
	for range 2 {
		_, err := b.client.GetDataSource(t.Context(), &sdk.GetDataSourceInput{ApiId: &api, Name: aws.String("none")})
		require.NoError(t, err)
		_, err = b.client.GetDataSource(t.Context(), &sdk.GetDataSourceInput{ApiId: &api, Name: aws.String("none")})
		var conflict *types.ConcurrentModificationException
		require.ErrorAs(t, err, &conflict)
	}
}
