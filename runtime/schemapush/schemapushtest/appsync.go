// Package schemapushtest is the part of the AppSync control plane that pushes use, in
// memory and with faults, for tests.
//
//  1. StartSchemaCreation takes a while by the [Timer]; meanwhile nearly everything is
//     answered with 409, as AppSync does.
//  2. Resolvers are checked against the schema that is applied, after it has
//     propagated.
//  3. The members of [AppSync] switch faults on; two hooks see every request.
package schemapushtest

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// AppSync is one API. It is safe for concurrent use. Set the members before the
// request that they are for.
type AppSync struct {
	// Creation is how long a schema creation takes.
	Creation time.Duration
	// ConflictsAfter is how long 409 is answered after a schema creation has ended.
	ConflictsAfter time.Duration
	// Propagation is the number of CreateResolver requests that do not see the new
	// fields yet, after each schema creation.
	Propagation int
	// ThrottleEvery makes each n-th request fail with 429; 0 makes none.
	ThrottleEvery int
	// Refuse gives the text with which a schema is refused, empty to accept it.
	Refuse func(sdl string) string
	// RefuseAtOnce makes a refusal the answer of StartSchemaCreation.
	RefuseAtOnce bool
	// FalseFailures is the number of times that a schema creation under way is said
	// to have failed.
	FalseFailures int
	// StaleReads is the number of times that status and schema are those from before
	// the schema creation, after each one.
	StaleReads int
	// Applied is called with every schema that takes effect.
	Applied func(sdl string)
	// Before is called at the start of each request, After when it has had its
	// effect. Their error is the request's.
	Before, After func(operation string) error

	clock    Timer
	mu       sync.Mutex
	counts   map[string]int
	requests int
	sdl      string
	status   types.SchemaStatus
	details  string
	pending  string
	until    time.Time
	calmAt   time.Time
	// known are the root fields of the schema knownOf.
	known       map[string]bool
	knownOf     string
	hidden      int
	falsehoods  int
	stale       int
	staleStatus types.SchemaStatus
	staleSDL    string
	resolvers   map[string]types.Resolver
	dataSources map[string]bool
}

// Timer tells the time; a [Clock] does, or the system's clock within a bubble of testing/synctest.
type Timer interface{ Now() time.Time }

// New returns an API without a schema, whose schema creations take as long as the timer says.
func New(clock Timer) *AppSync {
	return &AppSync{
		clock: clock, counts: map[string]int{}, status: types.SchemaStatusNotApplicable,
		resolvers: map[string]types.Resolver{}, dataSources: map[string]bool{},
	}
}

// Counts are the numbers of requests by operation that were not refused with 409 or 429.
func (a *AppSync) Counts() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.counts)
}

// SDL is the schema that is applied.
func (a *AppSync) SDL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress()
	return a.sdl
}

// SetSDL changes the schema behind everybody's back.
func (a *AppSync) SetSDL(sdl string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sdl, a.status = sdl, types.SchemaStatusSuccess
}

// Resolvers are the attached resolvers ("Query.product") with their data sources.
func (a *AppSync) Resolvers() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	sources := map[string]string{}
	for field, resolver := range a.resolvers {
		sources[field] = aws.ToString(resolver.DataSourceName)
	}
	return sources
}

// Resolver is an attached resolver.
func (a *AppSync) Resolver(field string) types.Resolver {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.resolvers[field]
}

// PluginDataSource is the data source of the resolvers that [AppSync.Attach] attaches.
const PluginDataSource = "plugin"

// Attach attaches a resolver of a plugin, whose code names the field, to its data source.
func (a *AppSync) Attach(field string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dataSources[PluginDataSource] = true
	a.resolvers[field] = types.Resolver{
		DataSourceName: aws.String(PluginDataSource), Kind: types.ResolverKindUnit, Code: aws.String("// " + field),
		Runtime: &types.AppSyncRuntime{Name: types.RuntimeNameAppsyncJs, RuntimeVersion: aws.String("1.0.0")},
	}
}

// RemoveDataSource takes the data source of [AppSync.Attach] away.
func (a *AppSync) RemoveDataSource() {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.dataSources, PluginDataSource)
}

// Detach takes a resolver away.
func (a *AppSync) Detach(field string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.resolvers, field)
}

