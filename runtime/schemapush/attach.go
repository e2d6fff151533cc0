package schemapush

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
)

// textNoResolver is AppSync's answer to an update of a resolver that is not there.
const textNoResolver = "No resolver found"

// Resolver is a resolver as it is recorded, so that it can be attached again. Its JSON is
// part of an event; members are only ever added.
// https://docs.aws.amazon.com/appsync/latest/APIReference/API_Resolver.html
type Resolver struct {
	Type             string   `json:"type"`
	Field            string   `json:"field"`
	Kind             string   `json:"kind,omitempty"`
	DataSource       string   `json:"dataSource,omitempty"`
	Functions        []string `json:"functions,omitempty"`
	Code             string   `json:"code,omitempty"`
	Runtime          string   `json:"runtime,omitempty"`
	RuntimeVersion   string   `json:"runtimeVersion,omitempty"`
	RequestTemplate  string   `json:"requestTemplate,omitempty"`
	ResponseTemplate string   `json:"responseTemplate,omitempty"`
	MaxBatchSize     int32    `json:"maxBatchSize,omitempty"`
	Metrics          string   `json:"metrics,omitempty"`
	CachingSeconds   int64    `json:"cachingSeconds,omitempty"`
	CachingKeys      []string `json:"cachingKeys,omitempty"`
	ConflictDetector string   `json:"conflictDetector,omitempty"`
	ConflictHandler  string   `json:"conflictHandler,omitempty"`
	ConflictFunction string   `json:"conflictFunction,omitempty"`
}

// Name is "Query.product".
func (r Resolver) Name() string { return r.Type + "." + r.Field }

// Attached reads the resolver of a root field, nil when there is none but a trial.
func (a *API) Attached(ctx context.Context, typeName, fieldName string) (*Resolver, error) {
	found, err := a.resolver(ctx, typeName, fieldName)
	if err != nil || found == nil || aws.ToString(found.DataSourceName) == ProbeDataSource {
		return nil, err
	}
	return record(typeName, fieldName, found), nil
}

// Detach deletes the resolver of a root field. One that is gone already is no error.
func (a *API) Detach(ctx context.Context, typeName, fieldName string) error {
	return a.deleteResolver(ctx, typeName, fieldName)
}

// Attach attaches a resolver: it updates the one that the field has, or creates it. It
// waits until the field can be seen, and may be repeated after it was interrupted
// anywhere. A [*Refusal] says that AppSync does not take the resolver, or that it keeps
// one of which it says both that it is there and that it is not.
func (a *API) Attach(ctx context.Context, r Resolver) (*Refusal, error) {
	for attempt := 0; ; attempt++ {
		err := a.upsert(ctx, r)
		switch {
		case err == nil:
			return nil, nil
		case isMissing(err, textNoDataSource, textNoResolver) || isBadRequest(err, ""):
			return &Refusal{Text: err.Error()}, nil
		case !isMissing(err, textNoField, textNoType):
			return nil, err
		}
		if a.clock.Sleep(ctx, jitter(attempt, probeBase, probeCap)) != nil {
			return nil, fmt.Errorf("the resolver of %s could not be attached to API %s before the function's time was over: %w", r.Name(), a.id, err)
		}
	}
}

// Vacate begins to take the resolver of a root field away: it becomes a trial resolver,
// which [API.HasResolver] deletes. So what is about to be deleted can be told from what
// somebody makes in its place, whenever the deletion is repeated. A field without resolver
// is no error.
func (a *API) Vacate(ctx context.Context, typeName, fieldName string) error {
	err := a.updateResolver(ctx, trial(typeName, fieldName))
	if isMissing(err, textNoDataSource) {
		if err = a.createProbeDataSource(ctx); err == nil {
			err = a.updateResolver(ctx, trial(typeName, fieldName))
		}
	}
	if isMissing(err, textNoResolver, textNoField, textNoType) {
		return nil
	}
	return err
}

