// Package schemapush changes the schema of an AppSync API and finds out when the
// change has arrived.
//
//  1. [API.Settle] waits for a schema creation that somebody began earlier.
//  2. [API.Live] reads the schema as the API has it now.
//  3. [API.Push] starts a schema creation and polls until AppSync has finished it. A
//     refusal by AppSync is a [*Refusal], not an error.
//  4. [API.Await] waits until the live schema shows the fields that were pushed.
//  5. [API.Probe] creates a resolver on a new field and deletes it again: resolvers
//     are checked against a store that lags behind the schema, so only this shows
//     that others will be able to create theirs.
//
// AppSync answers 409 to nearly everything while it alters a schema, and 429 when
// there are too many requests; neither is queued on its side. Every request is
// therefore repeated, with capped exponential backoff and full jitter, until the
// context's deadline leaves no time.
package schemapush

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// Client is the part of the AppSync client that this package needs.
type Client interface {
	GetIntrospectionSchema(ctx context.Context, in *appsync.GetIntrospectionSchemaInput, opts ...func(*appsync.Options)) (*appsync.GetIntrospectionSchemaOutput, error)
	StartSchemaCreation(ctx context.Context, in *appsync.StartSchemaCreationInput, opts ...func(*appsync.Options)) (*appsync.StartSchemaCreationOutput, error)
	GetSchemaCreationStatus(ctx context.Context, in *appsync.GetSchemaCreationStatusInput, opts ...func(*appsync.Options)) (*appsync.GetSchemaCreationStatusOutput, error)
	GetResolver(ctx context.Context, in *appsync.GetResolverInput, opts ...func(*appsync.Options)) (*appsync.GetResolverOutput, error)
	CreateResolver(ctx context.Context, in *appsync.CreateResolverInput, opts ...func(*appsync.Options)) (*appsync.CreateResolverOutput, error)
	UpdateResolver(ctx context.Context, in *appsync.UpdateResolverInput, opts ...func(*appsync.Options)) (*appsync.UpdateResolverOutput, error)
	DeleteResolver(ctx context.Context, in *appsync.DeleteResolverInput, opts ...func(*appsync.Options)) (*appsync.DeleteResolverOutput, error)
	CreateDataSource(ctx context.Context, in *appsync.CreateDataSourceInput, opts ...func(*appsync.Options)) (*appsync.CreateDataSourceOutput, error)
}

// Clock tells the time and waits. Sleep returns an error when the context is done, or
// would be before the wait is over.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// API is one AppSync API.
type API struct {
	client Client
	id     string
	clock  Clock
	logger *slog.Logger
}

// New returns the API with an id. A nil clock is the system's.
func New(client Client, id string, clock Clock, logger *slog.Logger) *API {
	if clock == nil {
		clock = SystemClock{}
	}
	return &API{client: client, id: id, clock: clock, logger: logger}
}

// Live is the schema that an API has.
type Live struct {
	*schema.Live
	// Digest identifies the text as AppSync shows it, empty when there is no schema.
	Digest string
}

// Live reads the schema. An API without schema has an empty one.
func (a *API) Live(ctx context.Context) (*Live, error) {
	var text []byte
	err := a.retry(ctx, "read the schema", func() error {
		out, err := a.client.GetIntrospectionSchema(ctx, &appsync.GetIntrospectionSchemaInput{
			ApiId: &a.id, Format: types.OutputTypeSdl, IncludeDirectives: aws.Bool(true),
		})
		if err == nil {
			text = out.Schema
		}
		return err
	})
	if err != nil && !noSchema(err) {
		return nil, err
	}
	parsed, err := schema.ParseLive(string(text))
	if err != nil {
		return nil, fmt.Errorf("the schema that API %s has now cannot be read: %w", a.id, err)
	}
	live := &Live{Live: parsed}
	if len(text) > 0 {
		sum := sha256.Sum256(text)
		live.Digest = hex.EncodeToString(sum[:16])
	}
	return live, nil
}

// noSchema recognises the answer for an API that never had a valid schema.
func noSchema(err error) bool {
	var missing *types.NotFoundException
	var invalid *types.GraphQLSchemaException
	return errors.As(err, &missing) || errors.As(err, &invalid)
}

// HasResolver says whether a resolver is attached to a root field. A resolver that an
// interrupted [API.Probe] left behind is deleted and does not count.
func (a *API) HasResolver(ctx context.Context, typeName, fieldName string) (bool, error) {
	resolver, err := a.resolver(ctx, typeName, fieldName)
	if err != nil || resolver == nil {
		return false, err
	}
	if aws.ToString(resolver.DataSourceName) == ProbeDataSource {
		return false, a.deleteResolver(ctx, typeName, fieldName)
	}
	return true, nil
}

// resolver reads the resolver of a field, nil when there is none.
func (a *API) resolver(ctx context.Context, typeName, fieldName string) (*types.Resolver, error) {
	var found *types.Resolver
	err := a.retry(ctx, "read the resolver of "+typeName+"."+fieldName, func() error {
		out, err := a.client.GetResolver(ctx, &appsync.GetResolverInput{ApiId: &a.id, TypeName: &typeName, FieldName: &fieldName})
		if err == nil {
			found = out.Resolver
		}
		return err
	})
	if isNotFound(err) {
		return nil, nil
	}
	return found, err
}
