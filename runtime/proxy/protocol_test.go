package proxy_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

const runtimePath = "/2018-06-01/runtime/"

// invoked is a turn in the hands of a test that plays the runtime.
type invoked struct {
	base, id string
	header   http.Header
	body     string
	answer   chan []byte
	failure  chan error
}

// fetch starts a turn and fetches it as the runtime would.
func fetch(t *testing.T, c *child, ctx context.Context, payload string) invoked {
	t.Helper()
	i := invoked{base: address(t, c) + runtimePath, answer: make(chan []byte, 1), failure: make(chan error, 1)}
	go func() {
		answer, err := c.Invoke(ctx, []byte(payload))
		i.answer <- answer
		i.failure <- err
	}()
	status, header, body := do(t, http.MethodGet, i.base+"invocation/next", "")
	require.Equal(t, http.StatusOK, status)
	i.header, i.body, i.id = header, body, header.Get("Lambda-Runtime-Aws-Request-Id")
	return i
}

func (i invoked) post(t *testing.T, what, body string) (int, string) {
	t.Helper()
	status, _, text := do(t, http.MethodPost, i.base+"invocation/"+i.id+"/"+what, body)
	return status, text
}

func TestHeadersOfATurn(t *testing.T) {
	t.Parallel()
	c := start(t, shell)
	ctx := invocation(t, 20*time.Second)
	i := fetch(t, c, ctx, `{"a":1}`)
	assert.Equal(t, `{"a":1}`, i.body)
	assert.Equal(t, "8476a536-e9f4-11e8-9739-2dfe598c3fcd-1", i.id)
	deadline, _ := ctx.Deadline()
	want := map[string]string{
		"Content-Type":                        "application/json",
		"Content-Length":                      "7",
		"Lambda-Runtime-Deadline-Ms":          strconv.FormatInt(deadline.Add(-50*time.Millisecond).UnixMilli(), 10),
		"Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:orders",
		"Lambda-Runtime-Trace-Id":             "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
		"Lambda-Runtime-Cognito-Identity":     `{"cognitoIdentityId":"id-1","cognitoIdentityPoolId":"pool-1"}`,
	}
	for name, value := range want {
		assert.Equal(t, value, i.header.Get(name), name)
	}
	status, text := i.post(t, "response", "null")
	assert.Equal(t, http.StatusAccepted, status)
	assert.JSONEq(t, `{"status":"OK"}`, text)
	assert.Equal(t, "null", string(<-i.answer))
	require.NoError(t, <-i.failure)
}

