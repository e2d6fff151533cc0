package schemapush

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
)

// ProbeDataSource is the name of the data source (type NONE) of trial resolvers. The
// platform's stack makes it; should it be missing, it is made when it is needed.
const ProbeDataSource = "reventless_probe"

// probeCode is the code of a trial resolver; nobody ever calls it.
const probeCode = `export function request() { return {}; }
export function response() { return null; }
`

// Bounds of the wait between two trials.
const (
	probeBase = 500 * time.Millisecond
	probeCap  = 5 * time.Second
)

// Texts of AppSync's answers.
const (
	textNoField      = "No field named"
	textNoType       = "not found"
	textNoDataSource = "No data source found"
	textOnlyOne      = "Only one resolver is allowed per field"
	textExists       = "already exists"
)

// Probe tries to create a resolver on a root field until AppSync accepts it, and
// deletes it again. It may be repeated after it was interrupted anywhere.
func (a *API) Probe(ctx context.Context, typeName, fieldName string) error {
	for attempt := 0; ; attempt++ {
		err := a.createProbe(ctx, typeName, fieldName)
		switch {
		case err == nil:
			return a.deleteResolver(ctx, typeName, fieldName)
		case isBadRequest(err, textOnlyOne):
			// The field can be seen. What is on it may be our own leftover.
			_, err = a.HasResolver(ctx, typeName, fieldName)
			return err
		case isMissing(err, textNoDataSource):
			if failed := a.createProbeDataSource(ctx); failed != nil {
				return failed
			}
		case !isMissing(err, textNoField, textNoType):
			return err
		}
		if a.clock.Sleep(ctx, jitter(attempt, probeBase, probeCap)) != nil {
			return fmt.Errorf("no resolver could be created on the new field %s.%s of API %s before the function's time was over: %w", typeName, fieldName, a.id, err)
		}
	}
}

// trial is a trial resolver.
func trial(typeName, fieldName string) Resolver {
	return Resolver{
		Type: typeName, Field: fieldName, Kind: string(types.ResolverKindUnit), DataSource: ProbeDataSource, Code: probeCode,
		Runtime: string(types.RuntimeNameAppsyncJs), RuntimeVersion: "1.0.0",
	}
}

func (a *API) createProbe(ctx context.Context, typeName, fieldName string) error {
	return a.retry(ctx, "create a trial resolver on "+typeName+"."+fieldName, func() error {
		in := trial(typeName, fieldName).input(a.id)
		_, err := a.client.CreateResolver(ctx, &in)
		return err
	})
}

func (a *API) createProbeDataSource(ctx context.Context) error {
	err := a.retry(ctx, "create the data source "+ProbeDataSource, func() error {
		_, err := a.client.CreateDataSource(ctx, &appsync.CreateDataSourceInput{
			ApiId: &a.id, Name: aws.String(ProbeDataSource), Type: types.DataSourceTypeNone,
		})
		return err
	})
	if isBadRequest(err, textExists) {
		return nil
	}
	return err
}

func (a *API) deleteResolver(ctx context.Context, typeName, fieldName string) error {
	err := a.retry(ctx, "delete the resolver of "+typeName+"."+fieldName, func() error {
		_, err := a.client.DeleteResolver(ctx, &appsync.DeleteResolverInput{ApiId: &a.id, TypeName: &typeName, FieldName: &fieldName})
		return err
	})
	if isNotFound(err) {
		return nil
	}
	return err
}
