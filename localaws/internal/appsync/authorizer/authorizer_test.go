package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const api = "arn:aws:appsync:eu-west-1:123456789012:apis/a1"

// function answers, and keeps what it was asked.
type function struct {
	mutex     sync.Mutex
	asked     []string
	forbidden bool
	answer    func(payload string) (result, functionError string, err error)
}

func (f *function) Allows(arn, service, source string) bool {
	return !f.forbidden && arn == "fn" && service == "appsync.amazonaws.com" && source == api
}

func (f *function) Invoke(_ context.Context, _ string, payload []byte) ([]byte, string, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.asked = append(f.asked, string(payload))
	result, functionError, err := f.answer(string(payload))
	return []byte(result), functionError, err
}

func answering(text string) *function {
	return &function{answer: func(string) (string, string, error) { return text, "", nil }}
}

func event(token string) Event {
	return Event{Token: token, Headers: map[string]string{"host": "x"}, Request: Request{APIID: "a1", AccountID: "123456789012", RequestID: "r1",
		Query: "query Q { a }", OperationName: "Q", Variables: map[string]any{"v": 1}}}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		err    error
		reason string
	}{
		"let in":              {`{"isAuthorized":true}`, nil, ""},
		"refused":             {`{"isAuthorized":false}`, ErrRefused, ""},
		"no answer":           {``, ErrFailed, "cannot be read"},
		"null":                {`null`, ErrFailed, "has no isAuthorized"},
		"says nothing":        {`{"resolverContext":{}}`, ErrFailed, "has no isAuthorized"},
		"a text":              {`{"isAuthorized":"true"}`, ErrFailed, "cannot be read"},
		"nested":              {`{"isAuthorized":true,"resolverContext":{"user":{"id":1}}}`, ErrFailed, "resolverContext.user is an object"},
		"too long kept":       {`{"isAuthorized":true,"ttlOverride":3601}`, ErrFailed, "ttlOverride is 3601"},
		"too large a context": {`{"isAuthorized":true,"resolverContext":{"a":"` + strings.Repeat("x", maxContext) + `"}}`, ErrFailed, "resolverContext has"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decision, err := New(answering(test.answer), time.Now).Decide(t.Context(), Settings{API: api, FunctionARN: "fn"}, event("t"))
			require.ErrorIs(t, err, test.err)
			if test.err == nil {
				assert.NotNil(t, decision.Context)
				return
			}
			assert.ErrorContains(t, err, test.reason)
		})
	}
}

func TestWhatTheFunctionGets(t *testing.T) {
	t.Parallel()
	f := answering(`{"isAuthorized":true,"resolverContext":{"tenant":"acme","level":3},"deniedFields":["Query.secret","` + api + `/types/Item/fields/margin","arn:aws:appsync:eu-west-1:123456789012:apis/other/types/Item/fields/name"]}`)
	decision, err := New(f, time.Now).Decide(t.Context(), Settings{API: api, FunctionARN: "fn"}, event("t"))
	require.NoError(t, err)
	require.Len(t, f.asked, 1)
	assert.JSONEq(t, `{"authorizationToken":"t","requestHeaders":{"host":"x"},"requestContext":{"apiId":"a1","accountId":"123456789012","requestId":"r1","queryString":"query Q { a }","operationName":"Q","variables":{"v":1}}}`, f.asked[0])
	assert.Equal(t, map[string]any{"tenant": "acme", "level": 3.0}, decision.Context)
	assert.True(t, decision.Denies(api, "Query", "secret"))
	assert.True(t, decision.Denies(api, "Item", "margin"))
	assert.False(t, decision.Denies(api, "Item", "name"), "that is a field of another API")
	assert.False(t, Decision{}.Denies(api, "Query", "secret"))
}

func TestFunctionsThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	forbidden := answering(`{"isAuthorized":true}`)
	forbidden.forbidden = true
	for name, f := range map[string]*function{
		"forbidden": forbidden,
		"throws":    {answer: func(string) (string, string, error) { return `{"errorMessage":"no"}`, "Unhandled", nil }},
		"throttled": {answer: func(string) (string, string, error) { return "", "", errors.New("Rate Exceeded.") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(f, time.Now).Decide(t.Context(), Settings{API: api, FunctionARN: "fn", TTL: time.Hour}, event("t"))
			require.ErrorIs(t, err, ErrFailed)
		})
	}
	_, err := New(nil, time.Now).Decide(t.Context(), Settings{API: api, FunctionARN: "fn"}, event("t"))
	require.ErrorIs(t, err, ErrFailed)
	assert.Empty(t, forbidden.asked)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	waits := make(chan struct{})
	t.Cleanup(func() { close(waits) })
	slow := &function{answer: func(string) (string, string, error) { <-waits; return "", "", nil }}
	_, err = New(slow, time.Now).Decide(ctx, Settings{API: api, FunctionARN: "fn"}, event("t"))
	require.ErrorIs(t, err, ErrFailed, "the time is over")
}

func TestExpression(t *testing.T) {
	t.Parallel()
	f := answering(`{"isAuthorized":true}`)
	a := New(f, time.Now)
	settings := Settings{API: api, FunctionARN: "fn", Expression: "^partner-(?!x)"}
	for token, want := range map[string]error{"partner-1": nil, "partner-x": ErrRefused, "user-1": ErrRefused, "partner-" + strings.Repeat("1", maxToken): ErrRefused} {
		_, err := a.Decide(t.Context(), settings, event(token))
		require.ErrorIs(t, err, want, token)
	}
	assert.Len(t, f.asked, 1, "the function is not asked about others")
	settings.Expression = "("
	_, err := a.Decide(t.Context(), settings, event("partner-1"))
	require.ErrorIs(t, err, ErrRefused)
}

func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	override := 5
	for name, test := range map[string]struct {
		ttl      time.Duration
		override *int
		allowed  bool
		after    time.Duration
		asked    int
	}{
		"for the API's time":       {time.Minute, nil, true, 59 * time.Second, 1},
		"and not longer":           {time.Minute, nil, true, time.Minute, 2},
		"a refusal too":            {time.Minute, nil, false, 59 * time.Second, 1},
		"not at all":               {0, nil, true, 0, 2},
		"as the answer says":       {time.Minute, &override, true, 5 * time.Second, 2},
		"as it says, without ours": {0, &override, true, 4 * time.Second, 1},
		"never, as it says":        {time.Minute, new(int), true, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(map[string]any{"isAuthorized": test.allowed, "ttlOverride": test.override})
			require.NoError(t, err)
			f, now := answering(string(text)), time.Unix(0, 0)
			a := New(f, func() time.Time { return now })
			settings := Settings{API: api, FunctionARN: "fn", TTL: test.ttl}
			_, _ = a.Decide(t.Context(), settings, event("t"))
			now = now.Add(test.after)
			_, err = a.Decide(t.Context(), settings, event("t"))
			assert.Equal(t, test.allowed, err == nil)
			assert.Len(t, f.asked, test.asked)
			_, _ = a.Decide(t.Context(), settings, event("another"))
			assert.Len(t, f.asked, test.asked+1)
		})
	}
}