func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	c := start(t, shell)
	base := address(t, c) + runtimePath
	status, _, text := do(t, http.MethodPost, base+"invocation/none-1/response", "1")
	assert.Equal(t, http.StatusBadRequest, status, "there is no turn yet")
	assert.JSONEq(t, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`, text)

	first := fetch(t, c, within(t, 20*time.Second), "1")
	again := fetchAgain(t, first)
	assert.Equal(t, first.id, again, "a turn that was not answered is given again")
	status, _ = invoked{base: base, id: "other"}.post(t, "response", "1")
	assert.Equal(t, http.StatusBadRequest, status, "another id")
	status, _ = first.post(t, "elsewhere", "1")
	assert.Equal(t, http.StatusNotFound, status)
	status, _ = first.post(t, "response", strings.Repeat("x", 6<<20+101))
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
	var f *turn.HandlerError
	require.ErrorAs(t, <-first.failure, &f)
	assert.Equal(t, turn.InvalidAnswer, f.Kind)
	status, text = first.post(t, "response", "2")
	assert.Equal(t, http.StatusForbidden, status, "a second answer")
	assert.Contains(t, text, "InvalidStateTransition")

	second := fetch(t, c, within(t, 20*time.Second), "2")
	status, _ = first.post(t, "response", `"late"`)
	assert.Equal(t, http.StatusBadRequest, status, "a late answer")
	status, _ = second.post(t, "response", `"right"`)
	assert.Equal(t, http.StatusAccepted, status)
	assert.Equal(t, `"right"`, string(<-second.answer))

	status, _, text = do(t, http.MethodPost, base+"init/error", "{}")
	assert.Equal(t, http.StatusForbidden, status, "initialisation is over")
	assert.Contains(t, text, "InvalidStateTransition")
	assert.Empty(t, c.real.Requests())
}

func fetchAgain(t *testing.T, i invoked) string {
	_, header, _ := do(t, http.MethodGet, i.base+"invocation/next", "")
	return header.Get("Lambda-Runtime-Aws-Request-Id")
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body string
		want turn.HandlerError
	}{
		"Node.js":        {`{"errorType":"TypeError","errorMessage":"m","trace":["TypeError: m","  at f"]}`, turn.HandlerError{Type: "TypeError", Message: "m", Stack: []string{"TypeError: m", "  at f"}}},
		"Python":         {`{"errorMessage":"m","errorType":"KeyError","requestId":"","stackTrace":["  File \"a\"\n    f()\n"]}`, turn.HandlerError{Type: "KeyError", Message: "m", Stack: []string{"  File \"a\"\n    f()"}}},
		"Java":           {`{"errorMessage":"m","errorType":"java.lang.RuntimeException","stackTrace":["a.b(C.java:1)"],"cause":{"errorMessage":"x"}}`, turn.HandlerError{Type: "java.lang.RuntimeException", Message: "m", Stack: []string{"a.b(C.java:1)"}}},
		"objects":        {`{"errorMessage":"m","errorType":"E","stackTrace":[{"path":"a","line":1}]}`, turn.HandlerError{Type: "E", Message: "m", Stack: []string{`{"path":"a","line":1}`}}},
		"one string":     {`{"errorMessage":"m","errorType":"E","stackTrace":"a\nb"}`, turn.HandlerError{Type: "E", Message: "m", Stack: []string{"a", "b"}}},
		"not JSON":       {"plain text", turn.HandlerError{Type: "Header.Type", Message: "plain text"}},
		"nothing":        {"", turn.HandlerError{Type: "Header.Type", Message: "the language runtime reported an error without a message"}},
		"type in header": {`{"errorMessage":"m"}`, turn.HandlerError{Type: "Header.Type", Message: "m"}},
	}
	c := start(t, shell)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			i := fetch(t, c, within(t, 20*time.Second), "{}")
			request, err := http.NewRequest(http.MethodPost, i.base+"invocation/"+i.id+"/error", strings.NewReader(tc.body))
			require.NoError(t, err)
			request.Header.Set("Lambda-Runtime-Function-Error-Type", "Header.Type")
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, http.StatusAccepted, response.StatusCode)
			var f *turn.HandlerError
			require.ErrorAs(t, <-i.failure, &f)
			tc.want.Kind = turn.Threw
			if tc.want.Stack == nil {
				f.Stack = nil
			}
			assert.Equal(t, tc.want, *f)
		})
	}
}

func TestStreamedAnswers(t *testing.T) {
	t.Parallel()
	c := start(t, shell)
	i := fetch(t, c, within(t, 20*time.Second), "{}")
	postStream(t, i, nil)
	require.NoError(t, <-i.failure)
	assert.Equal(t, `{"part":"whole"}`, string(<-i.answer))

	i = fetch(t, c, within(t, 20*time.Second), "{}")
	postStream(t, i, http.Header{
		"Lambda-Runtime-Function-Error-Type": {"StreamError"},
		"Lambda-Runtime-Function-Error-Body": {"eyJlcnJvclR5cGUiOiJTdHJlYW1FcnJvciIsImVycm9yTWVzc2FnZSI6ImJyb2tlbiBvZmYifQ=="},
	})
	var f *turn.HandlerError
	require.ErrorAs(t, <-i.failure, &f)
	assert.Equal(t, turn.HandlerError{Kind: turn.Threw, Type: "StreamError", Message: "broken off", Stack: f.Stack}, *f)
}

// postStream posts an answer in chunks, with trailers behind it.
func postStream(t *testing.T, i invoked, trailer http.Header) {
	t.Helper()
	body := struct{ *strings.Reader }{strings.NewReader(`{"part":"whole"}`)} // hides the length
	request, err := http.NewRequest(http.MethodPost, i.base+"invocation/"+i.id+"/response", body)
	require.NoError(t, err)
	request.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
	request.Trailer = trailer
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusAccepted, response.StatusCode)
}

func TestOtherPathsReachTheRealAPI(t *testing.T) {
	t.Parallel()
	c := start(t, shell)
	base := address(t, c)
	for path, method := range map[string]string{
		"/2020-01-01/extension/register":   http.MethodPost,
		"/2022-07-01/telemetry":            http.MethodPut,
		"/2018-06-01/runtime/restore/next": http.MethodGet,
	} {
		status, header, _ := do(t, method, base+path, "body")
		assert.Contains(t, []int{http.StatusOK, http.StatusAccepted}, status, path)
		assert.Equal(t, "test", header.Get("Lambda-Extension-Identifier"), path)
	}
	assert.Len(t, c.real.Requests(), 3)
	c.real.Close()
	status, _, text := do(t, http.MethodPost, base+"/2020-01-01/extension/register", "")
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Contains(t, text, "forwarding /2020-01-01/extension/register to the Lambda Runtime API")
}
