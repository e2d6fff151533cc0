package apilog_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/apilog"
	"github.com/reventless/pulumi-reventless/runtime/apilog/apilogtest"
)

const group = "/aws/appsync/apis/api"

var now = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func TestKeep(t *testing.T) {
	t.Parallel()
	const put, forever, create = "PutRetentionPolicy", "DeleteRetentionPolicy", "CreateLogGroup"
	for name, test := range map[string]struct {
		config apilog.Config
		before map[string]int
		want   map[string]int
		calls  []string
	}{
		"there is none":             {apilog.Config{RetentionDays: 30}, nil, map[string]int{group: 30}, []string{put, create, put}},
		"there is none, for ever":   {apilog.Config{}, nil, map[string]int{group: 0}, []string{forever, create, forever}},
		"AppSync's own":             {apilog.Config{RetentionDays: 30}, map[string]int{group: 0}, map[string]int{group: 30}, []string{put}},
		"another retention":         {apilog.Config{RetentionDays: 30}, map[string]int{group: 7}, map[string]int{group: 30}, []string{put}},
		"now for ever":              {apilog.Config{}, map[string]int{group: 7}, map[string]int{group: 0}, []string{forever}},
		"off":                       {apilog.Config{RetentionDays: 3, Off: true}, nil, map[string]int{}, []string{put}},
		"off, and on before":        {apilog.Config{RetentionDays: 3, Off: true}, map[string]int{group: 30}, map[string]int{group: 3}, []string{put}},
		"others are left as it was": {apilog.Config{RetentionDays: 30}, map[string]int{group + "2": 7}, map[string]int{group: 30, group + "2": 7}, []string{put, create, put}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			groups := apilogtest.New()
			for name, days := range test.before {
				groups.Put(name, days)
			}
			test.config.Client, test.config.API = groups, "api"
			log := apilog.New(test.config)
			require.NoError(t, log.Keep(t.Context(), now))
			assert.Equal(t, test.want, groups.All())
			require.NoError(t, log.Keep(t.Context(), now.Add(time.Minute)))
			assert.Equal(t, test.calls, groups.Calls(), "what was done is remembered")
		})
	}
}

// failing are what CloudWatch Logs answers when something is wrong.
var failing = map[string]error{
	"denied":    &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"},
	"throttled": &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"},
	"busy":      &smithy.GenericAPIError{Code: "OperationAbortedException", Message: "A conflicting operation is in progress"},
	"too slow":  context.DeadlineExceeded,
}

// TestKeepFails lets each operation fail, before and after it had its effect.
func TestKeepFails(t *testing.T) {
	t.Parallel()
	for name, failure := range failing {
		for call := range 3 {
			for _, when := range []string{"before", "after"} {
				groups, calls := apilogtest.New(), 0
				fail := func(now string) func(string) error {
					return func(string) error {
						if now == "before" {
							calls++
						}
						if now == when && calls == call+1 {
							return failure
						}
						return nil
					}
				}
				groups.Before, groups.After = fail("before"), fail("after")
				log := apilog.New(apilog.Config{Client: groups, API: "api", RetentionDays: 30})
				err := log.Keep(t.Context(), now)
				if call == 0 && when == "after" {
					require.NoError(t, err, "the first call finds no group, whatever comes after it")
				} else {
					require.ErrorIs(t, err, failure, name)
					require.ErrorContains(t, err, group)
				}
				require.NoError(t, log.Keep(t.Context(), now.Add(time.Minute)), "it is tried again")
				assert.Equal(t, map[string]int{group: 30}, groups.All(), "%s %s %d", name, when, call)
			}
		}
	}
}

// TestKeepRaces lets AppSync make the group between the look and the creation, and somebody
// delete it right after.
func TestKeepRaces(t *testing.T) {
	t.Parallel()
	groups := apilogtest.New()
	groups.Before = func(operation string) error {
		if operation == "CreateLogGroup" {
			groups.Put(group, 0)
		}
		return nil
	}
	log := apilog.New(apilog.Config{Client: groups, API: "api", RetentionDays: 30})
	require.NoError(t, log.Keep(t.Context(), now))
	assert.Equal(t, map[string]int{group: 30}, groups.All())

	groups = apilogtest.New()
	groups.After = func(operation string) error {
		if operation == "CreateLogGroup" {
			groups.Remove(group)
		}
		return nil
	}
	log = apilog.New(apilog.Config{Client: groups, API: "api", RetentionDays: 30})
	require.Error(t, log.Keep(t.Context(), now))
	groups.After = nil
	require.NoError(t, log.Keep(t.Context(), now))
	assert.Equal(t, map[string]int{group: 30}, groups.All())
}

// TestKeepLooksAgain: a group that somebody deletes is made by AppSync without retention.
func TestKeepLooksAgain(t *testing.T) {
	t.Parallel()
	groups := apilogtest.New()
	log := apilog.New(apilog.Config{Client: groups, API: "api", RetentionDays: 30})
	require.NoError(t, log.Keep(t.Context(), now))
	groups.Put(group, 0)
	require.NoError(t, log.Keep(t.Context(), now.Add(59*time.Minute)))
	assert.Equal(t, map[string]int{group: 0}, groups.All())
	require.NoError(t, log.Keep(t.Context(), now.Add(time.Hour)))
	assert.Equal(t, map[string]int{group: 30}, groups.All())
}

func TestDelete(t *testing.T) {
	t.Parallel()
	groups := apilogtest.New()
	log := apilog.New(apilog.Config{Client: groups, API: "api", RetentionDays: 30})
	require.NoError(t, log.Keep(t.Context(), now))
	groups.Put("another", 7)
	require.NoError(t, log.Delete(t.Context()))
	assert.Equal(t, map[string]int{"another": 7}, groups.All())
	require.NoError(t, log.Delete(t.Context()), "it is gone already")
	require.NoError(t, log.Keep(t.Context(), now), "it is made again, for it is not remembered")
	assert.Contains(t, groups.All(), group)
	for name, failure := range failing {
		groups.Before = func(string) error { return failure }
		require.ErrorIs(t, log.Delete(t.Context()), failure, name)
	}
}

func TestNobodysLog(t *testing.T) {
	t.Parallel()
	var log *apilog.Log
	require.NoError(t, log.Keep(t.Context(), now))
	require.NoError(t, log.Delete(t.Context()))
}
