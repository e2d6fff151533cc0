package graphiql

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

func TestPageWithoutPackages(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(Handler(Options{Modules: filepath.Join(t.TempDir(), "node_modules")}))
	t.Cleanup(server.Close)
	status, body := get(t, server.URL+"/graphiql/abc123")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "GraphiQL is not installed")
	assert.Contains(t, body, "npm ci")
	assert.Contains(t, body, `path = "/graphql/abc123"`)
	assert.NotContains(t, body, "http://")
	assert.NotContains(t, body, "https://")
	status, _ = get(t, server.URL+"/graphiql/assets/graphiql.js")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestPageWithPackages(t *testing.T) {
	t.Parallel()
	modules := t.TempDir()
	for _, path := range assets {
		file := filepath.Join(modules, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("/* "+path+" */"), 0o600))
	}
	server := httptest.NewServer(Handler(Options{Modules: modules, GraphQLPath: func(id string) string { return "/other/" + id }}))
	t.Cleanup(server.Close)
	status, body := get(t, server.URL+"/graphiql/abc123")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `path = "/other/abc123"`)
	assert.NotContains(t, body, "https://", "nothing is loaded from elsewhere")
	for name, path := range assets {
		status, body := get(t, server.URL+"/graphiql/assets/"+name)
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, "/* "+path+" */", body)
	}
	status, body = get(t, server.URL+"/graphiql/assets/realtime.js")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "function subscribe(")
	assert.Contains(t, body, "function credentialHeaders(", "both pages take a key or a token")
	for _, path := range []string{"/graphiql/assets/package.json", "/graphiql/assets/..%2f..%2fgo.mod", "/graphiql/"} {
		status, _ := get(t, server.URL+path)
		assert.Equal(t, http.StatusNotFound, status, path)
	}
}

func TestAPINameIsEscaped(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(Handler(Options{Modules: t.TempDir()}))
	t.Cleanup(server.Close)
	_, body := get(t, server.URL+"/graphiql/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
	assert.NotContains(t, body, "<script>alert")
}

func TestOnlyLoopbackIsAnswered(t *testing.T) {
	t.Parallel()
	handler := Handler(Options{Modules: t.TempDir()})
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