// request is the frame of every request. busy says that it is refused while the
// schema is being altered.
func (a *AppSync) request(operation string, busy bool, effect func() error) error {
	if a.Before != nil {
		if err := a.Before(operation); err != nil {
			return err
		}
	}
	if err := a.effect(operation, busy, effect); err != nil {
		return err
	}
	if a.After != nil {
		return a.After(operation)
	}
	return nil
}

func (a *AppSync) effect(operation string, busy bool, effect func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress()
	a.requests++
	if a.ThrottleEvery > 0 && a.requests%a.ThrottleEvery == 0 {
		return &smithy.GenericAPIError{Code: "TooManyRequestsException", Message: "Too Many Requests"}
	}
	if busy && (a.pending != "" || a.clock.Now().Before(a.calmAt)) {
		return &types.ConcurrentModificationException{Message: aws.String("Schema is currently being altered, please wait until that is complete.")}
	}
	a.counts[operation]++
	return effect()
}

// progress ends a schema creation whose time has come.
func (a *AppSync) progress() {
	if a.pending == "" || a.clock.Now().Before(a.until) {
		return
	}
	sdl := a.pending
	a.pending, a.calmAt = "", a.until.Add(a.ConflictsAfter)
	if text := a.refusal(sdl); text != "" {
		a.status, a.details = types.SchemaStatusFailed, text
		return
	}
	a.sdl, a.status, a.details, a.hidden = sdl, types.SchemaStatusSuccess, "", a.Propagation
	if a.Applied != nil {
		a.Applied(sdl)
	}
}

func (a *AppSync) refusal(sdl string) string {
	if a.Refuse == nil {
		return ""
	}
	return a.Refuse(sdl)
}

// fields are the root fields of the applied schema.
func (a *AppSync) fields() map[string]bool {
	if a.known == nil || a.knownOf != a.sdl {
		live, err := schema.ParseLive(a.sdl)
		if err != nil {
			return nil
		}
		a.known, a.knownOf = live.RootFields(), a.sdl
	}
	return a.known
}

// StartSchemaCreation begins to replace the schema.
func (a *AppSync) StartSchemaCreation(_ context.Context, in *appsync.StartSchemaCreationInput, _ ...func(*appsync.Options)) (*appsync.StartSchemaCreationOutput, error) {
	err := a.request("StartSchemaCreation", true, func() error {
		sdl := string(in.Definition)
		if text := a.refusal(sdl); text != "" && a.RefuseAtOnce {
			return &types.BadRequestException{Message: &text}
		}
		a.staleStatus, a.staleSDL, a.stale, a.falsehoods = a.status, a.sdl, a.StaleReads, a.FalseFailures
		a.pending, a.until, a.status, a.details = sdl, a.clock.Now().Add(a.Creation), types.SchemaStatusProcessing, ""
		return nil
	})
	return &appsync.StartSchemaCreationOutput{Status: types.SchemaStatusProcessing}, err
}

// GetSchemaCreationStatus tells how the latest schema creation goes.
func (a *AppSync) GetSchemaCreationStatus(context.Context, *appsync.GetSchemaCreationStatusInput, ...func(*appsync.Options)) (*appsync.GetSchemaCreationStatusOutput, error) {
	out := &appsync.GetSchemaCreationStatusOutput{}
	err := a.request("GetSchemaCreationStatus", false, func() error {
		out.Status, out.Details = a.status, aws.String(a.details)
		switch {
		case a.stale > 0 && a.pending != "":
			a.stale--
			out.Status = a.staleStatus
		case a.falsehoods > 0 && a.pending != "":
			a.falsehoods--
			out.Status, out.Details = types.SchemaStatusFailed, aws.String("The schema is being processed.")
		}
		return nil
	})
	return out, err
}

// GetIntrospectionSchema gives the applied schema.
func (a *AppSync) GetIntrospectionSchema(context.Context, *appsync.GetIntrospectionSchemaInput, ...func(*appsync.Options)) (*appsync.GetIntrospectionSchemaOutput, error) {
	out := &appsync.GetIntrospectionSchemaOutput{}
	err := a.request("GetIntrospectionSchema", false, func() error {
		sdl := a.sdl
		if a.stale > 0 {
			a.stale--
			sdl = a.staleSDL
		}
		if sdl == "" {
			return &types.NotFoundException{Message: aws.String("No schema found.")}
		}
		out.Schema = []byte(sdl)
		return nil
	})
	return out, err
}