// upsert updates a resolver, creates it where there is none, and updates it after all
// where one is stored that the update did not see: AppSync can keep one that is attached
// to nothing.
func (a *API) upsert(ctx context.Context, r Resolver) error {
	err := a.updateResolver(ctx, r)
	if !isMissing(err, textNoResolver) {
		return err
	}
	if err = a.createResolver(ctx, r); !isBadRequest(err, textOnlyOne) {
		return err
	}
	return a.updateResolver(ctx, r)
}

func (a *API) updateResolver(ctx context.Context, r Resolver) error {
	return a.retry(ctx, "update the resolver of "+r.Name(), func() error {
		in := appsync.UpdateResolverInput(r.input(a.id))
		_, err := a.client.UpdateResolver(ctx, &in)
		return err
	})
}

func (a *API) createResolver(ctx context.Context, r Resolver) error {
	return a.retry(ctx, "create the resolver of "+r.Name(), func() error {
		in := r.input(a.id)
		_, err := a.client.CreateResolver(ctx, &in)
		return err
	})
}

// record keeps what a resolver is made of.
func record(typeName, fieldName string, found *types.Resolver) *Resolver {
	r := &Resolver{
		Type: typeName, Field: fieldName, Kind: string(found.Kind), DataSource: aws.ToString(found.DataSourceName),
		Code: aws.ToString(found.Code), MaxBatchSize: found.MaxBatchSize, Metrics: string(found.MetricsConfig),
		RequestTemplate: aws.ToString(found.RequestMappingTemplate), ResponseTemplate: aws.ToString(found.ResponseMappingTemplate),
	}
	if found.Runtime != nil {
		r.Runtime, r.RuntimeVersion = string(found.Runtime.Name), aws.ToString(found.Runtime.RuntimeVersion)
	}
	if found.PipelineConfig != nil {
		r.Functions = found.PipelineConfig.Functions
	}
	if found.CachingConfig != nil {
		r.CachingSeconds, r.CachingKeys = found.CachingConfig.Ttl, found.CachingConfig.CachingKeys
	}
	if sync := found.SyncConfig; sync != nil {
		r.ConflictDetector, r.ConflictHandler = string(sync.ConflictDetection), string(sync.ConflictHandler)
		if sync.LambdaConflictHandlerConfig != nil {
			r.ConflictFunction = aws.ToString(sync.LambdaConflictHandlerConfig.LambdaConflictHandlerArn)
		}
	}
	return r
}

// input is the request that creates the resolver; the one that updates it has the same
// members.
func (r Resolver) input(api string) appsync.CreateResolverInput {
	in := appsync.CreateResolverInput{
		ApiId: &api, TypeName: aws.String(r.Type), FieldName: aws.String(r.Field), Kind: types.ResolverKind(r.Kind),
		DataSourceName: optional(r.DataSource), Code: optional(r.Code), MaxBatchSize: r.MaxBatchSize,
		MetricsConfig:          types.ResolverLevelMetricsConfig(r.Metrics),
		RequestMappingTemplate: optional(r.RequestTemplate), ResponseMappingTemplate: optional(r.ResponseTemplate),
	}
	if r.Runtime != "" {
		in.Runtime = &types.AppSyncRuntime{Name: types.RuntimeName(r.Runtime), RuntimeVersion: optional(r.RuntimeVersion)}
	}
	if len(r.Functions) > 0 {
		in.PipelineConfig = &types.PipelineConfig{Functions: r.Functions}
	}
	if r.CachingSeconds > 0 {
		in.CachingConfig = &types.CachingConfig{Ttl: r.CachingSeconds, CachingKeys: r.CachingKeys}
	}
	if r.ConflictDetector != "" {
		in.SyncConfig = &types.SyncConfig{ConflictDetection: types.ConflictDetectionType(r.ConflictDetector), ConflictHandler: types.ConflictHandlerType(r.ConflictHandler)}
	}
	if r.ConflictFunction != "" {
		in.SyncConfig.LambdaConflictHandlerConfig = &types.LambdaConflictHandlerConfig{LambdaConflictHandlerArn: &r.ConflictFunction}
	}
	return in
}

// optional is nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
