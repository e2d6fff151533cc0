package schemapush_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

func TestRecordDetachAndAttach(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, fake, api := newAPI()
	fake.SetSDL("type Query { a: Int b: Int }")
	none, err := api.Attached(ctx, "Query", "a")
	require.NoError(t, err)
	assert.Nil(t, none)
	fake.Attach("Query.a")
	want := fake.Resolver("Query.a")
	recorded, err := api.Attached(ctx, "Query", "a")
	require.NoError(t, err)
	require.NotNil(t, recorded)
	assert.Equal(t, "Query.a", recorded.Name())
	for range 2 {
		require.NoError(t, api.Detach(ctx, "Query", "a"))
		assert.Empty(t, fake.Resolvers())
	}
	for name, begin := range map[string]func(){
		"nothing there": func() {}, "there already": func() {}, "something else there": func() {
			other := *recorded
			other.Code = "other"
			_, _ = api.Attach(ctx, other)
		}, "slow": func() { fake.Propagation = 3; fake.Detach("Query.a") },
	} {
		begin()
		refusal, err := api.Attach(ctx, *recorded)
		require.NoError(t, err, name)
		require.Nil(t, refusal, name)
		assert.Equal(t, want, fake.Resolver("Query.a"), name)
	}
}

func TestAttachIsRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, fake, api := newAPI()
	fake.SetSDL("type Query { a: Int }")
	refusal, err := api.Attach(ctx, schemapush.Resolver{Type: "Query", Field: "a", DataSource: "gone"})
	require.NoError(t, err)
	require.NotNil(t, refusal)
	assert.Contains(t, refusal.Text, "No data source found named gone")
}

func TestAttachToAResolverThatIsAttachedToNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, fake, api := newAPI()
	fake.SetSDL("type Query { a: Int }")
	fake.Attach("Query.a")
	recorded, err := api.Attached(ctx, "Query", "a")
	require.NoError(t, err)
	for name, always := range map[string]bool{"seen by the second update": false, "never seen": true} {
		unseen := 1
		fake.Before = func(operation string) error {
			if operation == "UpdateResolver" && (always || unseen > 0) {
				unseen--
				return &types.NotFoundException{Message: ptr("No resolver found.")}
			}
			return nil
		}
		refusal, err := api.Attach(ctx, *recorded)
		require.NoError(t, err, name)
		assert.Equal(t, always, refusal != nil, name)
	}
}

func ptr(text string) *string { return &text }

func TestVacate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, fake, api := newAPI()
	fake.SetSDL("type Query { a: Int b: Int }")
	fake.Attach("Query.a")
	require.NoError(t, api.Vacate(ctx, "Query", "a"), "the data source of trials is made where it is missing")
	assert.Equal(t, schemapush.ProbeDataSource, fake.Resolvers()["Query.a"])
	recorded, err := api.Attached(ctx, "Query", "a")
	require.NoError(t, err)
	assert.Nil(t, recorded)
	occupied, err := api.HasResolver(ctx, "Query", "a")
	require.NoError(t, err)
	assert.False(t, occupied)
	for _, field := range []string{"a", "b", "gone"} {
		require.NoError(t, api.Vacate(ctx, "Query", field))
	}
	assert.Empty(t, fake.Resolvers())
}
