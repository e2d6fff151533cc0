package schemapush_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

func newAPI() (*schemapushtest.Clock, *schemapushtest.AppSync, *schemapush.API) {
	clock := schemapushtest.NewClock()
	fake := schemapushtest.New(clock)
	fake.Creation = time.Second
	return clock, fake, schemapush.New(fake, "api", clock, slog.New(slog.DiscardHandler))
}

func compose(t *testing.T, sdl string) *schema.Composition {
	t.Helper()
	fragment, problems := schema.ParseFragment("catalog", "", sdl)
	require.Empty(t, problems)
	composer := schema.NewComposer([]schema.AuthMode{"API_KEY"})
	require.Empty(t, composer.Set(fragment))
	c, problems := composer.Compose()
	require.Empty(t, problems)
	return c
}

func TestErrorsThatPass(t *testing.T) {
	t.Parallel()
	status := func(code int) error {
		return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}}, Err: errors.New("x")}
	}
	cases := map[string]struct {
		err    error
		passes bool
	}{
		"409":                 {&types.ConcurrentModificationException{}, true},
		"429":                 {&smithy.GenericAPIError{Code: "TooManyRequestsException"}, true},
		"429 by status":       {status(http.StatusTooManyRequests), true},
		"5xx":                 {status(http.StatusBadGateway), true},
		"fault":               {&types.InternalFailureException{}, true},
		"limit as throttle":   {&types.LimitExceededException{Message: aws.String("Too Many Requests (Service: AppSync)")}, true},
		"limit":               {&types.LimitExceededException{Message: aws.String("too many APIs")}, false},
		"bad request":         {&types.BadRequestException{}, false},
		"no permission":       {&types.UnauthorizedException{}, false},
		"anything unexpected": {errors.New("x"), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, fake, api := newAPI()
			failures := 3
			fake.Before = func(string) error {
				if failures--; failures >= 0 {
					return fmt.Errorf("operation error: %w", c.err)
				}
				return nil
			}
			_, err := api.Live(context.Background())
			if c.passes {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.err)
			assert.Equal(t, 2, failures, "asked once")
		})
	}
}

func TestLiveOfANewAPIIsEmpty(t *testing.T) {
	t.Parallel()
	_, _, api := newAPI()
	live, err := api.Live(context.Background())
	require.NoError(t, err)
	assert.Empty(t, live.RootFields())
	assert.Empty(t, live.Digest)
	require.NoError(t, api.Settle(context.Background()))
}

func TestProbe(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, fake, api := newAPI()
	c := compose(t, "type Query { a: Int b: Int }")
	refusal, err := api.Push(ctx, c.SDL)
	require.NoError(t, err)
	require.Nil(t, refusal)

	require.NoError(t, api.Probe(ctx, "Query", "a"), "without the data source")
	fake.Propagation = 3
	require.NoError(t, api.Probe(ctx, "Query", "a"), "with it")
	assert.Empty(t, fake.Resolvers())

	fake.Attach("Query.a")
	require.NoError(t, api.Probe(ctx, "Query", "a"), "a plugin's resolver shows that the field can be seen")
	assert.Equal(t, map[string]string{"Query.a": "plugin"}, fake.Resolvers())

	broken := errors.New("connection lost")
	fake.After = func(operation string) error {
		if operation == "CreateResolver" {
			return broken
		}
		return nil
	}
	require.ErrorIs(t, api.Probe(ctx, "Query", "b"), broken)
	fake.After = nil
	assert.Equal(t, schemapush.ProbeDataSource, fake.Resolvers()["Query.b"], "a trial was left behind")
	attached, err := api.HasResolver(ctx, "Query", "b")
	require.NoError(t, err)
	assert.False(t, attached)
	assert.NotContains(t, fake.Resolvers(), "Query.b")
}

func TestProbeEndsWithTheTime(t *testing.T) {
	t.Parallel()
	clock, fake, api := newAPI()
	clock.End = clock.Now().Add(time.Minute)
	fake.SetSDL("type Query { a: Int }")
	err := api.Probe(context.Background(), "Query", "missing")
	require.ErrorContains(t, err, "Query.missing")
	require.ErrorContains(t, err, "No field named")
	err = api.Probe(context.Background(), "Mutation", "missing")
	require.ErrorContains(t, err, "Type Mutation not found")
}

func TestAwaitDoesNotDecideAlone(t *testing.T) {
	t.Parallel()
	clock, fake, api := newAPI()
	c := compose(t, "type Query { a: Thing } type Thing { x: Int }")
	fake.SetSDL("type Query { a: Thing } type Thing { asAppSyncShowsIt: Int }")
	begin := clock.Now()
	_, shown, err := api.Await(context.Background(), c, map[string]bool{"Query.a": true}, "")
	require.NoError(t, err)
	assert.True(t, shown, "the root fields are there")
	assert.Less(t, clock.Now().Sub(begin), time.Minute)
	_, shown, err = api.Await(context.Background(), c, map[string]bool{"Query.a": true, "Query.b": true}, "")
	require.NoError(t, err)
	assert.False(t, shown)
}

func TestSystemClockKeepsTheDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	require.ErrorIs(t, schemapush.SystemClock{}.Sleep(ctx, 2*time.Hour), context.DeadlineExceeded)
	require.NoError(t, schemapush.SystemClock{}.Sleep(ctx, time.Millisecond))
	cancel()
	require.ErrorIs(t, schemapush.SystemClock{}.Sleep(ctx, time.Minute), context.Canceled)
}
