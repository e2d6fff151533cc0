package faults

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestApplyChangesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	f := New()
	_, err := f.Apply([]byte(`{"schema":{"creationMillis":500,"failWith":"x"},"mappings":{"reorder":true}}`))
	require.NoError(t, err)
	settings, err := f.Apply([]byte(`{"schema":{"creationMillis":7}}`))
	require.NoError(t, err)
	assert.Equal(t, SchemaSettings{CreationMillis: 7, FailWith: "x"}, settings.Schema)
	assert.Equal(t, settings, f.Settings())
	assert.True(t, f.Mappings.Get().Reorder)
	f.Reset()
	assert.Zero(t, f.Settings())
}

func TestApplyRefusesAllOrNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		document string
		says     []string
	}{
		"unknown name":   {`{"schema":{"nope":1}}`, []string{`"nope"`, "GET /_localaws/faults"}},
		"not JSON":       {`{`, []string{"unexpected EOF"}},
		"every negative": {`{"schema":{"creationMillis":-1},"dynamodb":{"throttleEvery":-2},"lambda":{"coldMillis":3},"scheduler":{"denyEvery":-3}}`, []string{"schema.creationMillis is -1", "dynamodb.throttleEvery is -2", "scheduler.denyEvery is -3"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := New()
			_, err := f.Apply([]byte(test.document))
			require.Error(t, err)
			for _, text := range test.says {
				assert.ErrorContains(t, err, text)
			}
			assert.Zero(t, f.Settings())
		})
	}
}

func TestEveryNthCallIsHit(t *testing.T) {
	t.Parallel()
	f := New()
	assert.False(t, f.Lambda.Crash("f"), "off by default")
	require.NoError(t, f.Set(Settings{Lambda: LambdaSettings{CrashEvery: 3}}))
	var hits []bool
	for range 6 {
		hits = append(hits, f.Lambda.Crash("f"))
	}
	assert.Equal(t, []bool{false, false, true, false, false, true}, hits)
	assert.False(t, f.Lambda.Throttle(), "another counter")
}

func TestCrashesOfOneFunction(t *testing.T) {
	t.Parallel()
	f := New()
	require.NoError(t, f.Set(Settings{Lambda: LambdaSettings{CrashEvery: 2, CrashFunction: "one"}}))
	var hits []bool
	for _, function := range []string{"one", "other", "other", "one", "other", "one", "one"} {
		hits = append(hits, f.Lambda.Crash(function))
	}
	assert.Equal(t, []bool{false, false, false, true, false, false, true}, hits, "the others are not counted")
}

func TestFailureOfDocuments(t *testing.T) {
	t.Parallel()
	assert.Empty(t, SchemaSettings{FailContaining: "x"}.Fail("x"))
	assert.Equal(t, "no", SchemaSettings{FailWith: "no"}.Fail("a"))
	limited := SchemaSettings{FailWith: "no", FailContaining: "poison"}
	assert.Empty(t, limited.Fail("type Query { a: Int }"))
	assert.Equal(t, "no", limited.Fail("type Query { poison: Int }"))
}

func TestSettingsRoundTripAsJSON(t *testing.T) {
	t.Parallel()
	settings := Settings{Schema: SchemaSettings{CreationMillis: 1, PropagationMillis: 2, ConflictMillisAfter: 3, ThrottleEvery: 4, FailWith: "f", FailContaining: "c", FalseFailures: 5},
		Lambda: LambdaSettings{ColdMillis: 6, CrashEvery: 7, CrashFunction: "g", CrashMillis: 17, ThrottleEvery: 8, UpdateMillis: 9}, Mappings: MappingsSettings{10, true, 11}, DynamoDB: DynamoDBSettings{12, 13}, Scheduler: SchedulerSettings{14, 15, 16}}
	document, err := json.Marshal(settings)
	require.NoError(t, err)
	f := New()
	_, err = f.Apply(document)
	require.NoError(t, err)
	assert.Equal(t, settings, f.Settings())
}
