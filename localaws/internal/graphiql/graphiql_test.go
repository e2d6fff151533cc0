package graphiql

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestPage(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(Handler(Options{GraphQLPath: func(id string) string { return "/other/" + id }}))
	t.Cleanup(server.Close)
	status, body := get(t, server.URL+"/graphiql/abc123")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `data-api="abc123" data-path="/other/abc123"`)
	assert.NotContains(t, body, "https://", "nothing is loaded from elsewhere")
	files := regexp.MustCompile(`"(/graphiql/assets/[^"]+)"`).FindAllStringSubmatch(body, -1)
	assert.Len(t, files, 4)
	for _, file := range files {
		status, body := get(t, server.URL+file[1])
		assert.Equal(t, http.StatusOK, status, file[1])
		assert.NotEmpty(t, body)
	}
	for _, path := range []string{"/graphiql/assets/package.json", "/graphiql/assets/..%2f..%2fgo.mod", "/graphiql/"} {
		status, _ := get(t, server.URL+path)
		assert.Equal(t, http.StatusNotFound, status, path)
	}
}

func TestAPINameIsEscaped(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(Handler(Options{}))
	t.Cleanup(server.Close)
	_, body := get(t, server.URL+"/graphiql/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
	assert.NotContains(t, body, "<script>alert")
}

func TestOnlyLoopbackIsAnswered(t *testing.T) {
	t.Parallel()
	handler := Handler(Options{})
	for name, test := range map[string]struct {
		remote, host string
		status       int
	}{
		"loopback":      {"127.0.0.1:5", "127.0.0.1:4566", http.StatusOK},
		"IPv6":          {"[::1]:5", "[::1]:4566", http.StatusOK},
		"localhost":     {"127.0.0.1:5", "localhost:4566", http.StatusOK},
		"other machine": {"10.1.2.3:5", "localhost:4566", http.StatusForbidden},
		"foreign name":  {"127.0.0.1:5", "evil.example:4566", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodGet, "/graphiql/abc", nil)
			request.RemoteAddr, request.Host = test.remote, test.host
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			assert.Equal(t, test.status, recorder.Code)
		})
	}
}
